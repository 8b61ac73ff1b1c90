import type { Study } from "./study.js";
import { lastStep } from "./trial.js";

/** The steps that stopped and paused trials did not train; undefined if the study has no `maxSteps`. */
export function stepsSaved(study: Study): number | undefined {
  const { maxSteps } = study.definition;
  if (maxSteps === undefined) return undefined;
  let saved = 0;
  for (const state of ["stopped", "paused"] as const) {
    for (const number of study.byState[state]) {
      const trial = study.trials[number];
      if (trial !== undefined) saved += Math.max(0, maxSteps - lastStep(trial));
    }
  }
  return saved;
}
