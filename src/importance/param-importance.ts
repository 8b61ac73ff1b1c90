import type { Param, Params } from "../core/param.js";
import { placeOfValue } from "../core/param-value.js";
import { countValues, type SearchSpace } from "../core/search-space.js";
import { type BestValues, bestValues } from "./best-values.js";
import { orderedDensity, unorderedDensity } from "./grid-density.js";

/** Grid points of a param with many values. */
const GRID = 50;
/** Added to densities, so that their ratio is finite. */
const LEAST_DENSITY = 1e-12;
/** Trials that have a param, or have it not, count only if there are as many. */
const LEAST_TRIALS = 2;

/** A trial whose end is known or forecast. */
export interface MeasuredTrial {
  readonly params: Params;
  /** Lower is better; trials with an infinite one are left out. */
  readonly cost: number;
}

/** What importance is measured for. */
export interface ImportanceOptions {
  /** The share of the best trials: what matters for being among them? In (0, 1); .1 unless given. */
  readonly share?: number;
  /** The share of the trials among which they are compared, above `share`; all of them unless given. */
  readonly among?: number;
}

/** How much a param matters. */
export interface ParamImportance {
  readonly param: string;
  /** Its share of the sum over all params; 0 if no param matters. */
  readonly importance: number;
  /** The divergence behind it, not below 0. */
  readonly divergence: number;
  /** Which values the best trials have; undefined if none of them has the param. */
  readonly best: BestValues | undefined;
}

/** How much params matter, and of which trials. */
export interface ImportanceResult {
  /** One for each param that can have several values, the most important first. */
  readonly params: readonly ParamImportance[];
  /** How many trials were compared, and how many of them are the best. */
  readonly trials: number;
  readonly bestTrials: number;
}

/** The grid of a param: how many points, and which point a value belongs to. */
interface ParamGrid {
  readonly size: number;
  readonly isOrdered: boolean;
  readonly placeOf: (value: Params[string]) => number;
}

function numberGrid(param: Extract<Param, { kind: "float" | "int" }>): ParamGrid {
  const values = countValues(param);
  // Logarithmic whole numbers are too few at their lower end for a fine grid.
  const most = param.kind === "int" && param.log ? Math.ceil(Math.log2(values)) + 1 : GRID;
  const size = Math.min(values, most, GRID);
  const scale = (value: number): number => (param.log ? Math.log(value) : value);
  const low = scale(param.low);
  const width = (scale(param.high) - low) / (size - 1);
  return {
    size,
    isOrdered: true,
    placeOf: (value) => {
      // A value in the middle between two points belongs to the lower one.
      const place = Math.ceil((scale(Number(value)) - low) / width - 0.5);
      return Math.min(size - 1, Math.max(0, place));
    },
  };
}

/** Undefined for a param that has a single value. */
function gridOf(param: Param): ParamGrid | undefined {
  if (countValues(param) < 2) return undefined;
  switch (param.kind) {
    case "fixed":
      return undefined;
    case "choice":
    case "ordinal":
      return {
        size: param.options.length,
        isOrdered: param.kind === "ordinal",
        placeOf: (value) => placeOfValue(param.options, value),
      };
    case "float":
    case "int":
      return numberGrid(param);
  }
}

/** The best share of trials sorted by cost, with all that equal the last of them. */
function bestShare(sorted: readonly MeasuredTrial[], share: number): readonly MeasuredTrial[] {
  const limit = sorted[Math.ceil(share * sorted.length) - 1]?.cost ?? Number.POSITIVE_INFINITY;
  return sorted.filter(({ cost }) => cost <= limit);
}

/** Pearson's divergence of the best trials' density from that of all, for a param that all of these have. */
function divergenceOf(
  grid: ParamGrid,
  best: readonly Params[string][],
  all: readonly Params[string][],
): number {
  const density = (values: readonly Params[string][]): Float64Array => {
    const counts = new Int32Array(grid.size);
    for (const value of values) {
      const place = grid.placeOf(value);
      if (place >= 0) counts[place] = (counts[place] ?? 0) + 1;
    }
    return grid.isOrdered ? orderedDensity(counts) : unorderedDensity(counts);
  };
  const ofBest = density(best);
  const ofAll = density(all);
  return ofAll.reduce((sum, each, place) => {
    const expected = each + LEAST_DENSITY;
    return sum + expected * (((ofBest[place] ?? 0) + LEAST_DENSITY) / expected - 1) ** 2;
  }, 0);
}

const valuesOfParam = (trials: readonly MeasuredTrial[], name: string): Params[string][] =>
  trials.flatMap(({ params }) => {
    const value = params[name];
    return value === undefined ? [] : [value];
  });

/**
 * How much each param matters for being among the best trials: how far the density of its values there differs from
 * that of all trials (Watanabe, Bansal and Hutter, "PED-ANOVA: efficiently quantifying hyperparameter importance in
 * arbitrary subspaces", IJCAI 2023). A conditional param counts by how much its values matter where it is on, weighted
 * by how much the best trials have it more often ("Conditional PED-ANOVA", KDD 2026). It takes time proportional to the
 * number of trials, once they are sorted.
 *
 * @param trials trials without a finite cost are left out; with fewer than two others, every importance is 0
 */
export function paramImportance(
  space: Pick<SearchSpace, "params">,
  trials: readonly MeasuredTrial[],
  { share = 0.1, among = 1 }: ImportanceOptions = {},
): ImportanceResult {
  const sorted = trials.filter(({ cost }) => Number.isFinite(cost)).toSorted((a, b) => a.cost - b.cost);
  const all = among >= 1 ? sorted : bestShare(sorted, among);
  const best = bestShare(sorted, share);
  const quantile = best.length / Math.max(1, all.length);
  const found = Object.entries(space.params).flatMap(([param, definition]) => {
    const grid = gridOf(definition);
    if (grid === undefined) return [];
    const [inBest, inAll] = [valuesOfParam(best, param), valuesOfParam(all, param)];
    const entry = { param, best: bestValues(definition, inBest) };
    if (sorted.length < 2 || inAll.length < LEAST_TRIALS || inBest.length === 0)
      return [{ ...entry, divergence: 0 }];
    const often = (inBest.length / best.length) ** 2 / (inAll.length / all.length);
    return [{ ...entry, divergence: quantile ** 2 * often * divergenceOf(grid, inBest, inAll) }];
  });
  const total = found.reduce((sum, { divergence }) => sum + divergence, 0);
  return {
    params: found
      .map((each) => ({ ...each, importance: total > 0 ? each.divergence / total : 0 }))
      .toSorted((a, b) => b.divergence - a.divergence),
    trials: all.length,
    bestTrials: best.length,
  };
}
