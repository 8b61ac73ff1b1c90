import { createRandom, PURPOSE } from "../../math/random.js";
import type { TrialAsked } from "../events.js";
import { fittingStudy } from "../fitting-study.js";
import type { Params } from "../param.js";
import type { Study } from "../study.js";
import type { StudyDefinition } from "../study-definition.js";
import { areStepsCommitted, hasTrialLeft } from "./budget.js";
import type { Course } from "./course.js";

/**
 * The seed that trial n of a study passes to a training, in [0, 2^31).
 *
 * @param replicate which of its trainings; the first one is 0
 */
export function trialSeed(studySeed: number, number: number, replicate = 0): number {
  const random = createRandom(studySeed, number, PURPOSE.trialSeed);
  for (let earlier = 0; earlier < replicate; earlier++) random.uint32();
  return random.uint32() >>> 1;
}

/**
 * The event of a new trial.
 *
 * @param sampler what proposed the params; `enqueue` for the user
 * @param by who asked for it while the study ran
 */
export function trialAsked(
  { seed }: Pick<StudyDefinition, "seed">,
  trial: number,
  params: Params,
  sampler: string,
  by?: string,
): TrialAsked {
  const asked = { type: "trial-asked", trial, params, seed: trialSeed(seed, trial), sampler } as const;
  return by === undefined ? asked : { ...asked, by };
}

function* inFlight({ byState }: Study, reserved: Iterable<number>): Generator<number> {
  yield* byState.running;
  yield* reserved;
}

/**
 * The trial that the sampler proposes next; undefined when the sampler has no more, or when the budget or the
 * scheduler's population has no room for one.
 *
 * @param reserved waiting trials that are on their way to a worker
 */
export function newTrial(
  { study, sampler, scheduler }: Course,
  reserved: Iterable<number>,
): TrialAsked | undefined {
  const trial = study.trials.length;
  if (trial >= (scheduler.population ?? Number.POSITIVE_INFINITY)) return undefined;
  if (!hasTrialLeft(study) || areStepsCommitted(study, inFlight(study, reserved))) return undefined;
  const { definition } = study;
  const params = sampler.ask(
    trial,
    createRandom(definition.seed, trial, PURPOSE.params),
    fittingStudy(study),
  );
  return params && trialAsked(definition, trial, params, definition.sampler.name);
}
