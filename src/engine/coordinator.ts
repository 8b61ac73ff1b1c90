import { join } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import type { EventBody } from "../core/events.js";
import type { Assignment, AttemptEnd, StopSignal, TrialChannel } from "../core/launcher.js";
import type { Sampler } from "../core/sampler.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { lastStep, lastValue, type Trial } from "../core/trial.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { createChannel } from "./attempt-channel.js";
import { failureOfEnd } from "./attempt-outcome.js";
import type { LiveAttempt, LiveAttempts } from "./attempts.js";
import { areStepsCommitted, hasTrialLeft, isSpent } from "./budget.js";
import { carryOutExploit } from "./exploit.js";
import type { Recorder } from "./recorder.js";
import { verifiedSnapshot } from "./snapshot-file.js";

/** What a {@link createCoordinator} needs. */
export interface CoordinatorOptions {
  readonly study: Study;
  readonly sampler: Sampler;
  readonly scheduler: Scheduler;
  readonly recorder: Recorder;
  /** The study's folder, absolute. */
  readonly folder: string;
  /** Fires when trainings should save and end: the user, the budget, or a broken storage wants it. */
  readonly interrupted: StopSignal;
  /** Called when the study's steps or time are spent. */
  readonly onSpent: () => void;
}

/** An attempt for a worker, and the channel over which its training reports. */
export interface Work {
  readonly assignment: Assignment;
  readonly channel: TrialChannel;
}

/** The one process that owns a study: hands out trials, takes reports, decides. */
export interface Coordinator {
  /** The next attempt for a worker that is free; undefined when there will be none. Waits while there may be. */
  ask(worker: string): Promise<Work | undefined>;
  /** Tells how an attempt ended. */
  end(work: Work, end: AttemptEnd): Promise<void>;
}

/** Makes the coordinator of a study. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { study, sampler, scheduler, recorder, folder, interrupted, onSpent } = options;
  const live: LiveAttempts = new Map();
  const reserved = new Set<number>();
  let exhausted = false;
  let wakeAll: () => void = () => {};
  let changed = new Promise<void>((resolve) => {
    wakeAll = resolve;
  });
  const announce = (): void => {
    wakeAll();
    changed = new Promise<void>((resolve) => {
      wakeAll = resolve;
    });
  };
  interrupted.addEventListener("abort", announce, { once: true });
  const context = { study, scheduler, recorder, live, folder, interrupted, onSpent, onSnapshot: announce };

  const waitingTrial = (): number | undefined => {
    let lowest: number | undefined;
    for (const number of study.byState.waiting) {
      if (!reserved.has(number) && (lowest === undefined || number < lowest)) lowest = number;
    }
    return lowest;
  };

  const resumedTrial = (durable: Promise<void>[], isEnding: boolean): number | undefined => {
    const resumption = scheduler.resume?.(study, isEnding);
    if (resumption === undefined) return undefined;
    durable.push(recorder.record({ type: "resumed", ...resumption }));
    return resumption.trial;
  };

  const newTrial = (durable: Promise<void>[]): number | undefined => {
    if (study.trials.length >= (scheduler.population ?? Number.POSITIVE_INFINITY)) return undefined;
    if (exhausted || !hasTrialLeft(study) || areStepsCommitted(study, [...live.keys(), ...reserved]))
      return undefined;
    const number = study.trials.length;
    const { seed, sampler: choice } = study.definition;
    const params = sampler.ask(number, createRandom(seed, number, PURPOSE.params), study);
    if (params === undefined) {
      exhausted = true;
      return undefined;
    }
    const asked: EventBody = {
      type: "trial-asked",
      trial: number,
      params,
      seed: trialSeed(seed, number),
      sampler: choice.name,
    };
    durable.push(recorder.record(asked));
    return number;
  };

  const start = async (number: number, worker: string, durable: Promise<void>[]): Promise<Work> => {
    const trial = study.trials[number];
    if (trial === undefined) throw new CurvewiseError("LOG_INVALID", `there is no trial ${number}`);
    const trialFolder = join(folder, `trial-${number}`);
    if (trial.exploiting !== undefined) await carryOutExploit(context, trial);
    const resume = await resumePoint(trial);
    const fromStep = resume?.step ?? 0;
    const attempt = trial.attempt + 1;
    const { name, maxSteps, timeout } = study.definition;
    durable.push(recorder.record({ type: "attempt-started", trial: number, attempt, worker, fromStep }));
    const assignment: Assignment = {
      study: name,
      trial: number,
      attempt,
      params: trial.params,
      seed: trial.seed,
      maxSteps,
      folder: trialFolder,
      resume,
      timeout,
      ...(scheduler.snapshotEvery === undefined ? {} : { snapshotEvery: scheduler.snapshotEvery }),
    };
    const state: LiveAttempt = {
      assignment,
      worker,
      step: fromStep,
      told: undefined,
      reported: false,
      noted: new Set(),
    };
    live.set(number, state);
    reserved.delete(number);
    await Promise.all(durable);
    return { assignment, channel: createChannel(context, state) };
  };

  const resumePoint = async (trial: Trial): Promise<Assignment["resume"]> => {
    if (trial.snapshot === undefined) return undefined;
    const path = await verifiedSnapshot(folder, trial.snapshot);
    if (path !== undefined) return { step: trial.snapshot.step, path };
    await recorder.record({
      type: "note",
      trial: trial.number,
      code: "SNAPSHOT_LOST",
      message: `the snapshot of step ${trial.snapshot.step} is gone or was changed; trial ${trial.number} begins again`,
    });
    return undefined;
  };

  const ask = async (worker: string): Promise<Work | undefined> => {
    for (;;) {
      if (interrupted.aborted) return undefined;
      if (isSpent(study)) {
        onSpent();
        return undefined;
      }
      const durable: Promise<void>[] = [];
      const number =
        waitingTrial() ??
        resumedTrial(durable, false) ??
        newTrial(durable) ??
        (live.size === 0 && reserved.size === 0 ? resumedTrial(durable, true) : undefined);
      if (number !== undefined) {
        reserved.add(number);
        return start(number, worker, durable);
      }
      if (live.size === 0 && reserved.size === 0) {
        announce();
        return undefined;
      }
      await changed;
    }
  };

  const endingOf = (state: LiveAttempt, end: AttemptEnd): EventBody => {
    const { trial: number, attempt } = state.assignment;
    const trial = study.trials[number];
    const place = { trial: number, attempt };
    const { maxSteps, retries, goal } = study.definition;
    const reachedEnd = trial !== undefined && maxSteps !== undefined && lastStep(trial) >= maxSteps;
    if (state.told === "exploit") return { type: "paused", ...place };
    const decided = trial?.decision?.step === lastStepOf(trial) ? trial?.decision?.action : undefined;
    if (decided === "stop") return { type: "finished", ...place, state: "stopped" };
    if (decided === "pause") return { type: "paused", ...place };
    if (interrupted.aborted && !reachedEnd) {
      return { type: "released", ...place, reason: isSpent(study) ? "budget" : "interrupted" };
    }
    const failure = failureOfEnd(end, trial && lastValue(trial, goal.metric), trial, goal.metric);
    if (failure === undefined) return { type: "finished", ...place, state: "complete" };
    const retry = (trial?.failures ?? 0) < retries;
    const output = end.kind === "failed" ? end.output : [];
    return { type: "failed", ...place, error: failure, output, retry };
  };

  const end = async (work: Work, attemptEnd: AttemptEnd): Promise<void> => {
    const { trial } = work.assignment;
    const state = live.get(trial);
    if (state === undefined || state.assignment !== work.assignment) return;
    live.delete(trial);
    const durable = recorder.record(endingOf(state, attemptEnd));
    announce();
    await durable;
  };

  return { ask, end };
}

function lastStepOf(trial: Trial | undefined): number {
  return trial === undefined ? 0 : lastStep(trial);
}

/** The seed that trial n of a study hands to its training, in [0, 2^31). */
export function trialSeed(studySeed: number, number: number): number {
  return createRandom(studySeed, number, PURPOSE.trialSeed).uint32() >>> 1;
}
