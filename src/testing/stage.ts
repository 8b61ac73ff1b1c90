import {
  attemptStarted,
  canBeginAgain,
  exploited,
  exploitFailed,
  modelLost,
} from "../core/course/attempt.js";
import { isSpent } from "../core/course/budget.js";
import { requestEvents } from "../core/course/carry-out.js";
import { conduct } from "../core/course/conduct.js";
import { type Course, type Proposer, restoreCourse, takeEvent } from "../core/course/course.js";
import { dispatch } from "../core/course/dispatch.js";
import { endingOf } from "../core/course/ending.js";
import { reportEvents } from "../core/course/report.js";
import type { Decision } from "../core/decision.js";
import type { EventBody, Metrics, StudyEvent } from "../core/events.js";
import type { AttemptEnd } from "../core/launcher.js";
import type { Params } from "../core/param.js";
import type { StudyRequest } from "../core/request.js";
import type { Resumption, Scheduler } from "../core/scheduler.js";
import { createSearchSpace } from "../core/search-space.js";
import type { StudyRecord, TrialRecord } from "../core/study-record.js";
import { lastStep } from "../core/trial.js";

/** A question to a sampler or scheduler, with the answer. `events`: how many events had happened. */
export type Question =
  | {
      readonly kind: "decide";
      readonly events: number;
      readonly trial: number;
      readonly step: number;
      readonly answer: Decision;
    }
  | {
      readonly kind: "resume";
      readonly events: number;
      readonly isEnding: boolean;
      readonly isClosed: boolean;
      readonly answer: Resumption | undefined;
    }
  | {
      readonly kind: "ask";
      readonly events: number;
      readonly trial: number;
      readonly answer: Params | undefined;
    };

/** Something that happens to a study from outside, caused by workers, programs or people. */
export type Move =
  /** A worker is free. */
  | { readonly kind: "ask"; readonly worker: string }
  /** A training reports; `inPlace`: it can go on with another trial's model without a restart. */
  | {
      readonly kind: "report";
      readonly trial: number;
      readonly step: number;
      readonly metrics: Metrics;
      readonly inPlace: boolean;
    }
  /** The exploit that was decided for a trial is carried out; `lost`: the parent's snapshot is gone by then. */
  | { readonly kind: "inherit"; readonly trial: number; readonly lost: boolean }
  | { readonly kind: "snapshot"; readonly trial: number; readonly step: number }
  /** A report from an attempt that was given up. */
  | {
      readonly kind: "late";
      readonly trial: number;
      readonly attempt: number;
      readonly step: number;
      readonly metrics: Metrics;
    }
  | { readonly kind: "end"; readonly trial: number; readonly end: AttemptEnd }
  /** The user retries a failed trial. */
  | { readonly kind: "retry"; readonly trial: number }
  | { readonly kind: "note" }
  /** Somebody asks something of the study. */
  | { readonly kind: "request"; readonly request: StudyRequest }
  /** The user asks trainings to save and end. */
  | { readonly kind: "interrupt" };

/** The last answer to a training, if it was to end. */
type Told = "pause" | "stop" | "exploit";

/** A study conducted by the rules of `core/course`, without a clock, workers, programs or files. */
export interface Stage {
  readonly course: Course<StudyRecord>;
  /** The events after `study-created`. */
  readonly events: readonly StudyEvent[];
  /** Everything that happened from outside, in order: {@link Stage.play} them to get the same events. */
  readonly moves: readonly Move[];
  /** Running trials that were told to end but have not done so yet. */
  readonly told: ReadonlyMap<number, Told>;
  /** Running trials whose decided exploit is yet to be carried out, and whether they can go on in place. */
  readonly inheriting: ReadonlyMap<number, boolean>;
  /** Attempts that reached a worker, as `trial/attempt`; those whose model was lost never did. */
  readonly trained: ReadonlySet<string>;
  /** Whether trainings were asked to save and end, so that no more begin. */
  readonly interrupted: boolean;
  /** Records an event as it is. */
  push(body: EventBody): void;
  /** Makes a move; returns false if a worker asked and there was nothing for it. */
  play(move: Move): boolean;
}

/** Options of {@link createStage}. */
export interface StageOptions {
  readonly study: StudyRecord;
  readonly sampler: Proposer;
  readonly scheduler: Scheduler;
  /** Milliseconds from one event to the next; by default 1. */
  readonly pause?: () => number;
  /** What proposed the trial that was asked for last; by default the study's sampler. */
  readonly proposer?: () => string;
  /** Called after each event. */
  readonly onEvent?: (event: StudyEvent) => void;
}

/** Sets the stage: an empty study, from which sampler and scheduler are restored. */
export function createStage(options: StageOptions): Stage {
  const { study, sampler, scheduler, pause = () => 1, onEvent } = options;
  const { proposer = () => study.definition.sampler.name } = options;
  const course: Course<StudyRecord> = { study, sampler, scheduler };
  const events: StudyEvent[] = [];
  const moves: Move[] = [];
  const told = new Map<number, Told>();
  const inheriting = new Map<number, boolean>();
  /** Paths of snapshots that are gone for good. */
  const lostPaths = new Set<string>();
  const trained = new Set<string>();
  let interrupted = false;
  let time = study.updatedAt;
  restoreCourse(course);

  const push = (body: EventBody): void => {
    time += pause();
    const event: StudyEvent = { ...body, time };
    takeEvent(course, event);
    events.push(event);
    onEvent?.(event);
  };

  const trialOf = (number: number): TrialRecord => {
    const trial = study.trials[number];
    if (trial === undefined) throw new Error(`there is no trial ${number}`);
    return trial;
  };

  const carryOut = (trial: TrialRecord, lost: boolean): boolean => {
    const { exploiting, number, inheritances } = trial;
    if (exploiting === undefined) return false;
    const { path } = exploiting.snapshot;
    if (lost) lostPaths.add(path);
    const isGone = lostPaths.has(path);
    push(
      isGone
        ? exploitFailed(number, exploiting, { reason: "it is gone" })
        : exploited(number, exploiting, `trial-${number}/inherited-${inheritances.length + 1}`),
    );
    return !isGone;
  };

  const ask = (worker: string): boolean => {
    if (isSpent(study)) interrupted = true;
    const dispatched = interrupted ? undefined : dispatch(course, new Set());
    if (dispatched === undefined) return false;
    const { event } = dispatched;
    if (event !== undefined) push(event.type === "trial-asked" ? { ...event, sampler: proposer() } : event);
    const trial = trialOf(dispatched.trial);
    // The scheduler has resumed it, but somebody holds it.
    if (study.held.has(trial.number)) return ask(worker);
    carryOut(trial, false);
    push(attemptStarted(trial, worker, trial.snapshot?.step ?? 0));
    if (trial.snapshot === undefined && !canBeginAgain(trial)) push(modelLost(trial));
    else trained.add(`${trial.number}/${trial.attempt}`);
    return true;
  };

  /** Whether somebody asked that a trial be stopped. */
  const isToStop = (number: number): boolean => study.held.get(number)?.action === "stop";

  /** What a training is told that its scheduler lets go on, if somebody asked that it not go on. */
  const obey = (number: number): void => {
    const hold = study.held.get(number) ?? study.halt;
    if (hold !== undefined) told.set(number, hold.action);
  };

  const request = (asked: StudyRequest): void => {
    const space = createSearchSpace(study.definition.space);
    for (const event of requestEvents({ ...course, space, trains: true }, asked)) push(event);
    if (isSpent(study)) interrupted = true;
  };

  const report = ({ trial: number, step, metrics, inPlace }: Extract<Move, { kind: "report" }>): void => {
    const trial = trialOf(number);
    for (const each of reportEvents(study, trial, step, metrics)) push(each);
    const { decision, event } = conduct(course, trial, step);
    if (event !== undefined) push(event);
    const { action } = decision;
    if (action === "exploit")
      inheriting.set(number, inPlace && decision.exploit.waits !== true && !isToStop(number));
    else if (action !== "continue") told.set(number, action);
    else if (step !== study.definition.maxSteps) obey(number);
    if (isSpent(study)) interrupted = true;
  };

  const inherit = (number: number, lost: boolean): void => {
    const inPlace = inheriting.get(number) === true && !interrupted;
    inheriting.delete(number);
    if (!carryOut(trialOf(number), lost)) obey(number);
    else if (!inPlace) told.set(number, "exploit");
  };

  const end = (number: number, attemptEnd: AttemptEnd): void => {
    const standing = { told: told.get(number), interrupted: interrupted || isToStop(number) };
    told.delete(number);
    inheriting.delete(number);
    push(endingOf(study, trialOf(number), attemptEnd, standing));
  };

  const play = (move: Move): boolean => {
    moves.push(move);
    switch (move.kind) {
      case "ask":
        return ask(move.worker);
      case "report":
        report(move);
        break;
      case "inherit":
        inherit(move.trial, move.lost);
        break;
      case "snapshot": {
        const { trial, step } = move;
        const path = `trial-${trial}/s${step}`;
        const { attempt } = trialOf(trial);
        lostPaths.delete(path);
        push({ type: "snapshot-saved", trial, attempt, step, path, digest: "00", bytes: 1 });
        break;
      }
      case "late": {
        const { kind: _, ...report } = move;
        push({ type: "reported-late", ...report });
        break;
      }
      case "end":
        end(move.trial, move.end);
        break;
      case "retry":
        push({ type: "retried", trial: move.trial });
        break;
      case "note":
        push({ type: "note", code: "NOTE", message: "something happened" });
        break;
      case "request":
        request(move.request);
        break;
      case "interrupt":
        interrupted = true;
        break;
    }
    return true;
  };

  return {
    course,
    events,
    moves,
    told,
    inheriting,
    trained,
    get interrupted() {
      return interrupted;
    },
    push,
    play,
  };
}

/** Whether a running trial's model can be saved now: it must have trained beyond what it inherited. */
export function canSave({ told, inheriting }: Stage, trial: TrialRecord): boolean {
  const { number, inheritances } = trial;
  const isGivenUp = told.get(number) === "exploit" || inheriting.has(number);
  return !isGivenUp && lastStep(trial) > (inheritances.at(-1)?.step ?? 0);
}
