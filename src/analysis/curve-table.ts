import type { Metrics } from "../core/events.js";
import { costOf, type Goal } from "../core/goal.js";
import type { Params } from "../core/param.js";
import type { SearchSpace } from "../core/search-space.js";
import { deriveSpace } from "./derived-space.js";
import { quantile } from "./quantile.js";
import type { RecordedCurves } from "./recorded-curves.js";

/** A training that can be replayed: its reports, and how it ends. */
export interface TableCurve {
  /** The steps of its reports, strictly increasing from 1 or more. */
  readonly steps: readonly number[];
  /** What it reports at each step. */
  readonly reports: readonly Metrics[];
  /** How long it trains for each report, in seconds; simulated workers are busy for that time. */
  readonly seconds: readonly number[];
  /** How it ends after its last report. */
  readonly end: "complete" | "failed";
}

/** Configurations and the learning curves of their trainings. */
export interface CurveTable {
  readonly task: string;
  readonly goal: Goal;
  /** The step at which a training is complete. */
  readonly maxSteps: number;
  readonly space: SearchSpace;
  /**
   * The params of curve n are at index n; always the same array, so that samplers can cache what they derive from it.
   */
  readonly candidates: readonly Params[];
  readonly curves: readonly TableCurve[];
  /** The best value of any point of any curve. */
  readonly best: number;
  /** The median of the last values of all curves. */
  readonly medianFinal: number;
}

/** How far beyond usual values a diverged point is placed. */
const DIVERGED_FACTOR = 0.05;

/**
 * The cost at which curves are cut: 1.05 x the larger of the first step's 75th percentile and the median of all points,
 * over finite points. Negative costs (of a maximized metric) are raised by the same share of their size.
 */
function divergedCost(costs: readonly Float64Array[]): number {
  const finite = (values: Float64Array): Float64Array => values.filter(Number.isFinite).sort();
  const first = finite(Float64Array.from(costs, (curve) => curve[0] ?? Number.NaN));
  const length = costs[0]?.length ?? 0;
  const flat = new Float64Array(costs.length * length);
  for (const [index, curve] of costs.entries()) flat.set(curve, index * length);
  const usual = quantile(finite(flat), 0.5);
  const largest = first.length === 0 ? usual : Math.max(quantile(first, 0.75), usual);
  return largest + DIVERGED_FACTOR * Math.abs(largest);
}

/**
 * Prepares recorded curves for replay. The best report of a training counts, as it does in the regret. Diverged points (NaN, and anything worse than the cut) are cut at 1.05 x the
 * larger of the first step's 75th percentile and the overall median, so that a scheduler sees them as clearly bad, not
 * as missing.
 */
export function tableOfCurves(recorded: RecordedCurves): CurveTable {
  const { task, metric, direction, configurations } = recorded;
  const goal: Goal = { metric, direction, of: "best" };
  const sign = direction === "minimize" ? 1 : -1;
  const raw = recorded.curves.map((curve) => curve.map((value) => costOf(value, goal)));
  const cut = divergedCost(raw);
  const costs = raw.map((curve) => curve.map((cost) => Math.min(cost, cut)));
  const maxSteps = costs[0]?.length ?? 0;
  const steps = Array.from({ length: maxSteps }, (_, index) => index + 1);
  const seconds = steps.map(() => 1);
  const finals = Float64Array.from(costs, (curve) => curve.at(-1) ?? cut).sort();
  let best = Number.POSITIVE_INFINITY;
  for (const curve of costs) for (const cost of curve) best = Math.min(best, cost);
  return {
    task,
    goal,
    maxSteps,
    space: deriveSpace(configurations),
    candidates: configurations,
    curves: costs.map((curve) => ({
      steps,
      reports: Array.from(curve, (cost): Metrics => ({ [metric]: sign * cost })),
      seconds,
      end: "complete",
    })),
    best: sign * best,
    medianFinal: sign * quantile(finals, 0.5),
  };
}
