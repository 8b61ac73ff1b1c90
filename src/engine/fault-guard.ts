import type { Proposer } from "../core/course/course.js";
import type { Scheduler } from "../core/scheduler.js";

/** Calls, and tells what was thrown before it goes on to the caller. */
function telling<Answer>(onFault: (error: unknown) => void, call: () => Answer): Answer {
  try {
    return call();
  } catch (error) {
    onFault(error);
    throw error;
  }
}

/** A sampler as its coordinator asks it; that it threw is told, whatever becomes of the question. */
export function guardedSampler(sampler: Proposer, onFault: (error: unknown) => void): Proposer {
  return {
    restore: (study) => sampler.restore?.(study),
    observe: (event, study) => sampler.observe?.(event, study),
    ask: (trial, random, study) => telling(onFault, () => sampler.ask(trial, random, study)),
  };
}

/**
 * A scheduler as its coordinator asks it; that it threw is told, whatever becomes of the question. The training only
 * hears that its report was refused, and would go on under a scheduler that no longer knows what it does.
 */
export function guardedScheduler(scheduler: Scheduler, onFault: (error: unknown) => void): Scheduler {
  const { population, snapshotEvery } = scheduler;
  return {
    ...(population === undefined ? {} : { population }),
    ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
    restore: (study) => scheduler.restore(study),
    observe: (event, study) => scheduler.observe(event, study),
    decide: (trial, step, study) => telling(onFault, () => scheduler.decide(trial, step, study)),
    resume: (study, isEnding) => telling(onFault, () => scheduler.resume?.(study, isEnding)),
  };
}
