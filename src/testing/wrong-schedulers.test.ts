import fc from "fast-check";
import { afterAll, beforeAll, describe } from "vitest";
import type { Decision, Explanation } from "../core/decision.js";
import { costOf, type Goal } from "../core/goal.js";
import type { Resumption, Scheduler, SchedulerChoice, SchedulerSetup } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { lastStep, lastValue, type Trial } from "../core/trial.js";
import { createRandom } from "../math/random.js";
import { testLaws } from "./laws.js";
import { testLawsRefuse, testRefusals, type Wrong } from "./refusals.js";
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

/** Calls of all schedulers there ever were, and how trials ended under any of them. */
let callsOfAll = 0;
const ends = new Map<string, string>();

/** A number of a trial that has nothing to do with how good it is. */
const scattered = ({ number }: Trial): number => createRandom(number, 0, 0).uniform();

const byCost = (goal: Goal) => (a: Trial, b: Trial) => cost(a, goal) - cost(b, goal) || 0;

const subjectOf = (choice: SchedulerChoice): SchedulerSubject => ({ choice, acts: true });

const wrongs: readonly Wrong<SchedulerSubject>[] = [
  {
    what: "stops everything",
    law: "lets something be trained to its end",
    subject: subjectOf(choiceOf(() => ({ decide: () => stop }))),
  },
  {
    what: "pauses everything and resumes nothing",
    law: "lets something be trained to its end",
    subject: subjectOf(
      choiceOf((setup) => ({
        decide: (trial, step) => (isHalfway(setup, trial, step) ? pause : { action: "continue" }),
      })),
    ),
  },
  {
    what: "lets the worst go on",
    law: "resumes the better ones of those that wait at the same step",
    subject: subjectOf(halfway((goal) => (a, b) => byCost(goal)(b, a))),
  },
  {
    what: "stops the best",
    law: "stops the worse ones of those that came as far",
    subject: subjectOf(
      choiceOf((setup) => ({
        decide: (trial, step, study) => {
          const others = study.trials.filter(({ curve }) => curve.steps.includes(step));
          const worse = others.filter((other) => cost(other, setup.goal) > cost(trial, setup.goal));
          return isHalfway(setup, trial, step) && worse.length > others.length / 2
            ? stop
            : { action: "continue" };
        },
      })),
    ),
  },
  {
    what: "takes every goal for one to minimize",
    law: "minds the direction of the goal",
    subject: subjectOf(halfway(({ metric }) => byCost({ metric, direction: "minimize" }))),
  },
  {
    what: "decides by chance that nobody can repeat",
    law: "decides the same when the same log is played again",
    subject: subjectOf(
      choiceOf(() => ({ decide: () => (Math.random() < 0.5 ? stop : { action: "continue" }) })),
    ),
  },
  {
    what: "remembers what a restarted one does not know",
    law: "decides the same after a restart at any moment",
    subject: subjectOf(
      choiceOf(() => {
        let decisions = 0;
        return {
          decide: () => {
            decisions += 1;
            return decisions % 3 === 0 ? stop : { action: "continue" };
          },
        };
      }),
    ),
  },
  {
    what: "learns by observing and not by being restored",
    law: "decides alike on a log that came about under other decisions, observed or restored",
    subject: subjectOf(
      choiceOf(() => {
        let reports = 0;
        return {
          observe: (event) => {
            if (event.type === "reported") reports += 1;
          },
          decide: () => (reports % 2 === 0 ? stop : { action: "continue" }),
        };
      }),
    ),
  },
  {
    what: "changes the study",
    law: "leaves the study as it is",
    subject: subjectOf(
      choiceOf(() => ({
        decide: (trial) => {
          Reflect.set(trial, "failures", trial.failures + 1);
          return { action: "continue" };
        },
      })),
    ),
  },
  {
    what: "looks at complete trials although it says that they may be forgotten",
    law: "decides the same when complete trials are forgotten",
    subject: subjectOf(
      choiceOf(
        () => ({
          decide: (_trial, _step, study) =>
            [...study.trials].filter(({ state }) => state === "complete").length % 2 === 1
              ? stop
              : { action: "continue" },
        }),
        true,
      ),
    ),
  },
  {
    what: "resumes a trial that is not paused",
    law: "resumes only trials that can go on",
    subject: subjectOf(
      choiceOf(() => ({
        resume: (study) => {
          const [running] = study.byState.running;
          return running === undefined ? undefined : { trial: running, explanation: because("It runs.") };
        },
      })),
    ),
  },
  {
    what: "gives no explanation",
    law: "explains every pause, stop and exploit",
    subject: subjectOf(
      choiceOf(() => ({
        decide: (trial) => {
          const silent: Decision = JSON.parse('{"action":"stop"}');
          return trial.number % 2 === 0 ? silent : { action: "continue" };
        },
      })),
    ),
  },
  {
    what: "explains itself with what is not a number",
    law: "explains what it does, with numbers that are finite",
    subject: subjectOf(
      choiceOf(() => ({
        decide: () => ({ action: "stop", explanation: because("It is odd.", { odd: Number.NaN }) }),
      })),
    ),
  },
  {
    what: "gives a reason that is not a sentence",
    law: "explains what it does, with numbers that are finite",
    subject: subjectOf(choiceOf(() => ({ decide: () => ({ action: "stop", explanation: because("odd") }) }))),
  },
  {
    what: "does nothing although it says that it acts",
    law: "acts at times",
    subject: subjectOf(choiceOf(() => ({}))),
  },
  {
    what: "lets a trial go on with its own model",
    law: "gives trials only models that are there, of others, with params of the space",
    subject: subjectOf(giving((heir) => heir)),
  },
  {
    what: "gives away models of which there is no snapshot",
    law: "gives trials only models that are there, of others, with params of the space",
    subject: subjectOf(
      giving((heir, study) =>
        study.trials.find(({ number, snapshot }) => number !== heir.number && snapshot === undefined),
      ),
    ),
  },
  {
    what: "gives trials the models of worse ones",
    law: "gives trials the models of better ones",
    subject: subjectOf(
      choiceOf(({ goal }) => ({
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
    ),
  },
  {
    what: "keeps what it learns outside of itself",
    law: "decides the same when the same log is played again",
    subject: subjectOf(
      choiceOf(() => ({ decide: () => (callsOfAll++ % 3 === 0 ? stop : { action: "continue" }) })),
    ),
  },
  {
    what: "knows how trials of the same study ended the last time",
    law: "never decides on what came later",
    subject: subjectOf(
      choiceOf(({ seed }) => ({
        observe: (event, study) => {
          if (event.type !== "finished") return;
          ends.set(`${seed}/${study.definition.maxSteps}/${event.trial}`, event.state);
        },
        decide: (trial, step, study) => {
          const isDoomed = ends.get(`${seed}/${study.definition.maxSteps}/${trial.number}`) === "stopped";
          return isDoomed || step % 3 === 0 ? stop : { action: "continue" };
        },
      })),
    ),
  },
  {
    what: "resumes a trial twice",
    law: "resumes only trials that can go on",
    subject: subjectOf(
      choiceOf((setup) => {
        let last: number | undefined;
        return {
          decide: (trial, step) => (isHalfway(setup, trial, step) ? pause : { action: "continue" }),
          resume: (study) => {
            const [paused = last] = study.byState.paused;
            last = paused;
            return paused === undefined ? undefined : { trial: paused, explanation: because("It waits.") };
          },
        };
      }),
    ),
  },
  {
    what: "lets trials go on by chance",
    law: "resumes the better ones of those that wait at the same step",
    subject: subjectOf(halfway(() => (a, b) => scattered(a) - scattered(b))),
  },
  {
    what: "stops by chance",
    law: "stops the worse ones of those that came as far",
    subject: subjectOf(
      choiceOf((setup) => ({
        decide: (trial, step) =>
          isHalfway(setup, trial, step) && scattered(trial) < 0.5 ? stop : { action: "continue" },
      })),
    ),
  },
  {
    what: "stops trials that have not reported the goal yet",
    law: "stops no trial of which nothing is known",
    subject: subjectOf(
      choiceOf(({ goal }) => ({
        decide: (trial) => (cost(trial, goal) > 1e9 ? stop : { action: "continue" }),
      })),
    ),
  },
  {
    what: "cannot bear a training that diverged",
    law: "bears trainings that report no goal, diverge or all come to the same",
    subject: subjectOf(
      choiceOf(({ goal }) => ({
        observe: (event) => {
          if (event.type === "reported" && Number.isNaN(event.metrics[goal.metric]))
            throw new Error("the goal is not a number");
        },
      })),
    ),
    saying: /the goal is not a number/,
  },
  {
    what: "cannot bear a training that does not report the goal",
    law: "bears trainings that report no goal, diverge or all come to the same",
    subject: subjectOf(
      choiceOf(({ goal }) => ({
        decide: (trial) => {
          if (lastValue(trial, goal.metric) === undefined) throw new Error("the goal is missing");
          return { action: "continue" };
        },
      })),
    ),
    saying: /the goal is missing/,
  },
  {
    what: "acts although it says that it never does",
    law: "never acts, as it says",
    subject: { choice: halfway(byCost), acts: false },
  },
  {
    what: "wants a population of one and a half",
    law: "wants populations and intervals of snapshots that can be",
    subject: subjectOf(choiceOf(() => ({ population: 1.5 }))),
  },
  {
    what: "points to steps that lie ahead",
    law: "explains what it does, with numbers that are finite",
    subject: subjectOf(
      choiceOf(() => ({
        decide: (_trial, step) => ({
          action: "stop",
          explanation: { ...because("It will be bad."), steps: [step, step + 1] },
        }),
      })),
    ),
  },
  {
    what: "names a neighbour that does not exist",
    law: "explains what it does, with numbers that are finite",
    subject: subjectOf(
      choiceOf(() => ({
        decide: () => ({
          action: "stop",
          explanation: {
            ...because("It is alike."),
            neighbours: [{ trial: 9999, distance: 1, performance: 1 }],
          },
        }),
      })),
    ),
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

describe("the contract of schedulers refuses one that", () => {
  beforeAll(() => fc.configureGlobal({ endOnFailure: true }));
  afterAll(() => fc.resetConfigureGlobal());

  testRefusals(schedulerLaws, wrongs, async (subject, check) => check(subject));
  testLawsRefuse(schedulerLaws, wrongs);
});

describe("the contract of schedulers accepts one that does the same right", () => {
  testLaws(subjectOf(halfway(byCost)), schedulerLaws);
});
