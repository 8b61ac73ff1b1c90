import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { resolve as resolveImport } from "import-meta-resolve";

/** A file of this package, from which its own name can be resolved. */
const OWN = new URL("../../package.json", import.meta.url).href;

/** Resolves `curvewise` and what is below it from this package, where that cannot be resolved as usual. */
const HOOKS = `
const OWN = ${JSON.stringify(OWN)};
export async function resolve(specifier, context, next) {
  if (specifier !== "curvewise" && !specifier.startsWith("curvewise/")) return next(specifier, context);
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error?.code !== "ERR_MODULE_NOT_FOUND") throw error;
    return next(specifier, { ...context, parentURL: OWN });
  }
}
`;

let isOffered = false;

/**
 * Lets a module import `curvewise/define` although there is no such package beside it, as when the command line is
 * installed elsewhere: then it gets the one that runs. A package that is there goes first.
 */
export function offerOwnPackage(file: string): void {
  if (isOffered) return;
  try {
    resolveImport("curvewise/define", pathToFileURL(join(dirname(file), "importer.js")).href);
  } catch {
    isOffered = true;
    nodeModule.register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
  }
}
