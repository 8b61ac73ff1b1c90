import type { StudyEvent } from "../core/events.js";
import type { Study } from "../core/study.js";

/** Counts a sampler's own trials, for samplers that propose a fixed sequence whatever other samplers do in between. */
export interface Turns {
  /** Takes the count from an existing study. */
  restore(study: Study): void;
  /** Notes an event; only this sampler's own trials count. */
  observe(event: StudyEvent): void;
  /** The place of a new trial among the sampler's own, from 0; the same if called again for the same trial. */
  take(trial: number): number;
}

/** @param sampler the name under which the sampler's trials are recorded */
export function createTurns(sampler: string): Turns {
  let taken = 0;
  let latest = -1;
  const count = (trial: number): void => {
    if (trial <= latest) return;
    taken += 1;
    latest = trial;
  };
  return {
    restore: (study) => {
      taken = study.askedBy.get(sampler) ?? 0;
      latest = study.trials.length - 1;
    },
    observe: (event) => {
      if (event.type === "trial-asked" && event.sampler === sampler) count(event.trial);
    },
    take: (trial) => {
      count(trial);
      return taken - 1;
    },
  };
}
