import { CurvewiseError } from "../core/errors.js";
import type { EventBody, StudyEvent } from "../core/events.js";
import { costOf } from "../core/goal.js";
import type { Params } from "../core/param.js";
import type { Sampler, SamplerChoice } from "../core/sampler.js";
import type { Scheduler, SchedulerChoice } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { applyEvent, type StudyRecord, studyRecord, type TrialRecord } from "../core/study-fold.js";
import { encodeTransferred, type TransferredStudy } from "../core/transferred-study.js";
import { createRandom, PURPOSE } from "../math/random.js";
import type { CurveTable, TableCurve } from "./curve-table.js";

/** What {@link replayTable} replays. */
export interface TableReplaySettings {
  readonly table: CurveTable;
  readonly scheduler: SchedulerChoice;
  /** Chooses among the table's configurations; it must know `candidates`. */
  readonly sampler: SamplerChoice;
  /** The seed of the study that is played. */
  readonly seed: number;
  /** Nothing is trained beyond so many steps, summed over trials; without it, until nothing is left to do. */
  readonly steps?: number;
  /** Trials that train at the same time; 1 unless given. */
  readonly workers?: number;
  /** Earlier studies whose curves the study takes over at its beginning. */
  readonly transferred?: readonly TransferredStudy[];
  /** Called after each event, as the engine would record it. */
  readonly onEvent?: (event: StudyEvent, study: Study) => void;
}

/** A value that was better than all before it. */
export interface Improvement {
  /** Steps spent by then, summed over trials. */
  readonly spent: number;
  readonly value: number;
  readonly trial: number;
}

/** What a replay came to. */
export interface TableReplay {
  /** The study as it stands at the end. */
  readonly study: Study;
  /** The index of each trial's curve in the table. */
  readonly curveOf: readonly number[];
  /** The improvements of the best value of any report, in order. */
  readonly improvements: readonly Improvement[];
  /** Steps spent, summed over trials. */
  readonly spent: number;
  /** Seconds of training, summed over trials. */
  readonly trainingSeconds: number;
  /** Seconds from the first training's start to the last one's end, all workers going at the same time. */
  readonly seconds: number;
}

/** A worker of the simulation at a trial. */
interface Busy {
  readonly trial: TrialRecord;
  readonly curve: TableCurve;
  /** The place of the next report in the curve. */
  next: number;
  /** When the next report is due, or the training ends if there is none; in seconds. */
  due: number;
}

interface Replay {
  readonly settings: TableReplaySettings;
  readonly study: StudyRecord;
  readonly scheduler: Scheduler;
  readonly sampler: Sampler;
  readonly places: ReadonlyMap<Params, number>;
  readonly taken: Set<number>;
  readonly curveOf: number[];
  readonly workers: (Busy | undefined)[];
  exhausted: boolean;
  /** Seconds. */
  now: number;
}

function push(replay: Replay, body: EventBody): void {
  const { study, scheduler, sampler, settings } = replay;
  const event: StudyEvent = { ...body, time: Math.round(replay.now * 1000) };
  applyEvent(study, event);
  scheduler.observe(event, study);
  sampler.observe?.(event, study);
  settings.onEvent?.(event, study);
}

function lowestWaiting(study: StudyRecord): number | undefined {
  let lowest: number | undefined;
  for (const number of study.byState.waiting) if (lowest === undefined || number < lowest) lowest = number;
  return lowest;
}

function resumedTrial(replay: Replay, isEnding: boolean): number | undefined {
  const resumption = replay.scheduler.resume?.(replay.study, isEnding);
  if (resumption === undefined) return undefined;
  push(replay, { type: "resumed", ...resumption });
  return resumption.trial;
}

const keyOf = (params: Params): string =>
  JSON.stringify(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The place in the table of what a sampler proposed. */
function placeOf({ places, taken, settings }: Replay, params: Params): number {
  let place = places.get(params);
  if (place === undefined) {
    const key = keyOf(params);
    place = settings.table.candidates.findIndex((each, index) => !taken.has(index) && keyOf(each) === key);
  }
  if (place >= 0 && !taken.has(place)) return place;
  const problem = place < 0 ? "which are none of the table's" : "which it had proposed before";
  throw new CurvewiseError(
    "CANDIDATE_INVALID",
    `sampler ${settings.sampler.name} proposed ${JSON.stringify(params)}, ${problem}`,
    {
      hint: "A sampler that is given candidates proposes each of them once and nothing else.",
      kind: "failure",
    },
  );
}

function newTrial(replay: Replay): number | undefined {
  if (replay.exhausted) return undefined;
  const { study, sampler, settings, taken, curveOf } = replay;
  const number = study.trials.length;
  const params =
    taken.size === settings.table.candidates.length
      ? undefined
      : sampler.ask(number, createRandom(settings.seed, number, PURPOSE.params), study);
  if (params === undefined) {
    replay.exhausted = true;
    return undefined;
  }
  const place = placeOf(replay, params);
  taken.add(place);
  curveOf.push(place);
  const seed = createRandom(settings.seed, number, PURPOSE.trialSeed).uint32() >>> 1;
  push(replay, { type: "trial-asked", trial: number, params, seed, sampler: settings.sampler.name });
  return number;
}

/** Gives a free worker what the coordinator would: a trial that waits, one to go on with, or a new one. */
function employ(replay: Replay, worker: number): boolean {
  const { study, settings, curveOf } = replay;
  const number =
    lowestWaiting(study) ??
    resumedTrial(replay, false) ??
    newTrial(replay) ??
    (study.byState.running.size === 0 ? resumedTrial(replay, true) : undefined);
  const trial = number === undefined ? undefined : study.trials[number];
  const curve = number === undefined ? undefined : settings.table.curves[curveOf[number] ?? -1];
  if (trial === undefined || curve === undefined) return false;
  const attempt = trial.attempt + 1;
  const fromStep = trial.curve.steps.at(-1) ?? 0;
  push(replay, {
    type: "attempt-started",
    trial: trial.number,
    attempt,
    worker: `replay-${worker}`,
    fromStep,
  });
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

/** The worker whose training is the next to report or to end; the first of several. */
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

/** Makes a training report, and does what the scheduler says to it. Returns whether it goes on. */
function report(replay: Replay, busy: Busy, step: number): boolean {
  const { study, scheduler, settings } = replay;
  const { trial, curve } = busy;
  const { number, attempt } = trial;
  push(replay, { type: "reported", trial: number, attempt, step, metrics: curve.reports[busy.next] ?? {} });
  busy.next += 1;
  // As in the engine, nobody is asked at the last step.
  if (step === settings.table.maxSteps) return end(replay, busy);
  const { action, explanation } = scheduler.decide(trial, step, study);
  if (explanation !== undefined) {
    push(replay, { type: "decided", trial: number, attempt, step, action, explanation });
  }
  if (action === "pause") push(replay, { type: "paused", trial: number, attempt });
  else if (action === "stop") push(replay, { type: "finished", trial: number, attempt, state: "stopped" });
  else if (busy.next >= curve.steps.length) return end(replay, busy);
  return action === "continue";
}

function end(replay: Replay, { trial, curve }: Busy): false {
  const place = { trial: trial.number, attempt: trial.attempt };
  if (curve.end === "complete") push(replay, { type: "finished", ...place, state: "complete" });
  else {
    const error = { code: "PROGRAM_FAILED", message: "the recorded training failed here" };
    push(replay, { type: "failed", ...place, error, output: [], retry: false });
  }
  return false;
}

function begin(settings: TableReplaySettings): Replay {
  const { table, seed, workers = 1, sampler, scheduler } = settings;
  const { goal, maxSteps, space, candidates, task } = table;
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
  const replay: Replay = {
    settings,
    study,
    scheduler: scheduler.create({ goal, maxSteps, seed, space }),
    sampler: sampler.create({ space, goal, maxSteps, seed, candidates }),
    places: new Map(candidates.map((params, index) => [params, index])),
    taken: new Set(),
    curveOf: [],
    workers: Array.from({ length: workers }, () => undefined),
    exhausted: false,
    now: 0,
  };
  if (replay.scheduler.snapshotEvery !== undefined) {
    throw new CurvewiseError("REPLAY_IMPOSSIBLE", `${scheduler.name} cannot be replayed on recorded curves`, {
      hint: "It lets trainings go on with each other's models, which nobody recorded. Replay schedulers that choose among trainings as they are, such as lcm or asha.",
    });
  }
  replay.scheduler.restore(study);
  replay.sampler.restore?.(study);
  for (const each of settings.transferred ?? []) push(replay, encodeTransferred(each));
  return replay;
}

/**
 * Plays a study over recorded curves: the sampler chooses among the table's configurations, each training reports what
 * was recorded, and the scheduler answers, in the very order of calls and events of the engine. A free worker gets a
 * trial that waits, else one that the scheduler resumes, else a new one; resuming costs nothing. A scheduler sees what
 * was reported so far and nothing else.
 *
 * @throws CurvewiseError `OPTIONS_INVALID` from samplers that cannot choose among candidates; `CANDIDATE_INVALID` from
 *   those that break that contract
 */
export function replayTable(settings: TableReplaySettings): TableReplay {
  const { table, steps = Number.POSITIVE_INFINITY } = settings;
  const { goal } = table;
  const replay = begin(settings);
  const { study, workers } = replay;
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
