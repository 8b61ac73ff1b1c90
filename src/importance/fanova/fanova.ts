import type { Param, Params } from "../../core/param.js";
import { countValues, quantilesOf, type SearchSpace, valueAt } from "../../core/search-space.js";
import { evenlySpaced } from "../../math/evenly-spaced.js";
import { growForest } from "../forest.js";
import type { MeasuredTrial } from "../param-importance.js";
import { type MassBelow, treeVariance } from "./tree-variance.js";

const TREES = 32;
const LEAF_SIZE = 2;
/** The same trials always have the same importances. */
const SEED = 1;
/** From more trials than these, as many are taken, evenly spaced over the study. */
const MOST_TRIALS = 2000;
/** Pairs are looked for among the params that are most important by themselves. */
const MOST_PAIRED = 8;

/** How much of the variance a param explains by itself. */
export interface VarianceShare {
  readonly param: string;
  /** From 0 to 1; the shares of all params and their interactions add up to 1. */
  readonly share: number;
}

/** What two params explain together beyond what each does alone. */
export interface PairShare {
  readonly params: readonly [string, string];
  readonly share: number;
}

/** How the variance of the ends is divided among params. */
export interface FanovaResult {
  /** The most important first. */
  readonly params: readonly VarianceShare[];
  /** The most important first; empty unless asked for. */
  readonly pairs: readonly PairShare[];
  /** Params that exist only in some trials: they have no share. */
  readonly conditional: readonly string[];
  /** How many trials have a finite cost, and how many of them the trees were fitted to. */
  readonly trials: number;
  readonly fitted: number;
  /** How much of the variance of trials that a tree has not seen the trees explain; at most 1, and not above 0 if nothing. */
  readonly explained: number;
}

/** A param that every trial has and that can have several values. */
interface Feature {
  readonly name: string;
  readonly param: Param;
}

/** The middle of a value's share of [0, 1]. */
function placeOf({ name, param }: Feature, params: Params): number {
  const value = params[name];
  if (value === undefined) return 0.5;
  const [from, to] = quantilesOf(param, value);
  return (from + to) / 2;
}

/** The mass below a cut: of a param with single values, that of the values whose place is below it. */
function massOf(features: readonly Feature[]): MassBelow {
  return (feature, cut) => {
    const param = features[feature]?.param;
    if (param === undefined || !Number.isFinite(countValues(param))) return cut;
    const [from, to] = quantilesOf(param, valueAt(param, cut));
    return (from + to) / 2 <= cut ? to : from;
  };
}

/** The share of the targets' variance that predictions explain; rows without any prediction are left out. */
function explainedShare(targets: Float64Array, predicted: Float64Array): number {
  const known = [...targets.keys()].filter((row) => !Number.isNaN(predicted[row]));
  if (known.length === 0) return 0;
  const mean = known.reduce((sum, row) => sum + (targets[row] ?? 0), 0) / known.length;
  const spread = known.reduce((sum, row) => sum + ((targets[row] ?? 0) - mean) ** 2, 0);
  const missed = known.reduce((sum, row) => sum + ((targets[row] ?? 0) - (predicted[row] ?? 0)) ** 2, 0);
  return spread > 0 ? 1 - missed / spread : 0;
}

/**
 * How much of the variance of trials' ends, over the whole space, each param explains (functional ANOVA: Hutter, Hoos and
 * Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML 2014). Trees are fitted to the
 * trials, each to a bootstrap sample (here extremely randomised ones, see `growExtraTree`), and each tree's variance is
 * divided exactly; the shares are means over the trees.
 *
 * Every param counts with its own distribution, independent of all others: constraints are not taken into account. A
 * param that exists only in some trials has no share.
 *
 * @param trials trials without a finite cost are left out
 * @param withPairs whether to look for interactions, among the most important params
 */
export function fanova(
  space: Pick<SearchSpace, "params">,
  trials: readonly MeasuredTrial[],
  withPairs = false,
): FanovaResult {
  const varying = Object.entries(space.params).filter(([, param]) => countValues(param) > 1);
  const features = varying.flatMap(([name, param]): Feature[] =>
    param.when === undefined ? [{ name, param }] : [],
  );
  const measured = trials.filter(({ cost }) => Number.isFinite(cost));
  const used = evenlySpaced(measured, MOST_TRIALS);
  const rows = used.map(({ params }) => Float64Array.from(features, (feature) => placeOf(feature, params)));
  const targets = Float64Array.from(used, ({ cost }) => cost);
  const massBelow = massOf(features);
  const forest = growForest(rows, targets, { trees: TREES, leafSize: LEAF_SIZE, seed: SEED });
  const divided = forest.trees
    .map(({ nodes }) => treeVariance(nodes, features.length, massBelow))
    .filter(({ total }) => total > 0);
  const share = (of: (tree: (typeof divided)[number]) => number): number =>
    divided.reduce((sum, tree) => sum + of(tree) / tree.total, 0) / Math.max(1, divided.length);
  const params = features
    .map(({ name }, feature) => ({
      param: name,
      feature,
      share: share(({ single }) => single[feature] ?? 0),
    }))
    .toSorted((a, b) => b.share - a.share);
  const paired = withPairs ? params.slice(0, MOST_PAIRED) : [];
  const pairs = paired.flatMap((first, place) =>
    paired.slice(place + 1).map(
      (second): PairShare => ({
        params: [first.param, second.param],
        share: share(({ pair }) => pair(first.feature, second.feature)),
      }),
    ),
  );
  return {
    params: params.map(({ param, share: own }) => ({ param, share: own })),
    pairs: pairs.toSorted((a, b) => b.share - a.share),
    conditional: varying.flatMap(([name, { when }]) => (when === undefined ? [] : [name])),
    trials: measured.length,
    fitted: used.length,
    explained: explainedShare(targets, forest.unseen),
  };
}
