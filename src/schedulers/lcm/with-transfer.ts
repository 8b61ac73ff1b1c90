import { CurvewiseError } from "../../core/errors.js";
import type { Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import type { TransferWish } from "../../core/transferred-study.js";

/**
 * Has a scheduler ask for the curves of earlier studies, and decide nothing without them.
 *
 * @throws CurvewiseError `TRANSFER_MISSING` from the scheduler when it is to decide in a study that lacks one of them
 */
export function withTransfer(scheduler: Scheduler, transfer: TransferWish): Scheduler {
  const { studies } = transfer;
  if (studies.length === 0) return scheduler;
  let isComplete = false;
  const check = ({ transferred, definition }: Study): void => {
    if (isComplete) return;
    const missing = studies.find((name) => !transferred.some((each) => each.name === name));
    if (missing !== undefined) {
      throw new CurvewiseError(
        "TRANSFER_MISSING",
        `study "${definition.name}" took no curves over from study "${missing}"`,
        { hint: "Curves are transferred when a study begins, for its own sampler and scheduler." },
      );
    }
    isComplete = true;
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
          resume: (study, isEnding) => {
            check(study);
            return resume(study, isEnding);
          },
        }),
  };
}
