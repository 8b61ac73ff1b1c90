// Which test files reach a source file by their imports.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?!type\s)(?:[^;"]*?\sfrom\s+)?"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/g;

/** The files that a file imports, types left out. */
function importsOf(file) {
  const found = [];
  for (const match of readFileSync(file, "utf8").matchAll(IMPORT)) {
    const name = match[1] ?? match[2];
    found.push(resolve(dirname(file), name.replace(/\.js$/, ".ts")));
  }
  return found;
}

/** A function that tells how many imports lead from a test file to each file that it reaches. */
export function createImportGraph() {
  const imports = new Map();
  const direct = (file) => {
    let found = imports.get(file);
    if (found === undefined) {
      try {
        found = importsOf(file);
      } catch {
        found = []; // A built file or one of another kind: nothing that could be mutated.
      }
      imports.set(file, found);
    }
    return found;
  };
  return (start) => {
    const distances = new Map([[start, 0]]);
    const queue = [start];
    for (const file of queue) {
      for (const next of direct(file)) {
        if (distances.has(next)) continue;
        distances.set(next, (distances.get(file) ?? 0) + 1);
        queue.push(next);
      }
    }
    return distances;
  };
}
