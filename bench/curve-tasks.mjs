// The recorded curves of real tuning tasks that benches replay, and how the tasks are grouped.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { parseRecordedCurves, tableOfCurves } from "../dist/analysis/index.js";

/** The default folder of the curves; see --folder. */
export const DEFAULT_FOLDER = join(import.meta.dirname, "..", "..", "shared", "curves");

/**
 * The task files in a folder and its subfolders, in order of name. Half A and half B alternate within each folder, so
 * that what is chosen on one half can be confirmed on the other.
 *
 * @param parts only files whose path contains one of these, separated by commas
 */
export function findTasks(given, parts = "") {
  const isWanted = (name) => parts.split(",").some((part) => name.includes(part));
  const folder = resolve(given);
  const all = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  const files = all.filter((name) => name.endsWith(".json")).sort();
  if (!files.some(isWanted)) {
    const what =
      parts === "" || files.length === 0 ? "no recorded curves" : `no recorded curves of "${parts}"`;
    console.error(`error: there are ${what} in ${relative(process.cwd(), folder) || folder}
hint: Give --folder a folder of files {"task", "metric", "direction", "unit", "curves": [{"config", "<metric>": [..]}]};
      docs/replay.md describes the format. Files may be in subfolders, one per source.`);
    process.exit(2);
  }
  const seen = new Map();
  const tasks = files.map((file) => {
    const source = file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : "";
    const place = seen.get(source) ?? 0;
    seen.set(source, place + 1);
    return {
      name: basename(file, ".json"),
      file,
      source,
      path: join(folder, file),
      kind: source.includes("surrogate") ? "surrogate" : "measured",
      half: place % 2 === 0 ? "half A" : "half B",
    };
  });
  return tasks.filter(({ file }) => isWanted(file));
}

/** The table of a task. */
export function loadTable({ path }) {
  return tableOfCurves(parseRecordedCurves(JSON.parse(readFileSync(path, "utf8")), path));
}

/** The groups of tasks over which means are taken, leaving out those that are empty or contain every task. */
export function groupsOf(tasks) {
  const groups = [
    ["all", () => true],
    ["measured", ({ kind }) => kind === "measured"],
    ["surrogate", ({ kind }) => kind === "surrogate"],
    ["half A", ({ half }) => half === "half A"],
    ["half B", ({ half }) => half === "half B"],
  ];
  return groups
    .map(([name, belongs]) => ({
      name,
      tasks: tasks.flatMap((task, index) => (belongs(task) ? [index] : [])),
    }))
    .filter(({ name, tasks: { length } }) => name === "all" || (length > 0 && length < tasks.length));
}
