// Results that an interrupted experiment has already computed: one line of JSON each.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

/** Reads whole lines; one that was cut off by a crash is left out. */
function linesOf(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
}

/** Opens the journal in a file: `get` by key, undefined if there is nothing yet, and `put`, which is on disk at once. */
export function openJournal(file) {
  mkdirSync(dirname(file), { recursive: true });
  const known = new Map(linesOf(file).map(({ key, value }) => [key, value]));
  // After a line that was cut off, the next one begins a new line.
  if (existsSync(file) && !readFileSync(file, "utf8").endsWith("\n")) appendFileSync(file, "\n");
  return {
    get: (key) => known.get(key),
    put(key, value) {
      known.set(key, value);
      appendFileSync(file, `${JSON.stringify({ key, value })}\n`);
    },
  };
}
