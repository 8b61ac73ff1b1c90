import { readFile } from "node:fs/promises";
import { CurvewiseError, messageOf } from "../core/errors.js";

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The page's files, by the path below the server's root. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const FILES = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/page.js", "page.js", "text/javascript; charset=utf-8"],
  ["/page.css", "page.css", "text/css; charset=utf-8"],
] as const;

/**
 * Reads the page's files.
 *
 * @param folder by default where the build puts them; its address ends with a slash
 * @throws CurvewiseError `PAGE_MISSING`
 */
export async function readPageFiles(folder = new URL("../page/", import.meta.url)): Promise<PageFiles> {
  try {
    const files = FILES.map(async ([path, name, type]) => {
      const body = new Uint8Array(await readFile(new URL(name, folder)));
      return [path, { type, body }] as const;
    });
    return new Map(await Promise.all(files));
  } catch (cause) {
    throw new CurvewiseError("PAGE_MISSING", `a part of the page cannot be read: ${messageOf(cause)}`, {
      hint: "The installation is incomplete: reinstall curvewise or, in its sources, run `npm run build`.",
      kind: "failure",
      cause,
    });
  }
}
