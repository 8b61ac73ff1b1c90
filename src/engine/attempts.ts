import type { Action } from "../core/decision.js";
import type { Assignment } from "../core/launcher.js";
import { lastStep, presentTraining, type Trial } from "../core/trial.js";
import type { Place } from "./worker-health.js";

/** An attempt that a worker of this coordinator is running. */
export interface LiveAttempt {
  readonly assignment: Assignment;
  readonly place: Place;
  /** The step that it went on from; 0: it began. */
  readonly fromStep: number;
  /** The last step that this attempt reported; the snapshot's step before its first report. */
  step: number;
  /**
   * How the training was told to end, if it was; an interruption counts as `pause`. `exploit`: it was told to
   * stop so that its trial restarts from another model.
   */
  told: Exclude<Action, "continue"> | undefined;
  /** Fires when the training should save and end: with the session, or because somebody stopped the trial. */
  readonly ending: AbortController;
  /** The codes of the notes recorded for it. */
  readonly noted: Set<string>;
}

/**
 * The trials that a coordinator has handed out. Each is `reserved` until its attempt begins (while its
 * snapshot is verified, or another trial's model copied), and then `live` until the attempt ends. No trial is
 * both.
 */
export interface TrialsInHand {
  readonly reserved: Set<number>;
  readonly live: Map<number, LiveAttempt>;
}

/**
 * How the coordinator treats a report:
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

/** How to treat a report of an attempt. */
export function kindOfReport(
  attempt: Pick<LiveAttempt, "told"> | undefined,
  trial: Pick<Trial, "curve" | "inheritances" | "seed" | "replicates">,
  step: number,
  maxSteps: number | undefined,
): ReportKind {
  if (attempt === undefined) return "late";
  if (maxSteps !== undefined && step > maxSteps) return "beyond";
  if (attempt.told !== undefined) return "told";
  return step > lastStep(presentTraining(trial)) ? "new" : "known";
}
