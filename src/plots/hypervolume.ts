import { CurvewiseError } from "../core/errors.js";
import type { MetricGoal } from "../core/goal.js";
import { type FrontCandidate, frontBounds, frontCandidates, frontGoals } from "../core/goals/front.js";
import { dominates } from "../math/pareto/domination.js";
import { hypervolume as volumeOf } from "../math/pareto/hypervolume.js";
import { BEST_COLOUR } from "./fate.js";
import type { Figure } from "./figure.js";
import type { PlotDefinition, PlotInput } from "./plot-definition.js";
import { plotText, shortNumber, trialText } from "./trial-text.js";

/** What the trials so far have reached. */
interface Reached {
  /** How many trials were compared by then. */
  readonly trials: number;
  /** From 0 to 1. */
  readonly volume: number;
  readonly by: FrontCandidate;
}

/** The improvements, in the order of the trials' numbers; most trials change nothing, and cost next to nothing. */
function improvements(candidates: readonly FrontCandidate[], goals: readonly MetricGoal[]): Reached[] {
  const { ideal, reference } = frontBounds(candidates, goals);
  const box = reference.reduce((product, worst, goal) => product * (worst - (ideal[goal] ?? 0)), 1);
  const reached: Reached[] = [];
  let front: (readonly number[])[] = [];
  for (const [place, by] of candidates.entries()) {
    const { costs } = by;
    const isCovered = front.some(
      (other) => dominates(other, costs) || other.every((cost, goal) => cost === costs[goal]),
    );
    if (isCovered) continue;
    front = [...front.filter((other) => !dominates(costs, other)), costs];
    reached.push({ trials: place + 1, volume: volumeOf(front, reference) / box, by });
  }
  return reached;
}

/**
 * How much of the box between the best values and a reference the front of the first trials covers, against their
 * number. The reference is that of each goal or, by default, a tenth of the values' range beyond the worst ones. A line
 * that has become flat says that further trials found no better trade-offs.
 *
 * @throws CurvewiseError `PLOT_INVALID` for fewer than two goals; `GOALS_INVALID` for a metric that no trial reported,
 *   or that is named twice
 */
function renderHypervolume({ study, goals: named }: PlotInput): Figure {
  const goals = frontGoals(study, named);
  if (goals.length < 2) {
    throw new CurvewiseError(
      "PLOT_INVALID",
      `hypervolume needs two or more metrics, but got ${goals.length}`,
      {
        hint: "Name them, such as --minimize loss latency.",
      },
    );
  }
  const { candidates } = frontCandidates(study, goals);
  const reached = improvements(candidates, goals);
  const last = reached.at(-1);
  if (last === undefined) return { data: [], layout: {} };
  const points =
    last.trials < candidates.length ? [...reached, { ...last, trials: candidates.length }] : reached;
  const names = goals.map(({ metric }) => plotText(metric)).join(", ");
  return {
    data: [
      {
        type: "scatter",
        name: "hypervolume",
        mode: "lines",
        x: points.map(({ trials }) => trials),
        y: points.map(({ volume }) => volume),
        text: points.map(
          ({ by, volume }) => `${trialText(by.trial)}<br>hypervolume: <b>${shortNumber(volume)}</b>`,
        ),
        hovertemplate: "%{text}<br>after %{x} trials<extra></extra>",
        line: { color: BEST_COLOUR, width: 2.5, shape: "hv" },
        showlegend: false,
      },
    ],
    layout: {
      xaxis: { title: { text: "trials compared" }, type: "linear", rangemode: "tozero" },
      yaxis: { title: { text: `hypervolume of ${names}` }, type: "linear", range: [0, 1.02] },
      showlegend: false,
      hovermode: "closest",
    },
  };
}

export const hypervolume: PlotDefinition = {
  name: "hypervolume",
  title: "Hypervolume",
  summary: "How much of what could be reached in several metrics at once the first trials reached.",
  takes: ["goals"],
  needs: "a trial with a finite value of every metric",
  render: renderHypervolume,
};
