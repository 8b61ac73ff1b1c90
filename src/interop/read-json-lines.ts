import { messageOf } from "../core/errors.js";
import { isMapping, type Json } from "../core/json.js";
import type { ForeignStudy } from "./foreign-study.js";
import { jsonValue, parsePythonJson } from "./python-json.js";
import { refuseFile } from "./refusals.js";
import { type Row, studyOfTable, type TableReading } from "./table-study.js";

type JsonMapping = Readonly<Record<string, Json>>;

const textOf = (value: Json): string => {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
};

/** No param can be NaN or infinite as a number. */
const finite = (value: Json): Json =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value;

/** The entries of nested mappings as `outer.inner`. Outside of them, null is what an empty cell is in CSV. */
function flat(value: JsonMapping, prefix = ""): [string, Json][] {
  return Object.entries(value).flatMap(([name, part]): [string, Json][] => {
    if (isMapping(part) && Object.keys(part).length > 0) return flat(part, `${prefix}${name}.`);
    return part === null && prefix === "" ? [] : [[`${prefix}${name}`, part]];
  });
}

function objectOf(text: string, file: string, line: number): JsonMapping {
  const hint = "Write one JSON object a line, each a trial or a report.";
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch (cause) {
    return refuseFile(file, `line ${line}: ${messageOf(cause)}`, { hint, cause });
  }
  const checked = jsonValue.safeParse(value);
  if (checked.success && isMapping(checked.data)) return checked.data;
  return refuseFile(file, `line ${line} is not a JSON object`, { hint });
}

/** The rows of a line: those of the reports in its `curve`, as `curvewise export` writes them, or one. */
function rowsOf(object: JsonMapping, line: number): Row[] {
  const { curve, ...own } = object;
  const rowOf = (entries: readonly [string, Json][]): Row => ({
    line,
    cells: Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)])),
    values: Object.fromEntries(entries.map(([name, value]) => [name, finite(value)])),
  });
  if (!Array.isArray(curve)) return [rowOf(flat(object))];
  const reports = curve.filter(isMapping);
  if (reports.length < curve.length) return [rowOf(flat(object))];
  // The reports of a trial without a number belong together all the same.
  const trial = flat({ number: `line ${line}`, ...own });
  return reports.length === 0 ? [rowOf(trial)] : reports.map((report) => rowOf([...trial, ...flat(report)]));
}

/**
 * A file with a JSON object on each line as a study: each a trial, maybe with its reports under `curve`, or a report.
 *
 * @param file its name, for messages
 * @throws CurvewiseError `IMPORT_INVALID`, `COLUMN_UNKNOWN`, `IMPORT_EMPTY`
 */
export function foreignFromJsonLines(text: string, file: string, reading: TableReading): ForeignStudy {
  const rows = text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap((each, index) => (each.trim() === "" ? [] : rowsOf(objectOf(each, file, index + 1), index + 1)));
  const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))];
  return studyOfTable({ tool: "jsonl", columns, rows }, file, reading);
}
