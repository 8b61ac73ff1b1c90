import TinyQueue from "tinyqueue";
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
import type { SamplerChoice, SamplerSetup } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { Study, TransferredStudy } from "../core/study.js";
import { type StudyRecord, studyRecord, type TrialRecord } from "../core/study-record.js";
import { encodeTransferred } from "../core/transferred-study.js";
import { createCurveSurrogate } from "./curve-surrogate.js";
import type { CurveTable, TableCurve } from "./curve-table.js";

/** What {@link replayTable} replays. */
export interface TableReplaySettings {
  readonly table: CurveTable;
  readonly scheduler: SchedulerChoice;
  /** Chooses among the table's configurations; it must know `candidates`, unless the replay is `live`. */
  readonly sampler: SamplerChoice;
  /**
   * Whether the sampler proposes from the whole space, as in a study that trains. A surrogate of the table then answers
   * for what it proposes; see {@link createCurveSurrogate}.
   */
  readonly live?: boolean;
  /**
   * Answers instead of the surrogate, for functions whose curves are known for all params; the table's own curves are then
   * not used.
   */
  readonly answer?: (params: Params) => TableCurve;
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
  /**
   * The index of each trial's curve in the table; where a surrogate answers, that of the configuration with the largest
   * part in the answer, and where a function does, -1.
   */
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

/** How a trial would train. */
interface Training {
  /** The index of the curve in the table, or of the one that has the largest part in it. */
  readonly place: number;
  readonly curve: TableCurve;
}

/** A simulated worker with a trial. */
interface Busy {
  readonly worker: number;
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
  readonly trainings: readonly Training[];
  /** The workers that train; the one whose training is next to report or end comes first, and of equals the lowest. */
  readonly busy: TinyQueue<Busy>;
  /** The other ones, the lowest first. */
  readonly idle: TinyQueue<number>;
  /** Seconds. */
  now: number;
}

/** Of a place that the table does not have, which {@link createPlacement} refuses. */
const EMPTY: TableCurve = { steps: [], reports: [], seconds: [], end: "complete" };

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

/** Restricts the sampler to the table's configurations. */
function amongCandidates(settings: TableReplaySettings): [SamplerSetup, (params: Params) => Training] {
  const { goal, maxSteps, space, candidates, curves } = settings.table;
  const placeOf = createPlacement(settings);
  const trainingOf = (params: Params): Training => {
    const place = placeOf(params);
    return { place, curve: curves[place] ?? EMPTY };
  };
  return [{ space, goal, maxSteps, seed: settings.seed, candidates }, trainingOf];
}

/** The sampler as in a study that trains. */
function fromSpace(settings: TableReplaySettings): [SamplerSetup, (params: Params) => Training] {
  const { table, seed, answer: known } = settings;
  const { goal, maxSteps, space } = table;
  if (known !== undefined)
    return [{ space, goal, maxSteps, seed }, (params) => ({ place: -1, curve: known(params) })];
  const answer = createCurveSurrogate(table);
  const trainingOf = (params: Params): Training => {
    const { nearest, curve } = answer(params);
    return { place: nearest, curve };
  };
  return [{ space, goal, maxSteps, seed }, trainingOf];
}

/** @param trainings filled with each trial's */
function proposerOf(settings: TableReplaySettings, trainings: Training[]): Proposer {
  const { candidates } = settings.table;
  const isLive = settings.live === true || settings.answer !== undefined;
  const [setup, trainingOf] = (isLive ? fromSpace : amongCandidates)(settings);
  const sampler = settings.sampler.create(setup);
  return untilExhausted({
    restore: (study) => sampler.restore?.(study),
    observe: (event, study) => sampler.observe?.(event, study),
    ask: (trial, random, study) => {
      if (!isLive && trainings.length === candidates.length) return undefined;
      const params = sampler.ask(trial, random, study);
      if (params !== undefined) trainings.push(trainingOf(params));
      return params;
    },
  });
}

/** Gives a free worker what the coordinator would. */
function employ(replay: Replay, worker: number): boolean {
  const { course, trainings } = replay;
  const dispatched = dispatch(course, NONE);
  if (dispatched === undefined) return false;
  if (dispatched.event !== undefined) push(replay, dispatched.event);
  const trial = course.study.trials[dispatched.trial];
  const curve = trainings[dispatched.trial]?.curve;
  if (trial === undefined || curve === undefined) return false;
  push(replay, attemptStarted(trial, `replay-${worker}`, trial.curve.steps.at(-1) ?? 0));
  const next = trial.curve.steps.length;
  replay.busy.push({ worker, trial, curve, next, due: replay.now + (curve.seconds[next] ?? 0) });
  return true;
}

function employAll(replay: Replay): void {
  const { idle } = replay;
  for (let worker = idle.peek(); worker !== undefined && employ(replay, worker); worker = idle.peek())
    idle.pop();
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
  const trainings: Training[] = [];
  const course: Course<StudyRecord> = {
    study,
    scheduler: scheduler.create({ goal, maxSteps, seed, space }),
    sampler: proposerOf(settings, trainings),
  };
  if (course.scheduler.snapshotEvery !== undefined) {
    throw new CurvewiseError("REPLAY_IMPOSSIBLE", `${scheduler.name} cannot be replayed on recorded curves`, {
      hint: "It lets trainings go on with each other's models, which was never recorded. Replay schedulers that leave trainings unchanged, such as lcm or asha.",
    });
  }
  const replay: Replay = {
    settings,
    course,
    trainings,
    busy: new TinyQueue<Busy>([], (a, b) => a.due - b.due || a.worker - b.worker),
    idle: new TinyQueue(Array.from({ length: workers }, (_, worker) => worker)),
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
  const { course, busy: workers, idle } = replay;
  const { study } = course;
  const improvements: Improvement[] = [];
  let bestCost = Number.POSITIVE_INFINITY;
  let trainingSeconds = 0;
  employAll(replay);
  for (let busy = workers.peek(); busy !== undefined; busy = workers.peek()) {
    const { curve, next, trial } = busy;
    const step = curve.steps[next];
    const cost = step === undefined ? 0 : step - (curve.steps[next - 1] ?? 0);
    if (study.totalSteps + cost > steps) break;
    workers.pop();
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
    if (goesOn) {
      busy.due += curve.seconds[busy.next] ?? 0;
      workers.push(busy);
    } else {
      idle.push(busy.worker);
      employAll(replay);
    }
  }
  return {
    study,
    curveOf: replay.trainings.map(({ place }) => place),
    improvements,
    spent: study.totalSteps,
    trainingSeconds,
    seconds: replay.now,
  };
}
