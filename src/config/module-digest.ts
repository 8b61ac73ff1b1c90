import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, extname, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { init, parse } from "es-module-lexer";
import { resolve as resolveImport } from "import-meta-resolve";

/** Files that may import others. */
const CODE = new Set([".js", ".mjs", ".ts", ".mts"]);

/** Whether an import names one of the module's own files; packages are told apart by their versions. */
const isLocal = (specifier: string): boolean => /^(\.{1,2}\/|\/|#|file:)/.test(specifier);

/** The files that a module's source imports; none if it is not an ES module, or does not parse. */
async function importsOf(file: string, source: string): Promise<string[]> {
  if (!CODE.has(extname(file))) return [];
  await init;
  try {
    const [imports] = parse(source);
    return imports.flatMap(({ n: specifier }) => {
      if (specifier === undefined || !isLocal(specifier)) return [];
      const url = new URL(resolveImport(specifier, pathToFileURL(file).href));
      return url.protocol === "file:" ? [fileURLToPath(url)] : [];
    });
  } catch {
    // Importing it will report the error.
    return [];
  }
}

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

/**
 * The digest of a module: SHA-256, in hexadecimal, over a list of its files, one line each, as `sha256sum`
 * writes them: the module's own file, called `.`, and, sorted by their paths relative to it, all files that
 * it imports, directly or not, by relative paths or its package's `imports`. What is imported from packages,
 * by `require` or by a computed path does not count.
 */
export async function digestModule(entry: string): Promise<string> {
  const digests = new Map<string, string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (digests.has(file)) continue;
    const data = await readFile(file).catch((error: unknown) => {
      // An import that cannot be read is reported when the module is loaded.
      if (file === entry) throw error;
      return undefined;
    });
    if (data === undefined) continue;
    digests.set(file, sha256(data));
    open.push(...(await importsOf(file, data.toString("utf8"))));
  }
  const folder = dirname(entry);
  const lines = [...digests]
    .map(
      ([file, digest]) =>
        [file === entry ? "." : relative(folder, file).split(sep).join("/"), digest] as const,
    )
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, digest]) => `${digest}  ${path}\n`);
  return sha256(lines.join(""));
}
