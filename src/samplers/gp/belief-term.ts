import { beliefOf, beliefShare, doubted } from "../../core/draw/belief.js";
import type { Params, ParamValue } from "../../core/param.js";
import { contains, quantilesOf, type SearchSpace } from "../../core/search-space.js";
import type { UnitDistribution } from "../../math/truncated-normal.js";

/** The exponent of the priors, divided by the number of trials: piBO's beta. */
const BETA = 10;
/** The distance over which slopes are taken, in quantiles. */
const STEP = 1e-6;

/** What priors add to the logarithm of how good params seem. */
export interface BeliefTerm {
  of(params: Params): number;
  /** The derivative by a float's quantile; 0 for params without a prior. */
  slopeOf(name: string, quantile: number): number;
}

/** The mean density over the quantiles of a value. */
function densityOf(belief: UnitDistribution, [from, to]: readonly [from: number, to: number]): number {
  return to > from ? (belief.below(to) - belief.below(from)) / (to - from) : belief.density(from);
}

/**
 * The logarithm of the priors' densities times beta / n, n being the number of trials so far: the acquisition function is
 * multiplied by the priors to that power, so that they count for less and less (Hvarfner et al., "piBO: augmenting
 * acquisition functions with user beliefs for Bayesian optimization", ICLR 2022, equation 6, with their beta of 10).
 * What a prior rules out keeps the chance that it has in the first draws (see `beliefShare`). A param that is off adds
 * nothing.
 *
 * @returns undefined in a space without priors
 */
export function createBeliefTerm(space: SearchSpace): ((trial: number) => BeliefTerm) | undefined {
  const beliefs = new Map(
    Object.entries(space.params).flatMap(([name, param]) => {
      const belief = beliefOf(param);
      return belief === undefined
        ? []
        : [[name, { param, belief: doubted(belief, beliefShare(0)) }] as const];
    }),
  );
  if (beliefs.size === 0) return undefined;
  const logOf = (name: string, value: ParamValue | undefined): number => {
    const known = beliefs.get(name);
    if (known === undefined || value === undefined || !contains(known.param, value)) return 0;
    return Math.log(densityOf(known.belief, quantilesOf(known.param, value)));
  };
  return (trial) => {
    const exponent = BETA / Math.max(1, trial);
    return {
      of: (params) =>
        exponent * [...beliefs.keys()].reduce((sum, name) => sum + logOf(name, params[name]), 0),
      slopeOf: (name, quantile) => {
        const belief = beliefs.get(name)?.belief;
        if (belief === undefined) return 0;
        const [low, high] = [Math.max(0, quantile - STEP), Math.min(1, quantile + STEP)];
        const rise = Math.log(belief.density(high)) - Math.log(belief.density(low));
        return (exponent * rise) / (high - low);
      },
    };
  };
}
