import { isAbsolute } from "node:path";

/** Whether what names a module is a file's path; otherwise it is a package. */
export const isPath = (specifier: string): boolean =>
  /^\.{1,2}([/\\]|$)/.test(specifier) || isAbsolute(specifier);
