import fc from "fast-check";
import { afterAll, beforeAll, describe } from "vitest";
import type { Decision } from "../core/decision.js";
import type { Params } from "../core/param.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import { testLawsRefuse, testRefusals, type Wrong } from "./refusals.js";
import { logLaws } from "./scheduler-contract/log-laws.js";
import type { SchedulerSubject } from "./scheduler-contract/simulated-scheduler.js";
import { because, byCost, choiceOf, decideHalfway, halfway, stop, subjectOf } from "./wrong-scheduler.js";

/** The number of calls across all schedulers, and how trials ended under any of them. */
let callsOfAll = 0;
const ends = new Map<string, string>();

const wrongs: readonly Wrong<SchedulerSubject>[] = [
  {
    what: "decides by irreproducible random numbers",
    law: "decides the same when the same log is played again",
    subject: subjectOf(
      choiceOf(() => ({ decide: () => (Math.random() < 0.5 ? stop : { action: "continue" }) })),
    ),
  },
  {
    what: "keeps what it learns outside itself",
    law: "decides the same when the same log is played again",
    subject: subjectOf(
      choiceOf(() => ({ decide: () => (callsOfAll++ % 3 === 0 ? stop : { action: "continue" }) })),
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
    what: "learns by observing but not by being restored",
    law: "decides the same on a log made under other decisions, whether observed or restored",
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
    what: "remembers how trials of the same study ended last time",
    law: "never decides by what came later",
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
    what: "explains itself with NaN",
    law: "explains what it does, with finite numbers",
    subject: subjectOf(
      choiceOf(() => ({
        decide: () => ({ action: "stop", explanation: because("It is odd.", { odd: Number.NaN }) }),
      })),
    ),
  },
  {
    what: "gives a reason that is not a sentence",
    law: "explains what it does, with finite numbers",
    subject: subjectOf(choiceOf(() => ({ decide: () => ({ action: "stop", explanation: because("odd") }) }))),
  },
  {
    what: "points to steps that lie ahead",
    law: "explains what it does, with finite numbers",
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
    law: "explains what it does, with finite numbers",
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
  {
    what: "looks at complete trials although it claims that they may be forgotten",
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
    what: "does nothing although it claims to act",
    law: "acts sometimes",
    subject: subjectOf(choiceOf(() => ({}))),
  },
  {
    what: "acts although it claims never to",
    law: "never acts, as declared",
    subject: { choice: halfway(byCost), acts: false },
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
    what: "resumes a trial twice",
    law: "resumes only trials that can go on",
    subject: subjectOf(
      choiceOf((setup) => {
        let last: number | undefined;
        return {
          decide: decideHalfway(setup),
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
    what: "asks for a population of one and a half",
    law: "asks for possible populations and snapshot intervals",
    subject: subjectOf(choiceOf(() => ({ population: 1.5 }))),
  },
  {
    what: "lets a trial go on with its own model",
    law: "gives trials only existing models of other trials, with params of the space",
    subject: subjectOf(giving((heir) => heir)),
  },
  {
    what: "gives trials params outside the space",
    law: "gives trials only existing models of other trials, with params of the space",
    subject: subjectOf(
      giving(
        (heir, study) =>
          study.trials.find(({ number, snapshot }) => number !== heir.number && snapshot !== undefined),
        { rate: 2 },
      ),
    ),
  },
  {
    what: "gives trials models without a snapshot",
    law: "gives trials only existing models of other trials, with params of the space",
    subject: subjectOf(
      giving((heir, study) =>
        study.trials.find(({ number, snapshot }) => number !== heir.number && snapshot === undefined),
      ),
    ),
  },
];

/** Gives each trial a model at its third report. */
function giving(
  parentOf: (heir: Trial, study: Study) => Trial | undefined,
  params: Params = { rate: 0.5 },
): SchedulerChoice {
  return choiceOf(() => ({
    decide: (heir, step, study) => {
      const parent = parentOf(heir, study);
      if (parent === undefined || heir.curve.steps.length !== 3) return { action: "continue" };
      const { number } = parent;
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

  testRefusals(logLaws, wrongs, async (subject, check) => check(subject));
  testLawsRefuse(logLaws, wrongs);
});
