import { createFeatureEncoder } from "../core/candidates/features.js";
import type { Metrics } from "../core/events.js";
import { costOf } from "../core/goal.js";
import type { Params } from "../core/param.js";
import { columnsOf, growExtraTree } from "../math/extra-trees.js";
import { createRandom } from "../math/random.js";
import type { CurveTable, TableCurve } from "./curve-table.js";
import { quantile } from "./quantile.js";

const TREES = 24;
const LEAF_SIZE = 2;
/** The surrogate of a table is the same for every study that is played on it. */
const SEED = 1;

/** A training as the surrogate thinks that it would go. */
export interface SurrogateTraining {
  /** The index in the table of the configuration that has the largest part in it. */
  readonly nearest: number;
  readonly curve: TableCurve;
}

/** The finite values of one metric at one step, and where each curve's value stands among them. */
interface StepValues {
  /** Ascending. */
  readonly sorted: Float64Array;
  /** By curve, from 0 to 1; of equal values their middle, NaN where there is none. */
  readonly standings: Float64Array;
}

function stepValues(values: readonly number[]): StepValues {
  const standings = new Float64Array(values.length).fill(Number.NaN);
  const order = [...values.keys()]
    .filter((index) => Number.isFinite(values[index]))
    .sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const sorted = Float64Array.from(order, (index) => values[index] ?? 0);
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && sorted[to] === sorted[from]) to += 1;
    const middle = (from + to - 1) / 2 / Math.max(1, order.length - 1);
    for (const index of order.slice(from, to)) standings[index] = middle;
  }
  return { sorted, standings };
}

/**
 * Answers for params that are not in a table with the curve that its configurations suggest. A forest learns how the
 * final values of the table rank (extremely randomised trees; surrogates of this kind: Eggensperger, Hutter, Hoos,
 * Leyton-Brown, "Efficient benchmarking of hyperparameter optimizers via surrogates", AAAI 2015). The configurations
 * that share leaves with the params make up the curve, each with its share of the leaves: at each step the mean of their
 * standings among all values of the table at that step, turned into a value again, so that diverged trainings do not
 * dominate. Its length, times and end are those of the one with the largest share.
 *
 * @returns params to the training that stands in for theirs; the same for the same table and params
 */
export function createCurveSurrogate(table: CurveTable): (params: Params) => SurrogateTraining {
  const { space, goal, candidates, curves } = table;
  const { encode } = createFeatureEncoder(space);
  const rows = candidates.map(encode);
  const finals = curves.map(({ reports }) => {
    const cost = costOf(reports.at(-1)?.[goal.metric] ?? Number.NaN, goal);
    return Number.isNaN(cost) ? Number.POSITIVE_INFINITY : cost;
  });
  const order = finals.map((_, index) => index).sort((a, b) => (finals[a] ?? 0) - (finals[b] ?? 0) || a - b);
  const ranks = new Float64Array(finals.length);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  const features = columnsOf(rows);
  const trees = Array.from({ length: TREES }, (_, number) => {
    const tree = growExtraTree(features, ranks, LEAF_SIZE, createRandom(SEED, number, 0));
    const members = new Map<number, number[]>();
    for (const [index, row] of rows.entries()) {
      const leaf = tree.leafOf(row);
      members.set(leaf, [...(members.get(leaf) ?? []), index]);
    }
    return { tree, members };
  });

  const reportsByStep = curves.map(
    ({ steps, reports }) => new Map(steps.map((step, index) => [step, reports[index] ?? {}])),
  );
  const known = new Map<string, StepValues>();
  const valuesAt = (step: number, metric: string): StepValues => {
    const key = `${step} ${metric}`;
    const values =
      known.get(key) ?? stepValues(reportsByStep.map((reports) => reports.get(step)?.[metric] ?? Number.NaN));
    known.set(key, values);
    return values;
  };

  const sharesOf = (params: Params): [index: number, share: number][] => {
    const row = encode(params);
    const shares = new Map<number, number>();
    for (const { tree, members } of trees) {
      const leaf = members.get(tree.leafOf(row)) ?? [];
      for (const index of leaf) shares.set(index, (shares.get(index) ?? 0) + 1 / leaf.length);
    }
    return [...shares].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  };

  return (params) => {
    const shares = sharesOf(params);
    const nearest = shares[0]?.[0] ?? 0;
    const leading = curves[nearest] ?? { steps: [], reports: [], seconds: [], end: "complete" as const };
    const valueAt = (step: number, metric: string, own: number): number => {
      if (!Number.isFinite(own)) return own;
      const { sorted, standings } = valuesAt(step, metric);
      let total = 0;
      let weight = 0;
      for (const [index, share] of shares) {
        const standing = standings[index] ?? Number.NaN;
        if (Number.isNaN(standing)) continue;
        total += share * standing;
        weight += share;
      }
      return quantile(sorted, total / weight);
    };
    const reports = leading.steps.map((step, place): Metrics => {
      const own = Object.entries(leading.reports[place] ?? {});
      return Object.fromEntries(own.map(([metric, value]) => [metric, valueAt(step, metric, value)]));
    });
    return { nearest, curve: { ...leading, reports } };
  };
}

/**
 * What regret is measured against where a surrogate answers: the best value and the median final value of its answers
 * for the table's own configurations. They are closer together than the table's, since the surrogate averages; params
 * between the configurations can be a little better than the best.
 */
export function surrogateRange(table: CurveTable): Pick<CurveTable, "best" | "medianFinal"> {
  const { goal, candidates } = table;
  const answer = createCurveSurrogate(table);
  const costs = candidates.map((params) =>
    answer(params).curve.reports.map((report) => costOf(report[goal.metric] ?? Number.NaN, goal)),
  );
  const usable = costs.map((curve) => curve.filter((cost) => !Number.isNaN(cost)));
  const finals = usable.map((curve) => curve.at(-1) ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const best = usable.reduce((least, curve) => Math.min(least, ...curve), Number.POSITIVE_INFINITY);
  const sign = goal.direction === "minimize" ? 1 : -1;
  return { best: sign * best, medianFinal: sign * quantile(finals, 0.5) };
}
