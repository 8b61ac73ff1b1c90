import { join } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import type { EventBody, Failure } from "../core/events.js";
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
import { endingOfLost } from "./recovery.js";
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
  /**
   * The next attempt for a worker that is free; undefined when there will be none. Waits while there may be. Those who
   * asked first are served first.
   *
   * @param gone fires when the worker does not wait any longer; the answer then is undefined, unless its attempt is
   *   being started already
   */
  ask(worker: string, gone?: StopSignal): Promise<Work | undefined>;
  /** Tells how an attempt ended. */
  end(work: Work, end: AttemptEnd): Promise<void>;
  /** Resolves when no attempt runs and none will begin, whether or not anybody asks. */
  settled(): Promise<void>;
}

interface Asker {
  readonly worker: string;
  readonly gone: StopSignal | undefined;
  readonly resolve: (work: Promise<Work | undefined> | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Settler {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Makes the coordinator of a study. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { study, sampler, scheduler, recorder, folder, interrupted, onSpent } = options;
  const live: LiveAttempts = new Map();
  const reserved = new Set<number>();
  const askers = new Set<Asker>();
  const settlers = new Set<Settler>();
  let exhausted = false;

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

  function* inFlight(): Generator<number> {
    yield* live.keys();
    yield* reserved;
  }

  const newTrial = (durable: Promise<void>[]): number | undefined => {
    if (study.trials.length >= (scheduler.population ?? Number.POSITIVE_INFINITY)) return undefined;
    if (exhausted || !hasTrialLeft(study) || areStepsCommitted(study, inFlight())) return undefined;
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

  /** Undefined when the trial cannot go on, and has failed. */
  const start = async (
    number: number,
    worker: string,
    durable: Promise<void>[],
  ): Promise<Work | undefined> => {
    const trial = study.trials[number];
    if (trial === undefined) throw new CurvewiseError("LOG_INVALID", `there is no trial ${number}`);
    const trialFolder = join(folder, `trial-${number}`);
    if (trial.exploiting !== undefined) await carryOutExploit(context, trial);
    const resume = await resumePoint(trial);
    const fromStep = resume?.step ?? 0;
    const attempt = trial.attempt + 1;
    const { name, maxSteps, timeout } = study.definition;
    durable.push(recorder.record({ type: "attempt-started", trial: number, attempt, worker, fromStep }));
    if (resume === undefined && !canBeginAgain(trial)) {
      durable.push(recorder.record(lostModel(number, attempt)));
      await Promise.all(durable);
      return undefined;
    }
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
      message: `the snapshot of step ${trial.snapshot.step} is gone or was changed; trial ${trial.number} ${canBeginAgain(trial) ? "begins again" : "fails"}`,
    });
    return undefined;
  };

  const isIdle = (): boolean => live.size === 0 && reserved.size === 0;

  const nextTrial = (durable: Promise<void>[]): number | undefined =>
    waitingTrial() ??
    resumedTrial(durable, false) ??
    newTrial(durable) ??
    (isIdle() ? resumedTrial(durable, true) : undefined);

  const isClosing = (): boolean => {
    if (!interrupted.aborted && isSpent(study)) onSpent();
    return interrupted.aborted;
  };

  const dismissAskers = (): void => {
    for (const asker of askers) asker.resolve(undefined);
    askers.clear();
  };

  const serve = (asker: Asker): boolean => {
    const durable: Promise<void>[] = [];
    const number = nextTrial(durable);
    // Recording the trial may have ended the session, and dismissed the asker with it.
    if (number === undefined || !askers.delete(asker)) return false;
    reserved.add(number);
    const { worker, gone } = asker;
    const started = start(number, worker, durable).finally(() => reserved.delete(number));
    asker.resolve(
      started.then((work) => {
        if (work === undefined) dispatch();
        return work ?? ask(worker, gone);
      }),
    );
    return true;
  };

  /** Whether there would be something to do, found out without handing it out: where nobody asks. */
  const hasMore = (): boolean => {
    if (isClosing()) return false;
    const durable: Promise<void>[] = [];
    const number = nextTrial(durable);
    // The session is told by the recorder when one of them fails.
    Promise.all(durable).catch(() => {});
    return number !== undefined;
  };

  const checkSettled = (): void => {
    if (settlers.size === 0 || !isIdle()) return;
    try {
      if (hasMore()) return;
      for (const { resolve } of settlers) resolve();
    } catch (error) {
      for (const { reject } of settlers) reject(error);
    }
    settlers.clear();
  };

  /** To be called whenever there may be something new to do, or nothing any more. One change wakes no crowd. */
  const dispatch = (): void => {
    if (isClosing()) dismissAskers();
    for (const asker of askers) {
      try {
        if (serve(asker)) continue;
        if (isIdle()) dismissAskers();
      } catch (error) {
        askers.delete(asker);
        asker.reject(error);
      }
      break;
    }
    checkSettled();
  };
  interrupted.addEventListener("abort", dispatch, { once: true });
  const context = { study, scheduler, recorder, live, folder, interrupted, onSpent, onSnapshot: dispatch };

  const ask = async (worker: string, gone?: StopSignal): Promise<Work | undefined> => {
    if (gone?.aborted === true) return undefined;
    let withdraw = (): void => {};
    return new Promise<Work | undefined>((resolve, reject) => {
      const asker: Asker = { worker, gone, resolve, reject };
      withdraw = () => {
        if (askers.delete(asker)) resolve(undefined);
      };
      gone?.addEventListener("abort", withdraw, { once: true });
      askers.add(asker);
      dispatch();
    }).finally(() => gone?.removeEventListener("abort", withdraw));
  };

  const endingOf = (state: LiveAttempt, end: AttemptEnd): EventBody => {
    const { trial: number, attempt } = state.assignment;
    const trial = study.trials[number];
    const place = { trial: number, attempt };
    const { maxSteps, retries, goal } = study.definition;
    const reachedEnd = trial !== undefined && maxSteps !== undefined && lastStep(trial) >= maxSteps;
    if (state.told === "exploit") return { type: "paused", ...place };
    if (end.kind === "released" && trial !== undefined) return endingOfLost(trial, maxSteps, end.reason);
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
    dispatch();
    await durable;
  };

  const settled = (): Promise<void> =>
    new Promise((resolve, reject) => {
      settlers.add({ resolve, reject });
      checkSettled();
    });

  return { ask, end, settled };
}

function lastStepOf(trial: Trial | undefined): number {
  return trial === undefined ? 0 : lastStep(trial);
}

/** A trial with another one's model cannot: from step 0 on it would not be the model whose history it has. */
const canBeginAgain = ({ inheritances }: Trial): boolean => inheritances.length === 0;

function lostModel(trial: number, attempt: number): EventBody {
  const error: Failure = {
    code: "MODEL_LOST",
    message: "the model that it went on with, copied from another trial, is gone or was changed",
    hint: "Do not delete or change the files of a study that is not over.",
  };
  return { type: "failed", trial, attempt, error, output: [], retry: false };
}

/** The seed that trial n of a study hands to its training, in [0, 2^31). */
export function trialSeed(studySeed: number, number: number): number {
  return createRandom(studySeed, number, PURPOSE.trialSeed).uint32() >>> 1;
}
