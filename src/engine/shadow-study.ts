import { attemptStarted } from "../core/course/attempt.js";
import { isSpent } from "../core/course/budget.js";
import { takenUp } from "../core/course/carry-out.js";
import { conduct } from "../core/course/conduct.js";
import { type Course, type Proposer, restoreCourse, takeOrRenew } from "../core/course/course.js";
import { dispatchPaused, freeWaiting } from "../core/course/dispatch.js";
import { endingOf } from "../core/course/ending.js";
import type { Action } from "../core/decision.js";
import { CurvewiseError } from "../core/errors.js";
import type { EventBody, StudyEvent } from "../core/events.js";
import { REQUEST_RULE } from "../core/request.js";
import type { Scheduler, SchedulerChoice } from "../core/scheduler.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import { type StudyRecord, type TrialRecord } from "../core/study-record.js";
import { lastStep } from "../core/trial.js";

/** A report at which both the shadow and the recorded study's scheduler were asked. */
export interface ShadowAnswer {
  readonly trial: number;
  readonly step: number;
  readonly recorded: Action;
  readonly shadow: Action;
  /** The shadow's reason, in a sentence; undefined if it gave none. */
  readonly reason: string | undefined;
}

/** A shadow's own course of a study, beside the recorded one. */
export interface ShadowCourse {
  /** The study as recorded. */
  readonly recorded: StudyRecord;
  /** The study as it would be under the shadow. */
  readonly shadow: StudyRecord;
  /** Reports at which both were asked, and those at which their answers differed. */
  readonly compared: number;
  readonly differences: readonly ShadowAnswer[];
  /** What the shadow threw, and how many events it had followed by then; it was not asked again. */
  readonly failure: { readonly events: number; readonly error: unknown } | undefined;
}

/** Follows a study's log, event by event. */
export interface ShadowStudy {
  /** @throws CurvewiseError `LOG_INVALID`; whatever the shadow throws is kept for {@link conclude} instead */
  observe(event: StudyEvent): void;
  /** Call once, at the end of the log; undefined if that is empty. */
  conclude(): ShadowCourse | undefined;
}

/**
 * An event of one trial that the shadow's study has not taken yet; `answered`: what the trial was told at a
 * report.
 */
interface Held {
  readonly event: TrialEvent;
  readonly answered: Action | undefined;
}

type TrialEvent = Extract<StudyEvent, { readonly trial: number }>;

interface Follower {
  readonly recorded: StudyRecord;
  /** The study as it would be under the shadow, and the shadow itself. */
  course: Course<StudyRecord>;
  /** Creates the shadow for the definition that its study has. */
  readonly create: () => Scheduler;
  /** By trial, in order: what really happened to it, but not yet in the shadow's study. */
  readonly held: Map<number, Held[]>;
  /** Running trials that the shadow ended; they leave at the next thing that really happened to them. */
  readonly leaving: Set<number>;
  readonly differences: ShadowAnswer[];
  compared: number;
  /** Whether no new trial begins, as the log says where a trial was resumed for that reason. */
  isClosed: boolean;
  /** The shadow's event count when it last had no trial to resume; without a new event, it still has none. */
  idleAt: number;
}

function refuse(reason: string): never {
  throw new CurvewiseError("SHADOW_IMPOSSIBLE", `it cannot shadow this study: ${reason}`, {
    hint: "A shadow can only choose among trainings as they are, but population based training changes them.",
  });
}

function push(state: Follower, body: EventBody, time: number): void {
  state.course = takeOrRenew(state.course, { ...body, time }, state.create);
}

/** New trials come only from the record. */
const NOBODY: Proposer = { ask: () => undefined };

function createFollower(recorded: StudyRecord, study: StudyRecord, choice: SchedulerChoice): Follower {
  const create = (): Scheduler => {
    const { goal, maxSteps, seed } = study.definition;
    return choice.create({ goal, maxSteps, seed });
  };
  const course = { study, sampler: NOBODY, scheduler: create() };
  restoreCourse(course);
  return {
    recorded,
    course,
    create,
    held: new Map(),
    leaving: new Set(),
    differences: [],
    compared: 0,
    isClosed: false,
    idleAt: -1,
  };
}

/** A trial that really trains, running in the shadow's study too, where it may have been waiting. */
function running(state: Follower, trial: TrialRecord, time: number): TrialRecord {
  if (trial.state === "waiting") {
    const worker = state.recorded.trials[trial.number]?.worker ?? "shadow";
    push(state, attemptStarted(trial, worker, lastStep(trial)), time);
  }
  return trial;
}

function leave(state: Follower, trial: TrialRecord, time: number): void {
  state.leaving.delete(trial.number);
  const told = trial.decision?.action;
  push(state, endingOf(state.course.study, trial, { kind: "ended" }, { told }), time);
}

function takeReport(
  state: Follower,
  trial: TrialRecord,
  event: Extract<StudyEvent, { readonly type: "reported" }>,
  answered: Action | undefined,
): void {
  const { course } = state;
  const { step, time } = event;
  const { attempt, number } = running(state, trial, time);
  push(state, { ...event, attempt }, time);
  // Nobody is asked at the last step, and nobody got an answer if a coordinator was killed.
  if (step === course.study.definition.maxSteps || answered === undefined) return;
  const { decision, event: decided } = conduct(course, trial, step);
  const { action, explanation } = decision;
  if (action === "exploit")
    refuse("it wants a trial to go on with another trial's model, which nobody trained");
  if (decided !== undefined) push(state, decided, time);
  if (action !== "continue") state.leaving.add(number);
  state.compared += 1;
  if (answered === action) return;
  state.differences.push({
    trial: number,
    step,
    recorded: answered,
    shadow: action,
    reason: explanation?.reason,
  });
}

type Ending = Extract<TrialEvent, { readonly type: "finished" | "paused" | "failed" | "released" }>;

/** Whether a trial was really stopped because somebody asked for it. */
const isStoppedByRequest = ({ recorded }: Follower, trial: number): boolean =>
  recorded.trials[trial]?.decision?.rule === REQUEST_RULE;

/** How an attempt ends in the shadow's study, from how it really ended. */
function shadowEnding(state: Follower, event: Ending): Ending {
  if (event.type === "finished" && isStoppedByRequest(state, event.trial)) return event;
  if (event.type === "paused" || (event.type === "finished" && event.state === "stopped")) {
    // The real scheduler ended it; for the shadow, the training goes on if there is more of it.
    return { type: "released", trial: event.trial, attempt: event.attempt, reason: "lost", time: event.time };
  }
  return event;
}

function takeEnding(state: Follower, trial: TrialRecord, event: Ending): boolean {
  const { time } = event;
  const ending = shadowEnding(state, event);
  if (state.leaving.has(trial.number)) {
    leave(state, trial, time);
    // Any end but a release is held back until the shadow resumes the trial.
    return ending.type === "released";
  }
  const { attempt } = running(state, trial, time);
  push(state, { ...ending, attempt }, time);
  return true;
}

/** Takes what really happened to a trial. Returns false if that lies beyond the trial's current pause. */
function take(state: Follower, trial: TrialRecord, { event, answered }: Held): boolean {
  const { time } = event;
  if (trial.state === "stopped") return true;
  switch (event.type) {
    case "attempt-started":
      if (trial.state === "waiting") push(state, { ...event, attempt: trial.attempt + 1 }, time);
      return true;
    case "retried":
    case "reported-late":
      push(state, event, time);
      return true;
    case "snapshot-saved":
      push(state, { ...event, attempt: running(state, trial, time).attempt }, time);
      return true;
    case "reported":
      if (state.leaving.has(trial.number)) {
        leave(state, trial, time);
        return false;
      }
      takeReport(state, trial, event, answered);
      return true;
    case "finished":
    case "paused":
    case "failed":
    case "released":
      return takeEnding(state, trial, event);
    default:
      // The shadow's own answers and resumptions replace the recorded ones.
      return true;
  }
}

function catchUp(state: Follower, number: number): void {
  const trial = state.course.study.trials[number];
  const items = state.held.get(number);
  if (trial === undefined || items === undefined) return;
  let taken = 0;
  for (const item of items) {
    if (trial.state === "paused" || !take(state, trial, item)) break;
    taken += 1;
  }
  items.splice(0, trial.state === "stopped" ? items.length : taken);
  if (items.length === 0) state.held.delete(number);
}

/** Asks which trial a free worker would resume, and resumes it; false if there is none. */
function resume(state: Follower, isEnding: boolean, time: number): boolean {
  const { course, recorded } = state;
  const { trials } = course.study;
  const dispatched = dispatchPaused(course, isEnding, state.isClosed);
  if (dispatched?.event === undefined) return false;
  const { trial: number, event } = dispatched;
  const trial = trials[number];
  if (trial?.state !== "paused") {
    throw new Error(`it resumed trial ${number}, which is ${trial?.state ?? "unknown"}`);
  }
  push(state, event, time);
  if (recorded.trials[number]?.state === "running") running(state, trial, time);
  catchUp(state, number);
  return true;
}

/** Whether no trial is training, and none is waiting that could; one whose record ends does not count. */
function isIdle({ recorded, course }: Follower): boolean {
  const { running: atWork, waiting } = course.study.byState;
  if (atWork.size > 0) return false;
  return [...waiting].every((number) => {
    const state = recorded.trials[number]?.state;
    return state === "stopped" || state === "paused" || recorded.held.has(number);
  });
}

/** Whether a trial was resumed because somebody asked for it. */
const isByRequest = (event: Extract<StudyEvent, { readonly type: "resumed" }>): boolean =>
  event.explanation?.rule === REQUEST_RULE;

/** Before a trial was resumed or created, a worker was free, and the scheduler was asked what to resume. */
function askBefore(state: Follower, event: StudyEvent): void {
  const isNew = event.type === "trial-asked" && event.sampler !== "enqueue";
  if ((event.type !== "resumed" || isByRequest(event)) && !isNew) return;
  const { recorded } = state;
  // A change of the study may have brought new ones.
  state.isClosed = event.type === "resumed" && (state.isClosed || event.closed === true);
  const isRecordedIdle = recorded.byState.running.size === 0 && freeWaiting(recorded).length === 0;
  resume(state, !isNew && isRecordedIdle && isIdle(state), event.time);
}

/** If the shadow ended trials that really go on, it has free workers, and is asked what to do with them. */
function employFreeWorkers(state: Follower, time: number): void {
  const { study } = state.course;
  while (study.byState.running.size < state.recorded.byState.running.size && state.idleAt !== study.events) {
    if (!resume(state, false, time)) state.idleAt = study.events;
  }
}

/** When nothing is left to do, the shadow may resume what it paused, as far as that was trained. */
function finishPaused(state: Follower): void {
  const { course, recorded } = state;
  if (recorded.byState.running.size > 0 || freeWaiting(recorded).length > 0 || isSpent(recorded)) return;
  while (resume(state, isIdle(state), course.study.updatedAt)) {}
}

/** A shadow follows first trainings, since schedulers decide about no others. */
function withoutReplicates(event: StudyEvent): StudyEvent {
  if (event.type !== "study-created") return event;
  const { replicates: _replicates, ...definition } = event.definition;
  return { ...event, definition };
}

/** What an event that really happened is to a shadow: the end of the first training ends its trial. */
function ofFirst({ trials }: StudyRecord, event: StudyEvent): StudyEvent | undefined {
  const { trial: number } = { trial: undefined, ...event };
  const further = number === undefined ? 0 : (trials[number]?.replicates.length ?? 0);
  if (event.type === "note" || further === 0) return event;
  if (event.type !== "replicated" || further > 1) return undefined;
  return {
    type: "finished",
    trial: event.trial,
    attempt: event.attempt,
    state: "complete",
    time: event.time,
  };
}

/**
 * Takes a change of the study. A trial that may train on from then on does so in the shadow's study if it is complete
 * there too. If it is paused there, its real end, which is held back, was none.
 */
function change(state: Follower, event: Extract<StudyEvent, { readonly type: "study-changed" }>): void {
  const { reopened, ...others } = event;
  const trials = reopened?.trials ?? [];
  for (const number of trials) {
    const items = state.held.get(number) ?? [];
    const end = items.findLastIndex((item) => item.event.type === "finished");
    if (end >= 0) items.splice(end, 1);
  }
  const { complete } = state.course.study.byState;
  const here = trials.filter((number) => complete.has(number));
  const waits = state.course.scheduler.resume === undefined ? "waiting" : "paused";
  push(
    state,
    here.length === 0 ? others : { ...others, reopened: { trials: here, state: waits } },
    event.time,
  );
}

/** Keeps what really happened to a trial until the shadow's study takes it, which may be at once. */
function hold(state: Follower, event: TrialEvent, answered: Action | undefined): void {
  const { trial } = event;
  if (event.type === "resumed" && isByRequest(event) && state.course.study.byState.paused.has(trial))
    push(state, event, event.time);
  const items = state.held.get(trial) ?? [];
  state.held.set(trial, items);
  items.push({ event, answered });
  catchUp(state, trial);
}

/** What somebody asked for holds at once, whatever the shadow has yet to hear of the trial; unless it is over for it. */
function takeRequest(state: Follower, event: Extract<StudyEvent, { readonly type: "requested" }>): void {
  const { trial: number, action, by, time } = event;
  if (number === undefined) {
    push(state, event, time);
    return;
  }
  const at = state.course.study.trials[number]?.state;
  if (action !== "resume" && at !== "waiting" && at !== "running" && at !== "paused") return;
  if (action === "stop" && at === "paused") push(state, takenUp(number, by, "stop"), time);
  push(state, event, time);
  catchUp(state, number);
}

function follow(state: Follower, event: StudyEvent, answered: Action | undefined): void {
  switch (event.type) {
    case "study-created":
    case "study-opened":
    case "curves-transferred":
    case "trial-asked":
    case "worker-joined":
    case "worker-lost":
    case "note":
    case "workers-set":
    case "tagged":
      push(state, event, event.time);
      break;
    case "requested":
      takeRequest(state, event);
      break;
    case "study-changed":
      change(state, event);
      break;
    case "exploited":
      return refuse(
        "its trials go on with the models of others, and so have no learning curves of their own",
      );
    default:
      hold(state, event, answered);
  }
  employFreeWorkers(state, event.time);
}

/** What a training was told at a report; undefined if its coordinator ended before the answer. */
function answerTo(event: StudyEvent, next: StudyEvent | undefined): Action | undefined {
  if (event.type !== "reported" || next === undefined || next.type === "study-opened") return undefined;
  const isAnswer = next.type === "decided" && next.trial === event.trial && next.step === event.step;
  return isAnswer ? next.action : "continue";
}

/**
 * Lets a scheduler shadow a recorded study: it follows the study's log in its own study, is asked whenever
 * the real scheduler was, and decides there, while the real study stays as it is. The result is a function of
 * the log alone.
 *
 * The shadow's study has the same trials, created at the same moments, with their real reports, cut off at
 * the shadow's own decisions. A trial that it stopped is over for it. What a paused trial reports from then
 * on is held back until the shadow resumes it; the shadow then hears the reports one by one, with a decision
 * at each, up to the present. It is asked what to resume whenever the real scheduler was; whenever fewer of
 * its trials are training than really are, since it would have free workers; and at the end. A trial that the
 * real scheduler paused or stopped waits in the shadow's study, forever if it never goes on: what it would
 * have reported is not known.
 *
 * As its own shadow, a study's scheduler reproduces the study, event for event.
 */
export function createShadowStudy(choice: SchedulerChoice): ShadowStudy {
  let studies: Pick<ShadowCourse, "recorded" | "shadow"> | undefined;
  let state: Follower | undefined;
  let failure: ShadowCourse["failure"];
  let pending: StudyEvent | undefined;

  /** A shadow that fails is not asked again, and disturbs nothing. */
  const guarded = (act: () => void): void => {
    if (failure !== undefined) return;
    try {
      act();
    } catch (error) {
      failure = { events: studies?.recorded.events ?? 0, error };
    }
  };
  const withState = (act: (state: Follower) => void): void =>
    guarded(() => {
      if (state !== undefined) act(state);
    });

  const begin = (event: StudyEvent): void => {
    const [recorded, shadow] = [beginStudy(event), beginStudy(withoutReplicates(event))];
    studies = { recorded, shadow };
    guarded(() => {
      state = createFollower(recorded, shadow, choice);
    });
  };
  // One event behind, because the answer to a report is in the event after it.
  const process = (event: StudyEvent, next: StudyEvent | undefined): void => {
    if (studies === undefined) {
      begin(event);
      return;
    }
    withState((follower) => askBefore(follower, event));
    applyEvent(studies.recorded, event);
    const first = ofFirst(studies.recorded, event);
    if (first !== undefined) withState((follower) => follow(follower, first, answerTo(event, next)));
  };

  return {
    observe: (event) => {
      if (pending !== undefined) process(pending, event);
      pending = event;
    },
    conclude: () => {
      if (pending !== undefined) process(pending, undefined);
      pending = undefined;
      withState(finishPaused);
      if (studies === undefined) return undefined;
      return { ...studies, compared: state?.compared ?? 0, differences: state?.differences ?? [], failure };
    },
  };
}
