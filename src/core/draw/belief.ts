import type { Random } from "../../math/random.js";
import { truncatedNormal, type UnitDistribution } from "../../math/truncated-normal.js";
import type { Param, ParamValue } from "../param.js";
import { weightsOf } from "../prior.js";
import { countValues, quantilesOf, valueAt } from "../search-space.js";

/** How often a value is drawn from its prior at first. */
const FIRST_SHARE = 0.75;
/** After how many trials that has become half as often. */
const HALF_LIFE = 25;
const HALVINGS = 52;

/**
 * How often a param of a trial is drawn from its prior instead of from the whole range. This is the one rule by which
 * priors are doubted: each param by itself, since one wrong belief should not cost the right ones; never wholly believed,
 * so that a wrong one costs at most three of four draws; and forgotten as 1 / n like the priors of piBO (Hvarfner et al.,
 * "piBO: augmenting acquisition functions with user beliefs for Bayesian optimization", ICLR 2022), because trials tell
 * more than beliefs once there are many.
 *
 * @param trial the trial's number, from 0
 */
export const beliefShare = (trial: number): number => (FIRST_SHARE * HALF_LIFE) / (HALF_LIFE + trial);

/**
 * How often a search that moves on from where priors are high draws a trial as others do at first (see
 * {@link drawBelieved}), which is how it comes to look elsewhere.
 *
 * @param trial the trial's number, from 0
 */
export const doubtShare = (trial: number): number => ((1 - FIRST_SHARE) * HALF_LIFE) / (HALF_LIFE + trial);

/** A distribution over options that has each one's weight in its share of [0, 1]. */
function weighted(weights: readonly number[]): UnitDistribution {
  const count = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sums = weights.map(
    (_, place) => weights.slice(0, place).reduce((sum, each) => sum + each, 0) / total,
  );
  const at = (place: number): number => Math.min(count - 1, Math.max(0, Math.floor(place * count)));
  const massOf = (option: number): number => (weights[option] ?? 0) / total;
  return {
    below: (place) => {
      const option = at(place);
      return (sums[option] ?? 0) + massOf(option) * (place * count - option);
    },
    density: (place) => massOf(at(place)) * count,
    at: (share) => {
      const option = Math.max(
        0,
        sums.findLastIndex((sum, place) => sum <= share && massOf(place) > 0),
      );
      const within = massOf(option) > 0 ? (share - (sums[option] ?? 0)) / massOf(option) : 0;
      return Math.min(1 - Number.EPSILON / 2, (option + Math.min(0.999_999, Math.max(0, within))) / count);
    },
  };
}

type NumberParam = Extract<Param, { readonly kind: "float" | "int" }>;

/** The line on which a number's quantiles are equally far apart, from 0 to 1: a place on it may lie between values. */
function lineOf(param: NumberParam): { readonly place: (value: number) => number; readonly width: number } {
  const onLine = param.log ? Math.log : (value: number): number => value;
  const half = param.step === undefined ? 0 : param.step / 2;
  const last = param.step === undefined ? param.high : param.low + (countValues(param) - 1) * param.step;
  const low = onLine(param.low - half);
  const width = onLine(last + half) - low;
  return { place: (value) => (onLine(value) - low) / width, width };
}

/** What the prior of a param says about its quantiles (see `valueAt`); undefined without one. */
export function beliefOf(param: Param): UnitDistribution | undefined {
  if (param.kind === "fixed" || param.prior === undefined || countValues(param) === 1) return undefined;
  if (param.kind === "choice" || param.kind === "ordinal")
    return weighted(weightsOf(param.options, param.prior.weights));
  const { place, width } = lineOf(param);
  const { around, factor, within = 1 } = param.prior;
  const deviation = (factor === undefined ? within : Math.log(factor)) / width;
  return truncatedNormal(Math.min(1, Math.max(0, place(around))), deviation);
}

/** A belief that holds in a share of the cases; in all others, every quantile is as likely as any. */
export function doubted(belief: UnitDistribution, share: number): UnitDistribution {
  const below = (place: number): number => share * belief.below(place) + (1 - share) * place;
  return {
    below,
    density: (place) => share * belief.density(place) + 1 - share,
    at: (wanted) => {
      let low = 0;
      let high = 1;
      for (let turn = 0; turn < HALVINGS; turn++) {
        const middle = (low + high) / 2;
        if (below(middle) <= wanted) low = middle;
        else high = middle;
      }
      return low;
    },
  };
}

/** A value of a param from its doubted prior, or from its own (log-)uniform distribution if it has none. */
export function drawBelieved(param: Param, random: Random, trial: number): ParamValue {
  if (param.kind === "fixed") return param.value;
  const uniform = random.uniform();
  const belief = beliefOf(param);
  if (belief === undefined) return valueAt(param, uniform);
  const share = beliefShare(trial);
  return valueAt(param, uniform < share ? belief.at(uniform / share) : (uniform - share) / (1 - share));
}

/** The value that a prior is about: the one nearest to `around`, or the one of the largest weight. */
export function expectedOf(param: Param): ParamValue | undefined {
  if (param.kind === "fixed" || param.prior === undefined) return undefined;
  if (param.kind === "choice" || param.kind === "ordinal") {
    const weights = weightsOf(param.options, param.prior.weights);
    const most = Math.max(...weights);
    const places = weights.flatMap((weight, place) => (weight === most ? [place] : []));
    const [only] = places;
    return places.length === 1 && only !== undefined ? param.options[only] : undefined;
  }
  const { around } = param.prior;
  if (param.step === undefined) return around;
  const { low, step } = param;
  const count = countValues(param);
  const index = Math.min(count - 1, Math.max(0, Math.round((around - low) / step)));
  // A logarithmic int has steps of 1, but other quantiles.
  return param.kind === "int" ? low + index * step : valueAt(param, (index + 0.5) / count);
}

/** The probability of a value with a doubted prior, relative to others of the param. */
export function believedMass(param: Param, value: ParamValue, trial: number): number {
  const [from, to] = quantilesOf(param, value);
  const belief = beliefOf(param);
  if (belief === undefined) return to - from;
  const { below } = doubted(belief, beliefShare(trial));
  return below(to) - below(from);
}
