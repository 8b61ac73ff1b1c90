import { describe, expect, it } from "vitest";
import { choice, fixed, float, int, type Params } from "../../core/param.js";
import { createSearchSpace, problemsOf, type SearchSpace } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import { enteredStudy } from "../../testing/entered-study.js";
import { playStudy } from "../../testing/played-study.js";
import { cmaes } from "./cmaes.js";

const MAX_STEPS = 16;
const studyOf = (space: SearchSpace, options: Parameters<typeof cmaes>[0] = {}) =>
  enteredStudy(space, cmaes(options), { maxSteps: MAX_STEPS, seed: 1 });

const plane = createSearchSpace({ x: float(0, 1), y: float(0, 1) });
const far = ({ x, y }: Params): number => (Number(x) - 0.3) ** 2 + (Number(y) - 0.7) ** 2;
const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** Proposes and begins so many trials, none of which ends. */
function begun(study: ReturnType<typeof studyOf>, count: number): Params[] {
  return Array.from({ length: count }, () => {
    const [params = {}] = study.proposals(1);
    study.start(params);
    return params;
  });
}

describe("cmaes", () => {
  it("learns the same whichever trial of a batch ends first", () => {
    const proposals = [(a: number, b: number) => a - b, (a: number, b: number) => b - a].map((order) => {
      const study = studyOf(plane, { population: 6 });
      const params = begun(study, 6);
      for (const trial of [0, 1, 2, 3, 4, 5].toSorted(order)) {
        study.report(trial, MAX_STEPS, [far(params[trial] ?? {})]);
        study.end(trial, "complete");
      }
      return begun(study, 6);
    });
    expect(proposals[0]).toEqual(proposals[1]);
  });

  it("goes on from a batch of which half has ended, and takes in the rest later", () => {
    const study = studyOf(plane, { population: 6 });
    const params = begun(study, 6);
    const [first] = study.proposals(1);
    const told = (trial: number): void => {
      study.report(trial, MAX_STEPS, [far(params[trial] ?? {})]);
      study.end(trial, "complete");
    };
    told(0);
    told(1);
    expect(study.proposals(1)).toEqual([first]);
    told(2);
    const [early] = study.proposals(1);
    expect(early).not.toEqual(first);
    told(5);
    expect(study.proposals(1)).not.toEqual([early]);
  });

  it("learns from its batches where the study records its trials under another sampler's name", () => {
    const played = { space: plane, valueOf: far, seed: 3, trials: 40 };
    const own = cmaes();
    const handed = playStudy({
      ...played,
      sampler: { ...own, name: "chooser", create: (setup) => own.create({ ...setup, handedFrom: 0 }) },
    });
    const paramsOf = ({ trials }: ReturnType<typeof playStudy>) => trials.map(({ params }) => params);
    expect(paramsOf(handed)).toEqual(paramsOf(playStudy({ ...played, sampler: own })));
  });

  it("begins where earlier trials of others were best", () => {
    const study = studyOf(plane);
    const random = createRandom(1, 0, 0);
    for (let trial = 0; trial < 100; trial++) {
      const params = { x: random.uniform(), y: random.uniform() };
      study.complete(params, far(params), "random");
    }
    const proposed = begun(study, 30);
    expect(Math.abs(mean(proposed.map(({ x }) => Number(x))) - 0.3)).toBeLessThan(0.1);
    expect(Math.abs(mean(proposed.map(({ y }) => Number(y))) - 0.7)).toBeLessThan(0.1);
  });

  it("begins at the defaults, or else in the middle", () => {
    const line = createSearchSpace({ x: float(0, 1, { default: 0.9 }), y: float(0, 1) });
    const proposed = begun(studyOf(line, { sigma: 0.05 }), 20);
    expect(Math.abs(mean(proposed.map(({ x }) => Number(x))) - 0.9)).toBeLessThan(0.05);
    expect(Math.abs(mean(proposed.map(({ y }) => Number(y))) - 0.5)).toBeLessThan(0.05);
  });

  it("keeps away from where trainings fail", () => {
    const { trials } = playStudy({
      space: plane,
      sampler: cmaes(),
      valueOf: ({ x }) => (Number(x) > 0.5 ? undefined : 1),
      seed: 1,
      trials: 60,
    });
    const last = trials.slice(-20).map(({ params }) => Number(params["x"]));
    expect(mean(last)).toBeLessThan(0.45);
  });

  it("ranks stopped trials by the forecast of their end, not by the value that they reached", () => {
    const line = createSearchSpace({ x: float(0, 1) });
    const study = studyOf(line, { population: 20, sigma: 1 / 6 });
    // Each training ends at a third of its first value.
    const curve = (first: number): number[] =>
      Array.from({ length: MAX_STEPS }, (_, step) => first * (1 - (2 / 3) * (step / (MAX_STEPS - 1))));
    const params = begun(study, 20);
    for (const [trial, { x }] of params.entries()) {
      // Those further left begin lower, but are stopped at values above the ends of all others.
      const isLeft = Number(x) < 0.5;
      const values = curve(isLeft ? 3.6 + Number(x) / 10 : 9 - 2 * Number(x));
      study.report(trial, 1, isLeft ? values.slice(0, 4) : values);
      study.end(trial, isLeft ? "stopped" : "complete");
    }
    expect(mean(begun(study, 20).map(({ x }) => Number(x)))).toBeLessThan(0.42);
  });

  it("learns nothing about a param that is off", () => {
    const space = createSearchSpace({
      kind: choice(["a", "b", "c"]),
      x: float(0, 1),
      y: float(0, 1, { when: { kind: "a" } }),
    });
    const { trials } = playStudy({
      space,
      sampler: cmaes(),
      valueOf: ({ kind, x, y = 0 }) => (kind === "b" ? 0 : 5) + (Number(x) - 0.2) ** 2 + Number(y),
      seed: 3,
      trials: 150,
    });
    const last = trials.slice(-40).map(({ params }) => params);
    for (const params of last) expect(problemsOf(space, params)).toEqual([]);
    expect(last.filter(({ kind }) => kind === "b").length).toBeGreaterThan(25);
    expect(Math.abs(mean(last.map(({ x }) => Number(x))) - 0.2)).toBeLessThan(0.1);
  });

  it("searches elsewhere once it has converged", () => {
    const { trials } = playStudy({ space: plane, sampler: cmaes(), valueOf: far, seed: 1, trials: 700 });
    const away = trials.map(({ params }) => far(params));
    expect(Math.min(...away.slice(0, 400))).toBeLessThan(1e-9);
    expect(Math.max(...away.slice(300, 330))).toBeLessThan(1e-6);
    expect(Math.max(...away.slice(400))).toBeGreaterThan(0.1);
  });

  it("handles 200 params, and such as have a single value", () => {
    const wide = createSearchSpace({
      constant: fixed(7),
      same: int(3, 3),
      ...Object.fromEntries(Array.from({ length: 200 }, (_, place) => [`x${place}`, float(0, 1)])),
    });
    const { trials } = playStudy({
      space: wide,
      sampler: cmaes(),
      valueOf: (params) => Object.values(params).reduce<number>((sum, value) => sum + Number(value), 0),
      seed: 1,
      trials: 100,
    });
    expect(trials).toHaveLength(100);
    for (const { params } of trials.slice(-5)) expect(problemsOf(wide, params)).toEqual([]);
    const only = createSearchSpace({ constant: fixed(7), same: int(3, 3) });
    const valueOf = () => 1;
    expect(playStudy({ space: only, sampler: cmaes(), valueOf, seed: 1, trials: 3 }).trials).toHaveLength(1);
  });
});
