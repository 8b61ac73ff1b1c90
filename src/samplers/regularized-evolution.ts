import { z } from "zod";
import { defineSampler } from "../core/define.js";
import { drawValue } from "../core/draw/draw-value.js";
import type { Params } from "../core/param.js";
import type { Sampler, SamplerSetup } from "../core/sampler.js";
import { contains, countValues } from "../core/search-space.js";
import type { Study } from "../core/study.js";
import type { Random } from "../math/random.js";
import { followTrials } from "./evolution/follow-trials.js";
import { createOffspring, drawFreely } from "./evolution/offspring.js";
import { createSortedStandings } from "./evolution/sorted-standings.js";
import { compareStandings, type Standing, standingOf } from "./evolution/standing.js";
import { nearValue } from "./near-value.js";

const options = z
  .strictObject({
    population: z
      .int()
      .min(2)
      .max(100_000)
      .default(30)
      .describe("The number of possible parents, and of trials drawn at random before evolution begins."),
    sample: z
      .int()
      .min(1)
      .max(100_000)
      .default(10)
      .describe(
        "How many members are drawn from the population; the best of them becomes the parent of the next trial.",
      ),
    removal: z
      .enum(["oldest", "worst"])
      .default("oldest")
      .describe(
        "Which member leaves the population: oldest is robust to noise; worst is faster without noise.",
      ),
    spread: z
      .number()
      .positive()
      .max(1)
      .default(0.1)
      .describe("How far a number moves: standard deviation as a share of its (logarithmic) range."),
  })
  .refine(({ population, sample }) => sample <= population, {
    path: ["sample"],
    error: "cannot be larger than the population",
  });

/** Orders members by when they leave the population: those that halted longest ago first, those still running last. */
const compareAges = (a: Standing, b: Standing): number =>
  a.haltedAt === b.haltedAt ? a.trial - b.trial : a.haltedAt > b.haltedAt ? 1 : -1;

function createRegularizedEvolution(chosen: z.output<typeof options>, setup: SamplerSetup): Sampler {
  const { space, goal } = setup;
  const offspring = createOffspring(setup);
  // New trials mostly belong near the end, where insertion is cheap.
  const members = createSortedStandings(
    chosen.removal === "oldest" ? compareAges : (a, b) => compareStandings(b, a),
  );

  const parentAmong = (random: Random): Standing | undefined => {
    const size = Math.min(chosen.population, members.size);
    // While members are few, the tournament is small too: otherwise all children would have the same parent.
    const sample = Math.ceil((chosen.sample * size) / chosen.population);
    let best: Standing | undefined;
    for (let drawn = 0; drawn < sample; drawn++) {
      const member = members.at(members.size - 1 - random.integer(0, size - 1));
      if (member !== undefined && (best === undefined || compareStandings(member, best) < 0)) best = member;
    }
    return best;
  };

  const mutated = (parent: Params, random: Random): Params => {
    const mutable = space.order.filter((name) => {
      const param = space.params[name];
      return param !== undefined && parent[name] !== undefined && countValues(param) > 1;
    });
    const changed = mutable[random.integer(0, Math.max(0, mutable.length - 1))];
    return drawFreely(space, (param, name) => {
      const value = parent[name];
      if (value === undefined || !contains(param, value)) return drawValue(param, random);
      return name === changed ? nearValue(param, value, chosen.spread, random) : value;
    });
  };

  const ask = (trial: number, random: Random, study: Study): Params | undefined => {
    const parent = trial < chosen.population ? undefined : parentAmong(random);
    const params = parent === undefined ? undefined : study.trials[parent.trial]?.params;
    if (params === undefined || parent?.cost === Number.POSITIVE_INFINITY) return offspring.draw(random);
    return offspring.breed((previous = params) => mutated(previous, random), random);
  };

  return {
    ...(offspring.size === undefined ? {} : { size: offspring.size }),
    ...followTrials((trial) => {
      offspring.note(trial);
      members.set(trial.number, standingOf(trial, goal));
    }),
    ask,
  };
}

/**
 * Regularized evolution (Real, Aggarwal, Huang and Le, "Regularized evolution for image classifier architecture
 * search", AAAI 2019): a few trials are drawn from the population, the best of them becomes a parent, and its child
 * differs in one param. The population consists of the trials that halted last, so every member dies of old age: under
 * a noisy metric, a lucky trial does not last unless its children do well too.
 *
 * A number moves by a normal deviate on its own (logarithmic) scale, a choice takes any value, and params that the
 * change switches on are drawn at random. It never waits: a child's parent is one of the trials that have halted so far
 * (see `standingOf` for how complete, stopped and paused trials compare). A child that was tried before is changed once
 * more. Trials of other samplers and enqueued ones are members as well. Given candidates, the untried one nearest to
 * the child is proposed.
 *
 * @example createStudy({ sampler: regularizedEvolution({ population: 50, sample: 10 }) })
 * @throws CurvewiseError `OPTIONS_INVALID` when the definition is called with a sample larger than the population
 */
export const regularizedEvolution = defineSampler({
  name: "regularized-evolution",
  summary: "Changes one param of a good recent trial at a time; for choices, many params and noisy metrics.",
  options,
  create: createRegularizedEvolution,
});
