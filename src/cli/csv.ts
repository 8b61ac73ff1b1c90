import type { Goal } from "../core/goal.js";
import { paramsTowards } from "../core/lineage.js";
import type { ParamValue } from "../core/param.js";
import { replicateSummary } from "../core/replicates.js";
import type { Study } from "../core/study.js";
import { goalValue, lastStep, lastValue, type Trial } from "../core/trial.js";

type Cell = ParamValue | null | undefined;

function cellText(value: Cell): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row of a CSV file by RFC 4180, without the line break. */
export const csvRow = (cells: readonly Cell[]): string => cells.map(cellText).join(",");

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
export function* trialRows(study: Study): Generator<string> {
  const params = paramNames(study);
  const metrics = metricNames(study);
  const { goal, replicates } = study.definition;
  const own = replicates === undefined ? [] : ["replicates", "deviation"];
  yield csvRow(columnNames(["number", "state", "value", "step", ...own], params, metrics));
  for (const trial of study.trials) {
    yield csvRow([
      trial.number,
      trial.state,
      goalValue(trial, goal),
      lastStep(trial),
      ...(replicates === undefined ? [] : replicateCells(trial, goal)),
      ...params.map((name) => trial.params[name]),
      ...metrics.map((name) => lastValue(trial, name)),
    ]);
  }
}

function* reportsOf(trial: Trial, params: readonly string[], metrics: readonly string[]): Generator<string> {
  for (const [index, step] of trial.curve.steps.entries()) {
    const trainedWith = paramsTowards(trial, step);
    yield csvRow([
      trial.number,
      trial.state,
      step,
      ...params.map((name) => trainedWith[name]),
      ...metrics.map((name) => trial.curve.metrics.get(name)?.[index]),
    ]);
  }
}

/** One row per report: `number,state,step`, a column per param as it was then, and a column per metric. */
export function* reportRows(study: Study): Generator<string> {
  const params = paramNames(study);
  const metrics = metricNames(study);
  yield csvRow(columnNames(["number", "state", "step"], params, metrics));
  for (const trial of study.trials) yield* reportsOf(trial, params, metrics);
}
