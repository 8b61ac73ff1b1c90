import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Decision, Explanation } from "./decision.js";
import type { StudyEvent } from "./events.js";
import type { Exploit } from "./exploit.js";
import type { Goal } from "./goal.js";
import type { SearchSpace } from "./search-space.js";
import type { Study } from "./study.js";
import type { AlgorithmChoice } from "./study-definition.js";
import type { TransferWish } from "./transferred-study.js";
import type { Trial } from "./trial.js";

/** What a scheduler is made for. */
export interface SchedulerSetup {
  readonly goal: Goal;
  /** The step at which a training is complete; undefined when the study has none. */
  readonly maxSteps: number | undefined;
  /** The study's seed: the only source of randomness. */
  readonly seed: number;
  /** Where params come from; absent where only curves are known. Schedulers that change params cannot do without. */
  readonly space?: SearchSpace;
}

/** A paused trial that may go on; with `exploit` from another trial's model, and then a failed one may as well. */
export interface Resumption {
  readonly trial: number;
  readonly explanation: Explanation;
  readonly exploit?: Exploit;
}

/**
 * Decides which trainings go on. A scheduler is deterministic: what it answers follows from its options, its
 * setup and the study's events so far, in their order. It keeps what it needs in memory, and it must reach the
 * same state by {@link restore} from a study as by having observed that study's events one by one.
 */
export interface Scheduler {
  /** How many trials a study under it has at most, where the scheduler wants a certain number. */
  readonly population?: number;
  /** Earlier studies whose curves it wants in the study; they are there before any trial. */
  readonly transfer?: TransferWish;
  /** How many steps apart trainings are asked to save snapshots of their own accord, where it needs them. */
  readonly snapshotEvery?: number;
  /** Called once before anything else, with the study as it was opened (without trials, if it is new). */
  restore(study: Study): void;
  /** Called after every event, when the study already reflects it. */
  observe(event: StudyEvent, study: Study): void;
  /** Called after a report was recorded and observed: what the trial does next. */
  decide(trial: Trial, step: number, study: Study): Decision;
  /**
   * Called when a worker is free: a paused trial to go on with, before a new one is made. Called again with `isEnding`
   * when no trial runs or waits and no new one can be made: what it leaves paused then stays paused.
   */
  resume?(study: Study, isEnding?: boolean): Resumption | undefined;
}

/** A scheduler with its options, ready to be made for a study. */
export interface SchedulerChoice extends AlgorithmChoice {
  /**
   * Whether complete trials may be forgotten: it never looks at them, nor does it read what its study tells of them. Memory
   * then does not grow with the number of trials, unless somebody else in the study wants them.
   */
  readonly forgets?: boolean;
  /** @throws CurvewiseError when the options do not fit the study. */
  readonly create: (setup: SchedulerSetup) => Scheduler;
}

/** What a scheduler's file exports: call it with options, or look at what it is. */
export interface SchedulerDefinition<Options extends StandardSchemaV1 = StandardSchemaV1> {
  (options?: StandardSchemaV1.InferInput<Options>): SchedulerChoice;
  readonly schedulerName: string;
  /** See {@link SchedulerChoice}. */
  readonly forgets: boolean;
  /** One sentence: what it does and when to use it. */
  readonly summary: string;
  /** The options' schema, with a description and a default each. */
  readonly options: Options;
}
