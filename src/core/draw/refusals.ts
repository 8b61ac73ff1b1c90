import { CurvewiseError } from "../errors.js";
import type { Params } from "../param.js";
import type { SearchSpace } from "../search-space.js";

/** How many draws the constraints may refuse before draws are repaired. */
export const PLAIN_DRAWS = 100;

/** How many draws each constraint refused. */
export type Refusals = Map<string, number>;

/** Notes which constraint refuses params; false if none does. */
export function isRefused(space: SearchSpace, params: Params, refusals: Refusals): boolean {
  const broken = space.constraints.find((constraint) => !constraint.holds(params));
  if (broken !== undefined) refusals.set(broken.name, (refusals.get(broken.name) ?? 0) + 1);
  return broken !== undefined;
}

/** @throws CurvewiseError `SPACE_UNSATISFIABLE` with the number of draws that each constraint refused */
export function refuseSpace(draws: number, refusals: Refusals): never {
  const counts = [...refusals].map(([name, count]) => `${name} refused ${count}`).join("; ");
  throw new CurvewiseError(
    "SPACE_UNSATISFIABLE",
    `found no params that satisfy the constraints in ${draws} draws (${counts})`,
    { hint: "Loosen that constraint, or narrow the ranges to where it can hold." },
  );
}
