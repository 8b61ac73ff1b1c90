import type { EventBody, Metrics } from "../core/events.js";
import type { Goal } from "../core/goal.js";
import { float } from "../core/param.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Budget } from "../core/study-definition.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord, studyRecord, type TrialRecord } from "../core/study-record.js";

/** A study written by hand, event by event, and observed by a scheduler. */
export interface RecordedStudy {
  readonly study: StudyRecord;
  readonly scheduler: Scheduler;
  /** A new running trial that has reported these metrics, each at its step. */
  start(curve?: Readonly<Record<number, Metrics>>): TrialRecord;
  /** Another report; returns what the scheduler decides. */
  report(trial: TrialRecord, step: number, metrics: Metrics): ReturnType<Scheduler["decide"]>;
  /** A new trial that makes one report, whatever is decided. */
  decided(step: number, metrics: Metrics): TrialRecord;
  /** The trial's program ends by itself. */
  complete(trial: TrialRecord): void;
  /** The trial was told to pause and has done so. */
  pause(trial: TrialRecord): void;
  /** The trial goes on after a pause. */
  resume(trial: TrialRecord): void;
  /** The trial was told to stop and has done so. */
  stop(trial: TrialRecord): void;
}

/** An empty study and a scheduler restored from it. Events are one second apart. */
export function recordStudy(goal: Goal, scheduler: Scheduler, budget: Budget = {}): RecordedStudy {
  const study = studyRecord(
    {
      name: "recorded",
      goal,
      space: { rate: float(0, 1) },
      constraints: [],
      sampler: { name: "random", options: {} },
      scheduler: { name: "recorded", options: {} },
      budget,
      seed: 0,
      retries: 0,
    },
    0,
  );
  scheduler.restore(study);
  const push = (body: EventBody): void => {
    const event = { ...body, time: 1000 * study.events };
    applyEvent(study, event);
    scheduler.observe(event, study);
  };
  const write = (trial: TrialRecord, step: number, metrics: Metrics): void =>
    push({ type: "reported", trial: trial.number, attempt: trial.attempt, step, metrics });
  const start = (curve: Readonly<Record<number, Metrics>> = {}): TrialRecord => {
    const number = study.trials.length;
    push({ type: "trial-asked", trial: number, params: { rate: 0.5 }, seed: number, sampler: "random" });
    push({ type: "attempt-started", trial: number, attempt: 1, worker: "w1", fromStep: 0 });
    const trial = study.trials[number];
    if (trial === undefined) throw new Error(`trial ${number} was not made`);
    for (const [step, metrics] of Object.entries(curve)) write(trial, Number(step), metrics);
    return trial;
  };
  return {
    study,
    scheduler,
    start,
    report: (trial, step, metrics) => {
      write(trial, step, metrics);
      return scheduler.decide(trial, step, study);
    },
    decided: (step, metrics) => {
      const trial = start({ [step]: metrics });
      scheduler.decide(trial, step, study);
      return trial;
    },
    complete: (trial) => {
      push({ type: "finished", trial: trial.number, attempt: trial.attempt, state: "complete" });
    },
    pause: (trial) => {
      push({ type: "paused", trial: trial.number, attempt: trial.attempt });
    },
    resume: (trial) => {
      push({ type: "resumed", trial: trial.number });
      const attempt = trial.attempt + 1;
      push({ type: "attempt-started", trial: trial.number, attempt, worker: "w1", fromStep: 0 });
    },
    stop: (trial) => {
      push({ type: "finished", trial: trial.number, attempt: trial.attempt, state: "stopped" });
    },
  };
}
