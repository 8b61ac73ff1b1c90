import type { Goal } from "../core/goal.js";
import { paramsTowards } from "../core/lineage.js";
import type { ParamValue } from "../core/param.js";
import { textOfValue } from "../core/param-value.js";
import { replicateSummary } from "../core/replicates.js";
import type { Study } from "../core/study.js";
import { goalValue, lastStep, lastValue, type Trial } from "../core/trial.js";

type Cell = string | number | boolean | null | undefined;

/** A param's value as a cell; null, lists and mappings as JSON, since an empty cell means that the param is off. */
const paramCell = (value: ParamValue | undefined): Cell =>
  typeof value === "object" ? textOfValue(value) : value;

function cellText(value: Cell): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row of a CSV file by RFC 4180, without the line break. */
export const csvRow = (cells: readonly Cell[]): string => cells.map(cellText).join(",");

/** What makes a spreadsheet take a text for a formula, in half and full width (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A text that a spreadsheet would take for a formula, with an apostrophe before it; anything else as it is. */
function defused(cell: Cell): Cell {
  return typeof cell === "string" && FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}

/** How rows are written. */
export interface CsvSettings {
  /** Whether texts that begin like a formula are left as they are; else they get an apostrophe in front. */
  readonly formulas: boolean;
}

const rowWriter = ({ formulas }: CsvSettings): typeof csvRow =>
  formulas ? csvRow : (cells) => csvRow(cells.map(defused));

const paramNames = (study: Study): string[] => Object.keys(study.definition.space);

const metricNames = (study: Study): string[] => [
  ...new Set(study.trials.flatMap(({ curve }) => [...curve.metrics.keys()])),
];

/** The names of all columns; one that is already taken gets a prefix. */
function columnNames(
  own: readonly string[],
  params: readonly string[],
  metrics: readonly string[],
): string[] {
  const named = params.map((name) => (own.includes(name) ? `param.${name}` : name));
  const taken = new Set([...own, ...named]);
  return [...own, ...named, ...metrics.map((name) => (taken.has(name) ? `metric.${name}` : name))];
}

/** How many trainings have ended, and the standard deviation of what they are measured by. */
function replicateCells(trial: Trial, goal: Goal): (number | undefined)[] {
  const summary = replicateSummary(trial, goal);
  return summary === undefined
    ? [trial.state === "complete" ? 1 : 0, undefined]
    : [summary.ended, summary.deviation];
}

/** One row per trial: `number,state,value,step`, a column per param, and each metric's last value. */
export function* trialRows(study: Study, settings: CsvSettings): Generator<string> {
  const row = rowWriter(settings);
  const params = paramNames(study);
  const metrics = metricNames(study);
  const { goal, replicates } = study.definition;
  const own = replicates === undefined ? [] : ["replicates", "deviation"];
  yield row(columnNames(["number", "state", "value", "step", ...own], params, metrics));
  for (const trial of study.trials) {
    yield row([
      trial.number,
      trial.state,
      goalValue(trial, goal),
      lastStep(trial),
      ...(replicates === undefined ? [] : replicateCells(trial, goal)),
      ...params.map((name) => paramCell(trial.params[name])),
      ...metrics.map((name) => lastValue(trial, name)),
    ]);
  }
}

function* reportsOf(
  trial: Trial,
  params: readonly string[],
  metrics: readonly string[],
  row: typeof csvRow,
): Generator<string> {
  for (const [index, step] of trial.curve.steps.entries()) {
    const trainedWith = paramsTowards(trial, step);
    yield row([
      trial.number,
      trial.state,
      step,
      ...params.map((name) => paramCell(trainedWith[name])),
      ...metrics.map((name) => trial.curve.metrics.get(name)?.[index]),
    ]);
  }
}

/** One row per report: `number,state,step`, a column per param as it was then, and a column per metric. */
export function* reportRows(study: Study, settings: CsvSettings): Generator<string> {
  const row = rowWriter(settings);
  const params = paramNames(study);
  const metrics = metricNames(study);
  yield row(columnNames(["number", "state", "step"], params, metrics));
  for (const trial of study.trials) yield* reportsOf(trial, params, metrics, row);
}
