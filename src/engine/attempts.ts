import type { Action } from "../core/decision.js";
import type { Assignment } from "../core/launcher.js";
import { lastStep, type Trial } from "../core/trial.js";

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
  /** The codes of the notes that were recorded for it. */
  readonly noted: Set<string>;
}

/**
 * The trials that a coordinator has in hand. One that was handed out is `reserved` until its attempt begins (its snapshot
 * is being verified, another trial's model copied) and `live` until that ends. No trial is both.
 */
export interface TrialsInHand {
  readonly reserved: Set<number>;
  readonly live: Map<number, LiveAttempt>;
}

/**
 * What a report is to the coordinator:
 *
 * | kind     | when                                                 | recorded   | answer              |
 * | -------- | ---------------------------------------------------- | ---------- | ------------------- |
 * | `late`   | the attempt is over                                  | as data    | stop                |
 * | `beyond` | the step comes after the study's last one            | no         | stop                |
 * | `told`   | the training was told to end, and is about to        | no         | the same once more  |
 * | `known`  | an earlier attempt of the trial reported this step   | no, it was | go on               |
 * | `new`    | otherwise                                            | yes        | the scheduler's     |
 */
export type ReportKind = "late" | "beyond" | "told" | "known" | "new";

/** Tells what a report of an attempt is. */
export function kindOfReport(
  attempt: Pick<LiveAttempt, "told"> | undefined,
  trial: Pick<Trial, "curve" | "inheritances">,
  step: number,
  maxSteps: number | undefined,
): ReportKind {
  if (attempt === undefined) return "late";
  if (maxSteps !== undefined && step > maxSteps) return "beyond";
  if (attempt.told !== undefined) return "told";
  return step > lastStep(trial) ? "new" : "known";
}
