import { CurvewiseError } from "../core/errors.js";
import type { MetricGoal } from "../core/goal.js";
import { type FrontCandidate, frontAmong, frontCandidates, frontGoals } from "../core/goals/front.js";
import { evenlySpaced } from "../math/evenly-spaced.js";
import { BEST_COLOUR, FATES } from "./fate.js";
import type { Axis, Figure, MarkerStyle, ScatterTrace } from "./figure.js";
import { logAxis, suitsLog } from "./metric-axis.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { plotText, shortNumber, trialText } from "./trial-text.js";

/** The most trials beside the front that are drawn. */
const MOST_DOMINATED = 2000;
const FRONT_COLOUR = FATES.find(({ state }) => state === "complete")?.colour ?? "#1f6fe5";
const DOMINATED_COLOUR = "#8a8f98";

/** @param isShort whether there is little room for its title, as along an axis of space */
function axisOf({ metric, direction }: MetricGoal, values: readonly number[], isShort: boolean): Axis {
  const better = direction === "maximize" ? "more is better" : "less is better";
  const title = { text: `${plotText(metric)} (${isShort ? direction.slice(0, 3) : better})` };
  if (!suitsLog(values)) return { title, type: "linear" };
  const logs = values.map(Math.log10);
  const width = logs.reduce((a, b) => Math.max(a, b), 0) - logs.reduce((a, b) => Math.min(a, b), 0);
  return { title, ...logAxis(width) };
}

/** The corners of the region that a front covers, as the values of its two metrics. */
function staircase(front: readonly FrontCandidate[]): { x: number[]; y: number[] } {
  const [x, y]: [number[], number[]] = [[], []];
  for (const [place, { values }] of front.entries()) {
    const [first = 0, second = 0] = values;
    const before = front[place - 1]?.values[1];
    if (before !== undefined) {
      x.push(first);
      y.push(before);
    }
    x.push(first);
    y.push(second);
  }
  return { x, y };
}

/**
 * The trials by two or three metrics: the Pareto front, its knee, and the trials that others beat in every metric.
 *
 * @throws CurvewiseError `PLOT_INVALID` unless there are two or three goals; `GOALS_INVALID` for a metric that no trial
 *   reported, or that is named twice
 */
function renderPareto({ study, goals: named }: PlotInput): Figure {
  const goals = frontGoals(study, named);
  if (goals.length !== 2 && goals.length !== 3) {
    throw new CurvewiseError("PLOT_INVALID", `pareto needs two or three metrics, but got ${goals.length}`, {
      hint: "Name them, such as --minimize loss latency.",
    });
  }
  const { candidates } = frontCandidates(study, goals);
  if (candidates.length === 0) return { data: [], layout: {} };
  const front = frontAmong(candidates, goals);
  const members = new Set(front.map(({ trial }) => trial.number));
  const others = candidates.filter(({ trial }) => !members.has(trial.number));
  const drawn = evenlySpaced(others, MOST_DOMINATED);
  const knee = front.filter(({ isKnee }) => isKnee);
  const textOf = ({ trial, values }: FrontCandidate): string =>
    [
      trialText(trial),
      ...goals.map(
        ({ metric }, place) => `${plotText(metric)}: <b>${shortNumber(values[place] ?? Number.NaN)}</b>`,
      ),
    ].join("<br>");
  const column = (shown: readonly FrontCandidate[], place: number): number[] =>
    shown.map(({ values }) => values[place] ?? 0);
  const groups: readonly (readonly [string, readonly FrontCandidate[], MarkerStyle])[] = [
    [
      drawn.length < others.length ? `dominated (${drawn.length} of ${others.length})` : "dominated",
      drawn,
      { color: DOMINATED_COLOUR, size: 6, opacity: 0.55 },
    ],
    ["front", front.filter(({ isKnee }) => !isKnee), { color: FRONT_COLOUR, size: 9 }],
    ["knee", knee, { color: BEST_COLOUR, size: 13, symbol: "star" }],
  ];
  const axes = goals.map((goal, place) => axisOf(goal, column(candidates, place), goals.length > 2));
  const [xaxis, yaxis, zaxis] = axes;
  const shown = groups.filter(([, list]) => list.length > 0);
  if (xaxis !== undefined && yaxis !== undefined && zaxis !== undefined) {
    return {
      data: shown.map(([name, list, { symbol, size = 6, ...marker }]) => ({
        type: "scatter3d",
        name,
        mode: "markers",
        x: column(list, 0),
        y: column(list, 1),
        z: column(list, 2),
        text: list.map(textOf),
        hovertemplate: "%{text}<extra></extra>",
        marker: { ...marker, size: size * 0.6, ...(symbol === undefined ? {} : { symbol: "diamond" }) },
      })),
      layout: {
        scene: { xaxis, yaxis, zaxis, aspectmode: "cube", camera: { eye: { x: 1.7, y: 1.7, z: 0.9 } } },
        showlegend: true,
        margin: { l: 0, r: 0, t: 0, b: 0 },
      },
    };
  }
  const line: ScatterTrace = {
    type: "scatter",
    name: "front",
    mode: "lines",
    ...staircase(front),
    hoverinfo: "skip",
    line: { color: FRONT_COLOUR, width: 1.2 },
    showlegend: false,
  };
  return {
    data: [
      ...(front.length > 1 ? [line] : []),
      ...shown.map(
        ([name, list, marker]): ScatterTrace => ({
          type: "scatter",
          name,
          mode: "markers",
          x: column(list, 0),
          y: column(list, 1),
          text: list.map(textOf),
          hovertemplate: "%{text}<extra></extra>",
          marker,
          showlegend: true,
        }),
      ),
    ],
    layout: {
      ...(xaxis === undefined || yaxis === undefined ? {} : { xaxis, yaxis }),
      showlegend: true,
      hovermode: "closest",
    },
  };
}

export const pareto: PlotDefinition = {
  name: "pareto",
  title: "Pareto front",
  summary:
    "The trials that no other one beats in every metric. Red: the knee, where a gain in one metric costs most in the others.",
  takes: ["goals"],
  needs: "a trial with a finite value of every metric",
  render: renderPareto,
};
