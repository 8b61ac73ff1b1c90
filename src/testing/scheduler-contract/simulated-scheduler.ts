import type fc from "fast-check";
import type { StudyEvent } from "../../core/events.js";
import type { Scheduler, SchedulerChoice } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import { applyEvent } from "../../core/study-fold.js";
import { decodeImage, encodeImage } from "../../core/study-image.js";
import { type StudyRecord } from "../../core/study-record.js";
import { earlierStudies } from "../earlier-studies.js";
import { sharedSimulations } from "../shared-simulations.js";
import {
  SIMULATED_SPACE,
  type Simulation,
  type SimulationParts,
  type SimulationSettings,
  simulatedGoal,
  simulateStudy,
} from "../simulated-study.js";
import type { Question } from "../stage.js";
import { changeWatch } from "../study-text.js";

/** What is expected of a scheduler beyond the contract. */
export interface SchedulerExpectations {
  /**
   * Whether it ever does anything but continue, so that a scheduler that does nothing cannot pass for one that acts; by
   * default true.
   */
  readonly acts?: boolean;
  /**
   * Whether better trials of a study go on rather than worse ones; by default true. False for rules that judge each
   * training on its own, regardless of the others, and so may stop all of them.
   */
  readonly compares?: boolean;
}

/** A scheduler under test, and its expectations. */
export interface SchedulerSubject extends SchedulerExpectations {
  readonly choice: SchedulerChoice;
  readonly acts: boolean;
}

export const create = (
  choice: SchedulerChoice,
  { seed, maxSteps, direction }: SimulationSettings,
): Scheduler =>
  choice.create({ goal: simulatedGoal({ direction, seed }), maxSteps, seed, space: SIMULATED_SPACE });

/** What a study for the scheduler begins with, whatever decides in it. */
export const takenOver = (scheduler: Scheduler, settings: SimulationSettings): SimulationParts => ({
  transferred: earlierStudies(settings, scheduler.transfer?.studies ?? []),
});

const shared = sharedSimulations<Simulation>();

/** How often laws of random studies try them, with a seed by which all laws of a scheduler meet the same ones. */
export const tries = (choice: SchedulerChoice, numRuns: number): fc.Parameters<unknown> => ({
  numRuns,
  seed: shared(choice).seed,
});

/** A study under the scheduler. */
export function simulateAnew(choice: SchedulerChoice, settings: SimulationSettings): Simulation {
  const scheduler = create(choice, settings);
  return simulateStudy(settings, { ...takenOver(scheduler, settings), scheduler });
}

/** The same, simulated once for all laws that ask for it. */
export const simulate = (choice: SchedulerChoice, settings: SimulationSettings): Simulation =>
  shared(choice).simulated(JSON.stringify(settings), () => simulateAnew(choice, settings));

/** Every report of a log as a question that a scheduler could have been asked, whatever was answered then. */
export function reportsOf({ events }: Simulation): Question[] {
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

export function answer(scheduler: Scheduler, question: Question, study: StudyRecord): unknown {
  if (question.kind === "resume") return scheduler.resume?.(study, question.isEnding, question.isClosed);
  const trial = study.trials[question.trial];
  if (question.kind !== "decide" || trial === undefined) throw new Error("the question matches no trial");
  return scheduler.decide(trial, question.step, study);
}

/** Lets a scheduler observe a log from one point on, and returns its answers to the questions from there. */
export function answersFrom(
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

export const answersSince = (questions: readonly Question[], events: number): unknown[] =>
  questions.filter((question) => question.events >= events).map((question) => question.answer);

/** A copy restored from a study's image, as after a restart. */
export function reopened(study: StudyRecord): StudyRecord {
  const copy = decodeImage(encodeImage(study));
  if (copy === undefined) throw new Error("the image is in another format");
  return copy;
}

/** A scheduler that notes every call that changes the study. */
export function watched(scheduler: Scheduler, changes: string[]): Scheduler {
  const watch = changeWatch(changes);
  return {
    restore: (study) => watch("restore", study, () => scheduler.restore(study)),
    observe: (event, study) => watch("observe", study, () => scheduler.observe(event, study)),
    decide: (trial, step, study) => watch("decide", study, () => scheduler.decide(trial, step, study)),
    ...(scheduler.resume === undefined
      ? {}
      : {
          resume: (study: Study, isEnding?: boolean, isClosed?: boolean) =>
            watch("resume", study, () => scheduler.resume?.(study, isEnding, isClosed)),
        }),
  };
}
