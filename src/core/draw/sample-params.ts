import type { Random } from "../../math/random.js";
import { CurvewiseError } from "../errors.js";
import type { Param, Params } from "../param.js";
import {
  type Constraint,
  inUserOrder,
  problemsOfGiven,
  type SearchSpace,
  valuesOf,
} from "../search-space.js";
import { drawBelieved } from "./belief.js";
import { findParams } from "./find-params.js";
import { isRefused, PLAIN_DRAWS, type Refusals, refuseSpace } from "./refusals.js";
import { createRepair, type Repair } from "./repair-params.js";
import { createWalk, type Walk } from "./walk-params.js";

/** Draws that are repaired before the space is walked. */
const REPAIRED_DRAWS = 200;
/** The most moves before the first draw, which must forget where the walk began. */
const MOST_MOVES = 4000;
/** Params in an order forget it after a number of moves that grows faster than their own number. */
const firstMoves = (params: number): number => Math.min(MOST_MOVES, 8 * params ** 2);
/** Moves of each param between one draw and the next. */
const NEXT_MOVES = 2;

/**
 * Draws params at random, one after the other: each param that is on from its prior (see `beliefShare`) or its own
 * (log-)uniform distribution, until they satisfy the constraints. Where nearly all draws are refused, values are put in the order that constraints demand
 * and equalities are solved for one param; where that does not help either, a walk within the constraints begins at
 * params that a search has found. The walk's draws are nearly, not exactly, distributed as the others.
 *
 * @param trial the number of the trial for which they are drawn, by which priors are doubted
 * @param known params of the space, such as those of trials: where to begin if the search finds nothing
 * @returns draws, throws CurvewiseError `SPACE_UNSATISFIABLE` if nothing satisfies the constraints
 */
export function createDraws(
  space: SearchSpace,
  random: Random,
  trial: number,
  known: () => Iterable<Params> = () => [],
): () => Params {
  let way: "plain" | "repaired" | "walked" = "plain";
  let present: Params | undefined;
  // Most spaces need neither.
  let repair: Repair | undefined;
  let walk: Walk | undefined;

  return () => {
    const refusals: Refusals = new Map();
    const draw = (): Params => valuesOf(space, (param) => drawBelieved(param, random, trial));
    if (way === "plain") {
      for (let attempt = 0; attempt < PLAIN_DRAWS; attempt++) {
        const params = draw();
        if (!isRefused(space, params, refusals)) return inUserOrder(space, params);
      }
      way = "repaired";
    }
    if (way === "repaired") {
      repair ??= createRepair(space);
      for (let attempt = 0; attempt < REPAIRED_DRAWS; attempt++) {
        const params = repair(draw(), attempt);
        if (!isRefused(space, params, refusals)) return inUserOrder(space, params);
      }
      way = "walked";
    }
    const { length } = space.order;
    const moves = present === undefined ? firstMoves(length) : NEXT_MOVES * length;
    if (present === undefined) {
      const points = findParams(space);
      const starts =
        points.length > 0 ? points : [...known()].filter((params) => !isRefused(space, params, refusals));
      present = starts[random.integer(0, Math.max(0, starts.length - 1))];
    }
    if (present === undefined) return refuseSpace(PLAIN_DRAWS + REPAIRED_DRAWS, refusals);
    walk ??= createWalk(space);
    present = walk.moves(present, moves, 1, random);
    return present;
  };
}

/**
 * Draws params at random, see {@link createDraws}.
 *
 * @param trial the number of the trial for which they are drawn
 * @throws CurvewiseError `SPACE_UNSATISFIABLE` if nothing satisfies the constraints
 */
export function sampleParams(space: SearchSpace, random: Random, trial = 0): Params {
  return createDraws(space, random, trial)();
}

const listOf = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

/**
 * Completes partial params: what is missing is drawn at random until the given ones are all on and the constraints
 * hold.
 *
 * @param trial the number of the trial for which they are drawn
 * @throws CurvewiseError `PARAMS_INVALID` when a given param does not fit the space; `SPACE_UNSATISFIABLE` when nothing
 *   can be drawn to go with the given ones
 */
export function completeParams(space: SearchSpace, given: Params, random: Random, trial = 0): Params {
  const problems = problemsOfGiven(space, given);
  if (problems.length > 0) {
    throw new CurvewiseError("PARAMS_INVALID", `params ${JSON.stringify(given)}: ${problems.join("; ")}`, {
      hint: "Give params that lie in the search space and satisfy its conditions and constraints.",
    });
  }
  const names = Object.keys(given);
  const allOn: Constraint = {
    name: `the conditions of ${listOf(names)}`,
    holds: (params) => names.every((name) => params[name] !== undefined),
  };
  const params = Object.fromEntries(
    Object.entries(space.params).map(([name, param]): [string, Param] => {
      const value = given[name];
      return [name, value === undefined ? param : { kind: "fixed", value, when: param.when }];
    }),
  );
  return sampleParams({ ...space, params, constraints: [allOn, ...space.constraints] }, random, trial);
}
