import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { numberOf, PARAM_PREFIX, valueOfText } from "../core/cell-text.js";
import { CurvewiseError, messageOf } from "../core/errors.js";
import { nameHint } from "../core/nearest.js";
import type { Params, ParamValue } from "../core/param.js";
import { problemsOf, type SearchSpace, valuesOf } from "../core/search-space.js";
import type { TransferredStudy, TransferredTrial } from "../core/study.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { MAX_TRANSFERRED_TRIALS } from "../core/transferred-study.js";
import { counted } from "../core/wording.js";

/** Which columns of a file are which params and metrics, by their names here; `trial` and `step` are columns too. */
export type ColumnNames = Readonly<Record<string, string>>;

/** What an earlier table is read for. */
export interface TableWish {
  readonly definition: Pick<StudyDefinition, "goal" | "maxSteps">;
  readonly space: SearchSpace;
  readonly columns: ColumnNames;
  /** Further metrics to keep where the table has them. */
  readonly metrics?: readonly string[];
}

/** The trials of a table, and what was left out and why: one sentence each. */
export interface EarlierTable {
  readonly study: TransferredStudy;
  readonly notes: readonly string[];
}

/** A row by column; a cell of a JSON file may be of any kind. */
type Row = Readonly<Record<string, unknown>>;

/** Columns that number trials and steps, unless others are named. */
const TRIALS = ["trial", "trial_id", "number", "trial_number", "run", "run_id"];
const STEPS = ["step", "epoch", "training_iteration", "iteration"];
const TABLE = /\.(csv|jsonl|ndjson)$/i;

/** Whether a name is that of a file, not of a study. */
export const isTableName = (name: string): boolean => TABLE.test(name) || /[/\\]/.test(name);

function refuse(code: string, message: string, hint: string, cause?: unknown): never {
  throw new CurvewiseError(code, message, cause === undefined ? { hint } : { hint, cause });
}

async function csvRows(text: string, file: string): Promise<Row[]> {
  const { parse } = await import("csv-parse/sync");
  try {
    const rows: Row[] = parse(text, { bom: true, columns: true, skip_empty_lines: true, trim: true });
    return rows;
  } catch (cause) {
    return refuse(
      "TABLE_INVALID",
      `${file} is not a CSV file: ${messageOf(cause)}`,
      "The first line names the columns; cells with commas or line breaks are in double quotes.",
      cause,
    );
  }
}

const isMapping = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The entries of nested mappings as `outer.inner`. */
function flat(value: object, prefix = ""): [string, unknown][] {
  return Object.entries(value).flatMap(([name, part]: [string, unknown]): [string, unknown][] =>
    isMapping(part) ? flat(part, `${prefix}${name}.`) : [[`${prefix}${name}`, part]],
  );
}

function jsonRows(text: string, file: string): Row[] {
  return text.split("\n").flatMap((line, index): Row[] => {
    if (line.trim() === "") return [];
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      return refuse(
        "TABLE_INVALID",
        `${file}:${index + 1}: ${messageOf(cause)}`,
        "Write one JSON object a line, each a trial or a report.",
        cause,
      );
    }
    if (isMapping(value)) return [Object.fromEntries(flat(value))];
    return refuse("TABLE_INVALID", `${file}:${index + 1} is not a JSON object`, "Write one object a line.");
  });
}

/** What each part of a report is called in the file. */
interface Roles {
  readonly trial: string | undefined;
  readonly step: string | undefined;
  readonly params: ReadonlyMap<string, string>;
  readonly metrics: ReadonlyMap<string, string>;
}

function rolesOf(columns: readonly string[], file: string, wish: TableWish): Roles {
  const { definition, space, columns: named, metrics = [] } = wish;
  const { metric } = definition.goal;
  const known = [...Object.keys(space.params), metric, ...metrics, "trial", "step"];
  for (const [name, column] of Object.entries(named)) {
    if (!known.includes(name)) {
      refuse(
        "COLUMN_UNKNOWN",
        `\`columns\` has "${name}", which is neither a param nor the metric ${metric}, trial or step`,
        nameHint(name, known),
      );
    }
    if (!columns.includes(column))
      refuse("COLUMN_UNKNOWN", `${file} has no column "${column}"`, nameHint(column, columns));
  }
  const find = (name: string): string | undefined =>
    named[name] ??
    columns.find((column) => column === name) ??
    columns.find((column) => column.replace(/^(metrics\.|metrics\/)/, "").replace(PARAM_PREFIX, "") === name);
  const oneOf = (name: string, usual: readonly string[]): string | undefined =>
    named[name] ??
    columns.find((column) => !space.order.includes(column) && usual.includes(column.toLowerCase()));
  const needed = (name: string, what: string): string =>
    find(name) ??
    refuse(
      "COLUMN_UNKNOWN",
      `${file} has no column for the ${what} "${name}"`,
      `Its columns are ${columns.join(", ")}. Say which one it is with \`columns: {${name}: ...}\`.`,
    );
  const params = space.order.flatMap((name): [string, string][] => {
    const param = space.params[name];
    if (param === undefined) return [];
    if (param.kind !== "fixed" && param.when === undefined) return [[name, needed(name, "param")]];
    const column = find(name);
    return column === undefined ? [] : [[name, column]];
  });
  const others = metrics.flatMap((name): [string, string][] => {
    const column = find(name);
    return column === undefined ? [] : [[name, column]];
  });
  return {
    trial: oneOf("trial", TRIALS),
    step: oneOf("step", STEPS),
    params: new Map(params),
    metrics: new Map([[metric, needed(metric, "metric")], ...others]),
  };
}

const textOf = (cell: unknown): string => {
  if (cell === undefined || cell === null) return "";
  return typeof cell === "string" ? cell : JSON.stringify(cell);
};

/** The params of a row, or which of them the space does not have. */
function paramsOf(row: Row, { params }: Roles, space: SearchSpace): Params | string {
  let problem: string | undefined;
  const found = valuesOf(space, (param, name): ParamValue => {
    const column = params.get(name);
    if (column === undefined && param.kind === "fixed") return param.value;
    const cell = column === undefined ? undefined : row[column];
    const value = cell === null ? valueOfText(param, "null") : valueOfText(param, textOf(cell));
    if (value !== undefined) return value;
    problem ??= `"${name}" is ${textOf(cell) === "" ? "missing" : "outside of the space"}`;
    return "";
  });
  if (problem !== undefined) return problem;
  return problemsOf(space, found)[0] ?? found;
}

/** What was skipped, by reason. */
function createSkips() {
  const skips = new Map<string, number>();
  return {
    add: (reason: string): void => {
      skips.set(reason, (skips.get(reason) ?? 0) + 1);
    },
    text: (file: string): string[] => {
      if (skips.size === 0) return [];
      const total = [...skips.values()].reduce((sum, count) => sum + count, 0);
      const reasons = [...skips]
        .toSorted(([, a], [, b]) => b - a)
        .map(([reason, count]) => `${reason} (${count})`);
      return [`${file}: skipped ${counted(total, "row")}: ${reasons.join("; ")}`];
    },
  };
}

/** The reports of a trial by step. */
type Reports = Map<number, Record<string, number>>;

/**
 * Earlier trials from the rows of a table: one row for each trial, with the metric at its end, or for each report of
 * a trial. Rows that do not fit the space are left out.
 *
 * @param file its name, for messages
 * @throws CurvewiseError `COLUMN_UNKNOWN` when a param or the goal metric has no column; `TRANSFER_EMPTY` when no row is
 *   left
 */
export function trialsOfRows(rows: readonly Row[], file: string, wish: TableWish): EarlierTable {
  const { definition, space } = wish;
  const { goal, maxSteps } = definition;
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (rows.length === 0) refuse("TRANSFER_EMPTY", `${file} has no rows`, "Give a table with a row a trial.");
  const roles = rolesOf(columns, file, wish);
  const skips = createSkips();
  const last = maxSteps ?? 1;
  const trials = new Map<string, { params: Params; reports: Reports }>();
  for (const [index, row] of rows.entries()) {
    const key = roles.trial === undefined ? String(index) : textOf(row[roles.trial]);
    const params = paramsOf(row, roles, space);
    if (typeof params === "string") {
      skips.add(params);
      continue;
    }
    const step = roles.step === undefined ? last : numberOf(textOf(row[roles.step]));
    if (step === undefined || !Number.isSafeInteger(step) || step < 0) {
      skips.add("the step is not a whole number");
      continue;
    }
    const value = numberOf(textOf(row[roles.metrics.get(goal.metric) ?? ""]));
    if (value === undefined || !Number.isFinite(value)) {
      skips.add(`${goal.metric} is not a finite number`);
      continue;
    }
    const metrics = [...roles.metrics].flatMap(([name, column]): [string, number][] => {
      const number = numberOf(textOf(row[column]));
      return number === undefined ? [] : [[name, number]];
    });
    const trial = trials.get(key) ?? { params, reports: new Map() };
    if (trial.reports.has(step)) {
      skips.add("the trial has another row of this step");
      continue;
    }
    trials.set(key, trial);
    trial.params = params;
    trial.reports.set(step, Object.fromEntries(metrics));
  }
  if (trials.size === 0) {
    refuse("TRANSFER_EMPTY", `no row of ${file} can be used`, skips.text(file)[0] ?? "Check its columns.");
  }
  const isFromZero = [...trials.values()].some(({ reports }) => reports.has(0));
  const kept = [...trials.values()].slice(0, MAX_TRANSFERRED_TRIALS);
  const names = [...roles.metrics.keys()];
  const study: TransferredStudy = {
    name: file,
    trials: kept.map(({ params, reports }, number): TransferredTrial => {
      const ordered = [...reports].toSorted(([a], [b]) => a - b);
      const steps = ordered.map(([step]) => (isFromZero ? step + 1 : step));
      const isComplete =
        roles.step === undefined || maxSteps === undefined || (steps.at(-1) ?? 0) >= maxSteps;
      return {
        number,
        params,
        state: isComplete ? "complete" : "stopped",
        curve: {
          steps,
          metrics: new Map(
            names.map((name) => [name, ordered.map(([, metrics]) => metrics[name] ?? null)] as const),
          ),
        },
        inheritances: [],
      };
    }),
  };
  const notes = skips.text(file);
  if (trials.size > kept.length)
    notes.push(
      `${file}: ${counted(trials.size - kept.length, "trial")} beyond the first ${kept.length} left out`,
    );
  const used = new Set([roles.trial, roles.step, ...roles.params.values(), ...roles.metrics.values()]);
  const unused = columns.filter((column) => !used.has(column));
  if (unused.length > 0) notes.push(`${file}: columns that mean nothing here: ${unused.join(", ")}`);
  return { study, notes };
}

/** Why a file cannot be read, in words. */
function unreadable(cause: unknown, name: string, path: string): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const shown = path === name ? name : `${name} (${path})`;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `there is no file ${shown} with earlier trials`;
    case "EISDIR":
      return `${shown} is a folder, not a table of earlier trials`;
    case "EACCES":
    case "EPERM":
      return `${shown} may not be read`;
    default:
      return `${shown} cannot be read: ${messageOf(cause)}`;
  }
}

/**
 * Reads a table of earlier trials of any origin: CSV, or JSON with one object a line.
 *
 * @param name its path, relative to a folder
 * @throws CurvewiseError `TABLE_NOT_FOUND`, `TABLE_INVALID`, and those of {@link trialsOfRows}
 */
export async function readEarlierTable(name: string, folder: string, wish: TableWish): Promise<EarlierTable> {
  const path = resolve(folder, name);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    return refuse(
      "TABLE_NOT_FOUND",
      unreadable(cause, name, path),
      "Give the path of a .csv or .jsonl file, relative to the study file, in `transfer`.",
      cause,
    );
  }
  const rows = /\.csv$/i.test(basename(path)) ? await csvRows(text, name) : jsonRows(text, name);
  return trialsOfRows(rows, name, wish);
}
