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

/** What a scheduler is created for. */
export interface SchedulerSetup {
  readonly goal: Goal;
  /** The step at which a training is complete; undefined if the study has none. */
  readonly maxSteps: number | undefined;
  /** The study's seed: the only source of randomness. */
  readonly seed: number;
  /** Where params come from; absent when only curves are known. Schedulers that change params require it. */
  readonly space?: SearchSpace;
}

/** A paused trial that may go on; with `exploit` from another trial's model, in which case a failed one may too. */
export interface Resumption {
  readonly trial: number;
  readonly explanation: Explanation;
  readonly exploit?: Exploit;
}

/**
 * Decides which trainings go on. A scheduler is deterministic: its answers follow from its options, its setup and the
 * study's events so far, in their order. It keeps what it needs in memory, and {@link restore} must reach the same
 * state from a study as observing that study's events one by one.
 */
export interface Scheduler {
  /** The maximum number of trials in a study under it, if it needs a certain number. */
  readonly population?: number;
  /** Earlier studies whose curves it wants in the study; they are there before any trial. */
  readonly transfer?: TransferWish;
  /** How often, in steps, trainings are asked to save snapshots on their own, if it needs them. */
  readonly snapshotEvery?: number;
  /** What it is going to do in this study, in one line, beginning with a verb, if its options do not say it. */
  readonly plan?: string;
  /** Called once before anything else, with the study as opened (without trials, if it is new). */
  restore(study: Study): void;
  /** Called after every event, when the study already reflects it. */
  observe(event: StudyEvent, study: Study): void;
  /** Called after a report was recorded and observed; returns what the trial does next. */
  decide(trial: Trial, step: number, study: Study): Decision;
  /**
   * Called when a worker is free: returns a paused trial to go on with, before a new one is created.
   *
   * @param isEnding it is called again because no trial runs or waits and none can be created: what it leaves paused
   *   then stays paused
   * @param isClosed it is called again because no new trial begins from here on, as all params were tried or the
   *   budget has no room for one, though others may still train; always true where `isEnding` is
   */
  resume?(study: Study, isEnding?: boolean, isClosed?: boolean): Resumption | undefined;
}

/** A scheduler with its options, ready to be created for a study. */
export interface SchedulerChoice extends AlgorithmChoice {
  /**
   * Whether complete trials may be forgotten, because it never looks at them or at what the study says about them.
   * Memory then does not grow with the number of trials, unless something else in the study needs them.
   */
  readonly forgets?: boolean;
  /**
   * The same, learning from earlier studies as well unless it names others itself; absent if it cannot.
   *
   * @param studies their names, as they are transferred
   */
  readonly transferring?: (studies: readonly string[]) => SchedulerChoice;
  /** @throws CurvewiseError when the options do not fit the study. */
  readonly create: (setup: SchedulerSetup) => Scheduler;
}

/** What a scheduler's file exports: call it with options, or read what it is. */
export interface SchedulerDefinition<Options extends StandardSchemaV1 = StandardSchemaV1> {
  (options?: StandardSchemaV1.InferInput<Options>): SchedulerChoice;
  readonly schedulerName: string;
  /** See {@link SchedulerChoice}. */
  readonly forgets: boolean;
  /** Whether it may be used in studies with several goals. */
  readonly severalGoals: boolean;
  /** One sentence: what it does and when to use it. */
  readonly summary: string;
  /** The options' schema, with a description and a default for each. */
  readonly options: Options;
}
