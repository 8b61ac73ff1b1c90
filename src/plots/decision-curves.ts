import { type Action, type Neighbour, neighbourEnd, neighbourName } from "../core/decision.js";
import { costOf } from "../core/goal.js";
import type { Study, TransferredTrial } from "../core/study.js";
import { lastValue } from "../core/trial.js";
import { evenlySpaced } from "../math/evenly-spaced.js";
import { BEST_COLOUR } from "./fate.js";
import type { Cell, Figure, ScatterTrace } from "./figure.js";
import { metricAxis } from "./metric-axis.js";
import type { PlotDefinition, PlotInput, PlottedDecision } from "./plot-definition.js";
import { plotText, shortNumber } from "./trial-text.js";

/** How many of the nearest curves are drawn: more could not be told apart. */
export const MAX_DRAWN_NEIGHBOURS = 5;
/** The colours of the neighbours, nearest first, distinguishable even for people with colour vision deficiency. */
export const NEIGHBOUR_COLOURS: readonly string[] = ["#1f6fe5", "#159a86", "#b8860b", "#8456c9", "#7a838e"];

/** Names for the neighbours where colours cannot distinguish them, nearest first. */
export const NEIGHBOUR_LETTERS: readonly string[] = ["a", "b", "c", "d", "e"];

/** A curve in a picture: finite values by step, null where it diverged. */
export interface DrawnCurve {
  readonly trial: TransferredTrial;
  /** The earlier study that it belongs to; undefined: this one. */
  readonly study: string | undefined;
  /** The trial's name, its fate, and where it ended or is expected to end. */
  readonly label: string;
  readonly steps: readonly number[];
  readonly values: readonly Cell[];
}

/** A trial's curve with those that it was compared with at a decision. */
export interface DecisionPicture {
  readonly metric: string;
  readonly own: DrawnCurve;
  /** Nearest (or best) first, at most {@link MAX_DRAWN_NEIGHBOURS}. */
  readonly neighbours: readonly DrawnCurve[];
  readonly step: number;
  readonly action: Action;
}

/** The metric whose curves the scheduler compared: the one in its options, or the goal metric. */
function comparedMetric({ definition }: Study, trial: TransferredTrial): string {
  const { curve } = definition.scheduler.options;
  return typeof curve === "string" && trial.curve.metrics.has(curve) ? curve : definition.goal.metric;
}

interface Drawing {
  readonly trial: TransferredTrial;
  readonly study?: string | undefined;
  /** Where it is expected to end, if it has not ended. */
  readonly expected?: number;
}

function labelOf({ definition }: Study, { trial, study, expected }: Drawing): string {
  const { metric } = definition.goal;
  const name = `trial ${neighbourName({ trial: trial.number, ...(study === undefined ? {} : { study }) })}`;
  const value = lastValue(trial, metric);
  if (value === undefined) return `${name}, ${trial.state}`;
  if (trial.state === "complete") return `${name} ended at ${metric} ${shortNumber(value)}`;
  const forecast =
    expected === undefined || !Number.isFinite(expected)
      ? ""
      : `, expected to end at ${shortNumber(expected)}`;
  return `${name}, ${trial.state} at ${metric} ${shortNumber(value)}${forecast}`;
}

function drawnCurve(study: Study, metric: string, drawing: Drawing): DrawnCurve {
  const { trial } = drawing;
  const steps: number[] = [];
  const values: Cell[] = [];
  for (const [index, value] of (trial.curve.metrics.get(metric) ?? []).entries()) {
    if (value === null) continue;
    steps.push(trial.curve.steps[index] ?? 0);
    values.push(Number.isFinite(value) ? value : null);
  }
  return { trial, study: drawing.study, label: labelOf(study, drawing), steps, values };
}

function trialOf(study: Study, { trial, study: earlier }: Neighbour): TransferredTrial | undefined {
  if (earlier === undefined) return study.trials[trial];
  const from = study.transferred.find(({ name }) => name === earlier);
  return from?.trials.find(({ number }) => number === trial);
}

/** The mean of a metric up to a step; NaN without any report. */
function averageUpTo({ curve }: TransferredTrial, metric: string, step: number): number {
  const column = curve.metrics.get(metric) ?? [];
  const values = column.filter((value, place) => value !== null && (curve.steps[place] ?? 0) <= step);
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length;
}

/**
 * What the rule `median` compared a trial with: complete trainings from the best running average up to the step to the
 * worst, evenly spaced, so that the middle one is the median.
 */
function medianTrainings(study: Study, decision: PlottedDecision): TransferredTrial[] {
  const { goal } = study.definition;
  const known = [...study.byState.complete]
    .flatMap((number) => study.trials[number] ?? [])
    .filter((trial) => trial.curve.metrics.has(goal.metric))
    .sort((a, b) => (a.completion ?? 0) - (b.completion ?? 0))
    .slice(0, decision.values?.["trainings"] ?? 0)
    .map((trial) => ({ trial, cost: costOf(averageUpTo(trial, goal.metric, decision.step), goal) }))
    .filter(({ cost }) => Number.isFinite(cost))
    .sort((a, b) => a.cost - b.cost);
  return evenlySpaced(known, MAX_DRAWN_NEIGHBOURS).map(({ trial }) => trial);
}

/** The curves that a trial was compared with: those that the decision names, or what its rule is known to compare. */
function comparedWith(study: Study, decision: PlottedDecision): readonly Drawing[] {
  const { neighbours = [] } = decision;
  if (neighbours.length === 0 && decision.rule === "median")
    return medianTrainings(study, decision).map((trial) => ({ trial }));
  return neighbours.flatMap((neighbour) => {
    const trial = trialOf(study, neighbour);
    return trial === undefined ? [] : [{ trial, study: neighbour.study, expected: neighbourEnd(neighbour) }];
  });
}

const isShown = ({ values }: DrawnCurve): boolean => values.some((value) => value !== null);

/**
 * What a picture of a decision shows, in any medium. Curves are complete, including what the trial reported after the
 * decision. Neighbours from earlier studies are as they were when transferred.
 *
 * @returns undefined when the trial never reported a finite value
 */
export function pictureDecision(study: Study, decision: PlottedDecision): DecisionPicture | undefined {
  const trial = study.trials[decision.trial];
  if (trial === undefined) return undefined;
  const metric = comparedMetric(study, trial);
  const own = drawnCurve(study, metric, { trial });
  if (!isShown(own)) return undefined;
  const curves = comparedWith(study, decision).flatMap((drawing): DrawnCurve[] => {
    const curve = drawnCurve(study, metric, drawing);
    return drawing.trial === trial || !isShown(curve) ? [] : [curve];
  });
  const { step, action } = decision;
  return { metric, own, neighbours: curves.slice(0, MAX_DRAWN_NEIGHBOURS), step, action };
}

/** The newest decision known from the study alone: without neighbours, which only the log has. */
function newestDecision({ trials }: Study): PlottedDecision | undefined {
  const trial = trials.findLast(({ decision }) => decision !== undefined);
  return trial?.decision === undefined
    ? undefined
    : { trial: trial.number, step: trial.decision.step, action: trial.decision.action };
}

const HOVER = "step %{x}: <b>%{y}</b>";

function curveTrace({ label, steps, values }: DrawnCurve, color: string, width: number): ScatterTrace {
  return {
    type: "scatter",
    name: plotText(label),
    mode: steps.length === 1 ? "markers" : "lines",
    x: steps,
    y: values,
    hovertemplate: HOVER,
    connectgaps: false,
    line: { color, width },
    marker: { color, size: 6 },
  };
}

function stepTrace({ step, action }: DecisionPicture, bounds: readonly [number, number]): ScatterTrace {
  return {
    type: "scatter",
    name: `${action} at step ${step}`,
    mode: "lines",
    x: [step, step],
    y: [...bounds],
    hoverinfo: "skip",
    line: { color: "#7a838e", width: 1.4, dash: "dash" },
  };
}

/** A trial's curve on top of its neighbours', and the step of the decision. */
function renderDecisionCurves({ study, decision = newestDecision(study) }: PlotInput): Figure {
  const picture = decision && pictureDecision(study, decision);
  if (picture === undefined) return { data: [], layout: {} };
  const { metric, own, neighbours } = picture;
  const { goal } = study.definition;
  const values = [own, ...neighbours].flatMap((curve) => curve.values.filter((value) => value !== null));
  const axis = metricAxis(metric, values, metric === goal.metric ? goal.direction : undefined, true);
  const bounds: readonly [number, number] = [
    values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    values.reduce((greatest, value) => Math.max(greatest, value), Number.NEGATIVE_INFINITY),
  ];
  return {
    data: [
      ...neighbours.map((curve, index) => curveTrace(curve, NEIGHBOUR_COLOURS[index] ?? "#7a838e", 1.4)),
      stepTrace(picture, bounds),
      curveTrace(own, BEST_COLOUR, 3),
    ],
    layout: {
      xaxis: { title: { text: "step" }, type: "linear", rangemode: "tozero" },
      yaxis: axis,
      showlegend: true,
      hovermode: "closest",
    },
  };
}

export const decisionCurves: PlotDefinition = {
  name: "decision-curves",
  title: "Curves at a decision",
  summary: "A trial's curve, those that it was compared with, and the step of the decision.",
  takes: ["decision"],
  needs: "a decision of the scheduler that was based on other curves",
  render: renderDecisionCurves,
};
