import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { CurvewiseError, messageOf } from "../core/errors.js";

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The page's files, by the path below the server's root. */
export type PageFiles = ReadonlyMap<string, PageFile>;

type FileEntry = readonly [path: string, name: string, type: string];

const STYLE: FileEntry = ["/page.css", "page.css", "text/css; charset=utf-8"];
const FILES: readonly FileEntry[] = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/page.js", "page.js", "text/javascript; charset=utf-8"],
  STYLE,
];
const PLOT_FILES: readonly FileEntry[] = [["/plots.js", "plots.js", "text/javascript; charset=utf-8"], STYLE];

async function readFiles(entries: readonly FileEntry[], folder: URL): Promise<PageFiles> {
  try {
    const files = entries.map(async ([path, name, type]) => {
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

/** Where the build puts the page: beside what is built, which is elsewhere for sources that run as they are, in tests. */
function built(): URL {
  const beside = new URL("../page/", import.meta.url);
  return existsSync(new URL("page.js", beside)) ? beside : new URL("../../dist/page/", import.meta.url);
}

/**
 * Reads the files of the dashboard's page.
 *
 * @throws CurvewiseError `PAGE_MISSING`
 */
export const readPageFiles = (): Promise<PageFiles> => readFiles(FILES, built());

/**
 * Reads the files of a page that only draws plots.
 *
 * @throws CurvewiseError `PAGE_MISSING`
 */
export const readPlotFiles = (): Promise<PageFiles> => readFiles(PLOT_FILES, built());

/** The text of one of the files; empty if there is no such one. */
export const textOf = (files: PageFiles, path: string): string =>
  new TextDecoder().decode(files.get(path)?.body);
