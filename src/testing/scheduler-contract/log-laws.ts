import fc from "fast-check";
import { expect } from "vitest";
import type { Action } from "../../core/decision.js";
import { forgetComplete } from "../../core/forgetting.js";
import type { SchedulerChoice } from "../../core/scheduler.js";
import { studyAfter } from "../earlier-studies.js";
import type { Law } from "../laws.js";
import { sharedSimulations } from "../shared-simulations.js";
import { moments, type Simulation, simulateStudy, simulationSettings } from "../simulated-study.js";
import { exploitFlaws, flawsOf } from "./explanation-flaws.js";
import {
  answer,
  answersFrom,
  answersSince,
  create,
  reopened,
  reportsOf,
  type SchedulerSubject,
  simulate,
  simulateAnew,
  takenOver,
  tries,
  watched,
} from "./simulated-scheduler.js";

const RUNS = 24;
const SAMPLED = 24;

/** Laws for random studies: decisions must follow from the log, from nothing else, and be explained. */
export const logLaws: readonly Law<SchedulerSubject>[] = [
  {
    name: "decides the same when the same log is played again",
    check: ({ choice }) => {
      fc.assert(
        fc.property(simulationSettings(), (settings) => {
          const simulation = simulate(choice, settings);
          const again = create(choice, settings);
          const start = studyAfter(simulation, 1);
          const answers = answersFrom(again, simulation, simulation.questions, start);
          expect(answers).toEqual(answersSince(simulation.questions, 1));
        }),
        tries(choice, RUNS),
      );
    },
  },
  {
    name: "decides the same after a restart at any moment",
    check: ({ choice }) => {
      fc.assert(
        fc.property(simulationSettings(), moments(), fc.boolean(), (settings, share, byImage) => {
          const simulation = simulate(choice, settings);
          const events = 1 + Math.floor(share * simulation.events.length);
          const folded = studyAfter(simulation, events);
          const start = byImage ? reopened(folded) : folded;
          const answers = answersFrom(create(choice, settings), simulation, simulation.questions, start);
          expect(answers).toEqual(answersSince(simulation.questions, events));
        }),
        tries(choice, RUNS),
      );
    },
  },
  {
    name: "decides the same on a log made under other decisions, whether observed or restored",
    check: ({ choice }) => {
      fc.assert(
        fc.property(simulationSettings(), moments(), (settings, share) => {
          const simulation = simulateStudy(settings, takenOver(create(choice, settings), settings));
          const reports = reportsOf(simulation);
          const observed = answersFrom(
            create(choice, settings),
            simulation,
            reports,
            studyAfter(simulation, 1),
          );
          expect(observed).toHaveLength(reports.length);
          const index = Math.floor(share * (reports.length - 1));
          const report = reports[index];
          if (report === undefined) return;
          const study = studyAfter(simulation, report.events);
          const restored = create(choice, settings);
          restored.restore(study);
          expect([answer(restored, report, study)]).toEqual([observed[index]]);
        }),
        tries(choice, RUNS),
      );
    },
  },
  {
    name: "never decides by what came later",
    check: ({ choice }) => {
      fc.assert(
        fc.property(simulationSettings(), moments(), (settings, share) => {
          const whole = simulate(choice, settings);
          const kept = Math.floor(share * whole.events.length);
          const beginning: Simulation = { ...whole, events: whole.events.slice(0, kept) };
          const questions = whole.questions.filter(({ events }) => events <= kept + 1);
          const answers = answersFrom(create(choice, settings), beginning, questions, studyAfter(whole, 1));
          expect(answers).toEqual(questions.map((question) => question.answer));
        }),
        tries(choice, RUNS),
      );
    },
  },
  {
    name: "leaves the study as it is",
    check: ({ choice }) => {
      fc.assert(
        fc.property(simulationSettings(), ({ trials, ...settings }) => {
          const small = {
            ...settings,
            trials: Math.min(trials, 6),
            maxSteps: Math.min(settings.maxSteps, 8),
          };
          const changes: string[] = [];
          const scheduler = create(choice, small);
          const parts = takenOver(scheduler, small);
          simulateStudy(small, { ...parts, scheduler: watched(scheduler, changes) });
          expect(changes).toEqual([]);
        }),
        tries(choice, RUNS / 4),
      );
    },
  },
  {
    name: "explains what it does, with finite numbers",
    check: ({ choice }) => {
      fc.assert(
        fc.property(simulationSettings(), (settings) => {
          const simulation = simulate(choice, settings);
          const study = studyAfter(simulation, simulation.events.length + 1);
          const flaws = simulation.questions.flatMap((question) => {
            const explanation = question.kind === "ask" ? undefined : question.answer?.explanation;
            if (explanation === undefined) return [];
            return flawsOf(explanation, question.kind === "decide" ? question.step : undefined, study);
          });
          expect(flaws).toEqual([]);
        }),
        tries(choice, RUNS),
      );
    },
  },
  {
    name: "decides the same when complete trials are forgotten",
    binds: ({ choice }) => choice.forgets === true,
    check: ({ choice }) => {
      let forgotten = 0;
      fc.assert(
        fc.property(simulationSettings(), moments(), (settings, share) => {
          const simulation = simulate(choice, settings);
          const events = 1 + Math.floor(share * simulation.events.length);
          const start = studyAfter(simulation, events);
          const forget = forgetComplete(start, 0);
          const { questions } = simulation;
          const answers = answersFrom(create(choice, settings), simulation, questions, start, forget);
          expect(answers).toEqual(answersSince(questions, events));
          forgotten += start.trials.length - [...start.trials].length;
        }),
        tries(choice, RUNS),
      );
      expect(forgotten).toBeGreaterThan(0);
    },
  },
  {
    name: "acts sometimes",
    binds: ({ acts }) => acts,
    check: ({ choice }) => expect(actionsOf(choice).some((action) => action !== "continue")).toBe(true),
  },
  {
    name: "never acts, as declared",
    binds: ({ acts }) => !acts,
    check: ({ choice }) => expect(actionsOf(choice).every((action) => action === "continue")).toBe(true),
  },
  {
    name: "explains every pause, stop and exploit",
    check: ({ choice }) => {
      const unexplained = simulations(choice).flatMap(({ questions }) =>
        questions.filter(
          (question) =>
            question.kind === "decide" &&
            question.answer.action !== "continue" &&
            question.answer.explanation === undefined,
        ),
      );
      expect(unexplained).toEqual([]);
    },
  },
  {
    name: "resumes only trials that can go on",
    // If anything else is resumed, the simulation throws.
    check: ({ choice }) => expect(() => simulations(choice)).not.toThrow(),
  },
  {
    name: "asks for possible populations and snapshot intervals",
    check: ({ choice }) => {
      const wanted = fc
        .sample(simulationSettings(), { numRuns: SAMPLED, seed: 1 })
        .map((settings) => create(choice, settings));
      for (const { population = 1, snapshotEvery = 1 } of wanted) {
        expect([population, snapshotEvery].filter((each) => !Number.isInteger(each) || each < 1)).toEqual([]);
      }
    },
  },
  {
    name: "gives trials only existing models of other trials, with params of the space",
    check: ({ choice }) => {
      for (const simulation of simulations(choice)) {
        for (const question of simulation.questions) {
          if (question.kind === "ask" || question.answer === undefined) continue;
          const exploit = "exploit" in question.answer ? question.answer.exploit : undefined;
          if (exploit === undefined) continue;
          const study = studyAfter(simulation, question.events);
          const heir = question.kind === "decide" ? question.trial : question.answer.trial;
          const flaws = exploitFlaws(exploit, heir, study);
          expect(flaws).toEqual([]);
        }
      }
    },
  },
];

const sampled = sharedSimulations<readonly Simulation[]>();

/** Studies that are the same each time; simulated once, for all laws. */
const simulations = (choice: SchedulerChoice): readonly Simulation[] =>
  sampled(choice).simulated("sampled", () =>
    fc
      .sample(simulationSettings(), { numRuns: SAMPLED, seed: 1 })
      .map((settings) => simulateAnew(choice, settings)),
  );

/** The decisions in reproducible studies. */
function actionsOf(choice: SchedulerChoice): Action[] {
  const actions = simulations(choice).flatMap(({ questions }) =>
    questions.flatMap((question) => (question.kind === "decide" ? [question.answer.action] : [])),
  );
  expect(actions.length).toBeGreaterThan(0);
  return actions;
}
