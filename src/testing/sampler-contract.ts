import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import { forgetComplete } from "../core/forgetting.js";
import { choice, fixed, float, int, ordinal, type Param, type Params } from "../core/param.js";
import type { Sampler, SamplerChoice } from "../core/sampler.js";
import { type Constraint, createSearchSpace, problemsOf, type SearchSpace } from "../core/search-space.js";
import type { Study } from "../core/study.js";
import { applyEvent, type StudyRecord } from "../core/study-fold.js";
import { decodeImage, encodeImage } from "../core/study-image.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { earlierStudies, studyAfter } from "./earlier-studies.js";
import { plain } from "./scheduler-contract.js";
import {
  moments,
  SIMULATED_SPACE,
  type Simulation,
  type SimulationSettings,
  simulateSampler,
  simulationSettings,
} from "./simulated-study.js";

/** What is expected of a sampler beyond the contract. */
export interface SamplerExpectations {
  /**
   * Whether the params of trial n depend on the seed and n alone, so that they are the same with one worker and with
   * many; not so for samplers that learn from reports.
   */
  readonly independent: boolean;
}

const RUNS = 40;

/** A param before it is known which others it depends on. */
function plainParam(): fc.Arbitrary<(when: Param["when"]) => Param> {
  const bounds = fc
    .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 50 }))
    .map(([low, width]) => [low, low + width] as const);
  const withWhen = (when: Param["when"]) => (when === undefined ? {} : { when });
  return fc.oneof(
    fc.tuple(bounds, fc.boolean()).map(
      ([[low, high], log]) =>
        (when: Param["when"]) =>
          float(low / 10, high / 10, { log, ...withWhen(when) }),
    ),
    fc.tuple(bounds, fc.constantFrom(0.1, 0.25, 1 / 3)).map(
      ([[low, high], step]) =>
        (when: Param["when"]) =>
          float(low / 10, high / 10, { step, ...withWhen(when) }),
    ),
    fc.tuple(bounds, fc.boolean()).map(
      ([[low, high], log]) =>
        (when: Param["when"]) =>
          int(low, high, { log, ...withWhen(when) }),
    ),
    fc.constantFrom(
      (when: Param["when"]): Param => choice(["a", "b", "c"], withWhen(when)),
      (when: Param["when"]): Param => choice([true, false], withWhen(when)),
      (when: Param["when"]): Param => ordinal([8, 16, 32, 64], withWhen(when)),
      (when: Param["when"]): Param => fixed("always", withWhen(when)),
    ),
  );
}

/** A condition on a param that it can meet, but need not. */
function conditionOn(name: string, param: Param): Param["when"] {
  switch (param.kind) {
    case "float":
    case "int":
      return { [name]: { max: (param.low + param.high) / 2 } };
    case "choice":
    case "ordinal":
      return { [name]: param.options.slice(0, -1) };
    case "fixed":
      return { [name]: param.value };
  }
}

/** Refuses about a quarter of all params, in no simple pattern. */
const CONSTRAINT: Constraint = {
  name: "the letters of the params add up to no multiple of four",
  holds: (params) =>
    Array.from(JSON.stringify(params), (letter) => letter.charCodeAt(0)).reduce(
      (sum, code) => sum + code,
      0,
    ) %
      4 !==
    0,
};

/** Search spaces of 1 to 5 params of every kind, with conditions (on conditional params too) and constraints. */
export function searchSpaces(): fc.Arbitrary<SearchSpace> {
  const param = fc.record({ make: plainParam(), parent: fc.option(fc.nat({ max: 4 })) });
  return fc
    .tuple(fc.array(param, { minLength: 1, maxLength: 5 }), fc.boolean())
    .map(([params, constrained]) => {
      const space: Record<string, Param> = {};
      for (const [index, { make, parent }] of params.entries()) {
        const parentName = `p${parent ?? index}`;
        const parentParam = space[parentName];
        space[`p${index}`] = make(
          parentParam === undefined ? undefined : conditionOn(parentName, parentParam),
        );
      }
      return createSearchSpace(space, constrained ? [CONSTRAINT] : []);
    });
}

type Choose = (space: SearchSpace) => SamplerChoice;

const create = (choose: Choose, space: SearchSpace, settings: SimulationSettings): Sampler =>
  choose(space).create({
    space,
    goal: { metric: "loss", direction: settings.direction },
    maxSteps: settings.maxSteps,
    seed: settings.seed,
  });

/** The params that were asked for, by trial. */
const askedOf = ({ questions }: Simulation): (readonly [number, Params | undefined])[] =>
  questions.flatMap((question) =>
    question.kind === "ask" ? [[question.trial, question.answer] as const] : [],
  );

const isUnsatisfiable = (error: unknown): boolean =>
  isCurvewiseError(error) && (error.code === "SPACE_UNSATISFIABLE" || isUnsatisfiable(error.cause));

/** Runs a property unless the space turns out to be impossible to satisfy, which samplers say by this error. */
function whereSatisfiable(property: () => void): void {
  try {
    property();
  } catch (error) {
    if (!isUnsatisfiable(error)) throw error;
    fc.pre(false);
  }
}

function simulate(
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

/** The study as it was after so many events, as an image brings it back. */
function reopenedAfter(simulation: Simulation, count: number): StudyRecord {
  const copy = decodeImage(encodeImage(studyAfter(simulation, count)));
  if (copy === undefined) throw new Error("the image is of another format");
  return copy;
}

/** What a new sampler answers to the log's questions from a study on, when it lives through what follows. */
function answersFrom(
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
function watched(sampler: Sampler, changes: string[]): Sampler {
  const watch = <T>(name: string, study: Study, call: () => T): T => {
    const before = JSON.stringify(plain(study));
    const result = call();
    if (JSON.stringify(plain(study)) !== before) changes.push(name);
    return result;
  };
  return {
    restore: (study) => watch("restore", study, () => sampler.restore?.(study)),
    observe: (event, study) => watch("observe", study, () => sampler.observe?.(event, study)),
    ask: (trial, random, study) => watch("ask", study, () => sampler.ask(trial, random, study)),
  };
}

function testForgetting(choose: Choose): void {
  if (choose(SIMULATED_SPACE).forgets !== true) return;
  it("proposes the same when complete trials are forgotten", () => {
    let forgotten = 0;
    fc.assert(
      fc.property(searchSpaces(), simulationSettings(), moments(), (space, settings, share) => {
        whereSatisfiable(() => {
          const simulation = simulate(choose, space, settings, 0.2);
          const events = 1 + Math.floor(share * simulation.events.length);
          const later = simulation.questions.filter((question) => question.events >= events);
          const start = reopenedAfter(simulation, events);
          const forget = forgetComplete(start, 0);
          const answers = answersFrom(create(choose, space, settings), simulation, start, forget);
          expect(answers).toEqual(askedOf({ ...simulation, questions: later }));
          forgotten += start.trials.length - [...start.trials].length;
        });
      }),
      { numRuns: RUNS },
    );
    expect(forgotten).toBeGreaterThan(RUNS);
  });
}

/**
 * The contract of every sampler, over random search spaces and randomly generated studies with 1 to 64 trials in
 * flight. Call it in a test file of vitest:
 *
 * @param name how the tests are headed
 * @param choose the sampler for a space; it may draw its options from it
 * @example samplerContract("random", () => random(), { independent: true })
 */
export function samplerContract(name: string, choose: Choose, { independent }: SamplerExpectations): void {
  describe(`sampler ${name} keeps the contract`, () => {
    const studies = [searchSpaces(), simulationSettings()] as const;

    it("stays inside the space, its conditions and its constraints", () => {
      let asked = 0;
      fc.assert(
        fc.property(...studies, (space, settings) => {
          whereSatisfiable(() => {
            for (const [, params] of askedOf(simulate(choose, space, settings, 0.2))) {
              if (params === undefined) continue;
              asked += 1;
              expect(problemsOf(space, params)).toEqual([]);
              const names = Object.keys(space.params).filter((each) => Object.hasOwn(params, each));
              expect(Object.keys(params)).toEqual(names);
            }
          });
        }),
        { numRuns: 2 * RUNS },
      );
      expect(asked).toBeGreaterThan(RUNS);
    });

    it("proposes the same when the same log is played again", () => {
      fc.assert(
        fc.property(...studies, (space, settings) => {
          whereSatisfiable(() => {
            const simulation = simulate(choose, space, settings, 0.2);
            const again = create(choose, space, settings);
            expect(answersFrom(again, simulation, reopenedAfter(simulation, 1))).toEqual(askedOf(simulation));
          });
        }),
        { numRuns: RUNS },
      );
    });

    it("proposes the same after a restart at any moment", () => {
      fc.assert(
        fc.property(...studies, moments(), (space, settings, share) => {
          whereSatisfiable(() => {
            const simulation = simulate(choose, space, settings, 0.2);
            const events = 1 + Math.floor(share * simulation.events.length);
            const later = simulation.questions.filter((question) => question.events >= events);
            const answers = answersFrom(
              create(choose, space, settings),
              simulation,
              reopenedAfter(simulation, events),
            );
            expect(answers).toEqual(askedOf({ ...simulation, questions: later }));
          });
        }),
        { numRuns: RUNS },
      );
    });

    it("has no more once it has none", () => {
      fc.assert(
        fc.property(...studies, (space, settings) => {
          whereSatisfiable(() => {
            let sampler = create(choose, space, settings);
            const simulation = simulate(choose, space, settings, 0, (made) => {
              sampler = made;
              return made;
            });
            const asked = askedOf(simulation);
            expect(asked.slice(0, -1).every(([, params]) => params !== undefined)).toBe(true);
            const study = reopenedAfter(simulation, simulation.events.length + 1);
            const isExhausted = asked.length > 0 && asked.at(-1)?.[1] === undefined;
            const next = [1, 2, 3].map((ahead) => {
              const trial = study.trials.length + ahead;
              return sampler.ask(trial, createRandom(settings.seed, trial, PURPOSE.params), study);
            });
            expect(isExhausted && next.some((params) => params !== undefined)).toBe(false);
            const { size = Number.POSITIVE_INFINITY } = sampler;
            expect(study.trials.length).toBeLessThanOrEqual(size);
            expect(isExhausted && Number.isFinite(size) && study.trials.length !== size).toBe(false);
          });
        }),
        { numRuns: RUNS },
      );
    });

    it("leaves the study as it is", () => {
      fc.assert(
        fc.property(...studies, (space, { trials, ...settings }) => {
          whereSatisfiable(() => {
            const changes: string[] = [];
            const wrap = (sampler: Sampler): Sampler => watched(sampler, changes);
            simulate(choose, space, { ...settings, trials: Math.min(trials, 8) }, 0.2, wrap);
            expect(changes).toEqual([]);
          });
        }),
        { numRuns: RUNS / 4 },
      );
    });

    testForgetting(choose);

    if (!independent) return;
    it("proposes the same whatever is in flight and whatever is reported", () => {
      const inFlight = fc.integer({ min: 1, max: 64 });
      fc.assert(
        fc.property(...studies, inFlight, fc.constantFrom(0, 0.2), (space, settings, others, trouble) => {
          whereSatisfiable(() => {
            const one = askedOf(simulate(choose, space, settings, 0));
            const other = askedOf(simulate(choose, space, { ...settings, inFlight: others, trouble }, 0));
            const both = Math.min(one.length, other.length);
            expect(one.slice(0, both)).toEqual(other.slice(0, both));
          });
        }),
        { numRuns: RUNS },
      );
    });
  });
}
