import { trialOf } from "../../core/event-trial.js";
import type { Sampler } from "../../core/sampler.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";

/**
 * A sampler's `restore` and `observe` that pass every trial to a function: first those of an existing study, later each
 * one that an event is about.
 *
 * @param note depends on the trial's current state, not on the event
 */
export function followTrials(
  note: (trial: Trial, study: Study) => void,
): Required<Pick<Sampler, "restore" | "observe">> {
  return {
    restore: (study) => {
      for (const trial of study.trials) note(trial, study);
    },
    observe: (event, study) => {
      const trial = trialOf(event, study);
      if (trial !== undefined) note(trial, study);
    },
  };
}
