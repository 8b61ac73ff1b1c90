import { goodOf } from "../core/best-trial.js";
import { costOf } from "../core/goal.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { TrialState } from "../core/trial.js";
import type { RecordedTrainings } from "./recorded-trainings.js";
import { regretAt } from "./regret.js";
import { replayTable } from "./replay-table.js";
import { finalCosts, tableOfStudy, type World } from "./study-worlds.js";

/** What {@link replayStudy} replays. */
export interface StudyReplaySettings {
  readonly recorded: RecordedTrainings;
  readonly scheduler: SchedulerChoice;
  /** The order in which the recorded trials are tried; by default the recorded one. */
  readonly sampler?: SamplerChoice;
  readonly seed: number;
  /** Budgets at which regret is measured, in complete trainings. */
  readonly budgets: readonly number[];
  readonly workers?: number;
}

/** The outcome of replaying a study in one of the two worlds. */
export interface WhatIf {
  /** Steps trained, summed over trials. */
  readonly steps: number;
  /** Seconds of training, summed over trials: as recorded without its pauses, and beyond the record at the study's mean pace. */
  readonly trainingSeconds: number;
  /** Seconds from start to end with the given workers. */
  readonly seconds: number;
  /** The best value of any report; undefined if none was finite. */
  readonly best: number | undefined;
  /** By budget; undefined if there is none. */
  readonly regret: readonly (number | undefined)[];
  /** How many trials ended up in each state; `paused`: never resumed by the scheduler. */
  readonly states: Readonly<Partial<Record<TrialState, number>>>;
  /** The good trials (see {@link goodTrials}) that were stopped or left paused. */
  readonly lost: readonly number[];
  /** How many trials were trained beyond their record, where their reports are imagined. */
  readonly beyondRecord: number;
}

/** What the study itself did, for comparison. */
export interface RecordedEffort {
  readonly trainings: number;
  readonly steps: number;
  readonly trainingSeconds: number;
  readonly best: number | undefined;
  /** How many trainings have an unknown end. */
  readonly open: number;
  /** How many complete trainings have a finite last value. */
  readonly complete: number;
  /** What training all of them to the end would take without a pause, at the study's mean pace. */
  readonly fullSteps: number;
  readonly fullTrainingSeconds: number;
}

/**
 * The trials with the best tenth of the last values among complete trainings (at least one; on ties, the lower number).
 * Only a trial trained to its end can be known to be good.
 */
export function goodTrials({ study, trainings }: RecordedTrainings): number[] {
  const { goal } = study.definition;
  const finals = trainings.flatMap(({ trial, end, reports }) => {
    const value = reports.findLast((report) => report[goal.metric] !== undefined)?.[goal.metric];
    return end === "complete" && value !== undefined && Number.isFinite(value)
      ? [{ trial, cost: costOf(value, goal) }]
      : [];
  });
  finals.sort((a, b) => a.cost - b.cost || a.trial - b.trial);
  return goodOf(finals).map(({ trial }) => trial);
}

/** Tries the recorded trainings in the order in which the study tried them. */
export const IN_RECORDED_ORDER: SamplerChoice = {
  name: "recorded",
  options: {},
  create: ({ candidates = [] }) => ({ ask: (trial) => candidates[trial], size: candidates.length }),
};

/** What a study did, according to its own log. */
export function recordedEffort(recorded: RecordedTrainings): RecordedEffort {
  const table = tableOfStudy(recorded, "pessimistic");
  const { trainings } = recorded;
  const total = (seconds: readonly number[]): number => seconds.reduce((sum, each) => sum + each, 0);
  let steps = 0;
  let trainingSeconds = 0;
  for (const training of trainings) {
    steps += training.steps.at(-1) ?? 0;
    trainingSeconds += total(training.seconds);
  }
  let fullSteps = 0;
  let fullTrainingSeconds = 0;
  for (const curve of table.curves) {
    fullSteps += curve.steps.at(-1) ?? 0;
    fullTrainingSeconds += total(curve.seconds);
  }
  return {
    trainings: trainings.length,
    steps,
    trainingSeconds,
    best: Number.isFinite(table.best) ? table.best : undefined,
    open: trainings.filter(({ end }) => end === "open").length,
    complete: finalCosts(recorded).length,
    fullSteps,
    fullTrainingSeconds,
  };
}

/**
 * What a recorded study would have achieved under another scheduler, in one of two worlds: what would have followed a
 * stopped training is unknown, so the truth is sought between the two. They are scenarios, not proven bounds: a
 * scheduler's later decisions depend on what it sees, and a training may do better or worse than in both.
 */
export function replayStudy(settings: StudyReplaySettings, world: World): WhatIf {
  const { recorded, scheduler, sampler = IN_RECORDED_ORDER, seed, budgets, workers = 1 } = settings;
  const { trainings } = recorded;
  const table = tableOfStudy(recorded, world);
  const { transferred } = recorded.study;
  const replay = replayTable({ table, scheduler, sampler, seed, workers, transferred });
  const states: Partial<Record<TrialState, number>> = {};
  const reached = new Map<number, TrialState>();
  let beyondRecord = 0;
  for (const trial of replay.study.trials) {
    states[trial.state] = (states[trial.state] ?? 0) + 1;
    const training = trainings[replay.curveOf[trial.number] ?? -1];
    if (training === undefined) continue;
    reached.set(training.trial, trial.state);
    if (trial.curve.steps.length > training.steps.length) beyondRecord += 1;
  }
  return {
    steps: replay.spent,
    trainingSeconds: replay.trainingSeconds,
    seconds: replay.seconds,
    best: replay.improvements.at(-1)?.value,
    regret: budgets.map((budget) => regretAt(table, replay.improvements, budget)),
    states,
    lost: goodTrials(recorded).filter((trial) => reached.get(trial) !== "complete"),
    beyondRecord,
  };
}
