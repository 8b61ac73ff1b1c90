import { isSpent } from "../core/course/budget.js";
import type { Course } from "../core/course/course.js";
import { type Dispatched, dispatch, freeWaiting, isIdle } from "../core/course/dispatch.js";
import { endingOf } from "../core/course/ending.js";
import { CurvewiseError } from "../core/errors.js";
import type { Assignment, AttemptEnd, ParkedTraining, StopSignal, TrialChannel } from "../core/launcher.js";
import { type Asker, createAskerQueue } from "./asker-queue.js";
import { createChannel } from "./attempt-channel.js";
import type { LiveAttempt, TrialsInHand } from "./attempts.js";
import { brokenHost, mayBeHost, outcomeOf, restNote, shouldAvoid } from "./host-trouble.js";
import type { Recorder } from "./recorder.js";
import { startAttempt } from "./start-attempt.js";
import { createWorkerHealth, type Place } from "./worker-health.js";

/** What a {@link createCoordinator} needs. */
export interface CoordinatorOptions {
  readonly course: Course;
  readonly recorder: Recorder;
  /** The study's folder, absolute. */
  readonly folder: string;
  /** Fires when trainings should save and end, because of the user, the budget, or a broken storage. */
  readonly interrupted: StopSignal;
  /** Called when the study's steps or time are used up. */
  readonly onSpent: () => void;
  /** Called when no host can start a training. */
  readonly onBrokenHost: (error: CurvewiseError) => void;
}

/** An attempt for a worker, and the channel over which its training reports. */
export interface Work {
  readonly assignment: Assignment;
  readonly channel: TrialChannel;
}

/** The one process that owns a study: hands out trials, takes reports, decides. */
export interface Coordinator {
  /**
   * The next attempt for a free worker; undefined if there will be none. Waits while there may be one.
   * Workers are served in the order in which they asked; those that do not get trainings going rest now and then.
   *
   * @param gone fires when the worker stops waiting; the answer is then undefined, unless its attempt is
   *   already being started
   * @param parked the trainings that wait at this worker at the moment: it gets their trials before others do
   */
  ask(place: Place, gone?: StopSignal, parked?: () => Iterable<ParkedTraining>): Promise<Work | undefined>;
  /** Records how an attempt ended. */
  end(work: Work, end: AttemptEnd): Promise<void>;
  /** Resolves when no attempt is running and none will begin, whether or not anybody asks. */
  settled(): Promise<void>;
}

/** A coordinator as its session has it. */
export interface OwnCoordinator extends Coordinator {
  /** Call it after requests were carried out: follows what has been paused, resumed, stopped or added. */
  reconsider(): void;
}

/** For how long a worker that ended a trial and has not asked again counts as one that will, in milliseconds. */
const BETWEEN_TRIALS = 10_000;

interface Settler {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Creates the coordinator of a study. It follows the rules of `core/course`. */
export function createCoordinator(options: CoordinatorOptions): OwnCoordinator {
  const { course, recorder, folder, interrupted, onSpent, onBrokenHost } = options;
  const { study, scheduler } = course;
  const hands: TrialsInHand = { reserved: new Set(), live: new Map() };
  const askers = createAskerQueue<Work>();
  const settlers = new Set<Settler>();
  const health = createWorkerHealth();
  /** Where trials are being started. */
  const starting = new Map<number, Place>();
  /** By process, workers that ended a trial, and until when they may be expected to ask for the next one. */
  const returning = new Map<string, { readonly place: Place; readonly until: number }>();
  let lookAgain: NodeJS.Timeout | undefined;

  const areHandsEmpty = (): boolean => hands.live.size === 0 && hands.reserved.size === 0;

  const isClosing = (): boolean => {
    if (!interrupted.aborted && isSpent(study)) onSpent();
    return interrupted.aborted;
  };

  const record = ({ event }: Dispatched): Promise<void>[] =>
    event === undefined ? [] : [recorder.record(event)];

  const start = async (
    trial: number,
    place: Place,
    isParked: boolean,
    durable: Promise<void>[],
  ): Promise<Work | undefined> => {
    try {
      const attempt = await startAttempt(context, trial, { place, isParked }, durable);
      return attempt && { assignment: attempt.assignment, channel: createChannel(context, attempt) };
    } finally {
      hands.reserved.delete(trial);
      starting.delete(trial);
    }
  };

  /** The places of other workers that take trials at the moment, or are about to. */
  const others = function* (place: Place): Generator<Place> {
    const now = performance.now();
    const isOther = (other: Place): boolean =>
      other.process !== place.process && !health.isResting(other, now);
    for (const asker of askers) if (isOther(asker.place)) yield asker.place;
    for (const other of starting.values()) if (isOther(other)) yield other;
    for (const attempt of hands.live.values()) if (isOther(attempt.place)) yield attempt.place;
    for (const { place: other, until } of returning.values()) if (now < until && isOther(other)) yield other;
  };

  /** Whether a trial's training waits at this worker, as it was when it was paused. */
  const holds = ({ parked }: Asker<Work>, number: number): boolean => {
    const trial = study.trials[number];
    if (trial?.parked !== true || trial.exploiting !== undefined) return false;
    for (const each of parked()) if (each.trial === number && each.attempt === trial.attempt) return true;
    return false;
  };

  /** Who takes a trial that was found for a worker: one at which its training waits, if it asks, too. */
  const takerOf = (trial: number, asker: Asker<Work>): Asker<Work> => {
    if (study.trials[trial]?.parked !== true || holds(asker, trial)) return asker;
    const now = performance.now();
    for (const other of askers) if (holds(other, trial) && !health.isResting(other.place, now)) return other;
    return asker;
  };

  /**
   * What the next worker that asks gets. It is not recorded before that: perhaps nobody ever asks. Nothing happens in
   * the study until then, since it was found when no trial was running or on its way; a request has it sought again.
   */
  let found: Dispatched | undefined;

  /** How many trials wait for a worker and may get one. */
  const countFree = (): number =>
    study.held.size === 0 ? study.byState.waiting.size : freeWaiting(study).length;

  /** Whether workers wait because somebody has paused the study. */
  const isPaused = (): boolean => study.halt?.action === "pause";

  /** Gives a worker, or one that is better for it, the next trial; false if there is none. */
  const serve = (asker: Asker<Work>): boolean => {
    const { place } = asker;
    const { reserved } = hands;
    const isAvoided = (trial: number): boolean => {
      if (!shouldAvoid(health.failuresOf(trial), place, others(place))) return false;
      // Whoever it is left to may never ask.
      lookAgain ??= setTimeout(() => {
        lookAgain = undefined;
        goOn();
      }, BETWEEN_TRIALS).unref();
      return true;
    };
    const mayEnd = isIdle(study, reserved) && countFree() === 0;
    const dispatched = found ?? dispatch(course, reserved, mayEnd, isAvoided);
    found = undefined;
    if (dispatched === undefined) return false;
    const durable = record(dispatched);
    const { trial } = dispatched;
    // The scheduler has resumed it, but somebody holds it: it waits, and the worker gets another one.
    if (study.held.has(trial)) return true;
    const taker = takerOf(trial, asker);
    const { place: there, gone, parked } = taker;
    // Recording the trial may have ended the session, which dismisses the askers.
    if (!askers.remove(taker)) return false;
    hands.reserved.add(trial);
    starting.set(trial, there);
    taker.resolve(
      start(trial, there, holds(taker, trial), durable).then((work) => {
        if (work === undefined) goOn();
        return work ?? ask(there, gone, parked);
      }),
    );
    return true;
  };

  /** Whether there is something to do, found out without handing it out, since nobody asks. */
  const hasMore = (): boolean => {
    if (isClosing()) return false;
    if (found !== undefined || isPaused()) return true;
    let dispatched = dispatch(course, hands.reserved);
    while (dispatched !== undefined && study.held.has(dispatched.trial)) {
      // If it fails, the recorder tells the session.
      void Promise.all(record(dispatched)).catch(() => {});
      dispatched = dispatch(course, hands.reserved);
    }
    if (dispatched?.event !== undefined) found = dispatched;
    return dispatched !== undefined;
  };

  const checkSettled = (): void => {
    if (settlers.size === 0 || !areHandsEmpty()) return;
    try {
      if (hasMore()) return;
      for (const { resolve } of settlers) resolve();
    } catch (error) {
      for (const { reject } of settlers) reject(error);
    }
    settlers.clear();
  };

  /**
   * Call it whenever there may be something new to do, or nothing left. It serves only as many workers as
   * there are trials.
   */
  const goOn = (): void => {
    if (isClosing()) askers.dismiss();
    const now = performance.now();
    for (const asker of askers) {
      if (health.isResting(asker.place, now)) continue;
      try {
        let isServed = serve(asker);
        while (isServed && askers.has(asker)) isServed = serve(asker);
        if (isServed) continue;
        // What this worker should leave to others may be for the next one.
        if (countFree() > hands.reserved.size) continue;
        if (areHandsEmpty() && !isPaused()) askers.dismiss();
      } catch (error) {
        askers.remove(asker);
        asker.reject(error);
      }
      break;
    }
    checkSettled();
  };
  interrupted.addEventListener("abort", () => {
    for (const { ending } of hands.live.values()) ending.abort();
    goOn();
  });
  const context = {
    course,
    study,
    scheduler,
    recorder,
    hands,
    folder,
    interrupted,
    onSpent,
    onSnapshot: goOn,
  };

  const ask: Coordinator["ask"] = (place, gone, parked = () => []) => {
    returning.delete(place.process);
    return askers.wait({ place, gone, parked }, goOn);
  };

  /** A timer may fire before a busy process's clock says so; nobody would look at a worker again that still rests then. */
  const goOnAfterRest = (place: Place): void => {
    const left = health.restLeft(place, performance.now());
    if (left === 0) goOn();
    else setTimeout(() => goOnAfterRest(place), left).unref();
  };

  /** Has a worker rest that does not get trainings going; whether the trial should be tried elsewhere. */
  const judge = (attempt: LiveAttempt, attemptEnd: AttemptEnd): boolean => {
    const { place, assignment } = attempt;
    const { trial } = assignment;
    const outcome = outcomeOf(attempt, attemptEnd);
    if (outcome === undefined) return false;
    const [other] = others(place);
    const now = performance.now();
    const { rest, isBroken } = health.observe(place, trial, outcome, other === undefined, now);
    if (outcome.kind === "fruitful") return false;
    const { error } = outcome;
    if (isBroken === true) onBrokenHost(brokenHost(place, error));
    if (rest !== undefined) {
      // If it fails, the recorder tells the session.
      recorder.record(restNote(place, rest, error)).catch(() => {});
      goOnAfterRest(place);
    }
    return mayBeHost(health.failuresOf(trial), others(place));
  };

  const end = async (work: Work, attemptEnd: AttemptEnd): Promise<void> => {
    const { trial: number } = work.assignment;
    const attempt = hands.live.get(number);
    if (attempt?.assignment !== work.assignment) return;
    hands.live.delete(number);
    const { place, ending } = attempt;
    if (attemptEnd.kind !== "released")
      returning.set(place.process, { place, until: performance.now() + BETWEEN_TRIALS });
    const trial = study.trials[number];
    if (trial === undefined) throw new CurvewiseError("LOG_INVALID", `there is no trial ${number}`);
    const elsewhere = judge(attempt, attemptEnd);
    const standing = { told: attempt.told, interrupted: ending.signal.aborted, elsewhere };
    const durable = recorder.record(endingOf(study, trial, attemptEnd, standing));
    goOn();
    await durable;
  };

  const settled = (): Promise<void> =>
    new Promise((resolve, reject) => {
      settlers.add({ resolve, reject });
      checkSettled();
    });

  const reconsider = (): void => {
    found = undefined;
    for (const [trial, { ending }] of hands.live)
      if (study.held.get(trial)?.action === "stop") ending.abort();
    goOn();
  };

  return { ask, end, settled, reconsider };
}
