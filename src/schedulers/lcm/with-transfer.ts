import type { Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import { requireTransferred, type TransferWish } from "../../core/transferred-study.js";

/**
 * Makes a scheduler ask for the curves of earlier studies and refuse to decide without them.
 *
 * @throws CurvewiseError `TRANSFER_MISSING` from the scheduler when it decides in a study that lacks one of them
 */
export function withTransfer(scheduler: Scheduler, transfer: TransferWish): Scheduler {
  if (transfer.studies.length === 0) return scheduler;
  const check = (study: Study): void => {
    requireTransferred(study, transfer.studies);
  };
  const { resume } = scheduler;
  return {
    ...scheduler,
    transfer,
    decide: (trial, step, study) => {
      check(study);
      return scheduler.decide(trial, step, study);
    },
    ...(resume === undefined
      ? {}
      : {
          resume: (study, isEnding, isClosed) => {
            check(study);
            return resume(study, isEnding, isClosed);
          },
        }),
  };
}
