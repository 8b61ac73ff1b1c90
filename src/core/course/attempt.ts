import type { AttemptStarted, Exploited, ExploitFailed, Failed } from "../events.js";
import type { PendingExploit } from "../exploit.js";
import { ofFields } from "../fields.js";
import { lastStep, presentTraining, type Trial } from "../trial.js";

/**
 * The event of a worker beginning to train a trial.
 *
 * @param fromStep the step of the snapshot that it goes on from; 0: from the beginning
 */
export function attemptStarted(
  { number, attempt }: Pick<Trial, "number" | "attempt">,
  worker: string,
  fromStep: number,
): AttemptStarted {
  return { type: "attempt-started", trial: number, attempt: attempt + 1, worker, fromStep };
}

/** The event of a trial going on in the program that had waited since its pause. */
export function attemptWentOn(trial: Trial, worker: string): AttemptStarted {
  return { ...attemptStarted(trial, worker, lastStep(presentTraining(trial))), parked: true };
}

/** A trial with another trial's model cannot: started from step 0, it would not have the model whose history it has. */
export function canBeginAgain({ inheritances }: Pick<Trial, "inheritances">): boolean {
  return inheritances.length === 0;
}

/** The event that ends an attempt just started because its model, copied from another trial, is gone. */
export function modelLost({ number, attempt }: Trial): Failed {
  return {
    type: "failed",
    trial: number,
    attempt,
    error: {
      code: "MODEL_LOST",
      message: "the model to continue from, copied from another trial, is missing or was changed",
      hint: "Do not delete or change the files of an unfinished study.",
    },
    output: [],
    retry: false,
  };
}

/**
 * The event of a trial taking another trial's model, as decided.
 *
 * @param path the copied snapshot, relative to the study's folder
 */
export function exploited(trial: number, exploit: PendingExploit, path: string): Exploited {
  const { parent, snapshot, value, params } = exploit;
  const { step, digest } = snapshot;
  return { type: "exploited", trial, parent, step, value, path, digest, params };
}

/** The event of a trial keeping its own model because the other one could not be copied intact. */
export function exploitFailed(
  trial: number,
  { parent, snapshot }: PendingExploit,
  { reason, sourceIntact }: Pick<ExploitFailed, "reason" | "sourceIntact">,
): ExploitFailed {
  return ofFields<ExploitFailed>({
    type: "exploit-failed",
    trial,
    parent,
    path: snapshot.path,
    reason,
    sourceIntact,
  });
}
