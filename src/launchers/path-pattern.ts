import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Stands in a pattern where a path has the number of a step. */
export const STEP_MARK = "\u0001";

/** A file or folder as it was at some time. */
export interface Seen {
  /** Bytes; of a folder, those of all files in it. */
  readonly size: number;
  /** When it was written last, in milliseconds; of a folder, the latest of anything in it. */
  readonly time: number;
}

/** What matches a pattern. */
export interface Match extends Seen {
  readonly path: string;
  /** The number at {@link STEP_MARK}. */
  readonly step: number | undefined;
  readonly isFolder: boolean;
}

/** Swallows that there is no such file; for a promise's `catch`. */
export const noEntry = (error: unknown): undefined => {
  if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
    return;
  throw error;
};

/** The part of a pattern for a path in which `*` is anything within a name, and a name `**` any number of names. */
function segmentSource(segment: string): string {
  const escaped = segment.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
  if (segment === "**") return "(?:[^/]+/)*";
  return `${escaped.replaceAll("*", "[^/]*").replaceAll(STEP_MARK, "(\\d+)")}/`;
}

/** Whether more than one path can match. */
export const isPattern = (text: string): boolean => text.includes("*") || text.includes(STEP_MARK);

/** A file as it is now; undefined if there is no such file. */
export async function lookAtFile(path: string): Promise<Seen | undefined> {
  const status = await stat(path).catch(noEntry);
  return status?.isFile() === true ? { size: status.size, time: status.mtimeMs } : undefined;
}

/** What a folder holds, as one. */
async function seenFolder(path: string, own: Stats): Promise<Seen> {
  const entries = (await readdir(path, { recursive: true }).catch(noEntry)) ?? [];
  const stats = await Promise.all(entries.map((name) => stat(join(path, name)).catch(noEntry)));
  const present = stats.filter((each) => each !== undefined);
  return {
    size: present.reduce((sum, each) => sum + (each.isFile() ? each.size : 0), 0),
    time: present.reduce((latest, each) => Math.max(latest, each.mtimeMs), own.mtimeMs),
  };
}

/**
 * All files (and folders, if these are meant) that match a path with `*`, `**` and {@link STEP_MARK}, as they are now.
 *
 * @param pattern absolute
 */
export async function findMatches(
  pattern: string,
  { folders = false }: { readonly folders?: boolean } = {},
): Promise<Match[]> {
  const found: Match[] = [];
  const add = async (path: string, step: number | undefined): Promise<void> => {
    const status = await stat(path).catch(noEntry);
    if (status?.isFile() === true) {
      found.push({ path, step, isFolder: false, size: status.size, time: status.mtimeMs });
    } else if (folders && status?.isDirectory() === true) {
      found.push({ path, step, isFolder: true, ...(await seenFolder(path, status)) });
    }
  };
  const segments = pattern.split("/");
  const first = segments.findIndex(isPattern);
  if (first < 0) {
    await add(pattern, undefined);
    return found;
  }
  const base = segments.slice(0, first).join("/") || "/";
  const rest = segments.slice(first);
  const expression = new RegExp(`^${rest.map(segmentSource).join("")}$`);
  const names = await readdir(base, { recursive: rest.length > 1 || rest.includes("**") }).catch(noEntry);
  for (const name of names ?? []) {
    const match = expression.exec(`${name}/`);
    if (match !== null) await add(join(base, name), match[1] === undefined ? undefined : Number(match[1]));
  }
  return found;
}
