import { z } from "zod";
import { refuseCandidates } from "../core/candidates/refuse-candidates.js";
import { defineSampler } from "../core/define.js";
import { completeParams } from "../core/draw/sample-params.js";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { Params } from "../core/param.js";
import { paramValue } from "../core/param-schema.js";
import { problemsOfGiven, type SearchSpace } from "../core/search-space.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { createTurns } from "./turns.js";

function check(space: SearchSpace, entry: Params, index: number, seed: number): void {
  const refuse = (problem: string, cause?: unknown): never => {
    const message = `list: entry ${index + 1} does not fit the space: ${problem}`;
    throw new CurvewiseError("LIST_INVALID", message, {
      hint: `An entry sets some or all of ${Object.keys(space.params).join(", ")} to values that the search space allows.`,
      cause,
    });
  };
  const problems = problemsOfGiven(space, entry);
  if (problems.length > 0) refuse(problems.join("; "));
  try {
    completeParams(space, entry, createRandom(seed, index, PURPOSE.sampler));
  } catch (error) {
    if (isCurvewiseError(error)) refuse(error.message, error);
    throw error;
  }
}

/**
 * Tries the params that a person lists, in that order, and then has no more: use it to start from known good settings
 * or to rerun a table of them. Params that an entry leaves out are drawn at random from the trial's own stream until
 * the conditions of the given ones and the constraints hold.
 *
 * @example createStudy({ sampler: list({ trials: [{ rate: 0.1 }, { rate: 0.01, batch: 32 }] }) })
 * @throws CurvewiseError `LIST_INVALID` when the sampler is created, naming the entry that does not fit and why
 */
export const list = defineSampler({
  name: "list",
  defaultsFirst: false,
  forgets: true,
  severalGoals: true,
  summary: "Tries the params that you list, in order; what an entry leaves out is drawn at random.",
  options: z.strictObject({
    trials: z
      .array(z.record(z.string(), paramValue))
      .min(1, { error: "must have at least one entry" })
      .describe("The params of each trial, in order; an entry may leave params out."),
  }),
  create: ({ trials }, { space, seed, candidates }) => {
    refuseCandidates("list", candidates);
    for (const [index, entry] of trials.entries()) check(space, entry, index, seed);
    const turns = createTurns("list");
    return {
      size: trials.length,
      restore: turns.restore,
      observe: turns.observe,
      ask: (trial, random) => {
        const turn = turns.take(trial);
        const entry = trials[turn];
        return entry === undefined ? undefined : completeParams(space, entry, random, trial);
      },
    };
  },
});
