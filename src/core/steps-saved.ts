import { hasTrialLeft, isSpent } from "./course/budget.js";
import { secondsPerStart, secondsPerStep } from "./pace.js";
import type { Study } from "./study.js";
import { lastStep } from "./trial.js";

/** Whether what is paused stays so, because the scheduler has nothing more to go on with. */
function isDecided(study: Study): boolean {
  const isOpen = study.byState.waiting.size + study.byState.running.size > 0;
  return !isOpen && !hasTrialLeft(study) && !isSpent(study);
}

/**
 * The steps that the scheduler decided not to train; undefined if the study has no `maxSteps`. Paused trials count once
 * the scheduler lets none of them go on; those that a budget of steps or time left paused saved nothing, nor did those
 * whose programs reported everything at their end. With replicates, the further trainings of a trial are saved too.
 */
export function stepsSaved(study: Study): number | undefined {
  const { maxSteps, replicates = 1 } = study.definition;
  if (maxSteps === undefined) return undefined;
  let saved = 0;
  for (const state of isDecided(study) ? (["stopped", "paused"] as const) : (["stopped"] as const)) {
    for (const number of study.byState[state]) {
      const trial = study.trials[number];
      if (trial?.unspared === false) saved += Math.max(0, maxSteps * replicates - lastStep(trial));
    }
  }
  return saved;
}

/**
 * The seconds of training that the scheduler saved: those of the steps saved, less the starts that its pauses cost.
 * Negative where pausing cost more. Undefined if the study has no `maxSteps`, or while too little is known.
 */
export function secondsSaved(study: Study): number | undefined {
  const { pace } = study;
  const [saved, step, start] = [stepsSaved(study), secondsPerStep(pace), secondsPerStart(pace)];
  if (saved === undefined || step === undefined || start === undefined) return undefined;
  return saved * step - pace.restarts * start;
}
