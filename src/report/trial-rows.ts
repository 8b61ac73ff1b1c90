import { type Explanation, neighbourEnd, neighbourName } from "../core/decision.js";
import type { Decided } from "../core/events.js";
import type { Goal } from "../core/goal.js";
import { encodeNumber } from "../core/json.js";
import type { ParamValue } from "../core/param.js";
import { textOfValue } from "../core/param-value.js";
import { replicateSummary } from "../core/replicates.js";
import type { Study } from "../core/study.js";
import { goalValue, lastStep, lastValue, type Trial } from "../core/trial.js";
import { decisionCurves } from "../plots/index.js";
import { createFigurePool, type FigurePool } from "./figure-pool.js";
import { formatMoment, formatValue } from "./format.js";
import type {
  CellValue,
  ColumnData,
  DecisionData,
  DetailData,
  FailureData,
  Packed,
  RowData,
  TableData,
} from "./page-data.js";
import type { ReportLog } from "./report-log.js";
import { metricsOf } from "./study-summary.js";

const MAX_NEIGHBOURS = 20;
const MAX_OUTPUT_LINES = 40;
const MAX_LINE_LENGTH = 500;

function decisionData(trial: Trial, decided: Decided | undefined): DecisionData | null {
  if (decided !== undefined) return explained(decided.step, decided.action, decided.explanation);
  if (trial.decision === undefined) return null;
  const { step, action, rule, reason } = trial.decision;
  return explained(step, action, { rule, reason, values: {} });
}

function explained(step: number, action: string, explanation: Explanation): DecisionData {
  const { rule, reason, values, steps = [], neighbours = [] } = explanation;
  return {
    step,
    action,
    rule,
    reason,
    values: Object.entries(values).map(([name, value]) => [name, encodeNumber(value)] as const),
    steps,
    neighbours: neighbours.slice(0, MAX_NEIGHBOURS).map((one) => {
      const name = one.study === undefined ? one.trial : neighbourName(one);
      return [name, encodeNumber(one.distance), encodeNumber(neighbourEnd(one))] as const;
    }),
    neighbourCount: neighbours.length,
  };
}

function decisionFigure(study: Study, decided: Decided | undefined, pool: FigurePool): Packed | null {
  if (decided === undefined) return null;
  const { trial, step, action, explanation } = decided;
  const { neighbours, rule, values } = explanation;
  const decision = { trial, step, action, neighbours, rule, values };
  const figure = decisionCurves.render({ study, reports: [], decision });
  return figure.data.length === 0 ? null : pool.add(figure);
}

/** The last lines of a program's output, each cut to a length that a page can show. */
export function lastLines(output: readonly string[]): string[] {
  return output
    .slice(-MAX_OUTPUT_LINES)
    .map((line) => (line.length <= MAX_LINE_LENGTH ? line : `${line.slice(0, MAX_LINE_LENGTH)} …`));
}

function failureData(trial: Trial): FailureData | null {
  if (trial.failure === undefined) return null;
  const { code, message, hint, output } = trial.failure;
  return { code, message, hint: hint ?? null, output: lastLines(output) };
}

/** A param as a cell: null where it is off. */
function cellOf(value: ParamValue | undefined): CellValue {
  if (value === undefined) return null;
  return typeof value === "object" ? textOfValue(value) : value;
}

function seconds(trial: Trial): number | null {
  if (trial.startedAt === undefined || trial.endedAt === undefined) return null;
  return (trial.endedAt - trial.startedAt) / 1000;
}

function factsOf(trial: Trial, goal: Goal): (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = [
    ["sampler", trial.sampler],
    ["seed", String(trial.seed)],
    ["attempts", String(trial.attempt)],
  ];
  const summary = replicateSummary(trial, goal);
  if (summary !== undefined) {
    const { ended, values, deviation } = summary;
    const spread = deviation === undefined ? "" : ` (sd ${formatValue(deviation)})`;
    facts.push(["replicates", `${ended} ended: ${values.map(formatValue).join(", ")}${spread}`]);
  }
  if (trial.startedAt !== undefined) facts.push(["started", formatMoment(trial.startedAt)]);
  if (trial.worker !== undefined) facts.push(["worker", trial.worker]);
  const source = trial.inheritances.at(-1);
  if (source !== undefined) {
    const last = `trial ${source.parent}'s model of step ${source.step}`;
    facts.push(["exploits", `${trial.inheritances.length}, the last one with ${last}`]);
  }
  if (trial.snapshot !== undefined) {
    facts.push(["snapshot", `${trial.snapshot.path} (step ${trial.snapshot.step})`]);
  }
  if (trial.bestSnapshot !== undefined) {
    facts.push([
      "snapshot of the best report",
      `${trial.bestSnapshot.path} (step ${trial.bestSnapshot.step})`,
    ]);
  }
  return facts;
}

function columnsOf(study: Study, metrics: readonly string[]): ColumnData[] {
  const { goal, space } = study.definition;
  return [
    { label: "trial", kind: "number", first: "low" },
    { label: "state", kind: "state", first: "low" },
    ...metrics.map((metric): ColumnData => {
      const high = metric === goal.metric && goal.direction === "maximize";
      return { label: metric, kind: "number", first: high ? "high" : "low" };
    }),
    { label: "steps", kind: "number", first: "high" },
    { label: "seconds", kind: "number", first: "high" },
    ...Object.entries(space).map(([name, param]): ColumnData => {
      const kind = param.kind === "float" || param.kind === "int" ? "number" : "text";
      return { label: name, kind, first: "low" };
    }),
  ];
}

type Details = Pick<ReportLog, "decisions" | "detailed">;

/** The table of all trials of a study, with the contents of its expanded rows. */
export function tableData(study: Study, { decisions, detailed }: Details): TableData {
  const metrics = metricsOf(study);
  const params = Object.keys(study.definition.space);
  const pool = createFigurePool();
  const cells = (trial: Trial): CellValue[] => [
    trial.number,
    trial.state,
    ...metrics.map((metric) => {
      const { goal } = study.definition;
      const value = metric === goal.metric ? goalValue(trial, goal) : lastValue(trial, metric);
      return value === undefined ? null : encodeNumber(value);
    }),
    lastStep(trial),
    seconds(trial),
    ...params.map((name) => cellOf(trial.params[name])),
  ];
  return {
    study: study.definition.name,
    columns: columnsOf(study, metrics),
    rows: study.trials.map((trial): RowData => {
      const { number, state } = trial;
      if (!detailed.has(number)) return { number, state, cells: cells(trial), details: null };
      const decided = decisions.get(number);
      const details: DetailData = {
        facts: factsOf(trial, study.definition.goal),
        decision: decisionData(trial, decided),
        figure: decisionFigure(study, decided, pool),
        failure: failureData(trial),
      };
      return { number, state, cells: cells(trial), details };
    }),
    pool: pool.parts,
  };
}
