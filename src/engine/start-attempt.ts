import { join } from "node:path";
import { attemptStarted, attemptWentOn, canBeginAgain, modelLost } from "../core/course/attempt.js";
import { CurvewiseError } from "../core/errors.js";
import { ofFields } from "../core/fields.js";
import type { Assignment, StopSignal } from "../core/launcher.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { presentTraining, type Trial } from "../core/trial.js";
import type { LiveAttempt, TrialsInHand } from "./attempts.js";
import { carryOutExploit, type ExploitContext } from "./exploit.js";
import { verifiedSnapshot } from "./snapshot-file.js";
import type { Place } from "./worker-health.js";

/** What {@link startAttempt} needs. */
export interface StartContext extends ExploitContext {
  readonly scheduler: Scheduler;
  readonly hands: TrialsInHand;
  readonly interrupted: StopSignal;
}

/** The folder of what a trial trains now: of each replicate its own, so that none finds the files of another. */
export function trainingFolder(
  folder: string,
  { number, replicates }: Pick<Trial, "number" | "replicates">,
): string {
  const own = join(folder, `trial-${number}`);
  return replicates.length === 0 ? own : join(own, `replicate-${replicates.length}`);
}

async function resumePoint({ folder, recorder }: StartContext, trial: Trial): Promise<Assignment["resume"]> {
  // Meanwhile the trial may lose it, if another one finds it changed.
  const { snapshot } = trial;
  if (snapshot === undefined) return undefined;
  const path = await verifiedSnapshot(folder, snapshot);
  if (path !== undefined) return { step: snapshot.step, path };
  await recorder.record({
    type: "note",
    trial: trial.number,
    code: "SNAPSHOT_LOST",
    message: `the snapshot of step ${snapshot.step} is gone or was changed; trial ${trial.number} ${canBeginAgain(trial) ? "starts over" : "fails"}`,
  });
  return undefined;
}

/** Where an attempt begins, and whether its training waits there to go on. */
export interface AttemptStart {
  readonly place: Place;
  readonly isParked: boolean;
}

/** Whether somebody has paused or stopped a trial, or the study, since the trial was reserved. */
const isWithheld = ({ halt, held }: Study, { number, state }: Trial): boolean =>
  halt !== undefined || held.has(number) || state !== "waiting";

/**
 * Starts the next attempt of a reserved trial, from the model of another trial if that was decided, otherwise
 * from its own newest snapshot; or has it go on where it waits.
 *
 * @param durable promises of what was recorded for this trial just before; they are awaited too
 * @returns undefined if the trial cannot go on and has failed, or somebody has asked that it not go on
 */
export async function startAttempt(
  context: StartContext,
  number: number,
  { place, isParked }: AttemptStart,
  durable: Promise<void>[],
): Promise<LiveAttempt | undefined> {
  const { study, scheduler, recorder, folder, hands } = context;
  const trial = study.trials[number];
  if (trial === undefined) throw new CurvewiseError("LOG_INVALID", `there is no trial ${number}`);
  await carryOutExploit(context, trial);
  // What waits has its model in memory.
  const resume = isParked ? undefined : await resumePoint(context, trial);
  if (isWithheld(study, trial)) {
    await Promise.all(durable);
    return undefined;
  }
  const started = isParked
    ? attemptWentOn(trial, place.worker)
    : attemptStarted(trial, place.worker, resume?.step ?? 0);
  const { attempt, fromStep, parked } = started;
  durable.push(recorder.record(started));
  if (!isParked && resume === undefined && !canBeginAgain(trial)) {
    durable.push(recorder.record(modelLost(trial)));
    await Promise.all(durable);
    return undefined;
  }
  const { name, maxSteps, timeout } = study.definition;
  const assignment = ofFields<Assignment>({
    study: name,
    trial: number,
    attempt,
    params: trial.params,
    seed: presentTraining(trial).seed,
    maxSteps,
    folder: trainingFolder(folder, trial),
    resume,
    timeout,
    snapshotEvery: scheduler.snapshotEvery,
    parked,
  });
  const live: LiveAttempt = {
    assignment,
    place,
    fromStep,
    step: fromStep,
    told: undefined,
    ending: new AbortController(),
    noted: new Set(),
  };
  if (context.interrupted.aborted) live.ending.abort();
  hands.live.set(number, live);
  hands.reserved.delete(number);
  await Promise.all(durable);
  return live;
}
