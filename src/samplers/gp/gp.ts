import { z } from "zod";
import { allParams } from "../../core/candidates/finite-space.js";
import { keyOf } from "../../core/candidates/params-key.js";
import { createPermutation } from "../../core/candidates/permutation.js";
import { createTriedKeys } from "../../core/candidates/tried-keys.js";
import { createUntriedParams } from "../../core/candidates/untried-params.js";
import { defineSampler } from "../../core/define.js";
import { paramsAt } from "../../core/draw/draw-params.js";
import { createDraws } from "../../core/draw/sample-params.js";
import type { Params } from "../../core/param.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";
import type { Outcome } from "../../forecast/outcomes.js";
import { createWeighedOutcomes } from "../../forecast/weighed-outcomes.js";
import type { Random } from "../../math/random.js";
import { followTrials } from "../evolution/follow-trials.js";
import { createNearDraws } from "../near-draws.js";
import { createBeliefTerm } from "./belief-term.js";
import { createEncoding } from "./encoding.js";
import { createLocalSearch, type Place } from "./local-search.js";
import { createModel, type Judgement, type Located } from "./model.js";

const options = z.strictObject({
  startup: z
    .int()
    .min(2)
    .max(100_000)
    .default(10)
    .describe("The number of trials before the model is used: the middle of the space, then random ones."),
  evaluations: z
    .int()
    .min(16)
    .max(100_000)
    .default(512)
    .describe("How many params the model judges before it improves the best of them."),
});

/** How many of the best params are improved, and how many others, drawn by how good they seem. */
const BEST_STARTS = 2;
const DRAWN_STARTS = 1;
/** Of how many candidates that are left the best is taken; they are in a random order. */
const MOST_CANDIDATES = 5000;
/** The name under which the sampler's trials are recorded. */
const NAME = "gp";

/** The params that are judged first, and those that can be improved on. */
interface Supply {
  readonly size?: number;
  note(trial: Trial): void;
  /** Any params that no trial has. */
  draw(random: Random): Params | undefined;
  isTried(params: Params): boolean;
  /** The params that are left, if they can be listed: at most `count` in a space. */
  rest(count: number): readonly Params[] | undefined;
}

function fromCandidates(candidates: readonly Params[], seed: number): Supply {
  const order = createPermutation(candidates.length, seed);
  const pool = candidates.map((_, place) => {
    const params = candidates[order.at(place)] ?? {};
    return { params, key: keyOf(params) };
  });
  const { note, has } = createTriedKeys();
  return {
    size: new Set(pool.map(({ key }) => key)).size,
    note,
    draw: () => pool.find(({ key }) => !has(key))?.params,
    isTried: (params) => has(keyOf(params)),
    rest: () => pool.flatMap(({ params, key }) => (has(key) ? [] : [params])).slice(0, MOST_CANDIDATES),
  };
}

function fromSpace(setup: SamplerSetup): Supply {
  const { note, isTried, draw } = createUntriedParams(setup);
  let all: readonly Params[] | undefined | "unknown" = "unknown";
  return {
    note,
    draw,
    isTried,
    rest: (count) => {
      if (all === "unknown") all = allParams(setup.space, count);
      return all?.filter((params) => !isTried(params));
    },
  };
}

/** Draws a place, the more likely the better it seems. */
function roulette(places: readonly Place[], random: Random): Place | undefined {
  const top = places.reduce((most, { value }) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const shares = places.map(({ value }) => Math.exp(value - top));
  let left = random.uniform() * shares.reduce((sum, share) => sum + share, 0);
  return places.find((_, place) => {
    left -= shares[place] ?? 0;
    return left < 0;
  });
}

function createGp(chosen: z.output<typeof options>, setup: SamplerSetup): Sampler {
  const { space, candidates, seed } = setup;
  const encoding = createEncoding(space);
  const outcomes = createWeighedOutcomes(setup);
  const supply = candidates === undefined ? fromSpace(setup) : fromCandidates(candidates, seed);
  const model = createModel(encoding);
  const beliefAt = createBeliefTerm(space);
  const rows: { readonly params: Params; readonly row: Float64Array }[] = [];

  const note = (trial: Trial): void => {
    supply.note(trial);
    outcomes.note(trial);
  };

  const located = (outcome: Outcome): Located => {
    const known = rows[outcome.trial];
    if (known?.params === outcome.params) return { outcome, row: known.row };
    const row = encoding.encode(outcome.params);
    rows[outcome.trial] = { params: outcome.params, row };
    return { outcome, row };
  };

  const middle = (): Params | undefined => {
    const params = candidates === undefined ? paramsAt(space, () => 0.5) : undefined;
    return params === undefined || supply.isTried(params) ? undefined : params;
  };

  const improved = ({ acquisition, best }: Judgement, trial: number, random: Random): Params | undefined => {
    const { evaluations } = chosen;
    const belief = beliefAt?.(trial);
    const judged = (all: readonly Params[]): Place[] => {
      const encoded = all.map(encoding.encode);
      const values = acquisition.values(encoded);
      const places = all.flatMap((params, place) => {
        const row = encoded[place];
        if (row === undefined) return [];
        const value = (values[place] ?? Number.NEGATIVE_INFINITY) + (belief?.of(params) ?? 0);
        return [{ params, row, value }];
      });
      // Of equals the first, as sorting keeps their order.
      return places.toSorted((a, b) => b.value - a.value);
    };
    const rest = supply.rest(evaluations);
    if (rest !== undefined) return judged(rest)[0]?.params;
    const draw = createDraws(space, random, trial);
    const drawNear = createNearDraws(space, random);
    const near = Array.from({ length: Math.floor(evaluations / 4) }, (_, place) => {
      const center = best[place % best.length];
      return center === undefined ? undefined : drawNear(center.outcome.params);
    }).filter((params) => params !== undefined);
    const everywhere = Array.from({ length: evaluations - near.length }, draw);
    const places = judged([...everywhere, ...near]);
    const starts = new Set<Place>();
    // To look up what was tried takes longer than to judge it.
    for (const place of places) {
      if (starts.size === BEST_STARTS) break;
      if (!supply.isTried(place.params)) starts.add(place);
    }
    for (let turn = 0; turn < DRAWN_STARTS; turn++) {
      const drawn = roulette(places, random);
      if (drawn !== undefined && !supply.isTried(drawn.params)) starts.add(drawn);
    }
    const climb = createLocalSearch(
      { space, encoding, isTried: supply.isTried, belief },
      acquisition,
      random,
    );
    const ends = [...starts].map(climb);
    return ends.toSorted((a, b) => b.value - a.value)[0]?.params;
  };

  const ask = (trial: number, random: Random, study: Study): Params | undefined => {
    if (trial < chosen.startup || encoding.size === 0) {
      return (study.askedBy.has(NAME) ? undefined : middle()) ?? supply.draw(random);
    }
    const judgement = model.judge(outcomes.all(random).map(located));
    const params = judgement === undefined ? undefined : improved(judgement, trial, random);
    return params ?? supply.draw(random);
  };

  return { ...followTrials(note), ask, ...(supply.size === undefined ? {} : { size: supply.size }) };
}

/**
 * Bayesian optimisation with a Gaussian process: Matern 5/2 with a length scale for each param, whose priors grow with
 * the number of params (see `unlikelinessOf`), a mean that is learnt, half-rank targets (see `targetsOf`) and warped
 * inputs. A trial that was paused or stopped counts with the forecast of its end, whose deviation is extra noise; where a
 * trial is in flight, what is expected there is taken as seen. The params with the largest logarithm of the expected
 * improvement are proposed; where params have priors, with what these add (see `createBeliefTerm`). With several goals,
 * each proposal goes by another weighting of them (see `createWeighedOutcomes`). Of more than 1,000 trials it learns from the 500 nearest to the best and from 250 others.
 *
 * Hyperparameters are fitted without regard to earlier fits, so that a study that is opened again goes on as it would
 * have.
 *
 * @example createStudy({ sampler: gp() })
 */
export const gp = defineSampler({
  name: NAME,
  summary:
    "Learns a smooth model of the goal from few trials; for expensive trainings with up to some hundred trials.",
  options,
  severalGoals: true,
  create: createGp,
});
