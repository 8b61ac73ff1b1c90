import type { Decision, Explanation } from "../core/decision.js";
import { costOf, type Goal } from "../core/goal.js";
import type { Resumption, Scheduler, SchedulerChoice, SchedulerSetup } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { lastValue, type Trial } from "../core/trial.js";
import type { SchedulerSubject } from "./scheduler-contract/simulated-scheduler.js";

/** A minimal explanation. */
export const because = (reason: string, values: Explanation["values"] = {}): Explanation => ({
  rule: "wrong",
  reason,
  values,
});

export const stop: Decision = { action: "stop", explanation: because("It is to stop.") };

const pause: Decision = { action: "pause", explanation: because("Half of the training is done.") };

/** A scheduler of a few lines; parts left out do nothing. */
export const choiceOf = (
  create: (setup: SchedulerSetup) => Partial<Scheduler>,
  forgets = false,
): SchedulerChoice => ({
  name: "wrong",
  options: {},
  forgets,
  create: (setup) => ({
    restore: () => {},
    observe: () => {},
    decide: () => ({ action: "continue" }),
    ...create(setup),
  }),
});

const half = ({ maxSteps = 2 }: SchedulerSetup): number => maxSteps / 2;

/** Whether this report is the trial's first at or after the middle of its training. */
export function isHalfway(setup: SchedulerSetup, trial: Trial, step: number): boolean {
  const before = trial.curve.steps.at(-2) ?? 0;
  return before < half(setup) && step >= half(setup) && step < (setup.maxSteps ?? 2);
}

/** How bad a trial is according to its last report; infinite if unknown. */
export const cost = (trial: Trial | undefined, goal: Goal): number => {
  const value = trial && lastValue(trial, goal.metric);
  return value === undefined || Number.isNaN(value) ? Number.POSITIVE_INFINITY : costOf(value, goal);
};

/** The paused trial that comes first in an order. */
function firstPaused(study: Study, before: (a: Trial, b: Trial) => number): Resumption | undefined {
  const paused = [...study.byState.paused].flatMap((number) => study.trials[number] ?? []);
  const [first] = paused.toSorted((a, b) => before(a, b) || a.number - b.number);
  return first && { trial: first.number, explanation: because("It comes first.") };
}

/** Pauses each trial halfway. */
export const decideHalfway =
  (setup: SchedulerSetup): Scheduler["decide"] =>
  (trial, step) =>
    isHalfway(setup, trial, step) ? pause : { action: "continue" };

/** Pauses each trial halfway, and resumes them in an order. */
export const halfway = (order: (goal: Goal) => (a: Trial, b: Trial) => number): SchedulerChoice =>
  choiceOf((setup) => ({
    decide: decideHalfway(setup),
    // Several must be waiting before one can be preferred.
    resume: (study, isEnding) =>
      isEnding === true || study.byState.paused.size >= 4 ? firstPaused(study, order(setup.goal)) : undefined,
  }));

/** The better one first. */
export const byCost = (goal: Goal) => (a: Trial, b: Trial) => cost(a, goal) - cost(b, goal) || 0;

/** A scheduler under test that is expected to act. */
export const subjectOf = (choice: SchedulerChoice): SchedulerSubject => ({ choice, acts: true });
