import { hasTrialLeft, isWithoutProgress } from "../../core/course/budget.js";
import type { Study } from "../../core/study.js";

/**
 * Whether what is left of a study's budget is for its paused trials once no new ones begin, even if none of them is
 * forecast to become the best: every combination of params was tried, or steps are left. A budget of trials says nothing of how
 * long they train, and time beside it is a limit rather than something to use up. A study that ended because it no longer
 * paid is not to train on.
 */
export function spendsRest(study: Study): boolean {
  const { totalSteps, worthwhile } = study.definition.budget;
  if (worthwhile !== undefined || isWithoutProgress(study)) return false;
  return hasTrialLeft(study) || totalSteps !== undefined;
}
