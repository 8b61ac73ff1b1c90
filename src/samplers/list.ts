import { z } from "zod";
import { defineSampler } from "../core/define.js";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { Params } from "../core/param.js";
import {
  contains,
  drawParams,
  inUserOrder,
  isOn,
  problemsOf,
  type SearchSpace,
  valueAt,
} from "../core/search-space.js";
import { createRandom, PURPOSE, type Random } from "../math/random.js";
import { createTurns } from "./turns.js";

function refuse(index: number, problem: string, cause?: unknown): never {
  throw new CurvewiseError("LIST_INVALID", `list: entry ${index + 1} does not fit the space: ${problem}`, {
    hint: "Each entry sets params to values that the search space allows; params left out are drawn at random.",
    cause,
  });
}

/** Params of the space that contain the entry; what it leaves out is drawn until all of the entry is on. */
function complete(space: SearchSpace, entry: Params, index: number, random: Random): Params {
  if (problemsOf(space, entry).length === 0) return inUserOrder(space, entry);
  const given = Object.keys(entry);
  const keepsEntry = {
    name: `entry ${index + 1} of the list`,
    holds: (params: Params) => given.every((name) => Object.hasOwn(params, name)),
  };
  const narrowed: SearchSpace = { ...space, constraints: [keepsEntry, ...space.constraints] };
  return drawParams(narrowed, (param, name) => {
    const value = Object.hasOwn(entry, name) ? entry[name] : undefined;
    if (value !== undefined) return value;
    return param.kind === "fixed" ? param.value : valueAt(param, random.uniform());
  });
}

function check(space: SearchSpace, entry: Params, index: number, seed: number): void {
  for (const [name, value] of Object.entries(entry)) {
    const param = Object.hasOwn(space.params, name) ? space.params[name] : undefined;
    if (param === undefined) {
      const known = Object.keys(space.params).join(", ");
      return refuse(index, `"${name}" is not in the search space (its params are ${known})`);
    }
    if (!contains(param, value)) refuse(index, `"${name}" cannot be ${JSON.stringify(value)}`);
    for (const [parent, requirement] of Object.entries(param.when ?? {})) {
      if (Object.hasOwn(entry, parent) && !isOn({ [parent]: requirement }, entry)) {
        const why = `"${parent}" is ${JSON.stringify(entry[parent])}`;
        refuse(index, `"${name}" is set, but its condition does not hold (${why})`);
      }
    }
  }
  const problems = problemsOf(space, entry);
  if (problems.length === 0) return;
  const incomplete = space.order.some(
    (name) => !Object.hasOwn(entry, name) && isOn(space.params[name]?.when, entry),
  );
  if (!incomplete) refuse(index, problems.join("; "));
  try {
    complete(space, entry, index, createRandom(seed, index, PURPOSE.sampler));
  } catch (error) {
    if (isCurvewiseError(error)) refuse(index, error.message, error);
    throw error;
  }
}

/**
 * Tries the params that a person lists, in that order, and then has no more: to start from known good settings or
 * to repeat a table of them. Params that an entry leaves out are drawn at random from the trial's own stream,
 * again and again until the conditions of those it sets and the constraints hold.
 *
 * @example createStudy({ sampler: list({ trials: [{ rate: 0.1 }, { rate: 0.01, batch: 32 }] }) })
 * @throws CurvewiseError `LIST_INVALID` when the sampler is made, naming the entry that does not fit and why
 */
export const list = defineSampler({
  name: "list",
  summary: "Tries the params that you list, in order; what an entry leaves out is drawn at random.",
  options: z.strictObject({
    trials: z
      .array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
      .min(1, { error: "there must be at least one entry" })
      .describe("The params of each trial, in order; an entry may leave params out."),
  }),
  create: ({ trials }, { space, seed }) => {
    for (const [index, entry] of trials.entries()) check(space, entry, index, seed);
    const turns = createTurns("list");
    return {
      size: trials.length,
      restore: turns.restore,
      observe: turns.observe,
      ask: (trial, random) => {
        const turn = turns.take(trial);
        const entry = trials[turn];
        return entry === undefined ? undefined : complete(space, entry, turn, random);
      },
    };
  },
});
