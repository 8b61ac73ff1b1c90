import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { type PageFiles, textOf } from "./page-files.js";

/** A file of the page, ready to be sent. */
export interface ServedFile {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The body compressed with gzip. */
  readonly squeezed: Uint8Array<ArrayBuffer>;
  /** What a browser names to ask whether the file is still as it has it. */
  readonly tag: string;
}

/** The files of the page, ready to be sent. */
export interface ServedFiles {
  readonly files: ReadonlyMap<string, ServedFile>;
  /** The style inside the HTML, as a content security policy names it. */
  readonly styleHash: string;
}

const LINK = '<link rel="stylesheet" href="page.css" />';

const digest = (body: string | Uint8Array): string => createHash("sha256").update(body).digest("base64");

const squeeze = promisify(gzip);

/**
 * Gets the page's files ready once, not at every request. The style goes into the HTML, so that the browser can paint
 * the frame of the page as soon as it has that.
 */
export async function prepareFiles(files: PageFiles): Promise<ServedFiles> {
  const style = textOf(files, "/page.css");
  const page = textOf(files, "/").replace(LINK, () => `<style>${style}</style>`);
  const entries = [...files].map(async ([path, { type, body: plain }]) => {
    const body = path === "/" ? new TextEncoder().encode(page) : plain;
    const squeezed = new Uint8Array(await squeeze(body, { level: constants.Z_BEST_COMPRESSION }));
    return [path, { type, body, squeezed, tag: `"${digest(body)}"` }] as const;
  });
  return { files: new Map(await Promise.all(entries)), styleHash: `'sha256-${digest(style)}'` };
}
