import { bestTrial } from "../core/best-trial.js";
import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import { BEST_COLOUR, FATES, type Fate } from "./fate.js";
import type { Cell, Figure, ScatterTrace } from "./figure.js";
import { metricAxis } from "./metric-axis.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { trialText } from "./trial-text.js";

/** Above either limit, curves are drawn with WebGL, which stays fast. */
const WEBGL_POINTS = 40_000;
const WEBGL_CURVES = 2000;
const HOVER = "%{text}<br>step %{x}: <b>%{y}</b><extra></extra>";

/** Points by column: several curves in one, with gaps between them. */
interface Points {
  readonly x: Cell[];
  readonly y: Cell[];
  readonly text: string[];
}

const noPoints = (): Points => ({ x: [], y: [], text: [] });

function addPoint(points: Points, x: Cell, y: Cell, text: string): void {
  points.x.push(x);
  points.y.push(y);
  points.text.push(text);
}

/** What is drawn for one or more trials. */
interface Drawing {
  readonly lines: Points;
  /** Points without a neighbour, which a line would not show. */
  readonly lone: Points;
  /** The last points before a curve diverged. */
  readonly diverged: Points;
  /** How many trials have something to show. */
  trials: number;
}

const noDrawing = (): Drawing => ({ lines: noPoints(), lone: noPoints(), diverged: noPoints(), trials: 0 });

/** Adds one trial's curve; a value that is not finite ends the line there. */
function addCurve(drawing: Drawing, trial: Trial, metric: string): void {
  const column = trial.curve.metrics.get(metric) ?? [];
  const text = trialText(trial);
  let run = 0;
  let step = 0;
  let last = 0;
  let drawn = false;
  const endRun = (): void => {
    if (run === 1) addPoint(drawing.lone, step, last, text);
    if (run > 0) addPoint(drawing.lines, null, null, "");
    run = 0;
  };
  for (const [index, value] of column.entries()) {
    if (value === null) continue;
    if (!Number.isFinite(value)) {
      if (run > 0) addPoint(drawing.diverged, step, last, text);
      endRun();
      continue;
    }
    step = trial.curve.steps[index] ?? 0;
    last = value;
    addPoint(drawing.lines, step, last, text);
    run += 1;
    drawn = true;
  }
  endRun();
  if (drawn) drawing.trials += 1;
}

function* finiteValues(study: Study, metric: string): Generator<number> {
  for (const trial of study.trials) {
    for (const value of trial.curve.metrics.get(metric) ?? []) {
      if (value !== null && Number.isFinite(value)) yield value;
    }
  }
}

/** WebGL blends the lines of a trace where they cross, so fainter lines show how many there are. */
function opacityFor(trials: number, type: ScatterTrace["type"]): number {
  if (type === "scattergl") return Math.max(0.04, Math.min(0.5, 150 / trials));
  if (trials <= 20) return 0.9;
  return trials <= 300 ? 0.75 : 0.4;
}

function fateTraces(fate: Fate, drawing: Drawing, type: ScatterTrace["type"]): ScatterTrace[] {
  if (drawing.trials === 0) return [];
  const { state: legendgroup, colour: color, dash } = fate;
  const style = { type, legendgroup, hovertemplate: HOVER, connectgaps: false } as const;
  const opacity = opacityFor(drawing.trials, type);
  const name = `${fate.state} (${drawing.trials})`;
  const width = drawing.trials <= 300 ? 1.4 : 1;
  const traces: ScatterTrace[] = [
    {
      ...style,
      ...drawing.lines,
      name,
      mode: "lines",
      line: { color, width, dash: type === "scattergl" ? "solid" : dash },
      opacity,
      ...(type === "scattergl" ? { showlegend: false } : {}),
    },
  ];
  if (type === "scattergl") {
    traces.push({
      type: "scatter",
      legendgroup,
      name,
      mode: "lines",
      x: [null],
      y: [null],
      line: { color, width: 2 },
      showlegend: true,
    });
  }
  if (drawing.lone.x.length > 0) {
    traces.push({
      ...style,
      ...drawing.lone,
      name: fate.state,
      mode: "markers",
      marker: { color, size: 5 },
      opacity,
      showlegend: false,
    });
  }
  if (drawing.diverged.x.length > 0) {
    traces.push({
      ...style,
      ...drawing.diverged,
      name: `${fate.state}, diverged here`,
      mode: "markers",
      marker: { color, size: 8, symbol: "x-thin-open", opacity: Math.min(1, 60 / drawing.diverged.x.length) },
      showlegend: false,
    });
  }
  return traces;
}

function bestTraces(trial: Trial, metric: string, type: ScatterTrace["type"]): ScatterTrace[] {
  const drawing = noDrawing();
  addCurve(drawing, trial, metric);
  if (drawing.trials === 0) return [];
  const style = { type, legendgroup: "best", hovertemplate: HOVER, connectgaps: false } as const;
  const { x, y, text } = drawing.lines;
  return [
    {
      ...style,
      ...drawing.lines,
      name: `best: trial ${trial.number}`,
      mode: "lines",
      line: { color: BEST_COLOUR, width: 3 },
    },
    {
      ...style,
      x: x.slice(-2, -1),
      y: y.slice(-2, -1),
      text: text.slice(-2, -1),
      name: "best",
      mode: "markers",
      marker: { color: BEST_COLOUR, size: 11, symbol: "star" },
      showlegend: false,
    },
  ];
}

/**
 * Every trial's curve of a metric, coloured by the trial's fate, with the best one on top. The curves of one fate form
 * one trace with gaps, so that thousands stay fast; every point carries its trial for the hover text.
 */
function renderLearningCurves({ study, metric = study.definition.goal.metric }: PlotInput): Figure {
  const { goal } = study.definition;
  const values = [...finiteValues(study, metric)];
  const many = values.length > WEBGL_POINTS || study.trials.length > WEBGL_CURVES;
  const type = many ? "scattergl" : "scatter";
  const drawings = FATES.map((fate) => {
    const drawing = noDrawing();
    for (const trial of study.trials) {
      if (trial.state === fate.state) addCurve(drawing, trial, metric);
    }
    return { fate, drawing };
  });
  const best = bestTrial(study);
  return {
    data: [
      ...drawings.flatMap(({ fate, drawing }) => fateTraces(fate, drawing, type)),
      ...(best === undefined ? [] : bestTraces(best.trial, metric, type)),
    ],
    layout: {
      xaxis: { title: { text: "step" }, type: "linear", rangemode: "tozero" },
      yaxis: metricAxis(metric, values, metric === goal.metric ? goal.direction : undefined),
      showlegend: true,
      hovermode: "closest",
    },
  };
}

export const learningCurves: PlotDefinition = {
  name: "learning-curves",
  title: "Learning curves",
  summary: "Every trial's curve, coloured by how the trial ended.",
  takes: ["metric"],
  needs: "a trial that reported a finite value",
  render: renderLearningCurves,
};
