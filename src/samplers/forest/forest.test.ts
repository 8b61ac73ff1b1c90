import { describe, expect, it } from "vitest";
import { choice, fixed, float, int, type Params } from "../../core/param.js";
import { createSearchSpace, problemsOf, type SearchSpace } from "../../core/search-space.js";
import { enteredStudy } from "../../testing/entered-study.js";
import { playStudy } from "../../testing/played-study.js";
import { forest } from "./forest.js";

const MAX_STEPS = 16;
const studyOf = (space: SearchSpace, options: Parameters<typeof forest>[0] = {}) =>
  enteredStudy(space, forest({ random: 0, ...options }), { maxSteps: MAX_STEPS, seed: 1 });

const line = createSearchSpace({ x: float(0, 1) });
const evenly = (count: number): number[] =>
  Array.from({ length: count }, (_, place) => (place + 0.5) / count);
const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const xOf = (params: readonly Params[]): number[] => params.map(({ x }) => Number(x));

describe("forest", () => {
  it("draws at random until enough trials have an outcome, and failed ones have none", () => {
    const study = studyOf(line);
    for (const x of evenly(9)) study.complete({ x }, Math.abs(x - 0.2));
    for (const x of evenly(5)) study.fail({ x });
    // The standard deviation of the mean of 100 random numbers is 0.029.
    expect(Math.abs(mean(xOf(study.proposals(100))) - 0.5)).toBeLessThan(0.12);
    study.complete({ x: 0.21 }, 0.01);
    expect(mean(xOf(study.proposals(40)).map((x) => Math.abs(x - 0.2)))).toBeLessThan(0.1);
  });

  it("draws some of the later trials at random too", () => {
    const study = studyOf(line, { random: 0.5 });
    for (const x of evenly(20)) study.complete({ x }, Math.abs(x - 0.2));
    const far = xOf(study.proposals(100)).filter((x) => x > 0.4).length;
    expect(far).toBeGreaterThan(15);
    expect(far).toBeLessThan(45);
  });

  it("keeps away from trials in flight", () => {
    const study = studyOf(line);
    for (const x of evenly(20)) study.complete({ x }, Math.min(Math.abs(x - 0.225), Math.abs(x - 0.775)));
    const share = (): number => mean(xOf(study.proposals(40)).map((x) => Number(x < 0.5)));
    expect(share()).toBeGreaterThan(0.2);
    for (const x of [0.21, 0.215, 0.22, 0.23, 0.235, 0.24]) study.start({ x });
    expect(share()).toBeLessThan(0.2);
  });

  it("ranks stopped trials by the forecast of their end, not by the value that they reached", () => {
    const study = studyOf(line);
    // Each training ends at a third of its first value; the complete ones are better the further right.
    const curve = (first: number): number[] =>
      Array.from({ length: MAX_STEPS }, (_, step) => first * (1 - (2 / 3) * (step / (MAX_STEPS - 1))));
    for (const x of evenly(20)) {
      const trial = study.start({ x: 0.5 + x / 2 });
      study.report(trial, 1, curve(9 - 3 * x));
      study.end(trial, "complete");
    }
    // Those further left began lower still, and were stopped at values above the ends of all others.
    for (const x of [0.1, 0.12, 0.14]) {
      const trial = study.start({ x });
      study.report(trial, 1, curve(3.6).slice(0, 4));
      study.end(trial, "stopped");
    }
    expect(mean(xOf(study.proposals(40)))).toBeLessThan(0.35);
  });

  it("learns which choice is best, and what it switches on", () => {
    const space = createSearchSpace({
      kind: choice(["a", "b", "c"]),
      x: float(0, 1, { when: { kind: "a" } }),
      y: float(0, 1, { when: { kind: "b" } }),
    });
    const { trials } = playStudy({
      space,
      sampler: forest({ random: 0 }),
      valueOf: ({ kind, x = 0, y = 0 }) =>
        kind === "b" ? Math.abs(Number(y) - 0.9) : 1 + Math.abs(Number(x) - 0.1),
      seed: 1,
      trials: 60,
    });
    const last = trials.slice(-20).map(({ params }) => params);
    for (const params of last) expect(problemsOf(space, params)).toEqual([]);
    const places = last.flatMap(({ y }) => (y === undefined ? [] : [Number(y)]));
    expect(places.length).toBeGreaterThan(15);
    expect(Math.abs(mean(places) - 0.9)).toBeLessThan(0.1);
  });

  it("handles 200 params, and such as have a single value", () => {
    const wide = createSearchSpace({
      constant: fixed(7),
      same: int(3, 3),
      ...Object.fromEntries(Array.from({ length: 200 }, (_, place) => [`x${place}`, float(0, 1)])),
    });
    const { trials } = playStudy({
      space: wide,
      sampler: forest({ trees: 4 }),
      valueOf: (params) => Number(params["x0"]) + Number(params["x1"]),
      seed: 1,
      trials: 14,
    });
    for (const { params } of trials) expect(problemsOf(wide, params)).toEqual([]);
    expect(trials).toHaveLength(14);
    const only = createSearchSpace({ constant: fixed(7), same: int(3, 3) });
    const valueOf = () => 1;
    expect(playStudy({ space: only, sampler: forest(), valueOf, seed: 1, trials: 3 }).trials).toHaveLength(1);
  });
});
