import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { observeEvent, restoreCourse, untilExhausted } from "../core/course/course.js";
import { recoveryEvents } from "../core/course/ending.js";
import { trialAsked } from "../core/course/new-trial.js";
import { type CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type {
  CurvesTransferred,
  EventBody,
  Note,
  StudyChanged,
  StudyEvent,
  WorkerJoined,
  WorkerLost,
} from "../core/events.js";
import type { Goal } from "../core/goal.js";
import type { StopSignal } from "../core/launcher.js";
import type { Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { Scheduler, SchedulerChoice } from "../core/scheduler.js";
import { type SearchSpace } from "../core/search-space.js";
import type { Lease, Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import type { StudyDefinition } from "../core/study-definition.js";
import type { TransferRequest } from "../core/transfer-request.js";
import { afterSeconds, type Deadline } from "../system/deadline.js";
import { type Coordinator, createCoordinator } from "./coordinator.js";
import { type Algorithms, createAlgorithms } from "./create-algorithms.js";
import { type AgreedChanges, changesOf } from "./definition-changes.js";
import { createFailureWatch } from "./failure-watch.js";
import { guardedSampler, guardedScheduler } from "./fault-guard.js";
import { firstOfEarlier, notesOf, type Prepared, prepareTransfer, wantsTransfer } from "./find-earlier.js";
import { createInbox } from "./inbox.js";
import { createLateReports, type ReportLate } from "./late-reports.js";
import { createLogClock } from "./log-clock.js";
import { thisProcess } from "./process-identity.js";
import { readStudy, readStudyAndImage } from "./read-study.js";
import { createRecorder } from "./recorder.js";
import { reopenedBy } from "./reopened-trials.js";
import { createSessionEnd, isKeptFromMore } from "./session-end.js";
import { sweepSnapshots } from "./snapshot-discard.js";
import { trainingFolder } from "./start-attempt.js";
import { recoverFolder } from "./study-folder.js";
import { LEASE_DURATION, takeStudy } from "./study-lease.js";
import { readTransfers } from "./transfer.js";

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
  /** Changes how many trials this process trains at the same time; absent: it trains none itself, and refuses to. */
  readonly setWorkers?: ((workers: number) => void) | undefined;
  /** Params to try first, in a new study; missing ones are drawn at random. */
  readonly enqueue?: readonly Params[];
  /** What a new study begins with of earlier ones. */
  readonly transfer?: TransferRequest;
  /** Try every failed trial once more. */
  readonly retryFailed?: boolean;
  /** Wait while another process has the study, and take it over once that process is gone or silent. */
  readonly standby?: boolean;
  /** Called when a standby begins to wait, with the error that names the holder. */
  readonly onStandby?: (owned: CurvewiseError) => void;
  /** Milliseconds of silence after which another process may take the study over; default 30,000. */
  readonly leaseDuration?: number;
  /** Once it fires, no more trials begin, trainings save and end, and the study can be run again later. */
  readonly interrupt?: StopSignal;
  /** Once it fires, trainings are ended at once. */
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
  /** Whether the sampler had nothing more to propose although the budget had room for it. */
  readonly exhausted: boolean;
}

/** The time during which this process owns a study. */
export interface Session {
  readonly study: Study;
  readonly coordinator: Coordinator;
  /** Fires when trainings should save and end; every channel's `interrupted` is this one. */
  readonly interrupted: AbortSignal;
  /** Fires when trainings must end at once. */
  readonly killed: AbortSignal;
  /** Records a report of an attempt that is over as data. */
  readonly reportLate: ReportLate;
  /** Records what happens to workers, and notes for people; resolves when it is durable. */
  record(...events: readonly (WorkerJoined | WorkerLost | Note)[]): Promise<void>;
  /** Carries out what was asked of the study, without waiting for the next look into its inbox. */
  takeRequests(): Promise<void>;
  /** How the session would end now: `interrupted` if it was kept from something that is left to do. */
  ending(): SessionResult["ended"];
  /** Gives up the session because of an error: running trainings are ended, and `close` throws it. */
  breakDown(error: unknown): void;
  /**
   * Ends the session; call it when no training is running. @throws what broke the session, if anything did
   */
  close(): Promise<SessionResult>;
}

/** The study, if it has begun and what it takes over is settled. */
async function begunStudy({
  storage,
  definition,
  transfer,
  sampler,
  scheduler,
}: SessionOptions): Promise<Study | undefined> {
  if (!wantsTransfer({ transfer, sampler, scheduler })) return undefined;
  const studies = await storage.listStudies(Date.now());
  if (!studies.some(({ name }) => name === definition.name)) return undefined;
  const study = await readStudy(storage, definition.name);
  return study.trials.length === 0 && study.transferred.length === 0 ? undefined : study;
}

async function ensureStudy(
  storage: Storage,
  definition: StudyDefinition,
  algorithms: Algorithms,
  prepared: Prepared,
  now: number,
): Promise<void> {
  const studies = await storage.listStudies(now);
  if (studies.some(({ name }) => name === definition.name)) return;
  // Read first, so that no study is left behind if curves to transfer are missing.
  await readTransfers(storage, definition, algorithms, undefined, prepared);
  try {
    await storage.createStudy(definition, now);
  } catch (error) {
    // Another process was faster.
    if (!isCurvewiseError(error) || error.code !== "STUDY_EXISTS") throw error;
  }
}

/** A definition that has the budget which the study was last run with has the one to which requests raised it. */
function withRaisedBudget(now: StudyDefinition, { definition, plannedBudget }: Study): StudyDefinition {
  return isDeepStrictEqual(plannedBudget, now.budget) ? { ...now, budget: definition.budget } : now;
}

function withReopened(
  study: Study,
  recovery: readonly EventBody[],
  changes: StudyChanged,
  scheduler: Scheduler,
): StudyChanged {
  const reopened = reopenedBy(study, recovery, changes, scheduler);
  return reopened === undefined ? changes : { ...changes, reopened };
}

function openingEvents(
  options: SessionOptions,
  transfers: readonly CurvesTransferred[],
  { enqueued: enqueue, scheduler }: Algorithms,
  study: Study,
  prepared: Prepared,
): EventBody[] {
  const { host, pid } = thisProcess();
  const recovery = recoveryEvents(study);
  const changes = changesOf(study.definition, withRaisedBudget(options.definition, study), options);
  const retried = options.retryFailed === true ? [...study.byState.failed] : [];
  const isNew = study.trials.length === 0;
  const isAsked = options.transfer !== undefined || prepared.studies.length > 0;
  const earlier = isNew && isAsked ? firstOfEarlier(transfers, options, enqueue) : [];
  const enqueued = isNew ? [...enqueue, ...earlier] : [];
  return [
    { type: "study-opened", host, pid },
    // First, by the definition under which they were trained.
    ...recovery,
    ...(isNew ? notesOf(prepared) : []),
    ...transfers,
    ...(changes === undefined ? [] : [withReopened(study, recovery, changes, scheduler)]),
    ...retried.map((trial): EventBody => ({ type: "retried", trial })),
    ...enqueued.map((params, trial) => trialAsked(study.definition, trial, params, "enqueue")),
  ];
}

/**
 * Takes a study for this process; begins it if it is not in the storage. A study that another process left
 * without closing is recovered first: see {@link recoveryEvents}.
 *
 * @throws CurvewiseError `STUDY_CHANGED`, `ALGORITHM_CHANGED`, `STUDY_OWNED`, `STANDBY_INTERRUPTED`, and those of the storage, the sampler
 *   and the scheduler
 */
export async function openSession(given: SessionOptions): Promise<Session> {
  const { storage, now = Date.now } = given;
  const prepared = await prepareTransfer(given, await begunStudy(given));
  const { definition, sampler, scheduler } = prepared;
  const options = { ...given, definition, sampler, scheduler };
  const algorithms = createAlgorithms(options);
  await ensureStudy(storage, definition, algorithms, prepared, now());
  const lease = await takeStudy({
    storage,
    study: definition.name,
    leaseDuration: options.leaseDuration ?? LEASE_DURATION,
    standby: options.standby === true,
    interrupted: createSessionEnd(options.interrupt, options.kill).interrupted,
    onStandby: async (owned) => {
      // Refuse now what would be refused later, before anyone relies on this standby.
      const recorded = await readStudy(storage, definition.name);
      changesOf(recorded.definition, withRaisedBudget(definition, recorded), options);
      options.onStandby?.(owned);
    },
    now,
  });
  try {
    return await openHeldSession(options, algorithms, prepared, lease);
  } catch (error) {
    await storage.release(lease);
    throw error;
  }
}

/** The same for the goal that the study was begun with: version 0.1.0 did not record which report counts. */
function asRecorded(options: SessionOptions, prepared: Algorithms, { of }: Goal): Algorithms {
  const { goal, ...definition } = options.definition;
  if (goal.of === of) return prepared;
  const { of: _of, ...others } = goal;
  return createAlgorithms({
    ...options,
    definition: { ...definition, goal: of === undefined ? others : { ...goal, of } },
  });
}

async function openHeldSession(
  options: SessionOptions,
  created: Algorithms,
  prepared: Prepared,
  lease: Lease,
): Promise<Session> {
  const { storage, now = Date.now, onOpen, onEvent, reap } = options;
  // A change may concern every trial.
  const forgets =
    options.sampler.forgets === true && options.scheduler.forgets === true && options.change !== true;
  const { study, imaged, forget } = await readStudyAndImage(storage, lease.study, () => forgets);
  // In the same append as the first trials or the change, so that a study with trials has everything that it took over.
  const isNew = study.trials.length === 0 || options.change === true;
  const algorithms = asRecorded(options, created, study.definition.goal);
  const transfers = isNew
    ? await readTransfers(storage, options.definition, algorithms, study, prepared)
    : [];
  const opening = openingEvents(options, transfers, algorithms, study, prepared);
  const folder = resolve(options.folder);
  await recoverFolder(folder, study.createdAt);
  const wasCutOff = study.byState.running.size > 0;
  const isParked = (number: number): boolean => study.trials[number]?.parked === true;
  const { running, paused, waiting } = study.byState;
  const left = [...running, ...[...paused, ...waiting].filter(isParked)].flatMap(
    (number) => study.trials[number] ?? [],
  );
  await Promise.all(left.map(async (trial) => reap?.(trainingFolder(folder, trial))));

  const end = createSessionEnd(options.interrupt, options.kill);
  const { interrupted, killed } = end;
  const breakDown = (error: unknown): void => end.take({ type: "broken", error });
  const onSpent = (): void => end.take({ type: "spent" });

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
        if (hopeless !== undefined) end.take({ type: "hopeless", error: hopeless });
      }
      if (event.type === "workers-set") options.setWorkers?.(event.workers);
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
  const coordinator = createCoordinator({
    course,
    recorder,
    folder,
    interrupted,
    onSpent,
    onBrokenHost: (error) => end.take({ type: "hopeless", error }),
  });
  const inbox = createInbox({
    study,
    scheduler,
    space: options.space,
    trains: options.setWorkers !== undefined,
    storage,
    recorder,
    onTaken: () => {
      timers.rearm();
      coordinator.reconsider();
    },
    onBroken: breakDown,
  });
  const ending = (): SessionResult["ended"] => (isKeptFromMore(end.state) ? "interrupted" : "finished");
  const close = async (): Promise<SessionResult> => {
    timers.stop();
    await inbox.close();
    try {
      // The image only speeds up the next opening, so a storage that just failed is left alone.
      if (end.state.is !== "failed") await recorder.writeImage();
    } finally {
      await storage.release(lease);
    }
    if (end.state.is === "failed") throw end.state.error;
    const ended = ending();
    const allFailed = ended === "interrupted" ? undefined : failures.conclude(study);
    if (allFailed !== undefined) throw allFailed;
    return { study, ended, exhausted: sampler.isExhausted() };
  };
  // What was asked for while nobody had the study comes before anything begins.
  try {
    await inbox.take();
  } catch (error) {
    timers.stop();
    throw error;
  }
  inbox.open();
  return {
    study,
    coordinator,
    interrupted,
    killed,
    reportLate: createLateReports(storage, study, recorder),
    record: (...events) => recorder.record(...events),
    takeRequests: inbox.take,
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
): { stop(): void; rearm(): void } {
  const { storage, now = Date.now, leaseDuration = LEASE_DURATION } = options;
  const renewal = setInterval(() => {
    storage.renew(lease, now(), leaseDuration).catch(onLost);
  }, leaseDuration / 3);
  let deadline: Deadline | undefined;
  /** Again whenever the budget was raised, or a study that was paused goes on: a pause does not count. */
  const rearm = (): void => {
    deadline?.cancel();
    const { time } = study.definition.budget;
    if (time === undefined || study.halt !== undefined) return;
    deadline = afterSeconds(time - study.elapsed, onSpent);
  };
  rearm();
  return {
    stop: () => {
      clearInterval(renewal);
      deadline?.cancel();
    },
    rearm,
  };
}
