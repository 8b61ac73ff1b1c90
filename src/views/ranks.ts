import { rankTrials } from "../core/best-trial.js";
import type { Study } from "../core/study.js";

/** The place of each trial with a value among all of them, from 1, by number. */
export const ranksOf = (study: Study): ReadonlyMap<number, number> =>
  new Map(rankTrials(study).map(({ trial }, place) => [trial.number, place + 1]));
