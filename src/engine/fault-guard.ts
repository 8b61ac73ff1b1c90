import type { Proposer } from "../core/course/course.js";
import type { Scheduler } from "../core/scheduler.js";

/** Reports what a call throws before it reaches the caller. */
function telling<Answer>(onFault: (error: unknown) => void, call: () => Answer): Answer {
  try {
    return call();
  } catch (error) {
    onFault(error);
    throw error;
  }
}

/** A sampler whose errors are reported, whatever the caller does with them. */
export function guardedSampler(sampler: Proposer, onFault: (error: unknown) => void): Proposer {
  return {
    restore: (study) => sampler.restore?.(study),
    observe: (event, study) => sampler.observe?.(event, study),
    ask: (trial, random, study) => telling(onFault, () => sampler.ask(trial, random, study)),
  };
}

/**
 * A scheduler whose errors are reported, whatever the caller does with them. A training only hears that its
 * report was refused, and would continue under a scheduler in an unknown state.
 */
export function guardedScheduler(scheduler: Scheduler, onFault: (error: unknown) => void): Scheduler {
  const { population, snapshotEvery } = scheduler;
  return {
    ...(population === undefined ? {} : { population }),
    ...(snapshotEvery === undefined ? {} : { snapshotEvery }),
    restore: (study) => scheduler.restore(study),
    observe: (event, study) => scheduler.observe(event, study),
    decide: (trial, step, study) => telling(onFault, () => scheduler.decide(trial, step, study)),
    resume: (study, isEnding, isClosed) =>
      telling(onFault, () => scheduler.resume?.(study, isEnding, isClosed)),
  };
}
