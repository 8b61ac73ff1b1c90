import type { Decision } from "../decision.js";
import type { Decided } from "../events.js";
import type { Trial } from "../trial.js";
import type { Course } from "./course.js";
import { unlessTooDear } from "./start-cost.js";

/** What was decided at a report. */
export interface Conducted {
  readonly decision: Decision;
  /** To be recorded; undefined for a `continue` without an explanation. */
  readonly event: Decided | undefined;
}

/**
 * What a training is told in answer to the report that the study just took. At the last step nobody is asked: it is
 * complete. Nor about the further trainings of a trial: the scheduler let the first one train to its end.
 *
 * @param trial the trial that reported; it is running
 * @param step the report's step
 */
export function conduct({ study, scheduler }: Course, trial: Trial, step: number): Conducted {
  const decision: Decision =
    step === study.definition.maxSteps || trial.replicates.length > 0
      ? { action: "continue" }
      : unlessTooDear(study, step, scheduler.decide(trial, step, study));
  const { action, explanation } = decision;
  if (explanation === undefined) return { decision, event: undefined };
  const place = { trial: trial.number, attempt: trial.attempt, step };
  const exploit = decision.action === "exploit" ? { exploit: decision.exploit } : {};
  return { decision, event: { type: "decided", ...place, action, explanation, ...exploit } };
}
