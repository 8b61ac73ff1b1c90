import type { Action } from "../core/decision.js";
import type { Assignment } from "../core/launcher.js";

/** An attempt that a worker of this coordinator is at. */
export interface LiveAttempt {
  readonly assignment: Assignment;
  readonly worker: string;
  /** The last step that this attempt reported; the snapshot's step before its first report. */
  step: number;
  /**
   * What the training was told to do last, when that was to end; an interruption counts as `pause`. `exploit`: it was
   * told to stop so that its trial begins again from another model.
   */
  told: Exclude<Action, "continue"> | undefined;
  /** Whether this attempt reported anything at all, old steps included. */
  reported: boolean;
  /** The codes of the notes that were recorded for it. */
  readonly noted: Set<string>;
}

/** The live attempts by trial. */
export type LiveAttempts = Map<number, LiveAttempt>;
