import { CurvewiseError } from "../core/errors.js";
import { frontOf } from "../core/goals/front.js";
import { goalsOf } from "../core/goals/trial-result.js";
import type { Params } from "../core/param.js";
import type { Study } from "../core/study.js";

/** A trial of a study with several goals that no other one beats in all of them. */
export interface FrontParams<P> {
  readonly number: number;
  readonly params: P;
  /** Its value of each goal, by metric. */
  readonly values: Readonly<Record<string, number>>;
  /** How much smaller the hypervolume of the front would be without it, as a share of the sum over all. */
  readonly adds: number;
  /** Whether a gain in one goal costs most in the others here. */
  readonly knee: boolean;
  /** Whether it was trained to its end; if not, no trial was. */
  readonly complete: boolean;
}

/**
 * The front of a study, the best in its first goal first.
 *
 * @throws CurvewiseError `GOALS_INVALID` if it has one goal
 */
export function frontParams<P>(study: Study, typed: (params: Params) => P): FrontParams<P>[] {
  const goals = goalsOf(study.definition.goal);
  if (goals.length === 1) {
    throw new CurvewiseError("GOALS_INVALID", `study "${study.definition.name}" has one goal, so no front`, {
      hint: "Its best trial is study.best().",
    });
  }
  const { members, complete } = frontOf(study, goals);
  return members.map(({ trial, values, adds, isKnee }) => ({
    number: trial.number,
    params: typed(trial.params),
    values: Object.fromEntries(goals.map(({ metric }, place) => [metric, values[place] ?? Number.NaN])),
    adds,
    knee: isKnee,
    complete,
  }));
}
