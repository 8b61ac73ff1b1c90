/** What a host lacks, by the code of the system's error, and what helps. */
const LACKS: ReadonlyMap<string, string> = new Map([
  ["EMFILE", "The process has too many open files: raise the limit (ulimit -n)."],
  ["ENFILE", "The host has too many open files: end other programs, or raise its limit."],
  ["EAGAIN", "The host has too many processes: end other programs, or raise the limit (ulimit -u)."],
  ["ENOMEM", "The host is out of memory: use fewer workers on it."],
  ["ENOSPC", "The disk is full, or has no inodes left: free some space."],
  ["EDQUOT", "The disk quota is used up: free some space."],
]);

/** What may be wrong with folders and files of our own; for a program, these codes mean that the command is wrong. */
const FOLDER_FAULTS: ReadonlyMap<string, string> = new Map([
  ["EROFS", "The file system is read-only: mount it for writing, or use another folder."],
  ["EACCES", "Allow this user to write there, or use another folder."],
  ["EPERM", "Allow this user to write there, or use another folder."],
  ["ENOENT", "A file or folder is missing: create it, or check that it is mounted."],
  ["EEXIST", "A file has the name of a folder: move it away, or use another folder."],
  ["ENOTDIR", "A file stands where a folder is needed: move it away, or use another folder."],
  ["EISDIR", "A folder stands where a file is needed: move it away, or use another name."],
  ["ESTALE", "The file system was unmounted or replaced: mount it again."],
  ["EIO", "The disk fails: check it, or use another one."],
]);

/**
 * A hint if an error of the system is trouble of the host: it lacks something, or a folder of our own cannot be used.
 * Undefined for everything else, such as a program that does not exist.
 *
 * @param thrown what a call of Node.js threw: an error with `code` and `syscall`
 */
export function hostTroubleOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const code = "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
  const isProgram =
    "syscall" in thrown && typeof thrown.syscall === "string" && thrown.syscall.startsWith("spawn");
  return LACKS.get(code) ?? (isProgram ? undefined : FOLDER_FAULTS.get(code));
}
