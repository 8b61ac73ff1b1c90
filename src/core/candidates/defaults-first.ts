import type { Random } from "../../math/random.js";
import { drawBelieved, expectedOf } from "../draw/belief.js";
import { drawParams } from "../draw/draw-params.js";
import { isCurvewiseError } from "../errors.js";
import type { Param, Params, ParamValue } from "../param.js";
import { sameValue } from "../param-value.js";
import type { Sampler, SamplerSetup } from "../sampler.js";
import { defaultOf, type SearchSpace } from "../search-space.js";
import { createCandidatePool } from "./candidate-pool.js";
import { keyOf } from "./params-key.js";

/** What a user would try first: the default, or what the prior is about. */
const firstOf = (param: Param): ParamValue | undefined => {
  const value = defaultOf(param);
  return value === undefined ? expectedOf(param) : value;
};

const hasFirst = ({ params }: SearchSpace): boolean =>
  Object.values(params).some((param) => firstOf(param) !== undefined);

/**
 * The first of some params that have all defaults of the space, or values that priors are about; for samplers that have
 * all of their params in an order. Undefined if there are no defaults, or no params that have them.
 */
export function firstWithDefaults<Entry>(
  space: SearchSpace,
  entries: Iterable<Entry>,
  paramsOf: (entry: Entry) => Params | undefined,
): Entry | undefined {
  if (!hasFirst(space)) return undefined;
  for (const entry of entries) {
    const params = paramsOf(entry);
    if (params === undefined) continue;
    const fits = Object.entries(params).every(([name, value]) => {
      const param = space.params[name];
      const first = param === undefined ? undefined : firstOf(param);
      return first === undefined || sameValue(first, value);
    });
    if (fits) return entry;
  }
  return undefined;
}

/** The candidate most like the defaults of the space; undefined if it has none. */
export function candidateLikeDefaults(
  { space, seed }: Pick<SamplerSetup, "space" | "seed">,
  candidates: readonly Params[],
  random: Random,
): Params | undefined {
  if (!hasFirst(space)) return undefined;
  const wanted = defaultParams(space, random);
  return wanted && createCandidatePool(space, candidates, seed).nearest(wanted, () => false);
}

/**
 * The params that the first trial has by the defaults and priors of a space; a param with neither is drawn at random.
 * Undefined if no params with all of these values satisfy the constraints.
 */
export function defaultParams(space: SearchSpace, random: Random): Params | undefined {
  try {
    return drawParams(space, (param) => {
      const first = firstOf(param);
      return first === undefined ? drawBelieved(param, random, 0) : first;
    });
  } catch (error) {
    if (isCurvewiseError(error) && error.code === "SPACE_UNSATISFIABLE") return undefined;
    throw error;
  }
}

/**
 * Lets the first trial that a sampler is asked for have the defaults of the space, unless a trial has them already:
 * people mostly know params that are not bad, and a search that begins with them need not find them. A param without
 * a default has the value that its prior is about, or is drawn at random. Among candidates, the one most like the
 * defaults comes first. In a space without defaults and priors it is the sampler itself.
 *
 * @param name the sampler's, as in the study's events
 */
export function defaultsFirst(name: string, sampler: Sampler, setup: SamplerSetup): Sampler {
  const { space, candidates, seed } = setup;
  if (!hasFirst(space)) return sampler;
  const { transfer, size, plan } = sampler;
  return {
    ...(plan === undefined ? {} : { plan }),
    ...(transfer === undefined ? {} : { transfer }),
    ...(size === undefined ? {} : { size }),
    restore: (study) => sampler.restore?.(study),
    observe: (event, study) => sampler.observe?.(event, study),
    ask: (trial, random, study) => {
      const own = (): Params | undefined => sampler.ask(trial, random, study);
      // A sampler may be a part of the study's, whose name its trials then have.
      if ([name, study.definition.sampler.name].some((each) => study.askedBy.has(each))) return own();
      const tried = new Set(Object.values(study.trials).map(({ params }) => keyOf(params)));
      const isTried = (key: string): boolean => tried.has(key);
      const wanted = defaultParams(space, random);
      if (wanted === undefined) return own();
      if (candidates !== undefined)
        return createCandidatePool(space, candidates, seed).nearest(wanted, isTried);
      return isTried(keyOf(wanted)) ? own() : wanted;
    },
  };
}
