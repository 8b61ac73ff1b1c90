import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** The folder of the package that a bundled module is from; undefined for Curvewise's own. */
function packageFolder(module) {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll("\\", "/")) ?? [];
  return folder;
}

/** The licence of a package, which must go wherever its code goes: its file, or else all that its manifest tells. */
function licenceOf(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { name, version, license, author } = manifest;
  const file = readdirSync(folder).find((each) => /^licen[cs]e\b/i.test(each));
  if (file !== undefined) return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}`;
  if (license === undefined) throw new Error(`${name} tells no licence`);
  const by = typeof author === "object" ? author.name : author;
  return `${name} ${version}${by === undefined ? "" : `, by ${by}`}, licence ${license}`;
}

/** The licences of all packages whose modules are in a bundle. */
export function licencesOf(modules) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const folders = new Set(modules.map(packageFolder));
  folders.delete(undefined);
  const sorted = [...folders].sort((a, b) => (a < b ? -1 : 1));
  const title = `${name} ${version}, licence ${license}. It contains:`;
  return [title, ...sorted.map(licenceOf)].join("\n\n---\n\n");
}
