import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decision, Explanation } from "../core/decision.js";
import { costOf, type Goal } from "../core/goal.js";
import type { Resumption, Scheduler, SchedulerChoice, SchedulerSetup } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { lastStep, lastValue, type Trial } from "../core/trial.js";
import { brokenLaws, lawNamed } from "./laws.js";
import type { SchedulerSubject } from "./scheduler-contract/simulated-scheduler.js";
import { schedulerLaws } from "./scheduler-contract.js";

const because = (reason: string, values: Explanation["values"] = {}): Explanation => ({
  rule: "wrong",
  reason,
  values,
});
const stop: Decision = { action: "stop", explanation: because("It is to stop.") };
const pause: Decision = { action: "pause", explanation: because("Half of the training is done.") };

const choiceOf = (
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

/** Whether this report is the trial's first one at or after half of its training. */
function isHalfway(setup: SchedulerSetup, trial: Trial, step: number): boolean {
  const before = trial.curve.steps.at(-2) ?? 0;
  return before < half(setup) && step >= half(setup) && step < (setup.maxSteps ?? 2);
}

const cost = (trial: Trial | undefined, goal: Goal): number => {
  const value = trial && lastValue(trial, goal.metric);
  return value === undefined || Number.isNaN(value) ? Number.POSITIVE_INFINITY : costOf(value, goal);
};

/** The paused trial that comes first in an order. */
function firstPaused(study: Study, before: (a: Trial, b: Trial) => number): Resumption | undefined {
  const paused = [...study.byState.paused].flatMap((number) => study.trials[number] ?? []);
  const [first] = paused.toSorted((a, b) => before(a, b) || a.number - b.number);
  return first && { trial: first.number, explanation: because("It comes first.") };
}

/** Pauses each trial halfway, and lets those go on first that come first in an order. */
const halfway = (order: (goal: Goal) => (a: Trial, b: Trial) => number): SchedulerChoice =>
  choiceOf((setup) => ({
    decide: (trial, step) => (isHalfway(setup, trial, step) ? pause : { action: "continue" }),
    // Some must wait before one can be preferred.
    resume: (study, isEnding) =>
      isEnding === true || study.byState.paused.size >= 4 ? firstPaused(study, order(setup.goal)) : undefined,
  }));

const byCost = (goal: Goal) => (a: Trial, b: Trial) => cost(a, goal) - cost(b, goal) || 0;

interface Wrong {
  readonly what: string;
  readonly law: string;
  readonly scheduler: SchedulerChoice;
}

const wrongs: readonly Wrong[] = [
  {
    what: "stops everything",
    law: "lets something be trained to its end",
    scheduler: choiceOf(() => ({ decide: () => stop })),
  },
  {
    what: "pauses everything and resumes nothing",
    law: "lets something be trained to its end",
    scheduler: choiceOf((setup) => ({
      decide: (trial, step) => (isHalfway(setup, trial, step) ? pause : { action: "continue" }),
    })),
  },
  {
    what: "lets the worst go on",
    law: "resumes the better ones of those that wait at the same step",
    scheduler: halfway((goal) => (a, b) => byCost(goal)(b, a)),
  },
  {
    what: "stops the best",
    law: "stops the worse ones of those that came as far",
    scheduler: choiceOf((setup) => ({
      decide: (trial, step, study) => {
        const others = study.trials.filter(({ curve }) => curve.steps.includes(step));
        const worse = others.filter((other) => cost(other, setup.goal) > cost(trial, setup.goal));
        return isHalfway(setup, trial, step) && worse.length > others.length / 2
          ? stop
          : { action: "continue" };
      },
    })),
  },
  {
    what: "takes every goal for one to minimize",
    law: "minds the direction of the goal",
    scheduler: halfway(({ metric }) => byCost({ metric, direction: "minimize" })),
  },
  {
    what: "decides by chance that nobody can repeat",
    law: "decides the same when the same log is played again",
    scheduler: choiceOf(() => ({ decide: () => (Math.random() < 0.5 ? stop : { action: "continue" }) })),
  },
  {
    what: "remembers what a restarted one does not know",
    law: "decides the same after a restart at any moment",
    scheduler: choiceOf(() => {
      let decisions = 0;
      return {
        decide: () => {
          decisions += 1;
          return decisions % 3 === 0 ? stop : { action: "continue" };
        },
      };
    }),
  },
  {
    what: "learns by observing and not by being restored",
    law: "decides alike on a log that came about under other decisions, observed or restored",
    scheduler: choiceOf(() => {
      let reports = 0;
      return {
        observe: (event) => {
          if (event.type === "reported") reports += 1;
        },
        decide: () => (reports % 2 === 0 ? stop : { action: "continue" }),
      };
    }),
  },
  {
    what: "changes the study",
    law: "leaves the study as it is",
    scheduler: choiceOf(() => ({
      decide: (trial) => {
        Reflect.set(trial, "failures", trial.failures + 1);
        return { action: "continue" };
      },
    })),
  },
  {
    what: "looks at complete trials although it says that they may be forgotten",
    law: "decides the same when complete trials are forgotten",
    scheduler: choiceOf(
      () => ({
        decide: (_trial, _step, study) =>
          [...study.trials].filter(({ state }) => state === "complete").length % 2 === 1
            ? stop
            : { action: "continue" },
      }),
      true,
    ),
  },
  {
    what: "resumes a trial that is not paused",
    law: "decides the same when the same log is played again",
    scheduler: choiceOf(() => ({
      resume: (study) => {
        const [running] = study.byState.running;
        return running === undefined ? undefined : { trial: running, explanation: because("It runs.") };
      },
    })),
  },
  {
    what: "gives no explanation",
    law: "explains every pause, stop and exploit",
    scheduler: choiceOf(() => ({
      decide: (trial) => {
        const silent: Decision = JSON.parse('{"action":"stop"}');
        return trial.number % 2 === 0 ? silent : { action: "continue" };
      },
    })),
  },
  {
    what: "explains itself with what is not a number",
    law: "explains what it does, with numbers that are finite",
    scheduler: choiceOf(() => ({
      decide: () => ({ action: "stop", explanation: because("It is odd.", { odd: Number.NaN }) }),
    })),
  },
  {
    what: "gives a reason that is not a sentence",
    law: "explains what it does, with numbers that are finite",
    scheduler: choiceOf(() => ({ decide: () => ({ action: "stop", explanation: because("odd") }) })),
  },
  {
    what: "does nothing although it says that it acts",
    law: "acts at times",
    scheduler: choiceOf(() => ({})),
  },
  {
    what: "lets a trial go on with its own model",
    law: "gives trials only models that are there, of others, with params of the space",
    scheduler: giving((heir) => heir),
  },
  {
    what: "gives away models of which there is no snapshot",
    law: "gives trials only models that are there, of others, with params of the space",
    scheduler: giving((heir, study) =>
      study.trials.find(({ number, snapshot }) => number !== heir.number && snapshot === undefined),
    ),
  },
  {
    what: "gives trials the models of worse ones",
    law: "gives trials the models of better ones",
    scheduler: choiceOf(({ goal }) => ({
      snapshotEvery: 1,
      decide: (heir, _step, study) => {
        const parent = study.trials.find(
          (trial) =>
            trial.snapshot !== undefined &&
            lastStep(trial) === lastStep(heir) &&
            cost(trial, goal) > cost(heir, goal),
        );
        return parent?.snapshot === undefined || heir.inheritances.length > 0
          ? { action: "continue" }
          : {
              action: "exploit",
              explanation: because("It has a worse model.", { parent: parent.number }),
              exploit: { parent: parent.number, snapshot: parent.snapshot, value: 1, params: heir.params },
            };
      },
    })),
  },
];

/** Gives each trial a model at its third report. */
function giving(parentOf: (heir: Trial, study: Study) => Trial | undefined): SchedulerChoice {
  return choiceOf(() => ({
    decide: (heir, step, study) => {
      const parent = parentOf(heir, study);
      if (parent === undefined || heir.curve.steps.length !== 3) return { action: "continue" };
      const { number, params } = parent;
      const snapshot = parent.snapshot ?? { step, path: `trial-${number}/made-up`, digest: "00" };
      return {
        action: "exploit",
        explanation: because("It has another model.", { parent: number }),
        exploit: { parent: number, snapshot, value: 1, params },
      };
    },
  }));
}

const subjectOf = (choice: SchedulerChoice): SchedulerSubject => ({ choice, acts: true });

describe("the contract of schedulers refuses one that", () => {
  beforeAll(() => fc.configureGlobal({ endOnFailure: true }));
  afterAll(() => fc.resetConfigureGlobal());

  it.each(wrongs)("$what", ({ law, scheduler }) => {
    const { binds, check } = lawNamed(schedulerLaws, law);
    expect(binds?.(subjectOf(scheduler))).not.toBe(false);
    expect(() => check(subjectOf(scheduler))).toThrow(/./);
  });

  it("does not refuse a right one that is as simple", () => {
    const subject = subjectOf(halfway(byCost));
    const names = new Set(wrongs.map(({ law }) => law));
    expect(
      brokenLaws(
        subject,
        schedulerLaws.filter(({ name }) => names.has(name)),
      ),
    ).toEqual([]);
  });
});
