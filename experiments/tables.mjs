// Recorded learning curves as tables for replay.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { parseRecordedCurves, tableOfCurves } from "../dist/analysis/index.js";
import { CurvewiseError } from "../dist/core/index.js";

/** The file of the poster's network: three dense layers. */
const POSTER = "dense-small.json";

/** The curves that come with the repository. */
export const OWN_CURVES = join(import.meta.dirname, "curves");

/** @throws CurvewiseError `CURVES_INVALID` */
function parsed(text, path) {
  try {
    const json = JSON.parse(text);
    if (Array.isArray(json?.curves)) return json;
  } catch {
    // Said below, as for JSON of another kind.
  }
  throw new CurvewiseError("CURVES_INVALID", `${path} has no recorded curves`, {
    hint: "Give --curves a folder in which every .json file has the format curves (docs/replay.md).",
  });
}

/**
 * The files of curves in a folder and its subfolders, one per network and data set, by name; the poster's network comes
 * first.
 *
 * @throws CurvewiseError `CURVES_MISSING`, `CURVES_INVALID`
 */
export function findTables(folder) {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  const files = names.filter((name) => name.endsWith(".json")).sort();
  if (files.length === 0) {
    throw new CurvewiseError(
      "CURVES_MISSING",
      `there are no recorded curves in ${relative(process.cwd(), folder) || folder}`,
      {
        hint: "Record some with `npm run experiments -- record --output FOLDER`, and give --curves FOLDER/curves.",
      },
    );
  }
  const isPoster = (name) => Number(basename(name) === POSTER);
  return files
    .sort((a, b) => isPoster(b) - isPoster(a))
    .map((name) => {
      const path = join(folder, name);
      const text = readFileSync(path, "utf8");
      const { task, network = basename(name, ".json"), curves } = parsed(text, path);
      const digest = createHash("sha256").update(JSON.stringify(curves)).digest("hex").slice(0, 12);
      return { path, task, network, configurations: curves.length, digest };
    });
}

/** The table of a file, whose trainings report `accuracy`, which is the goal, and `loss` if it was recorded. */
export function loadTable(path) {
  const json = JSON.parse(readFileSync(path, "utf8"));
  const table = tableOfCurves(parseRecordedCurves(json, path));
  const [{ loss }] = json.curves;
  if (loss === undefined) return table;
  const losses = tableOfCurves(parseRecordedCurves({ ...json, metric: "loss", direction: "min" }, path));
  const curves = table.curves.map((curve, index) => ({
    ...curve,
    reports: curve.reports.map((report, step) => ({ ...report, ...losses.curves[index].reports[step] })),
  }));
  return { ...table, curves };
}
