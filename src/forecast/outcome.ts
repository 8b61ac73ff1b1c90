import type { Params } from "../core/param.js";
import type { Trial } from "../core/trial.js";

/** What a trial taught, or may still teach. */
export interface Outcome {
  readonly trial: number;
  readonly params: Params;
  /**
   * The cost with which its training ended or is expected to end: lower is better whatever the goal, and infinite if it
   * failed or diverged. Undefined while nothing is known about it.
   */
  readonly cost: number | undefined;
  /** The standard deviation of a cost that is a forecast; 0 if the cost is known. */
  readonly deviation: number;
  /** Whether it waits for a worker or is on one: its training is certain to tell more. */
  readonly isInFlight: boolean;
}

/** What the trials of a study taught so far. */
export interface Outcomes {
  /** Takes in a trial's state; to be called for every trial of an event, see `followTrials`. */
  note(trial: Trial): void;
  /**
   * The outcomes of trials that ended for good, complete or failed. The list only grows at its end, unless
   * {@link revision} changes. After a restart its order and the revision differ: no answer may depend on them.
   */
  readonly settled: readonly Outcome[];
  /** Changes when {@link settled} lost an outcome: a trial was retried, or went on. */
  readonly revision: number;
  /** The outcomes of all other trials (in flight, paused or stopped), by number; they change with every report. */
  open(): Outcome[];
}
