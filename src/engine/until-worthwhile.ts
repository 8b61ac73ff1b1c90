import { trialOf } from "../core/event-trial.js";
import type { Sampler } from "../core/sampler.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { createWorthModel } from "../forecast/study-worth.js";

/**
 * A sampler that has nothing more to propose once going on is not worth its price (see `budget.until`): trials that have
 * begun go on, and no new ones begin. The sampler itself, in a study that does not end so.
 */
export function untilWorthwhile(sampler: Sampler, definition: StudyDefinition): Sampler {
  if (definition.budget.worthwhile === undefined) return sampler;
  const model = createWorthModel(definition);
  return {
    ...sampler,
    restore: (study) => {
      sampler.restore?.(study);
      for (const trial of study.trials) model.note(trial);
    },
    observe: (event, study) => {
      sampler.observe?.(event, study);
      const trial = trialOf(event, study);
      if (trial !== undefined) model.note(trial);
    },
    ask: (trial, random, study) =>
      model.judge(study)?.isWorthwhile === false ? undefined : sampler.ask(trial, random, study),
  };
}
