import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { resolve as resolveImport } from "import-meta-resolve";
import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";
import { isPath } from "./module-specifier.js";

/** A module that was found. */
export interface ModuleLocation {
  readonly specifier: string;
  /** The folder from which it was resolved, absolute. */
  readonly folder: string;
  /** Its file, absolute. */
  readonly file: string;
  /** A package's version, if it has one. */
  readonly version: string | undefined;
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function refuse(message: string, hint: string, cause?: unknown): never {
  throw new CurvewiseError("ALGORITHM_NOT_FOUND", message, { hint, cause });
}

/** The version in the nearest package.json. */
function versionOf(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    try {
      const described: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const isNamed = typeof described === "object" && described !== null && "name" in described;
      if (isNamed && "version" in described && typeof described.version === "string")
        return described.version;
    } catch {
      // There is no package.json here.
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function fileOfPackage(specifier: string, folder: string): string {
  const url = resolveImport(specifier, pathToFileURL(join(folder, "study.yaml")).href);
  if (url.startsWith("file:")) return fileURLToPath(url);
  return url.startsWith("node:")
    ? refuse(`${specifier} is part of Node, not an algorithm`, "Name a file or a package.")
    : refuse(
        `${specifier} is an address, from which nothing is loaded`,
        "Save it as a file and name that, or name an installed package.",
      );
}

/** Whether Node's resolution failed because there is no such package, not because it is broken. */
const isAbsent = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  error.code === "ERR_MODULE_NOT_FOUND" &&
  error.message.startsWith("Cannot find package") &&
  !error.message.includes("package.json");

/**
 * Finds a package from the first folder that it can be resolved from; undefined if there is none.
 *
 * @throws CurvewiseError `ALGORITHM_NOT_FOUND` if it is there, but has no such module
 */
export function findPackage(specifier: string, folders: readonly string[]): ModuleLocation | undefined {
  for (const folder of folders) {
    try {
      const file = fileOfPackage(specifier, folder);
      if (!isFile(file)) refuse(`the package ${specifier} has no file ${file}`, "Reinstall or rebuild it.");
      return { specifier, folder, file, version: versionOf(file) };
    } catch (error) {
      if (isCurvewiseError(error)) throw error;
      if (isAbsent(error)) continue;
      refuse(
        `the package ${specifier} cannot be resolved: ${messageOf(error)}`,
        "Check its `exports`.",
        error,
      );
    }
  }
  return undefined;
}

/**
 * Finds a module: a path is resolved against the first folder, a package from the first folder that it can be
 * resolved from.
 *
 * @throws CurvewiseError `ALGORITHM_NOT_FOUND`
 */
export function locateModule(specifier: string, folders: readonly [string, ...string[]]): ModuleLocation {
  const [folder] = folders;
  if (isPath(specifier)) {
    const file = resolve(folder, specifier);
    if (isFile(file)) return { specifier, folder, file, version: undefined };
    return refuse(`there is no file ${file}`, `The path ${specifier} is relative to ${folder}.`);
  }
  const found = findPackage(specifier, folders);
  if (found !== undefined) return found;
  return refuse(
    `there is no package ${specifier} in ${folders.join(" or in ")}`,
    isFile(resolve(folder, specifier))
      ? `For the file in that folder, write ./${specifier}.`
      : `Install it there: npm install ${specifier}. For a file, write its path, such as ./my-sampler.mjs.`,
  );
}
