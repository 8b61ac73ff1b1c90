import { secondsPerStart, secondsPerStep } from "../core/pace.js";
import { populationOf } from "../core/population.js";
import type { Study } from "../core/study.js";
import { lastStep } from "../core/trial.js";
import { isOver } from "./study-worth.js";

/**
 * Whether what is paused stays so: only the scheduler pauses, and a finished study lets nothing go on. In a population a
 * pause decides nothing, it waits for the others.
 */
function arePausesFinal(study: Study): boolean {
  return study.byState.running.size === 0 && populationOf(study.definition) === undefined && isOver(study);
}

/**
 * The steps that the scheduler decided not to train; undefined if the study has no `maxSteps`. Those of paused trials
 * count once the study is finished, for any reason. Trials in the middle of whose training the budget ended wait, and
 * saved nothing, nor did those whose programs reported everything at their end. With replicates, the further trainings
 * of a trial are saved too. Steps that were trained again after pauses are taken off: negative where they are more.
 */
export function stepsSaved(study: Study): number | undefined {
  const { maxSteps, replicates = 1 } = study.definition;
  if (maxSteps === undefined) return undefined;
  let saved = 0;
  for (const state of arePausesFinal(study) ? (["stopped", "paused"] as const) : (["stopped"] as const)) {
    for (const number of study.byState[state]) {
      const trial = study.trials[number];
      if (trial?.unspared === false) saved += Math.max(0, maxSteps * replicates - lastStep(trial));
    }
  }
  return saved - study.pace.again;
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
