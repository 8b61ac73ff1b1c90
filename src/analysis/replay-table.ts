import { createCandidatePool } from "../core/candidates/candidate-pool.js";
import { keyOf } from "../core/candidates/params-key.js";
import { attemptStarted } from "../core/course/attempt.js";
import { conduct } from "../core/course/conduct.js";
import {
  type Course,
  type Proposer,
  restoreCourse,
  takeEvent,
  untilExhausted,
} from "../core/course/course.js";
import { dispatch } from "../core/course/dispatch.js";
import { endingOf } from "../core/course/ending.js";
import { reportEvents } from "../core/course/report.js";
import { CurvewiseError } from "../core/errors.js";
import type { EventBody, StudyEvent } from "../core/events.js";
import { costOf } from "../core/goal.js";
import type { AttemptEnd } from "../core/launcher.js";
import type { Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { Study, TransferredStudy } from "../core/study.js";
import { type StudyRecord, studyRecord, type TrialRecord } from "../core/study-record.js";
import { encodeTransferred } from "../core/transferred-study.js";
import type { CurveTable, TableCurve } from "./curve-table.js";

/** What {@link replayTable} replays. */
export interface TableReplaySettings {
  readonly table: CurveTable;
  readonly scheduler: SchedulerChoice;
  /** Chooses among the table's configurations; it must know `candidates`, unless the replay is `live`. */
  readonly sampler: SamplerChoice;
  /**
   * Whether the sampler proposes from the whole space, as in a study that trains. The nearest configuration of the table
   * then stands in for what it proposes: each trial has that one's curve, and several may have the same.
   */
  readonly live?: boolean;
  /** The seed of the study that is played. */
  readonly seed: number;
  /** The maximum number of steps, summed over trials; by default the replay goes on until nothing is left to do. */
  readonly steps?: number;
  /** How many trials train at the same time; by default 1. */
  readonly workers?: number;
  /** Earlier studies whose curves the study gets at its beginning. */
  readonly transferred?: readonly TransferredStudy[];
  /** Called after each event, as the engine would record it. */
  readonly onEvent?: (event: StudyEvent, study: Study) => void;
}

/** A value better than all before it. */
export interface Improvement {
  /** Steps spent by then, summed over trials. */
  readonly spent: number;
  readonly value: number;
  readonly trial: number;
}

/** The outcome of a replay. */
export interface TableReplay {
  /** The study at the end. */
  readonly study: Study;
  /** The index of each trial's curve in the table. */
  readonly curveOf: readonly number[];
  /** The improvements in the best value of any report, in order. */
  readonly improvements: readonly Improvement[];
  /** Steps spent, summed over trials. */
  readonly spent: number;
  /** Seconds of training, summed over trials. */
  readonly trainingSeconds: number;
  /** Seconds from the first training's start to the last one's end, with all workers in parallel. */
  readonly seconds: number;
}

/** A simulated worker with a trial. */
interface Busy {
  readonly trial: TrialRecord;
  readonly curve: TableCurve;
  /** The index of the next report in the curve. */
  next: number;
  /** When the next report is due, or the training ends if there is none, in seconds. */
  due: number;
}

interface Replay {
  readonly settings: TableReplaySettings;
  readonly course: Course<StudyRecord>;
  readonly curveOf: readonly number[];
  readonly workers: (Busy | undefined)[];
  /** Seconds. */
  now: number;
}

/** In a replay a trial starts at once, so none is ever on its way to a worker. */
const NONE: ReadonlySet<number> = new Set();

function push({ course, settings, now }: Replay, body: EventBody): void {
  const event: StudyEvent = { ...body, time: Math.round(now * 1000) };
  takeEvent(course, event);
  settings.onEvent?.(event, course.study);
}

/** Finds the index in the table of each of a sampler's proposals, each once. */
function createPlacement({ table, sampler }: TableReplaySettings): (params: Params) => number {
  const { candidates } = table;
  const places = new Map(candidates.map((params, index) => [params, index]));
  const taken = new Set<number>();
  return (params) => {
    let place = places.get(params);
    if (place === undefined) {
      const key = keyOf(params);
      place = candidates.findIndex((each, index) => !taken.has(index) && keyOf(each) === key);
    }
    if (place < 0 || taken.has(place)) {
      const problem = place < 0 ? "which is not in the table" : "which it had already proposed";
      throw new CurvewiseError(
        "CANDIDATE_INVALID",
        `sampler ${sampler.name} proposed ${JSON.stringify(params)}, ${problem}`,
        {
          hint: "A sampler with candidates must propose each of them at most once and nothing else.",
          kind: "failure",
        },
      );
    }
    taken.add(place);
    return place;
  };
}

/**
 * Restricts the sampler to the table's configurations.
 *
 * @param curveOf filled with the index in the table of each trial's curve
 */
function amongCandidates(settings: TableReplaySettings, curveOf: number[]): Proposer {
  const { goal, maxSteps, space, candidates } = settings.table;
  const sampler = settings.sampler.create({ space, goal, maxSteps, seed: settings.seed, candidates });
  const placeOf = createPlacement(settings);
  return untilExhausted({
    restore: (study) => sampler.restore?.(study),
    observe: (event, study) => sampler.observe?.(event, study),
    ask: (trial, random, study) => {
      if (curveOf.length === candidates.length) return undefined;
      const params = sampler.ask(trial, random, study);
      if (params !== undefined) curveOf.push(placeOf(params));
      return params;
    },
  });
}

/** The sampler as in a study that trains; the nearest configuration answers. See {@link amongCandidates}. */
function fromSpace(settings: TableReplaySettings, curveOf: number[]): Proposer {
  const { goal, maxSteps, space, candidates } = settings.table;
  const sampler = settings.sampler.create({ space, goal, maxSteps, seed: settings.seed });
  const pool = createCandidatePool(space, candidates, settings.seed);
  const places = new Map(candidates.map((params, index) => [params, index]));
  return untilExhausted({
    restore: (study) => sampler.restore?.(study),
    observe: (event, study) => sampler.observe?.(event, study),
    ask: (trial, random, study) => {
      const params = sampler.ask(trial, random, study);
      const nearest = params && pool.nearest(params, () => false);
      if (nearest !== undefined) curveOf.push(places.get(nearest) ?? -1);
      return params;
    },
  });
}

/** Gives a free worker what the coordinator would. */
function employ(replay: Replay, worker: number): boolean {
  const { course, settings, curveOf } = replay;
  const dispatched = dispatch(course, NONE);
  if (dispatched === undefined) return false;
  if (dispatched.event !== undefined) push(replay, dispatched.event);
  const trial = course.study.trials[dispatched.trial];
  const curve = settings.table.curves[curveOf[dispatched.trial] ?? -1];
  if (trial === undefined || curve === undefined) return false;
  push(replay, attemptStarted(trial, `replay-${worker}`, trial.curve.steps.at(-1) ?? 0));
  const next = trial.curve.steps.length;
  replay.workers[worker] = { trial, curve, next, due: replay.now + (curve.seconds[next] ?? 0) };
  return true;
}

function employAll(replay: Replay): void {
  const { workers } = replay;
  for (const [worker, busy] of workers.entries()) {
    if (busy === undefined && !employ(replay, worker)) return;
  }
}

/** The worker whose training is next to report or end; on ties, the first. */
function nextWorker(workers: readonly (Busy | undefined)[]): number {
  let first = -1;
  let due = Number.POSITIVE_INFINITY;
  for (let worker = 0; worker < workers.length; worker++) {
    const busy = workers[worker];
    if (busy !== undefined && busy.due < due) {
      first = worker;
      due = busy.due;
    }
  }
  return first;
}

/** Makes a training report, and carries out the answer. Returns whether it goes on. */
function report(replay: Replay, busy: Busy, step: number): boolean {
  const { trial, curve } = busy;
  const { course } = replay;
  for (const each of reportEvents(course.study, trial, step, curve.reports[busy.next] ?? {}))
    push(replay, each);
  busy.next += 1;
  const { decision, event } = conduct(course, trial, step);
  if (event !== undefined) push(replay, event);
  if (decision.action === "continue" && busy.next < curve.steps.length) return true;
  return end(replay, busy);
}

/** Ends a training as it was told to, or else as the recorded one ended. */
function end(replay: Replay, { trial, curve }: Busy): false {
  const recorded: AttemptEnd =
    curve.end === "complete"
      ? { kind: "ended" }
      : {
          kind: "failed",
          error: { code: "PROGRAM_FAILED", message: "the recorded training failed here" },
          output: [],
        };
  push(replay, endingOf(replay.course.study, trial, recorded));
  return false;
}

function begin(settings: TableReplaySettings): Replay {
  const { table, seed, workers = 1, sampler, scheduler } = settings;
  const { goal, maxSteps, space, task } = table;
  const study = studyRecord(
    {
      name: task,
      goal,
      space: space.params,
      constraints: [],
      maxSteps,
      sampler: { name: sampler.name, options: sampler.options },
      scheduler: { name: scheduler.name, options: scheduler.options },
      budget: {},
      seed,
      retries: 0,
    },
    0,
  );
  const curveOf: number[] = [];
  const course: Course<StudyRecord> = {
    study,
    scheduler: scheduler.create({ goal, maxSteps, seed, space }),
    sampler: (settings.live === true ? fromSpace : amongCandidates)(settings, curveOf),
  };
  if (course.scheduler.snapshotEvery !== undefined) {
    throw new CurvewiseError("REPLAY_IMPOSSIBLE", `${scheduler.name} cannot be replayed on recorded curves`, {
      hint: "It lets trainings go on with each other's models, which was never recorded. Replay schedulers that leave trainings unchanged, such as lcm or asha.",
    });
  }
  const replay: Replay = {
    settings,
    course,
    curveOf,
    workers: Array.from({ length: workers }, () => undefined),
    now: 0,
  };
  restoreCourse(course);
  for (const each of settings.transferred ?? []) push(replay, encodeTransferred(each));
  return replay;
}

/**
 * Plays a study over recorded curves: the sampler chooses from the table's configurations, each training reports what
 * was recorded, and the scheduler answers, by the engine's own rules (see {@link Course}). Resuming costs nothing. A
 * scheduler sees only what was reported so far.
 *
 * @throws CurvewiseError `OPTIONS_INVALID` from samplers that cannot choose from candidates; `CANDIDATE_INVALID` from
 *   those that break that contract
 */
export function replayTable(settings: TableReplaySettings): TableReplay {
  const { table, steps = Number.POSITIVE_INFINITY } = settings;
  const { goal } = table;
  const replay = begin(settings);
  const { course, workers } = replay;
  const { study } = course;
  const improvements: Improvement[] = [];
  let bestCost = Number.POSITIVE_INFINITY;
  let trainingSeconds = 0;
  employAll(replay);
  for (let worker = nextWorker(workers); worker >= 0; worker = nextWorker(workers)) {
    const busy = workers[worker];
    if (busy === undefined) break;
    const { curve, next, trial } = busy;
    const step = curve.steps[next];
    const cost = step === undefined ? 0 : step - (curve.steps[next - 1] ?? 0);
    if (study.totalSteps + cost > steps) break;
    replay.now = busy.due;
    const goesOn = step === undefined ? end(replay, busy) : report(replay, busy, step);
    if (step !== undefined) {
      trainingSeconds += curve.seconds[next] ?? 0;
      const value = curve.reports[next]?.[goal.metric];
      const valueCost = value === undefined ? Number.POSITIVE_INFINITY : costOf(value, goal);
      if (value !== undefined && valueCost < bestCost) {
        bestCost = valueCost;
        improvements.push({ spent: study.totalSteps, value, trial: trial.number });
      }
    }
    if (goesOn) busy.due += curve.seconds[busy.next] ?? 0;
    else {
      workers[worker] = undefined;
      employAll(replay);
    }
  }
  return {
    study,
    curveOf: replay.curveOf,
    improvements,
    spent: study.totalSteps,
    trainingSeconds,
    seconds: replay.now,
  };
}
