import fc from "fast-check";
import { isCurvewiseError } from "../../core/errors.js";
import type { StudyEvent } from "../../core/events.js";
import type { Params } from "../../core/param.js";
import type { Sampler, SamplerChoice } from "../../core/sampler.js";
import type { SearchSpace } from "../../core/search-space.js";
import { applyEvent } from "../../core/study-fold.js";
import { decodeImage, encodeImage } from "../../core/study-image.js";
import { type StudyRecord } from "../../core/study-record.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { earlierStudies, studyAfter } from "../earlier-studies.js";
import { sharedSimulations } from "../shared-simulations.js";
import {
  type Simulation,
  type SimulationSettings,
  simulatedGoal,
  simulateSampler,
} from "../simulated-study.js";
import { changeWatch } from "../study-text.js";

/** Creates the sampler for a space; its options may depend on the space. */
export type Choose = (space: SearchSpace) => SamplerChoice;

/** A sampler under test, and its expectations. */
export interface SamplerSubject extends Required<SamplerExpectations> {
  readonly choose: Choose;
}

/** What is expected of a sampler beyond the contract. */
export interface SamplerExpectations {
  /**
   * Whether the params of trial n depend only on the seed and n, so that they are the same with one worker and with
   * many; by default false, as for samplers that learn from reports.
   */
  readonly independent?: boolean;
  /** Whether its proposals improve within 60 trials; by default true unless it is independent. */
  readonly learns?: boolean;
  /** Whether it may repeat params while there are others; by default false. */
  readonly repeats?: boolean;
  /**
   * Whether it looks only at what it was given, so that it may never see some parts of a space, or revisit others again
   * and again; by default false.
   */
  readonly local?: boolean;
}

export const create = (choose: Choose, space: SearchSpace, settings: SimulationSettings): Sampler =>
  choose(space).create({
    space,
    goal: simulatedGoal(settings),
    maxSteps: settings.maxSteps,
    seed: settings.seed,
  });

/** The params that were asked for, by trial. */
export const askedOf = ({ questions }: Simulation): (readonly [number, Params | undefined])[] =>
  questions.flatMap((question) =>
    question.kind === "ask" ? [[question.trial, question.answer] as const] : [],
  );

const isUnsatisfiable = (error: unknown): boolean =>
  isCurvewiseError(error) && (error.code === "SPACE_UNSATISFIABLE" || isUnsatisfiable(error.cause));

/** Runs a property unless the space turns out to be unsatisfiable, which samplers report with this error. */
export function whereSatisfiable(property: () => void): void {
  try {
    property();
  } catch (error) {
    if (!isUnsatisfiable(error)) throw error;
    fc.pre(false);
  }
}

const shared = sharedSimulations<Simulation>();

/** How often laws of random studies try them, with a seed by which all laws of a sampler meet the same ones. */
export const tries = (choose: Choose, numRuns: number): fc.Parameters<unknown> => ({
  numRuns,
  seed: shared(choose).seed,
});

/** A study of the sampler: simulated once, for all laws that ask for it. */
export function simulate(
  choose: Choose,
  space: SearchSpace,
  settings: SimulationSettings,
  foreign: number,
): Simulation {
  const { params, constraints } = space;
  const key = JSON.stringify([params, constraints.map(({ name }) => name), settings, foreign]);
  return shared(choose).simulated(key, () => simulateAnew(choose, space, settings, foreign));
}

/** The same with the sampler in something around it, which is to see everything itself. */
export function simulateAnew(
  choose: Choose,
  space: SearchSpace,
  settings: SimulationSettings,
  foreign: number,
  wrap: (sampler: Sampler) => Sampler = (sampler) => sampler,
): Simulation {
  const sampler = create(choose, space, settings);
  const transferred = earlierStudies(settings, sampler.transfer?.studies ?? [], space);
  return simulateSampler(settings, choose(space).name, {
    space,
    sampler: wrap(sampler),
    transferred,
    foreign,
  });
}

/** The study as it was after `count` events, restored from an image. */
export function reopenedAfter(simulation: Simulation, count: number): StudyRecord {
  const copy = decodeImage(encodeImage(studyAfter(simulation, count)));
  if (copy === undefined) throw new Error("the image is in another format");
  return copy;
}

/** What a new sampler answers to the log's questions, starting from a study and observing what follows. */
export function answersFrom(
  sampler: Sampler,
  simulation: Simulation,
  start: StudyRecord,
  forget: (event: StudyEvent) => void = () => {},
): unknown[] {
  const first = start.events;
  const due = simulation.questions.filter(({ events }) => events >= first);
  const answers: unknown[] = [];
  const answerDue = (): void => {
    for (const question of due) {
      if (question.kind !== "ask" || question.events !== start.events) continue;
      const random = createRandom(simulation.settings.seed, question.trial, PURPOSE.params);
      answers.push([question.trial, sampler.ask(question.trial, random, start)]);
    }
  };
  sampler.restore?.(start);
  answerDue();
  for (const event of simulation.events.slice(first - 1)) {
    applyEvent(start, event);
    sampler.observe?.(event, start);
    forget(event);
    answerDue();
  }
  return answers;
}

/** A sampler that notes every call that changes the study. */
export function watched(sampler: Sampler, changes: string[]): Sampler {
  const watch = changeWatch(changes);
  return {
    restore: (study) => watch("restore", study, () => sampler.restore?.(study)),
    observe: (event, study) => watch("observe", study, () => sampler.observe?.(event, study)),
    ask: (trial, random, study) => watch("ask", study, () => sampler.ask(trial, random, study)),
  };
}
