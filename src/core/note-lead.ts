import { isBetter } from "./goal.js";
import { violationOfTrial } from "./goals/trial-result.js";
import type { StudyRecord, TrialRecord } from "./study-record.js";
import { goalValue } from "./trial.js";

/** Notes with what a trial halts, if nothing was as good before. */
export function noteLead(study: StudyRecord, trial: TrialRecord): void {
  const { goal } = study.definition;
  const value = goalValue(trial, goal);
  if (value === undefined || !isBetter(value, study.lead?.value ?? Number.NaN, goal)) return;
  if (violationOfTrial(trial, goal) > 0) return;
  study.lead = { value, trials: study.trials.length };
}
