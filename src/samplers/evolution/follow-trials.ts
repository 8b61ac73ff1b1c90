import type { Sampler } from "../../core/sampler.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";

/**
 * A sampler's `restore` and `observe` that hand every trial to a function: those of a study that exists, later each one
 * that something happened to.
 *
 * @param note depends on the trial as it is now, not on what happened to it
 */
export function followTrials(
  note: (trial: Trial, study: Study) => void,
): Required<Pick<Sampler, "restore" | "observe">> {
  return {
    restore: (study) => {
      for (const trial of study.trials) note(trial, study);
    },
    observe: (event, study) => {
      const trial = "trial" in event && event.trial !== undefined ? study.trials[event.trial] : undefined;
      if (trial !== undefined) note(trial, study);
    },
  };
}
