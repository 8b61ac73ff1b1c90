import { numberOf, PARAM_PREFIX } from "../core/cell-text.js";
import { CurvewiseError } from "../core/errors.js";
import type { Goal } from "../core/goal.js";
import { isMapping } from "../core/json.js";
import { nameHint } from "../core/nearest.js";
import type { Params, ParamValue } from "../core/param.js";
import type { TrialState } from "../core/trial.js";
import { counted } from "../core/wording.js";
import { changedNames, ownNames } from "./foreign-names.js";
import type { ForeignReport, ForeignStudy, ForeignTrial } from "./foreign-study.js";
import { jsonValue } from "./python-json.js";
import { refuseFile } from "./refusals.js";
import { spaceOfValues } from "./value-space.js";

/** What the user says of a table. */
export interface TableReading {
  /** The study's name, if it is given another one than the file's. */
  readonly name: string;
  readonly goal: Goal;
  /** The columns that are params; undefined: those that look like it. */
  readonly params: readonly string[] | undefined;
}

/** Columns that number the trials, of which several rows make one curve. */
const NUMBERS = ["number", "trial", "trial_id", "trial_number", "run", "run_id"];
const STEPS = ["step", "epoch", "training_iteration", "iteration"];
const STATES = ["state", "status"];
/** Columns that other tools add, which are neither params nor metrics. */
const OTHERS =
  /^(value|time|duration|replicates|deviation|datetime_\w+|user_attrs_.*|system_attrs_.*|timestamp|date|name|id|created|runtime|hostname|pid|node_ip|logdir|)$/i;

const STATE_WORDS: ReadonlyMap<string, TrialState> = new Map<string, TrialState>([
  ["pruned", "stopped"],
  ["fail", "failed"],
  ["crashed", "failed"],
  ["error", "failed"],
  ["finished", "complete"],
  ["terminated", "complete"],
  ["completed", "complete"],
  ["waiting", "waiting"],
  ["running", "running"],
  ["paused", "paused"],
  ["complete", "complete"],
  ["stopped", "stopped"],
  ["failed", "failed"],
]);

function valueOf(text: string): ParamValue | undefined {
  if (text === "") return undefined;
  const number = numberOf(text);
  if (number !== undefined && Number.isFinite(number)) return number;
  if (/^(true|false)$/i.test(text)) return /^true$/i.test(text);
  if (!/^(null$|[[{])/.test(text)) return text;
  try {
    return jsonValue.parse(JSON.parse(text));
  } catch {
    return text;
  }
}

/** A row of a table: a trial, or one of its reports. */
export interface Row {
  /** The line of the file at which it ends, from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
  /** The cells as they are, where the file says of what kind they are. */
  readonly values?: Readonly<Record<string, ParamValue>>;
}

/** What a file of rows holds, in any format. */
export interface Table {
  readonly tool: "csv" | "jsonl";
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const TABLE_HINT = "Give a table with a column for each param, and one for the goal metric.";

/** Refuses columns that cannot be told apart or kept. @throws CurvewiseError `IMPORT_INVALID` */
function checkColumns(columns: readonly string[], file: string): void {
  const twice = columns.find((name, place) => name !== "" && columns.indexOf(name) !== place);
  if (columns.includes("__proto__")) {
    refuseFile(file, "a column is called __proto__", { hint: "Give it another name." });
  }
  if (twice === undefined) return;
  refuseFile(file, `several columns are called "${twice}"`, { hint: "Give each column a name of its own." });
}

/**
 * Warns of values of the goal metric that are not numbers.
 *
 * @throws CurvewiseError `IMPORT_INVALID` when no value is a number
 */
function unreadableGoals(rows: readonly Row[], { metric }: Goal, file: string): string[] {
  const given = rows.filter(({ cells }) => (cells[metric] ?? "") !== "");
  const unreadable = given.filter(({ cells }) => numberOf(cells[metric] ?? "") === undefined);
  const [first] = unreadable;
  if (first === undefined) return [];
  const example = `"${first.cells[metric] ?? ""}" at line ${first.line}`;
  if (unreadable.length < given.length) {
    return [
      `The column "${metric}" has ${counted(unreadable.length, "cell")} without a number, such as ${example}: left out.`,
    ];
  }
  return refuseFile(file, `no value in the column "${metric}" is a number: ${example}`, {
    hint: "Write numbers with a decimal point, as 0.5 or 5e-1.",
  });
}

const DECIMAL_COMMA = /^[+-]?\d+,\d+(e[+-]?\d+)?$/i;

/**
 * Refuses params whose numbers have commas for points: as texts, they would have no order and no ranges.
 *
 * @throws CurvewiseError `IMPORT_INVALID`
 */
function refuseDecimalCommas(rows: readonly Row[], { params }: Roles, file: string): void {
  for (const name of params) {
    const given = rows.filter(({ cells }) => (cells[name] ?? "") !== "");
    const commas = given.filter(({ cells }) => DECIMAL_COMMA.test(cells[name] ?? ""));
    const [first] = commas;
    const isNumeric = given.every(
      (row) => commas.includes(row) || numberOf(row.cells[name] ?? "") !== undefined,
    );
    if (first === undefined || !isNumeric) continue;
    const example = `"${first.cells[name] ?? ""}" at line ${first.line}`;
    refuseFile(file, `the column "${name}" has numbers with decimal commas: ${example}`, {
      hint: "Write numbers with a decimal point, as 0.5, and lists as [64,64].",
    });
  }
}

/** What each column is. */
interface Roles {
  readonly number: string | undefined;
  readonly step: string | undefined;
  readonly state: string | undefined;
  readonly params: readonly string[];
  readonly metrics: readonly string[];
}

function rolesOf(columns: readonly string[], { goal, params }: TableReading, file: string): Roles {
  const find = (names: readonly string[]) =>
    columns.find((each) => names.includes(each.toLowerCase()) && params?.includes(each) !== true);
  const [number, step, state] = [find(NUMBERS), find(STEPS), find(STATES)];
  const known = new Set([number, step, state, goal.metric]);
  for (const name of [goal.metric, ...(params ?? [])]) {
    if (columns.includes(name)) continue;
    throw new CurvewiseError("COLUMN_UNKNOWN", `${file} has no column "${name}"`, {
      hint: nameHint(name, columns),
    });
  }
  const rest = columns.filter((each) => !known.has(each));
  const marked = rest.filter((each) => PARAM_PREFIX.test(each));
  const usual = rest.filter((each) => !OTHERS.test(each));
  const chosen = params ?? (marked.length > 0 ? marked : usual);
  return {
    number,
    step,
    state,
    params: chosen,
    metrics: params === undefined && marked.length === 0 ? [] : usual,
  };
}

function metricsOf(
  { cells }: Row,
  { params, metrics }: Roles,
  { goal }: TableReading,
): Record<string, number> {
  return Object.fromEntries(
    [goal.metric, ...metrics.filter((each) => !params.includes(each))].flatMap((name) => {
      const value = numberOf(cells[name] ?? "");
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function stateOf({ cells }: Row, { state }: Roles, hasGoal: boolean): TrialState {
  const word = state === undefined ? "" : (cells[state] ?? "").toLowerCase().replace(/^trialstate\./, "");
  return STATE_WORDS.get(word) ?? (hasGoal ? "complete" : "failed");
}

/**
 * A table of trials as a study: a row for each trial or, with a column of steps and one that numbers the trials, a row
 * for each report.
 *
 * @param file its name, for messages
 * @throws CurvewiseError `IMPORT_INVALID`, `COLUMN_UNKNOWN`, `IMPORT_EMPTY`
 */
export function studyOfTable(table: Table, file: string, reading: TableReading): ForeignStudy {
  const { tool, columns, rows } = table;
  if (columns.length === 0)
    throw new CurvewiseError("IMPORT_EMPTY", `${file} is empty`, { hint: TABLE_HINT });
  checkColumns(columns, file);
  const roles = rolesOf(columns, reading, file);
  refuseDecimalCommas(rows, roles, file);
  const { goal } = reading;
  const groups = new Map<string, Row[]>();
  for (const [index, row] of rows.entries()) {
    const key = roles.number === undefined ? String(index) : (row.cells[roles.number] ?? "");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const plain = roles.params.map((name) => name.replace(PARAM_PREFIX, ""));
  const names = ownNames(plain);
  const warnings = [...changedNames(names), ...unreadableGoals(rows, goal, file)];
  const trials = [...groups.values()].map((group): ForeignTrial => {
    const last: Row = group.at(-1) ?? { line: 0, cells: {} };
    const params = roles.params.flatMap((column, index): [string, ParamValue][] => {
      const value = last.values === undefined ? valueOf(last.cells[column] ?? "") : last.values[column];
      return value === undefined ? [] : [[names.get(plain[index] ?? "") ?? column, value]];
    });
    const reports = reportsOf(group, roles, reading, file);
    const hasGoal = reports.some(({ metrics }) => Object.hasOwn(metrics, goal.metric));
    return {
      params: Object.fromEntries(params),
      state: stateOf(last, roles, hasGoal),
      reports,
      startedAt: undefined,
      endedAt: undefined,
      attributes: {},
    };
  });
  if (trials.length === 0 || roles.params.length === 0) {
    throw new CurvewiseError(
      "IMPORT_EMPTY",
      `${file} has no ${trials.length === 0 ? "rows" : "column of a param"}`,
      { hint: TABLE_HINT },
    );
  }
  const whole = trials.filter(({ state }) => state !== "failed").map(({ params }) => params);
  const space = spaceOfValues(
    trials.map(({ params }) => params),
    whole,
    warnings,
  );
  return { tool, name: reading.name, goal, space, trials, finalValues: false, warnings };
}

/** The step of a row that has metrics; 1 in tables without steps. */
function stepOf({ line, cells }: Row, { step: column }: Roles, file: string): number {
  if (column === undefined) return 1;
  const text = cells[column] ?? "";
  const step = numberOf(text);
  if (step !== undefined && Number.isSafeInteger(step) && step >= 0) return step;
  const problem =
    text === ""
      ? `nothing is in the column "${column}"`
      : `"${text}" in the column "${column}" is not a step`;
  return refuseFile(file, `line ${line}: ${problem}`, {
    hint: "Steps are whole numbers from 0 or 1; rename the column if it holds something else.",
  });
}

function reportsOf(
  group: readonly Row[],
  roles: Roles,
  reading: TableReading,
  file: string,
): ForeignReport[] {
  const bySteps = new Map<number, Record<string, number>>();
  for (const row of group) {
    const metrics = metricsOf(row, roles, reading);
    if (Object.keys(metrics).length === 0) continue;
    const step = stepOf(row, roles, file);
    if (bySteps.has(step)) {
      const problem =
        roles.step === undefined
          ? `line ${row.line} is another row of the same trial, and no column has its step`
          : `line ${row.line} is another row of the same trial for step ${step}`;
      refuseFile(file, problem, {
        hint: `Give each trial one row for each step, in a column called ${STEPS.join(", ")}.`,
      });
    }
    bySteps.set(step, metrics);
  }
  return [...bySteps].sort(([a], [b]) => a - b).map(([step, metrics]) => ({ step, metrics }));
}

/** The params as they are, for tools whose params have parts. */
export function flattened(value: unknown, prefix = ""): Params {
  const checked = jsonValue.safeParse(value);
  if (!checked.success || !isMapping(checked.data)) return {};
  return Object.fromEntries(
    Object.entries(checked.data).flatMap(([name, part]): [string, ParamValue][] => {
      const path = prefix === "" ? name : `${prefix}.${name}`;
      return isMapping(part) && Object.keys(part).length > 0
        ? Object.entries(flattened(part, path))
        : [[path, part]];
    }),
  );
}
