import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { resolve as resolveImport } from "import-meta-resolve";

/** A file of this package, from which its own name can be resolved. */
const OWN = new URL("../../package.json", import.meta.url).href;

/** Resolves `curvewise` and its subpaths from this package if they cannot be resolved as usual. */
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
 * Lets a module import `curvewise/define` even if the package is not installed beside it, such as when the
 * command line is installed globally: the module then gets the running one. An installed package takes
 * precedence.
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
