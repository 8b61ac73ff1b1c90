import fc from "fast-check";
import { expect } from "vitest";
import { attemptStarted } from "../../core/course/attempt.js";
import { type Course, restoreCourse, takeEvent } from "../../core/course/course.js";
import { newTrial } from "../../core/course/new-trial.js";
import type { StudyChanged, StudyEvent } from "../../core/events.js";
import { float, type Param } from "../../core/param.js";
import type { Sampler } from "../../core/sampler.js";
import type { Scheduler } from "../../core/scheduler.js";
import { createSearchSpace, problemsOf, type SearchSpace } from "../../core/search-space.js";
import { applyEvent } from "../../core/study-fold.js";
import { decodeImage, encodeImage } from "../../core/study-image.js";
import type { StudyRecord } from "../../core/study-record.js";
import type { Law } from "../laws.js";
import { moments, type SimulationSettings, simulationSettings } from "../simulated-study.js";
import { searchSpaces } from "./random-spaces.js";
import {
  create,
  reopenedAfter,
  type SamplerSubject,
  simulate,
  tries,
  whereSatisfiable,
} from "./simulated-sampler.js";

const RUNS = 12;
/** Trials after the change. */
const FURTHER = 12;

/** A space before a change and after it, and what the change gives to earlier trials. */
interface ChangedSpace extends Pick<StudyChanged, "filled"> {
  readonly before: SearchSpace;
  readonly after: SearchSpace;
}

/** About half of a param's values. */
function narrowed(param: Param): Param {
  if (param.kind === "fixed") return param;
  if (param.kind === "float" || param.kind === "int") {
    const middle = (param.low + param.high) / 2;
    const high = param.kind === "int" ? Math.floor(middle) : middle;
    const { prior } = param;
    return { ...param, high, ...(prior === undefined ? {} : { prior: { ...prior, around: param.low } }) };
  }
  const { prior: _prior, ...without } = param;
  return { ...without, options: param.options.slice(0, -1) };
}

const narrowSpace = ({ params, constraints }: SearchSpace): SearchSpace =>
  createSearchSpace(
    Object.fromEntries(Object.entries(params).map(([name, param]) => [name, narrowed(param)])),
    constraints,
  );

/** Another space, with the params of the first one that it lacks. */
function mixedSpace(first: SearchSpace, other: SearchSpace): SearchSpace {
  const kept = Object.entries(first.params).map(([name, param]): [string, Param] => [
    name,
    { ...param, when: undefined },
  ]);
  return createSearchSpace({ ...Object.fromEntries(kept), ...other.params }, other.constraints);
}

/** Spaces that become narrower, wider, entirely different, or get a further param. */
function changedSpaces(): fc.Arbitrary<ChangedSpace> {
  const further = { added: float(0, 1, { default: 0.5 }) };
  return fc
    .tuple(searchSpaces(), searchSpaces(), fc.constantFrom("narrow", "widen", "mix", "add"))
    .map(([space, other, kind]): ChangedSpace => {
      switch (kind) {
        case "narrow":
          return { before: space, after: narrowSpace(space) };
        case "widen":
          return { before: narrowSpace(space), after: space };
        case "mix":
          return { before: space, after: mixedSpace(space, other) };
        case "add": {
          const after = createSearchSpace({ ...space.params, ...further }, space.constraints);
          return { before: space, after, filled: { added: 0.5 } };
        }
      }
    });
}

const ALL_GO_ON: Scheduler = {
  restore: () => {},
  observe: () => {},
  decide: () => ({ action: "continue" }),
};

const courseOf = (study: StudyRecord, sampler: Sampler): Course<StudyRecord> => {
  const course = { study, sampler, scheduler: ALL_GO_ON };
  restoreCourse(course);
  return course;
};

function copyOf(study: StudyRecord): StudyRecord {
  const copy = decodeImage(encodeImage(study));
  if (copy === undefined) throw new Error("the image is in another format");
  return copy;
}

/** What happens to a trial that is trained to its end at once. */
function training(study: StudyRecord, number: number, { maxSteps }: SimulationSettings): StudyEvent[] {
  const time = study.updatedAt + 1;
  const trial = study.trials[number];
  if (trial === undefined) return [];
  const place = { trial: number, attempt: trial.attempt + 1 };
  return [
    { ...attemptStarted(trial, "w1", 0), time },
    { type: "reported", ...place, step: maxSteps, metrics: { loss: number % 7 }, time },
    { type: "finished", ...place, state: "complete", time },
  ];
}

/** Proposals in studies whose space was changed. */
export const changeLaws: readonly Law<SamplerSubject>[] = [
  {
    name: "survives a changed space: stays inside the new one, and proposes the same after a restart",
    check: ({ choose }) => {
      let asked = 0;
      fc.assert(
        fc.property(changedSpaces(), simulationSettings(), moments(), (spaces, settings, share) => {
          whereSatisfiable(() => {
            const { before, after, filled } = spaces;
            const simulation = simulate(choose, before, settings, 0.2);
            // Curves of earlier studies are there before anything else happens.
            const begun = simulation.events.findIndex(({ type }) => type === "trial-asked");
            const cut = Math.max(begun, Math.floor(share * simulation.events.length));
            const study = reopenedAfter(simulation, 1 + cut);
            applyEvent(study, {
              type: "study-changed",
              budget: {},
              space: after.params,
              constraints: after.constraints.map(({ name }) => name),
              ...(filled === undefined ? {} : { filled }),
              time: study.updatedAt,
            });
            const course = courseOf(study, create(choose, after, settings));
            for (let further = 0; further < FURTHER; further++) {
              const event = newTrial(course, []);
              const again = newTrial(courseOf(copyOf(study), create(choose, after, settings)), []);
              expect(again).toEqual(event);
              if (event === undefined) break;
              asked += 1;
              expect(problemsOf(after, event.params)).toEqual([]);
              takeEvent(course, { ...event, time: study.updatedAt });
              for (const each of training(study, event.trial, settings)) takeEvent(course, each);
            }
          });
        }),
        tries(choose, RUNS),
      );
      expect(asked).toBeGreaterThan(RUNS / 2);
    },
  },
];
