import type { AttemptStarted, Exploited, ExploitFailed, Failed } from "../events.js";
import type { PendingExploit } from "../exploit.js";
import type { Trial } from "../trial.js";

/**
 * The event by which a worker begins to train a trial.
 *
 * @param fromStep the step of the snapshot that it goes on from; 0: from the beginning
 */
export function attemptStarted({ number, attempt }: Trial, worker: string, fromStep: number): AttemptStarted {
  return { type: "attempt-started", trial: number, attempt: attempt + 1, worker, fromStep };
}

/** A trial with another trial's model cannot: from step 0 on it would not be the model whose history it has. */
export function canBeginAgain({ inheritances }: Pick<Trial, "inheritances">): boolean {
  return inheritances.length === 0;
}

/** The event by which the attempt that was just started ends whose model, another trial's, is gone. */
export function modelLost({ number, attempt }: Trial): Failed {
  return {
    type: "failed",
    trial: number,
    attempt,
    error: {
      code: "MODEL_LOST",
      message: "the model that it went on with, copied from another trial, is gone or was changed",
      hint: "Do not delete or change the files of a study that is not over.",
    },
    output: [],
    retry: false,
  };
}

/**
 * The event by which a trial has another trial's model, as was decided for it.
 *
 * @param path the copied snapshot, relative to the study's folder
 */
export function exploited(trial: number, exploit: PendingExploit, path: string): Exploited {
  const { parent, snapshot, value, params } = exploit;
  const { step, digest } = snapshot;
  return { type: "exploited", trial, parent, step, value, path, digest, params };
}

/** The event by which a trial keeps its own model, since there is no true copy of the other one. */
export function exploitFailed(trial: number, exploit: PendingExploit, reason: string): ExploitFailed {
  const { parent, snapshot } = exploit;
  return { type: "exploit-failed", trial, parent, path: snapshot.path, reason };
}
