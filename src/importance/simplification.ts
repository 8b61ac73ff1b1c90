import { createFeatureEncoder } from "../core/candidates/features.js";
import type { Param, Params, ParamValue } from "../core/param.js";
import { contains, countValues, defaultOf, quantilesOf, type SearchSpace } from "../core/search-space.js";
import { evenlySpaced } from "../math/evenly-spaced.js";
import { createRandom } from "../math/random.js";
import { bestValues } from "./best-values.js";
import { growForest } from "./forest.js";
import { type MeasuredTrial, paramImportance } from "./param-importance.js";

const TREES = 16;
const LEAF_SIZE = 3;
/** The same trials always give the same answer. */
const SEED = 1;
/** From more trials than these, as many are taken, evenly spaced over the study. */
const MOST_TRIALS = 800;
/** The share of the trials that counts as the best. */
const BEST_SHARE = 0.1;
const LEAST_BEST = 5;
/** The share of the trials whose other params are good enough to say what a param does there. */
const GOOD_SHARE = 0.5;
/** Values of a number within this share of its range, to either side, count as near. */
const NEAR = 0.15;
/** With fewer trials near a value, nothing is said of it. */
const LEAST_NEAR = 5;
const RESAMPLES = 500;
/** The two ends of an interval that holds 95 of 100 resamples. */
const ENDS = [0.025, 0.975] as const;
/** The loss that counts as none unless given, as a share of the distance from the best end to the median one. */
const TOLERATED = 0.1;

/** A cost that something adds: lower is better, and 0 adds nothing. */
export interface LossEstimate {
  readonly expected: number;
  /** The ends of its interval at 95 %. */
  readonly low: number;
  readonly high: number;
}

/**
 * Whether a param could be fixed: `fix`: at no more than the tolerated loss, together with all others that are to be
 * fixed; `keep`: at a greater loss; `unclear`: the trials do not tell.
 */
export type FixingVerdict = "fix" | "keep" | "unclear";

/** What fixing one param would cost. */
export interface FixableParam {
  readonly param: string;
  /** By PED-ANOVA, see `paramImportance`. */
  readonly importance: number;
  /** The value that it would be fixed to. */
  readonly value: ParamValue;
  /**
   * Whether that is the param's default; otherwise it is typical of the best trials, and the loss is that of a value at
   * random: the best value of a param costs nothing, however much the param matters.
   */
  readonly isDefault: boolean;
  /** How many trials near that value, of those whose other params are good, the estimate is based on. */
  readonly near: number;
  /** Undefined if too few are near that value. */
  readonly loss: LossEstimate | undefined;
  readonly verdict: FixingVerdict;
}

/** Which params could be fixed. */
export interface Simplification {
  /** The least important first. */
  readonly params: readonly FixableParam[];
  /** What fixing all params with the verdict `fix` would cost together. */
  readonly together: LossEstimate;
  /** The loss that counts as none. */
  readonly tolerance: number;
  /** How many trials have a finite cost. */
  readonly trials: number;
}

/** Settings of {@link simplification}. */
export interface SimplificationOptions {
  /** The loss that counts as none, in units of cost; a tenth of the distance from the best to the median unless given. */
  readonly tolerance?: number;
}

/** The value at a share of a sorted list. */
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))] ?? 0;

const ascending = (values: Iterable<number>): number[] => [...values].toSorted((a, b) => a - b);

/** A rounder number that means the same, if the param can have it. */
function rounded(param: Param, value: ParamValue): ParamValue {
  if (typeof value !== "number") return value;
  const short = Number(value.toPrecision(2));
  return contains(param, short) ? short : value;
}

/** What a param would be fixed to: its default, or what is typical of the best trials; undefined if none of them has it. */
function targetOf(param: Param, best: readonly Params[], name: string) {
  const ofParam = defaultOf(param);
  if (ofParam !== undefined) return { value: ofParam, isDefault: true };
  const values = best.flatMap((params) => {
    const value = params[name];
    return value === undefined ? [] : [value];
  });
  const found = bestValues(param, values);
  if (found === undefined) return undefined;
  if (found.kind === "value") return { value: found.value, isDefault: false };
  return { value: rounded(param, at(ascending(values.map(Number)), 0.5)), isDefault: false };
}

/** The middle of a value's share of [0, 1]. */
function placeOf(param: Param, value: ParamValue): number {
  const [from, to] = quantilesOf(param, value);
  return (from + to) / 2;
}

/** How far apart values may be to count as alike: near for numbers, equal for all others and for numbers with few values. */
function reachOf(param: Param): number {
  const isNumber = param.kind === "float" || param.kind === "int";
  // Less than the distance between any two of few values, even on a logarithmic axis.
  return isNumber && countValues(param) > 1 / NEAR ? NEAR : 0.25 / countValues(param);
}

/** A trial that has the param: how much worse it ended than its other params let expect. */
interface Witness {
  readonly surprise: number;
  /** Whether it is near the value that the param would have. */
  readonly isNear: boolean;
  /** How much it says of the values that the best trials have. */
  readonly weight: number;
}

/** The mean surprise near the value, less that near the values of the best trials; NaN without trials on either side. */
function lossOf(witnesses: readonly Witness[], counts: Int32Array): number {
  let [near, nearSum, best, bestSum] = [0, 0, 0, 0];
  for (const [place, { surprise, isNear, weight }] of witnesses.entries()) {
    const count = counts[place] ?? 0;
    if (isNear) {
      near += count;
      nearSum += count * surprise;
    }
    best += count * weight;
    bestSum += count * weight * surprise;
  }
  return nearSum / near - bestSum / best;
}

function estimate(expected: number, resampled: Float64Array): LossEstimate {
  const sorted = ascending(resampled.filter(Number.isFinite));
  return { expected, low: at(sorted, ENDS[0]), high: at(sorted, ENDS[1]) };
}

/** What is known of fixing one param, before that of the others is considered. */
interface Judged extends Omit<FixableParam, "verdict"> {
  /** The loss in each resample. */
  readonly resampled: Float64Array;
}

/**
 * The trials that bear witness on a param: those that have it, and whose other params are good.
 *
 * @param value undefined: all of them count as near
 */
function witnessesOf(
  space: SearchSpace,
  name: string,
  value: ParamValue | undefined,
  trials: readonly MeasuredTrial[],
  best: readonly MeasuredTrial[],
): Witness[] {
  const param = space.params[name];
  if (param === undefined) return [];
  const having = trials.flatMap((trial) => {
    const own = trial.params[name];
    return own === undefined ? [] : [{ trial, place: placeOf(param, own) }];
  });
  const { [name]: _, ...others } = space.params;
  const encoder = createFeatureEncoder({
    ...space,
    params: others,
    order: space.order.filter((each) => each !== name),
  });
  const rows = having.map(({ trial }) => encoder.encode(trial.params));
  const costs = Float64Array.from(having, ({ trial }) => trial.cost);
  const { unseen } = growForest(rows, costs, { trees: TREES, leafSize: LEAF_SIZE, seed: SEED });
  const limit = at(ascending(unseen.filter(Number.isFinite)), GOOD_SHARE);
  const good = having.flatMap((each, place) => {
    const expected = unseen[place] ?? Number.NaN;
    return expected <= limit ? [{ ...each, surprise: each.trial.cost - expected }] : [];
  });
  const reach = reachOf(param);
  const weights = new Float64Array(good.length);
  const centres = new Set(best);
  for (const { trial: centre, place } of having.filter(({ trial }) => centres.has(trial))) {
    // Without the trial itself: that it is among the best may be luck.
    const around = [...good.entries()].filter(
      ([, each]) => each.trial !== centre && Math.abs(each.place - place) <= reach,
    );
    for (const [index] of around) weights[index] = (weights[index] ?? 0) + 1 / around.length;
  }
  const target = value === undefined ? undefined : placeOf(param, value);
  return good.map(({ place, surprise }, index) => ({
    surprise,
    isNear: target === undefined || Math.abs(place - target) <= reach,
    weight: weights[index] ?? 0,
  }));
}

function judge(witnesses: readonly Witness[], seed: number) {
  const near = witnesses.filter(({ isNear }) => isNear).length;
  const once = new Int32Array(witnesses.length).fill(1);
  const resampled = Float64Array.from({ length: RESAMPLES }, (_, resample) => {
    const random = createRandom(SEED, resample, seed);
    const counts = new Int32Array(witnesses.length);
    for (let draw = 0; draw < witnesses.length; draw++) {
      const place = random.integer(0, witnesses.length - 1);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    return lossOf(witnesses, counts);
  });
  const expected = lossOf(witnesses, once);
  const isKnown = near >= LEAST_NEAR && Number.isFinite(expected);
  return { near, resampled, loss: isKnown ? estimate(expected, resampled) : undefined };
}

/** Ends beyond Tukey's fence count as at it ("Exploratory data analysis", 1977), so that no single one decides. */
function fenced(trials: readonly MeasuredTrial[]): readonly MeasuredTrial[] {
  const costs = ascending(trials.map(({ cost }) => cost));
  const [first, third] = [at(costs, 0.25), at(costs, 0.75)];
  const fence = third + 1.5 * (third - first);
  return trials.map((trial) => ({ ...trial, cost: Math.min(trial.cost, fence) }));
}

/**
 * Which params could be fixed at no loss, by the trials seen so far. For each param, a forest learns how trials end from
 * all other params. Of the half of the trials whose other params are the better ones by it (each judged by trees that
 * have not seen it), those near the value in question are compared with those near the values of the best tenth: how much
 * worse did they end than their other params let expect? For a param without a default, all of that half are compared
 * with those near the values of the best, since it can be fixed only if its value does not matter. The difference is the loss; its interval is that of a bootstrap
 * over these trials (Efron, "Bootstrap methods", 1979). Params are fixed in the order of increasing importance, as long
 * as the loss of all of them together is below the tolerance with the upper end of its interval.
 *
 * @param trials trials without a finite cost are left out
 */
export function simplification(
  space: SearchSpace,
  trials: readonly MeasuredTrial[],
  options: SimplificationOptions = {},
): Simplification {
  const finite = trials.filter(({ cost }) => Number.isFinite(cost));
  const used = fenced(evenlySpaced(finite, MOST_TRIALS));
  const sorted = used.toSorted((a, b) => a.cost - b.cost);
  const best = sorted.slice(0, Math.max(LEAST_BEST, Math.ceil(BEST_SHARE * sorted.length)));
  const costs = sorted.map(({ cost }) => cost);
  const tolerance = options.tolerance ?? TOLERATED * (at(costs, 0.5) - (costs[0] ?? 0));
  const judged = paramImportance(space, used)
    .params.toReversed()
    .flatMap(({ param: name, importance }, seed): Judged[] => {
      const param = space.params[name];
      const target =
        param === undefined
          ? undefined
          : targetOf(
              param,
              best.map(({ params }) => params),
              name,
            );
      if (target === undefined) return [];
      const witnesses = witnessesOf(space, name, target.isDefault ? target.value : undefined, used, best);
      return [{ param: name, importance, ...target, ...judge(witnesses, seed) }];
    });
  let together = new Float64Array(RESAMPLES);
  let expected = 0;
  const params = judged.map(({ resampled, ...each }): FixableParam => {
    if (each.loss === undefined) return { ...each, verdict: "unclear" };
    // What seems to be a gain is luck, or a reason to fix the param; it makes up for no other param's loss.
    const sum = together.map((total, place) => total + Math.max(0, resampled[place] ?? 0));
    if (estimate(0, sum).high <= tolerance) {
      together = sum;
      expected += Math.max(0, each.loss.expected);
      return { ...each, verdict: "fix" };
    }
    return { ...each, verdict: each.loss.expected > tolerance && each.loss.low > 0 ? "keep" : "unclear" };
  });
  return { params, together: estimate(expected, together), tolerance, trials: finite.length };
}
