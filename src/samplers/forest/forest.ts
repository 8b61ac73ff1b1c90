import { z } from "zod";
import { createFeatureEncoder } from "../../core/candidates/features.js";
import { defineSampler } from "../../core/define.js";
import type { Params } from "../../core/param.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import { createOutcomes, type Outcome } from "../../forecast/outcomes.js";
import type { Random } from "../../math/random.js";
import { followTrials } from "../evolution/follow-trials.js";
import { createSupply } from "../supply.js";
import { createClimb, type Place } from "./climb.js";
import { growForest, type Lesson } from "./forest-model.js";

/** How many of the best trials params are drawn near, and climbed from. */
const CENTERS = 5;
/** How many of the params that promise most are climbed from. */
const STARTS = 3;

const options = z.strictObject({
  startup: z
    .int()
    .min(2)
    .max(100_000)
    .default(10)
    .describe(
      "How many trials must have an outcome before the sampler learns; until then, it draws at random.",
    ),
  random: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("The share of later trials that are still drawn at random."),
  trees: z
    .int()
    .min(2)
    .max(1000)
    .default(16)
    .describe("The number of trees; more of them know better where little is known, and take longer."),
});

function createForestSampler(chosen: z.output<typeof options>, setup: SamplerSetup): Sampler {
  const { space, candidates } = setup;
  const encoder = createFeatureEncoder(space);
  const supply = createSupply(setup, encoder.encode);
  const outcomes = createOutcomes(setup);
  const rows: { readonly params: Params; readonly row: Float64Array }[] = [];
  const rowOf = ({ trial, params }: Outcome): Float64Array => {
    const known = rows[trial];
    if (known?.params === params) return known.row;
    const row = encoder.encode(params);
    rows[trial] = { params, row };
    return row;
  };

  const improved = (
    starts: readonly Place[],
    promiseOf: (params: Params) => number,
    random: Random,
  ): Place[] => {
    if (candidates !== undefined) return [];
    return starts.map(createClimb(space, promiseOf, supply.isTried, random));
  };

  const ask = (_trial: number, random: Random): Params | undefined => {
    const isRandom = random.uniform() < chosen.random;
    const all = [...outcomes.settled, ...outcomes.open()].toSorted((a, b) => a.trial - b.trial);
    const lessons = all.flatMap((outcome): (Lesson & Pick<Outcome, "params">)[] => {
      const { params, cost, deviation } = outcome;
      return cost === undefined ? [] : [{ params, row: rowOf(outcome), cost, deviation }];
    });
    const good = lessons.filter(({ cost }) => cost < Number.POSITIVE_INFINITY);
    if (isRandom || good.length < chosen.startup) return supply.draw(random);

    const underWay = all.filter(({ cost }) => cost === undefined).map(rowOf);
    const { promiseOf } = growForest(lessons, underWay, chosen.trees, random);
    const ofParams = (params: Params): number => promiseOf(encoder.encode(params));
    // Of equals the earlier, as sorting keeps their order.
    const best = good
      .toSorted((a, b) => a.cost - b.cost)
      .slice(0, CENTERS)
      .map(({ params }) => params);
    const judged = supply
      .proposals(best, random)
      .map(({ params, row }): Place => ({ params, promise: promiseOf(row) }))
      .toSorted((a, b) => b.promise - a.promise);
    const starts = [
      ...judged.slice(0, STARTS),
      ...best.map((params): Place => ({ params, promise: ofParams(params) })),
    ];
    const ends = [...improved(starts, ofParams, random), ...judged].toSorted((a, b) => b.promise - a.promise);
    return ends.find(({ params }) => !supply.isTried(params))?.params ?? supply.draw(random);
  };

  return {
    ...followTrials((trial) => {
      supply.note(trial);
      outcomes.note(trial);
    }),
    ask,
    ...(supply.size === undefined ? {} : { size: supply.size }),
  };
}

/**
 * Bayesian optimisation with a random forest, as in SMAC (Hutter, Hoos and Leyton-Brown, "Sequential model-based
 * optimization for general algorithm configuration", LION 2011): trees learn the logarithms of the costs, and those
 * params are proposed of which the largest improvement is expected, found by climbing from the best trials and from the
 * best of many random params. Some trials are drawn at random. For spaces with many choices and conditions. With several
 * goals, the cost of a trial is its place among all.
 *
 * The trees are extremely randomised ones, see {@link growForest}. A trial that was paused or stopped counts with the
 * forecast of its end, of which each tree has its own draw; where a trial is under way, what the trees expect is taken as
 * seen. Given candidates, or a space of few combinations, it chooses among those. Of more than 500 trials, each tree
 * learns from the best 100 and from 400 others drawn at random, so that the cost of a proposal stays the same.
 *
 * @example createStudy({ sampler: forest() })
 */
export const forest = defineSampler({
  name: "forest",
  summary:
    "Learns from random trees where trials may be better; for choices, conditions and some hundred trials.",
  options,
  severalGoals: true,
  create: createForestSampler,
});
