import fc from "fast-check";
import { expect } from "vitest";
import { forgetComplete } from "../../core/forgetting.js";
import type { Sampler } from "../../core/sampler.js";
import { problemsOf } from "../../core/search-space.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import type { Law } from "../laws.js";
import { moments, SIMULATED_SPACE, simulationSettings } from "../simulated-study.js";
import { searchSpaces } from "./random-spaces.js";
import {
  answersFrom,
  askedOf,
  create,
  reopenedAfter,
  type SamplerSubject,
  simulate,
  simulateAnew,
  tries,
  watched,
  whereSatisfiable,
} from "./simulated-sampler.js";

const RUNS = 24;
const STUDIES = [searchSpaces(), simulationSettings()] as const;

/** Laws for random spaces and random studies: proposals must follow from the log, and from nothing else. */
export const logLaws: readonly Law<SamplerSubject>[] = [
  {
    name: "stays inside the space, its conditions and its constraints",
    check: ({ choose }) => {
      let asked = 0;
      fc.assert(
        fc.property(...STUDIES, (space, settings) => {
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
        tries(choose, 2 * RUNS),
      );
      expect(asked).toBeGreaterThan(RUNS);
    },
  },
  {
    name: "proposes the same when the same log is played again",
    check: ({ choose }) => {
      fc.assert(
        fc.property(...STUDIES, (space, settings) => {
          whereSatisfiable(() => {
            const simulation = simulate(choose, space, settings, 0.2);
            const again = create(choose, space, settings);
            expect(answersFrom(again, simulation, reopenedAfter(simulation, 1))).toEqual(askedOf(simulation));
          });
        }),
        tries(choose, RUNS),
      );
    },
  },
  {
    name: "proposes the same after a restart at any moment",
    check: ({ choose }) => {
      fc.assert(
        fc.property(...STUDIES, moments(), (space, settings, share) => {
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
        tries(choose, RUNS),
      );
    },
  },
  {
    name: "proposes nothing more once it is done",
    check: ({ choose }) => {
      fc.assert(
        fc.property(...STUDIES, (space, settings) => {
          whereSatisfiable(() => {
            let sampler = create(choose, space, settings);
            const simulation = simulateAnew(choose, space, settings, 0, (made) => {
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
        tries(choose, RUNS),
      );
    },
  },
  {
    name: "leaves the study and its space as they are",
    check: ({ choose }) => {
      fc.assert(
        fc.property(...STUDIES, (space, { trials, ...settings }) => {
          whereSatisfiable(() => {
            const changes: string[] = [];
            const before = JSON.stringify(space.params);
            const wrap = (sampler: Sampler): Sampler => watched(sampler, changes);
            simulateAnew(choose, space, { ...settings, trials: Math.min(trials, 8) }, 0.2, wrap);
            expect(changes).toEqual([]);
            expect(JSON.stringify(space.params)).toBe(before);
          });
        }),
        tries(choose, RUNS / 4),
      );
    },
  },
  {
    name: "proposes the same whatever is in flight and whatever is reported",
    binds: ({ independent }) => independent,
    check: ({ choose }) => {
      const inFlight = fc.integer({ min: 1, max: 64 });
      fc.assert(
        fc.property(...STUDIES, inFlight, fc.constantFrom(0, 0.2), (space, settings, others, trouble) => {
          whereSatisfiable(() => {
            const one = askedOf(simulate(choose, space, settings, 0));
            const other = askedOf(simulate(choose, space, { ...settings, inFlight: others, trouble }, 0));
            const both = Math.min(one.length, other.length);
            expect(one.slice(0, both)).toEqual(other.slice(0, both));
          });
        }),
        tries(choose, RUNS),
      );
    },
  },
  {
    name: "proposes the same when complete trials are forgotten",
    binds: ({ choose }) => choose(SIMULATED_SPACE).forgets === true,
    check: ({ choose }) => {
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
        tries(choose, RUNS),
      );
      // Those that others proposed are kept, and a list may be short.
      expect(forgotten).toBeGreaterThan(RUNS / 4);
    },
  },
];
