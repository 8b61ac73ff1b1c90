import { setMaxListeners } from "node:events";
import { join, resolve } from "node:path";
import { observeEvent, restoreCourse, untilExhausted } from "../core/course/course.js";
import { recoveryEvents } from "../core/course/ending.js";
import { trialAsked } from "../core/course/new-trial.js";
import { type CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type {
  CurvesTransferred,
  EventBody,
  Note,
  StudyEvent,
  WorkerJoined,
  WorkerLost,
} from "../core/events.js";
import type { StopSignal } from "../core/launcher.js";
import type { Params } from "../core/param.js";
import type { Sampler, SamplerChoice } from "../core/sampler.js";
import type { Scheduler, SchedulerChoice } from "../core/scheduler.js";
import { completeParams, type SearchSpace } from "../core/search-space.js";
import type { Lease, Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { type Coordinator, createCoordinator } from "./coordinator.js";
import { type AgreedChanges, changesOf } from "./definition-changes.js";
import { createFailureWatch } from "./failure-watch.js";
import { guardedSampler, guardedScheduler } from "./fault-guard.js";
import { createLateReports, type ReportLate } from "./late-reports.js";
import { createLogClock } from "./log-clock.js";
import { thisProcess } from "./process-identity.js";
import { readStudy, readStudyAndImage } from "./read-study.js";
import { createRecorder } from "./recorder.js";
import { sweepSnapshots } from "./snapshot-discard.js";
import { LEASE_DURATION, takeStudy } from "./study-lease.js";
import { readTransfers } from "./transfer.js";

/** Node's timers cannot wait longer than this many milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What {@link openSession} needs. */
export interface SessionOptions extends AgreedChanges {
  readonly storage: Storage;
  readonly definition: StudyDefinition;
  readonly space: SearchSpace;
  readonly sampler: SamplerChoice;
  readonly scheduler: SchedulerChoice;
  /** The study's own folder: trials' folders, snapshots and outputs are inside. */
  readonly folder: string;
  /** Ends what an earlier coordinator left running in a trial's folder. */
  readonly reap?: ((folder: string) => Promise<void>) | undefined;
  /** Params to try first, in a new study; params that are not given are drawn at random. */
  readonly enqueue?: readonly Params[];
  /** Try every failed trial once more. */
  readonly retryFailed?: boolean;
  /** Wait while another process has the study, and take it over when that one is gone or silent. */
  readonly standby?: boolean;
  /** Called when a standby begins to wait, with the error that names the holder. */
  readonly onStandby?: (owned: CurvewiseError) => void;
  /** Milliseconds of silence after which another process may take the study over; default 30,000. */
  readonly leaseDuration?: number;
  /** When it fires, no trial begins any more, trainings save and end, and the study can be run again later. */
  readonly interrupt?: StopSignal;
  /** When it fires, trainings are ended at once. */
  readonly kill?: StopSignal;
  /** Called once the study is open, before anything runs. */
  readonly onOpen?: (study: Study) => void;
  /** Called after each event. */
  readonly onEvent?: (event: StudyEvent, study: Study) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** How a session ended. `finished`: nothing is left to do within the budget. */
export interface SessionResult {
  readonly study: Study;
  readonly ended: "finished" | "interrupted";
}

/** The time during which this process owns a study. */
export interface Session {
  readonly study: Study;
  readonly coordinator: Coordinator;
  /** Fires when trainings should save and end; every channel's `interrupted` is this one. */
  readonly interrupted: AbortSignal;
  /** Fires when trainings must end at once. */
  readonly killed: AbortSignal;
  /** Keeps a report of an attempt that is over as data. */
  readonly reportLate: ReportLate;
  /** Records what happens to workers, and what a person should know; resolves when it is durable. */
  record(...events: readonly (WorkerJoined | WorkerLost | Note)[]): Promise<void>;
  /** Whether, if it ended now, something would be left to do that the session was kept from. */
  ending(): SessionResult["ended"];
  /** Gives the session up because of an error: running trainings are ended, and `close` throws it. */
  breakDown(error: unknown): void;
  /** Ends the session; call it when no training runs any more. @throws what broke the session, if anything did */
  close(): Promise<SessionResult>;
}

function controllerFollowing(signals: readonly (StopSignal | undefined)[]): AbortController {
  const controller = new AbortController();
  // Every running attempt listens, so the number of listeners is no sign of a leak.
  setMaxListeners(0, controller.signal);
  for (const signal of signals) {
    if (signal?.aborted === true) controller.abort();
    else signal?.addEventListener("abort", () => controller.abort());
  }
  return controller;
}

async function ensureStudy(
  storage: Storage,
  definition: StudyDefinition,
  algorithms: Algorithms,
  now: number,
): Promise<void> {
  const studies = await storage.listStudies(now);
  if (studies.some(({ name }) => name === definition.name)) return;
  // Where curves are to be transferred that are not there, no study is left behind.
  await readTransfers(storage, definition, algorithms);
  try {
    await storage.createStudy(definition, now);
  } catch (error) {
    // Another process was quicker.
    if (!isCurvewiseError(error) || error.code !== "STUDY_EXISTS") throw error;
  }
}

function openingEvents(
  options: SessionOptions,
  transfers: readonly CurvesTransferred[],
  enqueue: readonly Params[],
  study: Study,
): EventBody[] {
  const { host, pid } = thisProcess();
  const changes = changesOf(study.definition, options.definition, options);
  const retried = options.retryFailed === true ? [...study.byState.failed] : [];
  const enqueued = study.trials.length === 0 ? enqueue : [];
  return [
    { type: "study-opened", host, pid },
    ...(changes === undefined ? [] : [changes]),
    ...transfers,
    ...recoveryEvents(study),
    ...retried.map((trial): EventBody => ({ type: "retried", trial })),
    ...enqueued.map((params, trial) => trialAsked(study.definition, trial, params, "enqueue")),
  ];
}

/**
 * Takes a study for this process; begins it when the storage does not have it. A study that another process
 * left without closing is mended first: see {@link recoveryEvents}.
 *
 * @throws CurvewiseError `STUDY_CHANGED`, `ALGORITHM_CHANGED`, `STUDY_OWNED`, `STANDBY_INTERRUPTED`, and those of the storage, the sampler
 *   and the scheduler
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { storage, definition, now = Date.now } = options;
  const algorithms = createAlgorithms(options);
  await ensureStudy(storage, definition, algorithms, now());
  const lease = await takeStudy({
    storage,
    study: definition.name,
    leaseDuration: options.leaseDuration ?? LEASE_DURATION,
    standby: options.standby === true,
    interrupted: controllerFollowing([options.interrupt, options.kill]).signal,
    onStandby: async (owned) => {
      // What would be refused in the end is refused before anyone relies on this standby.
      const { definition: recorded } = await readStudy(storage, definition.name);
      changesOf(recorded, definition, options);
      options.onStandby?.(owned);
    },
    now,
  });
  try {
    return await openHeldSession(options, algorithms, lease);
  } catch (error) {
    await storage.release(lease);
    throw error;
  }
}

interface Algorithms {
  readonly sampler: Sampler;
  readonly scheduler: Scheduler;
  /** Complete params of the trials to try first. */
  readonly enqueued: readonly Params[];
}

/** Made before anything is recorded, so that options that do not fit leave no study behind. */
function createAlgorithms({
  definition,
  space,
  sampler,
  scheduler,
  enqueue = [],
}: SessionOptions): Algorithms {
  const { goal, maxSteps, seed } = definition;
  return {
    sampler: sampler.create({ space, goal, maxSteps, seed }),
    scheduler: scheduler.create({ goal, maxSteps, seed, space }),
    enqueued: enqueue.map((given, trial) =>
      completeParams(space, given, createRandom(seed, trial, PURPOSE.params)),
    ),
  };
}

async function openHeldSession(
  options: SessionOptions,
  algorithms: Algorithms,
  lease: Lease,
): Promise<Session> {
  const { storage, now = Date.now, onOpen, onEvent, reap } = options;
  const forgets = options.sampler.forgets === true && options.scheduler.forgets === true;
  const { study, imaged, forget } = await readStudyAndImage(storage, lease.study, () => forgets);
  // In one append with the first trials, so that a study with trials has all that it took over.
  const isNew = study.trials.length === 0;
  const transfers = isNew ? await readTransfers(storage, options.definition, algorithms, study) : [];
  const opening = openingEvents(options, transfers, algorithms.enqueued, study);
  const folder = resolve(options.folder);
  const wasCutOff = study.byState.running.size > 0;
  await Promise.all([...study.byState.running].map(async (n) => reap?.(join(folder, `trial-${n}`))));

  const interruption = controllerFollowing([options.interrupt, options.kill]);
  const killing = controllerFollowing([options.kill]);
  let fatal: { readonly error: unknown } | undefined;
  let spent = false;
  const giveUp = (error: unknown): void => {
    fatal ??= { error };
    interruption.abort();
  };
  const breakDown = (error: unknown): void => {
    giveUp(error);
    killing.abort();
  };
  const onSpent = (): void => {
    spent = true;
    interruption.abort();
  };

  const sampler = untilExhausted(guardedSampler(algorithms.sampler, breakDown));
  const scheduler = guardedScheduler(algorithms.scheduler, breakDown);
  const course = { study, sampler, scheduler };
  const failures = createFailureWatch();
  let listening = false;
  const recorder = createRecorder({
    storage,
    lease,
    study,
    now: createLogClock(now, study.updatedAt),
    imaged,
    onBroken: breakDown,
    onEvent: (event) => {
      if (listening) {
        observeEvent(course, event);
        const hopeless = failures.observe(event, study);
        if (hopeless !== undefined) giveUp(hopeless);
      }
      onEvent?.(event, study);
      forget(event);
    },
  });
  await recorder.record(...opening);
  if (wasCutOff && scheduler.snapshotEvery !== undefined) await sweepSnapshots(storage, study, folder);
  restoreCourse(course);
  listening = true;
  onOpen?.(study);

  const timers = startTimers(options, lease, study, onSpent, breakDown);
  const interrupted = interruption.signal;
  const coordinator = createCoordinator({ course, recorder, folder, interrupted, onSpent });
  const ending = (): SessionResult["ended"] => (interrupted.aborted && !spent ? "interrupted" : "finished");
  const close = async (): Promise<SessionResult> => {
    timers.stop();
    try {
      // The image only makes the next opening quick, so a storage that just failed is left alone.
      if (fatal === undefined) await recorder.writeImage();
    } finally {
      await storage.release(lease);
    }
    if (fatal !== undefined) throw fatal.error;
    const ended = ending();
    const allFailed = ended === "interrupted" ? undefined : failures.conclude(study);
    if (allFailed !== undefined) throw allFailed;
    return { study, ended };
  };
  return {
    study,
    coordinator,
    interrupted,
    killed: killing.signal,
    reportLate: createLateReports(storage, study, recorder),
    record: (...events) => recorder.record(...events),
    ending,
    breakDown,
    close,
  };
}

function startTimers(
  options: SessionOptions,
  lease: Lease,
  study: Study,
  onSpent: () => void,
  onLost: (error: unknown) => void,
): { stop(): void } {
  const { storage, now = Date.now, leaseDuration = LEASE_DURATION } = options;
  const renewal = setInterval(() => {
    storage.renew(lease, now(), leaseDuration).catch(onLost);
  }, leaseDuration / 3);
  const { time } = study.definition.budget;
  const left = time === undefined ? undefined : Math.max(0, time - study.elapsed) * 1000;
  const deadline = left === undefined ? undefined : setTimeout(onSpent, Math.min(left, LONGEST_TIMER));
  return {
    stop: () => {
      clearInterval(renewal);
      clearTimeout(deadline);
    },
  };
}
