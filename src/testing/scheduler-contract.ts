import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Decision, Explanation } from "../core/decision.js";
import type { StudyEvent } from "../core/events.js";
import { forgetComplete } from "../core/forgetting.js";
import type { Scheduler, SchedulerChoice } from "../core/scheduler.js";
import type { Study } from "../core/study.js";
import { applyEvent, type StudyRecord } from "../core/study-fold.js";
import { decodeImage, encodeImage } from "../core/study-image.js";
import { earlierStudies, studyAfter } from "./earlier-studies.js";
import {
  moments,
  SIMULATED_SPACE,
  type Simulation,
  type SimulationParts,
  type SimulationSettings,
  simulateStudy,
  simulationSettings,
} from "./simulated-study.js";
import type { Question } from "./stage.js";

/** What is expected of a scheduler beyond the contract. */
export interface SchedulerExpectations {
  /** Whether it ever does anything but continue, so that a scheduler that does nothing cannot pass for one that acts. */
  readonly acts: boolean;
}

const RUNS = 40;

const create = (choice: SchedulerChoice, { seed, maxSteps, direction }: SimulationSettings): Scheduler =>
  choice.create({ goal: { metric: "loss", direction }, maxSteps, seed, space: SIMULATED_SPACE });

/** What a study under the scheduler begins with, whoever decides in it. */
const takenOver = (scheduler: Scheduler, settings: SimulationSettings): SimulationParts => ({
  transferred: earlierStudies(settings, scheduler.transfer?.studies ?? []),
});

function simulate(choice: SchedulerChoice, settings: SimulationSettings): Simulation {
  const scheduler = create(choice, settings);
  return simulateStudy(settings, { ...takenOver(scheduler, settings), scheduler });
}

/** Every report of a log as a question that a scheduler could have been asked, whatever was answered then. */
function reportsOf({ events }: Simulation): Question[] {
  return events.flatMap((event, index): Question[] =>
    event.type === "reported"
      ? [
          {
            kind: "decide",
            events: index + 2,
            trial: event.trial,
            step: event.step,
            answer: { action: "continue" },
          },
        ]
      : [],
  );
}

function answer(scheduler: Scheduler, question: Question, study: StudyRecord): unknown {
  if (question.kind === "resume") return scheduler.resume?.(study, question.isEnding);
  const trial = study.trials[question.trial];
  if (question.kind !== "decide" || trial === undefined) throw new Error("the question fits no trial");
  return scheduler.decide(trial, question.step, study);
}

/** Lets a scheduler live through a log from one point on, and returns what it answers to the questions from there. */
function answersFrom(
  scheduler: Scheduler,
  simulation: Simulation,
  questions: readonly Question[],
  start: StudyRecord,
  forget: (event: StudyEvent) => void = () => {},
): unknown[] {
  const answers: unknown[] = [];
  const first = start.events;
  scheduler.restore(start);
  let next = questions.findIndex(({ events }) => events >= first);
  if (next < 0) return answers;
  const answerDue = (): void => {
    for (let question = questions[next]; question?.events === start.events; question = questions[next]) {
      answers.push(answer(scheduler, question, start));
      next += 1;
    }
  };
  answerDue();
  for (const event of simulation.events.slice(first - 1)) {
    applyEvent(start, event);
    scheduler.observe(event, start);
    forget(event);
    answerDue();
  }
  return answers;
}

const answersSince = (questions: readonly Question[], events: number): unknown[] =>
  questions.filter((question) => question.events >= events).map((question) => question.answer);

/** A copy that a study's image brings back, as after a restart. */
function reopened(study: StudyRecord): StudyRecord {
  const copy = decodeImage(encodeImage(study));
  if (copy === undefined) throw new Error("the image is of another format");
  return copy;
}

/** What is wrong with an explanation; nothing, if it keeps the contract. */
function flawsOf(explanation: Explanation, step: number | undefined, study: Study): string[] {
  const { rule, reason, values, steps = [], neighbours = [] } = explanation;
  const flaws: string[] = [];
  if (rule === "") flaws.push("the rule has no name");
  if (!/^[A-Z].*\.$/s.test(reason)) flaws.push("the reason is no sentence");
  if (/undefined|null|\[object/.test(reason)) flaws.push("the reason shows what a person cannot read");
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) flaws.push(`the value ${name} is ${value}`);
  }
  if (steps.some((each, index) => each <= (steps[index - 1] ?? 0))) flaws.push("the steps do not ascend");
  if (step !== undefined && steps.some((each) => each > step)) flaws.push("a step lies ahead");
  const earlier = study.transferred.map(({ name }) => name);
  for (const [index, { trial, distance, ...whose }] of neighbours.entries()) {
    const before = neighbours[index - 1];
    if (!(Number.isFinite(distance) && distance >= 0))
      flaws.push(`neighbour ${trial} is at distance ${distance}`);
    // Equally near ones: this study's own first, then those of earlier ones, study by study.
    const place = whose.study === undefined ? -1 : earlier.indexOf(whose.study);
    const placeBefore = before?.study === undefined ? -1 : earlier.indexOf(before.study);
    const order = distance - (before?.distance ?? -1) || place - placeBefore || trial - (before?.trial ?? -1);
    if (order <= 0) flaws.push(`neighbour ${trial} is out of order`);
    const exists =
      whose.study === undefined
        ? study.trials[trial] !== undefined
        : study.transferred[place]?.trials.some(({ number }) => number === trial);
    if (exists !== true) flaws.push(`neighbour ${whose.study ?? "here"}/${trial} does not exist`);
  }
  return flaws.map((flaw) => `${flaw}: ${reason}`);
}

/** A scheduler that notes every call that changes the study. */
function watched(scheduler: Scheduler, changes: string[]): Scheduler {
  const watch = <T>(name: string, study: Study, call: () => T): T => {
    const before = JSON.stringify(plain(study));
    const result = call();
    if (JSON.stringify(plain(study)) !== before) changes.push(name);
    return result;
  };
  const { resume } = scheduler;
  return {
    restore: (study) => watch("restore", study, () => scheduler.restore(study)),
    observe: (event, study) => watch("observe", study, () => scheduler.observe(event, study)),
    decide: (trial, step, study) => watch("decide", study, () => scheduler.decide(trial, step, study)),
    ...(resume === undefined
      ? {}
      : {
          resume: (study: Study, isEnding?: boolean) => watch("resume", study, () => resume(study, isEnding)),
        }),
  };
}

/** All of a study as plain data, maps and sets included. */
export function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(plain);
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

function testForgetting(choice: SchedulerChoice): void {
  if (choice.forgets !== true) return;
  it("decides the same when complete trials are forgotten", () => {
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
      { numRuns: RUNS },
    );
    expect(forgotten).toBeGreaterThan(0);
  });
}

/**
 * The contract of every scheduler, over randomly generated studies with 1 to 64 trials in flight, failures,
 * retries, lost workers, late reports, diverged and missing metrics. Call it in a test file of vitest:
 *
 * @example schedulerContract(median({ startup: 2 }), { acts: true })
 */
export function schedulerContract(choice: SchedulerChoice, { acts }: SchedulerExpectations): void {
  describe(`scheduler ${choice.name} ${JSON.stringify(choice.options)} keeps the contract`, () => {
    it("decides the same when the same log is played again", () => {
      fc.assert(
        fc.property(simulationSettings(), (settings) => {
          const simulation = simulate(choice, settings);
          const again = create(choice, settings);
          const start = studyAfter(simulation, 1);
          const answers = answersFrom(again, simulation, simulation.questions, start);
          expect(answers).toEqual(answersSince(simulation.questions, 1));
        }),
        { numRuns: RUNS },
      );
    });

    it("decides the same after a restart at any moment", () => {
      fc.assert(
        fc.property(simulationSettings(), moments(), fc.boolean(), (settings, share, byImage) => {
          const simulation = simulate(choice, settings);
          const events = 1 + Math.floor(share * simulation.events.length);
          const folded = studyAfter(simulation, events);
          const start = byImage ? reopened(folded) : folded;
          const answers = answersFrom(create(choice, settings), simulation, simulation.questions, start);
          expect(answers).toEqual(answersSince(simulation.questions, events));
        }),
        { numRuns: RUNS },
      );
    });

    it("decides alike on a log that came about under other decisions, observed or restored", () => {
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
        { numRuns: RUNS },
      );
    });

    testForgetting(choice);

    it("never decides on what came later", () => {
      fc.assert(
        fc.property(simulationSettings(), moments(), (settings, share) => {
          const whole = simulate(choice, settings);
          const kept = Math.floor(share * whole.events.length);
          const beginning: Simulation = { ...whole, events: whole.events.slice(0, kept) };
          const questions = whole.questions.filter(({ events }) => events <= kept + 1);
          const answers = answersFrom(create(choice, settings), beginning, questions, studyAfter(whole, 1));
          expect(answers).toEqual(questions.map((question) => question.answer));
        }),
        { numRuns: RUNS },
      );
    });

    it("leaves the study as it is", () => {
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
        { numRuns: RUNS / 4 },
      );
    });

    it("explains what it does, with numbers that are finite", () => {
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
        { numRuns: RUNS },
      );
    });

    it(`${acts ? "acts at times" : "never acts"}, in the studies of this suite`, () => {
      const actions = fc
        .sample(simulationSettings(), { numRuns: RUNS, seed: 1 })
        .flatMap((settings) =>
          simulate(choice, settings).questions.flatMap((question): Decision["action"][] =>
            question.kind === "decide" ? [question.answer.action] : [],
          ),
        );
      expect(actions.length).toBeGreaterThan(0);
      expect(actions.some((action) => action !== "continue")).toBe(acts);
    });
  });
}
