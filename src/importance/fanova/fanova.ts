import type { Param, Params } from "../../core/param.js";
import { countValues, quantilesOf, type SearchSpace, valueAt } from "../../core/search-space.js";
import { columnsOf, type FeatureColumns, growExtraTree } from "../../math/extra-trees.js";
import { createRandom, type Random } from "../../math/random.js";
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

function everySo<Entry>(entries: readonly Entry[], most: number): readonly Entry[] {
  if (entries.length <= most) return entries;
  return Array.from({ length: most }, (_, place) => Math.floor((place * entries.length) / most)).flatMap(
    (place) => entries.slice(place, place + 1),
  );
}

/** As many draws with repetition as there are rows, and which rows were not drawn. */
function bootstrap(
  rows: number,
  random: Random,
): { readonly drawn: Int32Array; readonly left: readonly number[] } {
  const drawn = Int32Array.from({ length: rows }, () => random.integer(0, rows - 1));
  const seen = new Set(drawn);
  return { drawn, left: Array.from({ length: rows }, (_, row) => row).filter((row) => !seen.has(row)) };
}

const picked = (column: Float64Array, places: Int32Array): Float64Array =>
  Float64Array.from(places, (place) => column[place] ?? 0);

/** The share of the targets' variance that predictions explain; rows without any prediction are left out. */
function explainedShare(targets: Float64Array, sums: Float64Array, counts: Int32Array): number {
  const known = [...targets.keys()].filter((row) => (counts[row] ?? 0) > 0);
  if (known.length === 0) return 0;
  const mean = known.reduce((sum, row) => sum + (targets[row] ?? 0), 0) / known.length;
  const spread = known.reduce((sum, row) => sum + ((targets[row] ?? 0) - mean) ** 2, 0);
  const missed = known.reduce(
    (sum, row) => sum + ((targets[row] ?? 0) - (sums[row] ?? 0) / (counts[row] ?? 1)) ** 2,
    0,
  );
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
  const used = everySo(measured, MOST_TRIALS);
  const rows = used.map(({ params }) => Float64Array.from(features, (feature) => placeOf(feature, params)));
  const targets = Float64Array.from(used, ({ cost }) => cost);
  const samples = columnsOf(rows);
  const massBelow = massOf(features);
  const [sums, counts] = [new Float64Array(used.length), new Int32Array(used.length)];
  const divided = Array.from({ length: TREES }, (_, number) => {
    const random = createRandom(SEED, number, 0);
    const { drawn, left } = bootstrap(used.length, random);
    const sample: FeatureColumns = {
      count: used.length,
      columns: samples.columns.map((column) => picked(column, drawn)),
    };
    const tree = growExtraTree(sample, picked(targets, drawn), LEAF_SIZE, random);
    for (const row of left) {
      sums[row] = (sums[row] ?? 0) + tree.predict(rows[row] ?? new Float64Array(0));
      counts[row] = (counts[row] ?? 0) + 1;
    }
    return treeVariance(tree.nodes, features.length, massBelow);
  }).filter(({ total }) => total > 0);
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
    explained: explainedShare(targets, sums, counts),
  };
}
