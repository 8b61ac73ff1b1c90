import { defaultsFirst } from "../core/candidates/defaults-first.js";
import { keyOf } from "../core/candidates/params-key.js";
import { createDraws } from "../core/draw/sample-params.js";
import { stagesOf } from "../core/lineage.js";
import type { Params } from "../core/param.js";
import type { Sampler, SamplerSetup } from "../core/sampler.js";
import { countValues, type SearchSpace } from "../core/search-space.js";
import type { Study } from "../core/study.js";
import { createRandom, PURPOSE, type Random } from "../math/random.js";

/** Of params with more combinations, draws hardly ever repeat any, so that none need be remembered. */
const MAX_COMBINATIONS = 100_000;
const DRAWS = 100;

/** Draws the params of a trial, if it can such as are not seen; what is seen depends on earlier trials alone. */
export type DrawUnseen = (trial: number, random: Random, isSeen: (params: Params) => boolean) => Params;

/** Random params; those that are seen are drawn again, up to {@link DRAWS} times. */
export function drawUnseen(space: SearchSpace): DrawUnseen {
  return (trial, random, isSeen) => {
    const draw = createDraws(space, random, trial);
    let params = draw();
    for (let drawn = 1; drawn < DRAWS && isSeen(params); drawn++) params = draw();
    return params;
  };
}

/** How many combinations there are of the params that are on. */
function combinationsLike({ params: space }: SearchSpace, params: Params): number {
  return Object.keys(params).reduce((product, name) => {
    const param = space[name];
    return param === undefined ? product : product * countValues(param);
  }, 1);
}

/**
 * A sampler that draws each trial by itself, in a space that is too large to be listed. Where conditions switch params
 * off, the others may have only few combinations, as `optimizer: none` without any number: it remembers those that trials
 * have, so that they are not drawn again. What it remembers follows from the seed and from the trials of others, so
 * its own complete trials may be forgotten. The first trial has the defaults, see {@link defaultsFirst}.
 *
 * @param name the sampler's, as in the study's events
 */
export function unrepeated(name: string, draw: DrawUnseen, setup: SamplerSetup): Sampler {
  const { space, seed } = setup;
  const seen = new Set<string>();
  const isFew = (params: Params): boolean => combinationsLike(space, params) <= MAX_COMBINATIONS;
  const isSeen = (params: Params): boolean => isFew(params) && seen.has(keyOf(params));
  const drawn = defaultsFirst(name, { ask: (trial, random) => draw(trial, random, isSeen) }, setup);
  if (Object.values(space.params).every(({ when }) => when === undefined)) return drawn;

  const note = (params: Params): void => {
    if (isFew(params)) seen.add(keyOf(params));
  };
  const restore = (study: Study): void => {
    const { trials, renewedAt } = study;
    let hasOwn = false;
    for (let number = 0; number < trials.length; number++) {
      const trial = trials[number];
      if (trial !== undefined) {
        hasOwn ||= trial.sampler === name;
        // A scheduler may have changed its params since.
        note(stagesOf(trial)[0]?.params ?? trial.params);
      } else if (number >= renewedAt) {
        // It was forgotten, so it is one of its own.
        const then: Study = hasOwn
          ? study
          : { ...study, trials: trials.slice(0, number), askedBy: new Map() };
        hasOwn = true;
        const params = drawn.ask(number, createRandom(seed, number, PURPOSE.params), then);
        if (params !== undefined) note(params);
      }
    }
  };
  return {
    ...drawn,
    restore,
    observe: (event) => {
      if (event.type === "trial-asked") note(event.params);
    },
  };
}
