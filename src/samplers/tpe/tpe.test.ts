import { describe, expect, it } from "vitest";
import { choice, float, int, type Params } from "../../core/param.js";
import { createSearchSpace, problemsOf, type SearchSpace } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import { enteredStudy } from "../../testing/entered-study.js";
import { createGroup, groupsOf, WINDOW } from "./group.js";
import { createParzen } from "./parzen.js";
import { tpe } from "./tpe.js";

const MAX_STEPS = 16;

const studyOf = (space: SearchSpace, options: Parameters<typeof tpe>[0] = {}, seed = 1) =>
  enteredStudy(space, tpe(options), { maxSteps: MAX_STEPS, seed });

const line = createSearchSpace({ x: float(0, 1) });
const evenly = (count: number): number[] =>
  Array.from({ length: count }, (_, place) => (place + 0.5) / count);
const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
const xOf = (params: readonly Params[]): number[] => params.map(({ x }) => Number(x));

describe("tpe", () => {
  it("draws at random until enough trials have an outcome, and failed ones have none", () => {
    const { complete, fail, proposals } = studyOf(line);
    for (const x of evenly(9)) complete({ x }, Math.abs(x - 0.2));
    for (const x of evenly(5)) fail({ x });
    // The standard deviation of the mean of 100 random numbers is 0.029.
    expect(Math.abs(mean(xOf(proposals(100))) - 0.5)).toBeLessThan(0.12);
    complete({ x: 0.21 }, 0.01);
    expect(mean(xOf(proposals(100)).map((x) => Math.abs(x - 0.2)))).toBeLessThan(0.15);
  });

  it("keeps away from trials in flight, whatever they have reported", () => {
    const left = studyOf(line, { good: 0.1, weights: "recent" });
    // Two equally good places.
    for (const x of evenly(20)) left.complete({ x }, Math.min(Math.abs(x - 0.225), Math.abs(x - 0.775)));
    const share = (): number => mean(xOf(left.proposals(60)).map((x) => Number(x < 0.5)));
    expect(share()).toBeGreaterThan(0.25);
    for (const x of [0.2, 0.21, 0.22, 0.23, 0.24, 0.25]) left.report(left.start({ x }), 1, [-100]);
    expect(share()).toBeLessThan(0.1);
  });

  it("ranks stopped trials by the forecast of their end, not by the value that they reached", () => {
    const forecast = studyOf(line, { good: 0.1 });
    // Each training ends at a third of its first value; the complete ones are better the further right.
    for (const x of evenly(20)) {
      const trial = forecast.start({ x: 0.5 + x / 2 });
      const first = 9 - 3 * x;
      const values = Array.from(
        { length: MAX_STEPS },
        (_, step) => first * (1 - (2 / 3) * (step / (MAX_STEPS - 1))),
      );
      forecast.report(trial, 1, values);
    }
    // Those further left began lower still, and were stopped at values above the ends of all others.
    for (const x of [0.1, 0.12, 0.14]) {
      const trial = forecast.start({ x });
      forecast.report(trial, 1, [3.6, 3.6 * (1 - 2 / 45), 3.6 * (1 - 4 / 45), 3.6 * (1 - 6 / 45)]);
      forecast.end(trial, "stopped");
    }
    for (let trial = 0; trial < 20; trial++) forecast.end(trial, "stopped");
    expect(mean(xOf(forecast.proposals(40)))).toBeLessThan(0.3);
  });

  it("learns about a conditional param from the trials that have it", () => {
    const space = createSearchSpace({
      kind: choice(["a", "b"]),
      x: float(0, 1, { when: { kind: "a" } }),
      y: float(0, 1, { when: { kind: "b" } }),
    });
    for (const [better, worse] of [
      ["a", "b"],
      ["b", "a"],
    ] as const) {
      const { complete, proposals } = studyOf(space);
      const enter = (kind: "a" | "b", loss: number): void => {
        for (const place of evenly(20)) {
          if (kind === "a") complete({ kind, x: place }, loss + Math.abs(place - 0.1));
          else complete({ kind, y: place }, loss + Math.abs(place - 0.9));
        }
      };
      enter(better, 0);
      enter(worse, 5);
      const proposed = proposals(40);
      for (const params of proposed) expect(problemsOf(space, params)).toEqual([]);
      const values = proposed.flatMap(({ x, y }) => (better === "a" ? (x ?? []) : (y ?? []))).map(Number);
      expect(values.length).toBeGreaterThan(30);
      expect(Math.abs(mean(values) - (better === "a" ? 0.1 : 0.9))).toBeLessThan(0.2);
    }
  });

  it("leaves out trials outside of the space", () => {
    const { complete, proposals } = studyOf(line);
    for (const x of evenly(20)) complete({ x }, Math.abs(x - 0.3));
    const before = proposals(20);
    const wider = studyOf(line, { good: 3 / 24 });
    for (const x of evenly(20)) wider.complete({ x }, Math.abs(x - 0.3));
    for (const x of [3, 4, 5, 6]) wider.complete({ x }, 50 + x);
    // The good ones are three of 20 and three of 24.
    expect(wider.proposals(20)).toEqual(before);
  });

  it("takes the best that was not tried where few are left", () => {
    const space = createSearchSpace({ x: int(0, 29), y: choice(["a", "b"]) });
    const { complete, proposals } = studyOf(space);
    for (let x = 0; x < 30; x++) {
      for (const y of ["a", "b"])
        if (y === "a" || (x !== 12 && x !== 28)) complete({ x, y }, Math.abs(x - 12));
    }
    const proposed = proposals(30);
    expect(proposed.every(({ x, y }) => y === "b" && (x === 12 || x === 28))).toBe(true);
    // The other one is taken where it is the only untried one among the draws.
    expect(proposed.filter(({ x }) => x === 12).length).toBeGreaterThan(20);
  });

  it("finds params that strict constraints allow near good trials", () => {
    const names = Array.from({ length: 6 }, (_, place) => `x${place}`);
    const sumOf = (params: Params): number => names.reduce((sum, name) => sum + Number(params[name]), 0);
    const isNear = (params: Params): boolean => Math.abs(sumOf(params) - 0.5) < 0.005;
    const space = createSearchSpace(Object.fromEntries(names.map((name) => [name, float(0, 1)])), [
      { name: "sum", holds: isNear },
    ]);
    const { complete, proposals } = studyOf(space);
    for (const [place, x] of evenly(20).entries()) {
      const rest = (0.5 - x / 2) / 5;
      complete(Object.fromEntries(names.map((name, at) => [name, at === 0 ? x / 2 : rest])), place);
    }
    const proposed = proposals(10);
    expect(proposed).toHaveLength(10);
    for (const params of proposed) expect(problemsOf(space, params)).toEqual([]);
    expect(mean(proposed.map(({ x0 }) => Number(x0)))).toBeLessThan(0.25);
  });
});

describe("groups", () => {
  it("are the params with the same conditions, without those that have a single value", () => {
    const space = createSearchSpace({
      kind: choice(["a", "b"]),
      one: int(3, 3),
      x: float(0, 1, { when: { kind: "a", size: 2 } }),
      size: int(1, 2),
      y: float(0, 1, { when: { size: 2, kind: "a" } }),
      z: float(0, 1, { when: { kind: "b" } }),
    });
    expect(groupsOf(space).map((group) => group.map(({ name }) => name).sort())).toEqual([
      ["kind", "size"],
      ["x", "y"],
      ["z"],
    ]);
  });

  it("compare good trials with the newest others alone", () => {
    const make = () => createGroup(groupsOf(line)[0] ?? [], { exponent: 1, floor: 0.01 }, "recent");
    const division = { good: [], next: 0, finite: 0 };
    const points = [0.1, 0.5, 0.9].map((x) => Float64Array.of(x));
    const all = make();
    const newest = make();
    const count = 2 * WINDOW + 5;
    for (let number = 0; number < count; number++) {
      const params = { x: createRandom(1, number, 0).uniform() };
      all.note({ number, params });
      if (number >= count - WINDOW) newest.note({ number: number - (count - WINDOW), params });
      if (number === WINDOW) all.divide(division);
    }
    all.divide(division);
    newest.divide(division);
    expect(all.scores(points)).toEqual(newest.scores(points));
  });

  it("spread the others alone", () => {
    const dimensions = groupsOf(line)[0] ?? [];
    const clip = { exponent: 1, floor: 0.01 };
    const spread = 0.3;
    const group = createGroup(dimensions, { ...clip, spread }, "recent");
    const all = evenly(40);
    for (const [number, x] of all.entries()) group.note({ number, params: { x } });
    const good = [3, 4, 5, 6];
    const ranked = good.map((trial) => ({
      trial,
      params: { x: all[trial] ?? 0 },
      cost: 1,
      deviation: 0,
      isInFlight: false,
    }));
    group.divide({ good: ranked, next: 3, finite: 40 });
    const densityOf = (of: readonly number[], width: typeof clip & { spread?: number }) => {
      const parzen = createParzen(dimensions, width);
      for (const [row, x] of of.entries()) {
        parzen.append([x]);
        parzen.include(row, true);
      }
      parzen.weigh("recent");
      return parzen;
    };
    const points = [0.1, 0.5, 0.9].map((x) => Float64Array.of(x));
    const among = densityOf(
      all.filter((_, trial) => !good.includes(trial)),
      { ...clip, spread },
    ).logDensities(points);
    const expected = densityOf(
      good.map((trial) => all[trial] ?? 0),
      clip,
    ).logDensities(points);
    expect(group.scores(points)).toEqual(expected.map((each, place) => each - (among[place] ?? 0)));
  });

  it("follow params that change", () => {
    const make = () => createGroup(groupsOf(line)[0] ?? [], { exponent: 1, floor: 0.01 }, "improvement");
    const division = {
      good: [{ trial: 3, params: { x: 0.3 }, cost: 1, deviation: 0, isInFlight: false }],
      next: 3,
      finite: 9,
    };
    const points = [0.1, 0.5, 0.9].map((x) => Float64Array.of(x));
    const [changed, plain] = [make(), make()];
    for (const [number, x] of evenly(40).entries()) {
      changed.note({ number, params: { x: number % 3 === 0 ? 0.5 : x } });
      plain.note({ number, params: { x } });
    }
    changed.divide({ ...division, good: [] });
    for (const [number, x] of evenly(40).entries()) changed.note({ number, params: { x } });
    changed.divide(division);
    plain.divide(division);
    expect(changed.scores(points)).toEqual(plain.scores(points));
  });
});
