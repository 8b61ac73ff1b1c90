import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { samplers } from "../src/samplers/index.js";
import { schedulers } from "../src/schedulers/index.js";

/** `random` of `random.ts`, `grid` of `grid/levels.ts`. */
const ownerOf = (path: string): string => path.split(sep)[0]?.replace(/\.[jt]s$/, "") ?? "";

/** The files that a file imports from its own folder, as paths within it. */
function importsOf(folder: string, file: string): string[] {
  const text = readFileSync(join(folder, file), "utf8");
  return [...text.matchAll(/(?:from|import) "(\.[^"]+)"/g)]
    .map(([, path = ""]) => relative(folder, resolve(folder, dirname(file), path)))
    .filter((path) => !path.startsWith(".."));
}

describe.each([
  ["samplers", Object.keys(samplers)],
  ["schedulers", Object.keys(schedulers)],
])("the algorithms of src/%s", (name, algorithms) => {
  const folder = fileURLToPath(new URL(`../src/${name}`, import.meta.url));

  it.each(algorithms)("%s is a file, or a folder with that file and its parts", (algorithm) => {
    const places = [`${algorithm}.ts`, algorithm].filter((place) => existsSync(join(folder, place)));
    expect(places).toHaveLength(1);
    const entry = places[0] === algorithm ? join(algorithm, `${algorithm}.ts`) : `${algorithm}.ts`;
    expect(existsSync(join(folder, entry))).toBe(true);
  });

  it("know nothing of each other, but for the one that chooses among them", () => {
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && path !== "index.ts",
    );
    const links = files.flatMap((file) => importsOf(folder, file).map((path) => ({ file, path })));
    expect(links).not.toEqual([]);
    const ofOthers = links.filter(({ file, path }) => {
      const owner = ownerOf(path);
      return algorithms.includes(owner) && owner !== ownerOf(file) && ownerOf(file) !== "auto";
    });
    expect(ofOthers).toEqual([]);
  });
});
