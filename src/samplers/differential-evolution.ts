import { z } from "zod";
import { defineSampler } from "../core/define.js";
import type { Param, Params, ParamValue } from "../core/param.js";
import { sameValue } from "../core/param-value.js";
import type { Sampler, SamplerSetup } from "../core/sampler.js";
import { contains, countValues, quantilesOf, valueAt } from "../core/search-space.js";
import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import type { Random } from "../math/random.js";
import { followTrials } from "./evolution/follow-trials.js";
import { createOffspring, drawFreely } from "./evolution/offspring.js";
import { compareStandings, type Standing, standingOf } from "./evolution/standing.js";

const options = z.strictObject({
  population: z
    .int()
    .min(4)
    .max(100_000)
    .default(15)
    .describe("The number of members, and of trials drawn at random before evolution begins."),
  strategy: z
    .enum(["best1bin", "rand1bin"])
    .default("best1bin")
    .describe(
      "Mutants start from the best member, which is faster, or from any member, which is less likely to get stuck.",
    ),
  mutation: z
    .number()
    .positive()
    .max(2)
    .default(0.5)
    .describe("The factor applied to the difference of two members before it is added to a third (F)."),
  crossover: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("The probability that a param comes from the mutant rather than the member (CR)."),
});

/** The cost of a trial that diverged or failed. */
const WORST = Number.POSITIVE_INFINITY;

/** The largest double below 1, the end of the quantiles. */
const BELOW_ONE = 1 - 2 ** -53;

/** The three members that a mutant is made from. */
interface Parents {
  readonly base: Params;
  readonly plus: Params;
  readonly minus: Params;
}

/**
 * Where a value lies in [0, 1]: a discrete value covers a whole share of it, and a param that is off may be anywhere.
 */
function placeOf(param: Param, value: ParamValue | undefined, random: Random): number {
  if (value === undefined || !contains(param, value)) return random.uniform();
  const [from, to] = quantilesOf(param, value);
  return from + random.uniform() * (to - from);
}

function mutantValue(
  param: Param,
  name: string,
  parents: Parents,
  factor: number,
  random: Random,
): ParamValue {
  if (param.kind === "fixed") return param.value;
  const { base, plus, minus } = parents;
  const start = placeOf(param, base[name], random);
  const difference = placeOf(param, plus[name], random) - placeOf(param, minus[name], random);
  const place = start + factor * difference;
  const isOutside = place < 0 || place > 1;
  const value = valueAt(param, isOutside ? random.uniform() : Math.min(place, BELOW_ONE));
  // The values of a choice have no order: leaving one may lead to any other.
  if (param.kind !== "choice" || sameValue(value, base[name])) return value;
  return valueAt(param, random.uniform());
}

/** Draws `count` different items. */
function drawDistinct<T>(from: readonly T[], count: number, random: Random): T[] {
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(random.integer(0, left.length - 1), 1)).flat();
}

function createDifferentialEvolution(chosen: z.output<typeof options>, setup: SamplerSetup): Sampler {
  const { space, goal } = setup;
  const { population, strategy, mutation, crossover } = chosen;
  const offspring = createOffspring(setup);
  const variable = Object.entries(space.params).flatMap(([name, param]) =>
    countValues(param) > 1 ? [name] : [],
  );
  /** By slot: the best of the trials that competed for it. */
  const members: (Standing | undefined)[] = Array.from({ length: population }, () => undefined);

  const isBetter = (standing: Standing, than: Standing | undefined): boolean =>
    than === undefined || compareStandings(standing, than) < 0;

  const bestOf = (slot: number, study: Study): Standing | undefined => {
    let best: Standing | undefined;
    for (let number = slot; number < study.trials.length; number += population) {
      const trial = study.trials[number];
      const standing = trial === undefined ? undefined : standingOf(trial, goal);
      if (standing !== undefined && isBetter(standing, best)) best = standing;
    }
    return best;
  };

  const note = (trial: Trial, study: Study): void => {
    offspring.note(trial);
    const slot = trial.number % population;
    const standing = standingOf(trial, goal);
    if (members[slot]?.trial === trial.number) members[slot] = bestOf(slot, study);
    else if (standing !== undefined && isBetter(standing, members[slot])) members[slot] = standing;
  };

  const ask = (trial: number, random: Random, study: Study): Params | undefined => {
    const paramsOf = (member: Standing | undefined): Params =>
      study.trials[member?.trial ?? -1]?.params ?? {};
    const member = members[trial % population];
    const fit = members.flatMap((each) => (each === undefined || each.cost === WORST ? [] : [each]));
    const others = fit.filter((each) => each !== member);
    if (trial < population || member === undefined || others.length === fit.length || others.length < 3) {
      return offspring.draw(random);
    }
    const target = paramsOf(member);
    const best = fit.reduce((first, each) => (isBetter(each, first) ? each : first), member);
    const bases = strategy === "best1bin" ? [best] : others;

    const bred = (): Params => {
      const [base] = drawDistinct(bases, 1, random);
      const [plus, minus] = drawDistinct(
        others.filter((each) => each !== base),
        2,
        random,
      );
      const parents = { base: paramsOf(base), plus: paramsOf(plus), minus: paramsOf(minus) };
      const certain = variable[random.integer(0, Math.max(0, variable.length - 1))];
      return drawFreely(space, (param, name) => {
        const own = target[name];
        const isMutant = random.uniform() < crossover || name === certain;
        if (!isMutant && own !== undefined && contains(param, own)) return own;
        return mutantValue(param, name, parents, mutation, random);
      });
    };
    return offspring.breed(bred, random);
  };

  return {
    ...(offspring.size === undefined ? {} : { size: offspring.size }),
    ...followTrials(note),
    ask,
  };
}

/**
 * Differential evolution (Storn and Price, "Differential evolution: a simple and efficient heuristic for global
 * optimization over continuous spaces", Journal of Global Optimization 1997). Trial n competes with the current member
 * for slot n modulo the population: it takes each param from that member or, with probability `crossover` and for at
 * least one param, from a mutant, which is a member plus `mutation` times the difference of two others. The better one
 * keeps the slot; on ties, the newer.
 *
 * A slot's member follows from the trials alone: it is the best that competed for it. So the sampler never waits and
 * need not remember anything: a mutant is made from the members at the time of asking, and a slot whose trials have not
 * halted yet, or diverged, gets random params (see `standingOf` for how complete, stopped and paused trials compare).
 * Trials of other samplers and enqueued ones compete as well.
 *
 * Mixed spaces are handled as in DEHB (Awad, Mallik and Hutter, IJCAI 2021): every param is a number in [0, 1] on its
 * own (logarithmic) scale, each value of an int, an ordinal or a choice covers a share of it, params that are off lie
 * anywhere, and values outside [0, 1] are redrawn. Unlike in DEHB, a value's place within its share is drawn for every
 * mutant, so that lists keep moving when all members agree, and a mutant that leaves its value of a choice takes any
 * value, since they have no order. Mutants that break a constraint or were tried before are remade from other members.
 * Given candidates, the untried one nearest to the mutant is proposed.
 *
 * @example createStudy({ sampler: differentialEvolution({ population: 40, strategy: "rand1bin" }) })
 */
export const differentialEvolution = defineSampler({
  name: "differential-evolution",
  summary:
    "Adds differences between good trials to others; for many cheap trials with mostly numeric params.",
  options,
  create: createDifferentialEvolution,
});
