import { isAbsolute } from "node:path";

/** Whether a module's specifier is a file's path; otherwise it names a package. */
export const isPath = (specifier: string): boolean =>
  /^\.{1,2}([/\\]|$)/.test(specifier) || isAbsolute(specifier);
