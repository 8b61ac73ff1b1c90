import { describe } from "vitest";
import { lastStep, lastValue, type Trial } from "../core/trial.js";
import { createRandom } from "../math/random.js";
import { testLaws } from "./laws.js";
import { testLawsRefuse, testRefusals, type Wrong } from "./refusals.js";
import { meritLaws } from "./scheduler-contract/merit-laws.js";
import type { SchedulerSubject } from "./scheduler-contract/simulated-scheduler.js";
import { schedulerLaws } from "./scheduler-contract.js";
import {
  because,
  byCost,
  choiceOf,
  cost,
  decideHalfway,
  halfway,
  isHalfway,
  stop,
  subjectOf,
} from "./wrong-scheduler.js";

/** A number for a trial that is unrelated to how good it is. */
const scattered = ({ number }: Trial): number => createRandom(number, 0, 0).uniform();

const wrongs: readonly Wrong<SchedulerSubject>[] = [
  {
    what: "stops everything",
    law: "lets some trial be trained to its end",
    subject: subjectOf(choiceOf(() => ({ decide: () => stop }))),
  },
  {
    what: "pauses everything and resumes nothing",
    law: "lets some trial be trained to its end",
    subject: subjectOf(
      choiceOf((setup) => ({
        decide: decideHalfway(setup),
      })),
    ),
  },
  {
    what: "lets the worst go on",
    law: "resumes the better trials among those waiting at the same step",
    subject: subjectOf(halfway((goal) => (a, b) => byCost(goal)(b, a))),
  },
  {
    what: "lets trials go on at random",
    law: "resumes the better trials among those waiting at the same step",
    subject: subjectOf(halfway(() => (a, b) => scattered(a) - scattered(b))),
  },
  {
    what: "stops the best",
    law: "stops the worse trials among those that got equally far",
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
    what: "stops at random",
    law: "stops the worse trials among those that got equally far",
    subject: subjectOf(
      choiceOf((setup) => ({
        decide: (trial, step) =>
          isHalfway(setup, trial, step) && scattered(trial) < 0.5 ? stop : { action: "continue" },
      })),
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
    what: "treats every goal as one to minimize",
    law: "respects the direction of the goal",
    subject: subjectOf(halfway(({ metric }) => byCost({ metric, direction: "minimize" }))),
  },
  {
    what: "stops trials that have not reported the goal yet",
    law: "stops no trial about which nothing is known",
    subject: subjectOf(
      choiceOf(({ goal }) => ({
        decide: (trial) => (cost(trial, goal) > 1e9 ? stop : { action: "continue" }),
      })),
    ),
  },
  {
    what: "cannot handle a training that diverged",
    law: "tolerates trainings that report no goal, diverge or all report the same values",
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
    what: "cannot handle a training that does not report the goal",
    law: "tolerates trainings that report no goal, diverge or all report the same values",
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
];

describe("the contract of schedulers refuses a judgement that", () => {
  testRefusals(meritLaws, wrongs, async (subject, check) => check(subject));
  testLawsRefuse(meritLaws, wrongs);
});

describe("the contract of schedulers accepts a correct one of a few lines", () => {
  testLaws(subjectOf(halfway(byCost)), schedulerLaws);
});
