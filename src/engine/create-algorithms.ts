import { completeParams } from "../core/draw/sample-params.js";
import { CurvewiseError } from "../core/errors.js";
import type { Params } from "../core/param.js";
import type { Sampler, SamplerChoice } from "../core/sampler.js";
import type { Scheduler, SchedulerChoice } from "../core/scheduler.js";
import type { SearchSpace } from "../core/search-space.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { untilWorthwhile } from "./until-worthwhile.js";

/** What {@link createAlgorithms} needs. */
export interface AlgorithmChoices {
  readonly definition: StudyDefinition;
  readonly space: SearchSpace;
  readonly sampler: SamplerChoice;
  readonly scheduler: SchedulerChoice;
  /** Params to try first; missing ones are drawn at random. */
  readonly enqueue?: readonly Params[];
}

/** What decides in a study. */
export interface Algorithms {
  readonly sampler: Sampler;
  readonly scheduler: Scheduler;
  /** Complete params of the trials to try first. */
  readonly enqueued: readonly Params[];
}

/** Limits that compare values of one metric mean nothing where several count. */
function checkBudget({ goal, budget }: StudyDefinition): void {
  const limit = (["target", "noBetterFor", "worthwhile"] as const).find((key) => budget[key] !== undefined);
  if (goal.others === undefined || limit === undefined) return;
  throw new CurvewiseError(
    "GOALS_UNSUPPORTED",
    `\`budget.${limit === "worthwhile" ? "until" : limit}\` is for studies with one goal`,
    {
      hint: "Limit the number of trials, steps or seconds.",
    },
  );
}

/**
 * Creates a study's algorithms, before anything is recorded, so that invalid options leave no study behind.
 *
 * @throws CurvewiseError `REPLICATES_UNSUPPORTED`, `GOALS_UNSUPPORTED`; those of the sampler and the scheduler, such as `MAX_STEPS_MISSING`
 */
export function createAlgorithms(choices: AlgorithmChoices): Algorithms {
  const { definition, space, sampler, scheduler, enqueue = [] } = choices;
  const { goal, maxSteps, seed } = definition;
  checkBudget(definition);
  const made = scheduler.create({ goal, maxSteps, seed, space });
  if (made.population !== undefined && definition.replicates !== undefined) {
    throw new CurvewiseError("REPLICATES_UNSUPPORTED", `${scheduler.name} cannot train replicates`, {
      hint: "The members of a population go on with each other's models; leave replicates out.",
    });
  }
  return {
    sampler: untilWorthwhile(
      sampler.create({ space, goal, maxSteps, seed, repeats: made.population !== undefined }),
      definition,
    ),
    scheduler: made,
    enqueued: enqueue.map((given, trial) =>
      completeParams(space, given, createRandom(seed, trial, PURPOSE.params), trial),
    ),
  };
}
