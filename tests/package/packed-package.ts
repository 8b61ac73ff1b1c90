import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

const manifestSchema = z.object({
  version: z.string(),
  bin: z.record(z.string(), z.string()),
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
  scripts: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

/** A package's package.json. */
export type Manifest = z.output<typeof manifestSchema>;

/** The package as `npm pack` makes it from a clean copy of the repository. */
export interface PackedPackage {
  readonly tarball: string;
  /** Paths inside the package. */
  readonly files: readonly string[];
  /** The text of one of its files. */
  read(file: string): string;
  readonly manifest: Manifest;
  remove(): void;
}

/** What a build or a run leaves behind, and a clean clone lacks. */
const LEFT_OUT = new Set([".git", "node_modules", "dist", "coverage", ".cache", ".generated"]);

/** Builds and packs a copy of the repository, so that nothing of earlier builds gets in. */
export async function packPackage(): Promise<PackedPackage> {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-package-"));
  const copy = join(folder, "repository");
  cpSync(root, copy, { recursive: true, filter: (source) => !LEFT_OUT.has(basename(source)) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  await run("npm", ["pack", "--pack-destination", folder], { cwd: copy });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  const unpacked = join(folder, "unpacked");
  mkdirSync(unpacked);
  execFileSync("tar", ["-xzf", join(folder, tarball), "-C", unpacked]);
  const content = join(unpacked, "package");
  const read = (file: string): string => readFileSync(join(content, file), "utf8");
  const files = readdirSync(content, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(content.length + 1));
  return {
    tarball: join(folder, tarball),
    files,
    read,
    manifest: manifestSchema.parse(JSON.parse(read("package.json"))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
