import { describe, expect, it } from "vitest";
import type { EventBody, StudyEvent } from "../../core/events.js";
import { choice, fixed, float, int, ordinal, type Params, type Space } from "../../core/param.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import { type Constraint, createSearchSpace } from "../../core/search-space.js";
import type { StudyDefinition } from "../../core/study-definition.js";
import { applyEvent } from "../../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../../core/study-record.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { grid } from "./grid.js";

const setupOf = (params: Space, constraints: readonly Constraint[] = [], seed = 7): SamplerSetup => ({
  space: createSearchSpace(params, constraints),
  goal: { metric: "loss", direction: "minimize" },
  maxSteps: undefined,
  seed,
});

const definition: StudyDefinition = {
  name: "s",
  goal: { metric: "loss", direction: "minimize" },
  space: {},
  constraints: [],
  sampler: { name: "grid", options: {} },
  scheduler: { name: "none", options: {} },
  budget: {},
  seed: 7,
  retries: 0,
};

function add(study: StudyRecord, sampler: string, params: Params, observer?: Sampler): void {
  const trial = study.trials.length;
  const event: StudyEvent = { type: "trial-asked", trial, params, seed: 0, sampler, time: 0 };
  applyEvent(study, event);
  observer?.observe?.(event, study);
}

const ask = (sampler: Sampler, trial: number, study: StudyRecord): Params | undefined =>
  sampler.ask(trial, createRandom(7, trial, PURPOSE.params), study);

/** Everything that a sampler proposes for a study. */
function drain(sampler: Sampler, limit = 10_000): Params[] {
  const study = studyRecord(definition, 0);
  const all: Params[] = [];
  while (all.length < limit) {
    const params = ask(sampler, study.trials.length, study);
    if (params === undefined) return all;
    all.push(params);
    add(study, "grid", params, sampler);
  }
  return all;
}

const columns = (all: readonly Params[], name: string) => all.map((params) => params[name]);

describe("grid: levels", () => {
  const levelsOf = (
    param: Space[string],
    levels: number | { x: number | (string | number | boolean)[] } | null = null,
  ) => columns(drain(grid(levels === null ? {} : { levels }).create(setupOf({ x: param }))), "x");

  it("spaces floats evenly, both ends included", () => {
    expect(levelsOf(float(0, 1), 5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(levelsOf(float(0.1, 0.4), 4)).toEqual([0.1, 0.2, 0.3, 0.4]);
    // The ends are what they are, to the last digit.
    expect(levelsOf(float(1 / 3, 2 / 3), 3)).toEqual([1 / 3, 0.5, 2 / 3]);
    expect(levelsOf(float(1 / 3, 4 / 3, { log: true }), 3)).toEqual([1 / 3, 0.66666666666667, 4 / 3]);
  });
  it("spaces logarithmic floats evenly in the logarithm", () => {
    expect(levelsOf(float(1e-5, 1, { log: true }), 6)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]);
    expect(levelsOf(float(1e-300, 1e300, { log: true }), 3)).toEqual([1e-300, 1, 1e300]);
  });
  it("puts a single level in the middle", () => {
    expect(levelsOf(float(0, 1), 1)).toEqual([0.5]);
    expect(levelsOf(float(1e-4, 1, { log: true }), 1)).toEqual([0.01]);
  });
  it("uses all values of stepped floats and ints, unless levels are given", () => {
    expect(levelsOf(float(0, 0.5, { step: 0.1 }))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(levelsOf(float(0, 0.5, { step: 0.1 }), { x: 2 })).toEqual([0, 0.5]);
    expect(levelsOf(int(1, 9, { step: 2 }))).toEqual([1, 3, 5, 7, 9]);
    expect(levelsOf(int(1, 9, { step: 2 }), { x: 3 })).toEqual([1, 5, 9]);
    expect(levelsOf(int(1, 9, { step: 2 }), { x: 100 })).toEqual([1, 3, 5, 7, 9]);
    expect(levelsOf(int(16, 256, { log: true }), { x: 5 })).toEqual([16, 32, 64, 128, 256]);
    expect(levelsOf(int(1, 3, { log: true }), { x: 7 })).toEqual([1, 2, 3]);
  });
  it("leaves ints alone when a number is given for the continuous params", () => {
    expect(levelsOf(int(1, 4), 2)).toEqual([1, 2, 3, 4]);
  });
  it("uses all values of a list, or those requested", () => {
    expect(levelsOf(choice(["a", "b"]))).toEqual(["a", "b"]);
    expect(levelsOf(ordinal([1, 2, 4]), { x: [4, 1] })).toEqual([4, 1]);
    expect(levelsOf(fixed(true))).toEqual([true]);
    expect(levelsOf(float(0, 1), { x: [0.9, 0.99] })).toEqual([0.9, 0.99]);
  });
});

describe("grid: mistakes", () => {
  const make = (params: Space, levels: Record<string, number | (string | number)[]>) => () =>
    grid({ levels }).create(setupOf(params));

  it("names a continuous param without levels", () => {
    expect(make({ a: int(1, 2), rate: float(0, 1) }, {})).toThrow(
      expect.objectContaining({
        code: "GRID_LEVELS_MISSING",
        message: expect.stringContaining('"rate"'),
        hint: expect.stringContaining('"rate": 5'),
      }),
    );
  });
  it("names the known params when levels are for an unknown one", () => {
    expect(make({ rate: float(0, 1) }, { rte: 3 })).toThrow(
      expect.objectContaining({ code: "GRID_LEVELS_INVALID", hint: expect.stringContaining('"rate"') }),
    );
  });
  it.each([
    [{ rate: [0.5, 2] }, "2 of"],
    [{ rate: [0.5, 0.5] }, "twice"],
  ])("refuses %j", (levels, message) => {
    expect(make({ rate: float(0, 1) }, levels)).toThrow(
      expect.objectContaining({ code: "GRID_LEVELS_INVALID", message: expect.stringContaining(message) }),
    );
  });
  it("refuses a number of levels for a list", () => {
    expect(make({ kind: choice(["a", "b"]) }, { kind: 2 })).toThrow(
      expect.objectContaining({ code: "GRID_LEVELS_INVALID" }),
    );
  });
  it("refuses invalid options", () => {
    expect(() => grid({ levels: 0 })).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
    expect(() => grid({ levels: { x: [] } })).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
  });
  it("refuses a grid whose combinations cannot be counted exactly", () => {
    const wide = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`x${i}`, int(1, 100)]));
    expect(make(wide, {})).toThrow(expect.objectContaining({ code: "GRID_TOO_LARGE" }));
  });
  it("refuses conditions that tell too many cases apart", () => {
    const space = { wide: int(1, 100_001), child: int(1, 2, { when: { wide: 1 } }) };
    expect(make(space, {})).toThrow(
      expect.objectContaining({
        code: "GRID_TOO_LARGE",
        message: expect.stringContaining("the conditions of wide distinguish more than 100000 cases"),
      }),
    );
    expect(make({ ...space, wide: int(1, 100_000) }, {})).not.toThrow();
  });
  it("says which constraint refuses everything", () => {
    const sampler = grid().create(
      setupOf({ a: int(1, 3) }, [{ name: "a > 5", holds: ({ a }) => Number(a) > 5 }]),
    );
    expect(sampler.size).toBe(0);
    for (let again = 0; again < 2; again++) {
      expect(() => ask(sampler, again, studyRecord(definition, 0))).toThrow(
        expect.objectContaining({
          code: "SPACE_UNSATISFIABLE",
          message: expect.stringContaining("a > 5 refused 3"),
        }),
      );
    }
  });
});

describe("grid: combinations", () => {
  it("changes the last param fastest", () => {
    const sampler = grid().create(setupOf({ a: choice(["x", "y"]), b: int(1, 3) }));
    expect(sampler.size).toBe(6);
    expect(drain(sampler)).toEqual([
      { a: "x", b: 1 },
      { a: "x", b: 2 },
      { a: "x", b: 3 },
      { a: "y", b: 1 },
      { a: "y", b: 2 },
      { a: "y", b: 3 },
    ]);
  });

  it("covers ten dimensions, each combination once", () => {
    const params = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x${i}`, int(0, 1)]));
    for (const order of ["in-order", "shuffled"] as const) {
      const all = drain(grid({ order }).create(setupOf(params)));
      expect(new Set(all.map((each) => JSON.stringify(each))).size).toBe(1024);
      expect(all).toHaveLength(1024);
    }
  });

  it("proposes combinations that differ only in params that are off once", () => {
    const space = {
      seed: int(1, 2),
      momentum: float(0, 0.9, { when: { optimizer: "sgd" } }),
      optimizer: choice(["sgd", "adam", "none"]),
      nesterov: choice([true, false], { when: { optimizer: "sgd", momentum: { min: 0.5 } } }),
      beta: ordinal([0.9, 0.99], { when: { optimizer: "adam" } }),
    };
    for (const order of ["in-order", "shuffled"] as const) {
      const sampler = grid({ levels: { momentum: 2 }, order }).create(setupOf(space));
      const all = drain(sampler).map((each) => JSON.stringify(each));
      // For each seed: sgd with momentum 0; with 0.9 and nesterov on or off; adam with two betas; none.
      const tails = [
        { momentum: 0, optimizer: "sgd" },
        { momentum: 0.9, optimizer: "sgd", nesterov: true },
        { momentum: 0.9, optimizer: "sgd", nesterov: false },
        { optimizer: "adam", beta: 0.9 },
        { optimizer: "adam", beta: 0.99 },
        { optimizer: "none" },
      ];
      const expected = [1, 2].flatMap((seed) => tails.map((tail) => JSON.stringify({ seed, ...tail })));
      expect(all.toSorted()).toEqual(expected.toSorted());
      expect(sampler.size).toBe(12);
      expect(all.every((each, index) => each === expected[index])).toBe(order === "in-order");
    }
  });

  it("reaches rare combinations of many conditional params without stepping through the others", () => {
    const kinds = ["a", "b", "c", "d"] as const;
    const own = kinds.flatMap((kind) =>
      Array.from({ length: 4 }, (_, i) => [`${kind}${i}`, int(1, 3, { when: { kind } })] as const),
    );
    const space = { kind: choice(kinds), ...Object.fromEntries(own) };
    const sampler = grid({ order: "shuffled" }).create(setupOf(space));
    expect(sampler.size).toBe(4 * 3 ** 4);
    expect(new Set(drain(sampler).map((each) => JSON.stringify(each))).size).toBe(4 * 3 ** 4);
  });

  it("skips combinations that break a constraint", () => {
    const space = { a: int(1, 3), b: int(1, 3) };
    const rule = { name: "a >= b", holds: ({ a, b }: Params) => Number(a) >= Number(b) };
    const sampler = grid().create(setupOf(space, [rule]));
    expect(sampler.size).toBe(6);
    expect(drain(sampler).map(({ a, b }) => `${Number(a)}${Number(b)}`)).toEqual([
      "11",
      "21",
      "22",
      "31",
      "32",
      "33",
    ]);
  });
});

describe("grid: continuing", () => {
  const space = { a: int(1, 5), b: float(0, 1), c: int(0, 3, { when: { a: [1, 2] } }) };
  const rules = [{ name: "a + c", holds: ({ a, c }: Params) => (Number(a) + Number(c ?? 0)) % 3 !== 0 }];
  it.each([
    ["in-order", []],
    ["shuffled", []],
    ["in-order", rules],
    ["shuffled", rules],
  ] as const)("%s with %j: skips the trials of others, and a new sampler continues", (order, constraints) => {
    const make = () => grid({ levels: 4, order }).create(setupOf(space, constraints));
    const expected = drain(make());
    expect(expected.length).toBeGreaterThan(10);
    const study = studyRecord(definition, 0);
    const observer = make();
    const passive = make();
    const seen: Params[] = [];
    for (;;) {
      if (study.trials.length % 3 === 1) {
        const [params = {}] = expected;
        const event: StudyEvent = {
          type: "trial-asked",
          trial: study.trials.length,
          params,
          seed: 0,
          sampler: "list",
          time: 0,
        };
        applyEvent(study, event);
        for (const each of [observer, passive]) each.observe?.(event, study);
        continue;
      }
      const fresh = make();
      fresh.restore?.(study);
      const params = ask(fresh, study.trials.length, study);
      expect(ask(fresh, study.trials.length, study)).toEqual(params);
      expect(ask(observer, study.trials.length, study)).toEqual(params);
      if (params === undefined) break;
      seen.push(params);
      const event: StudyEvent = {
        type: "trial-asked",
        trial: study.trials.length,
        params,
        seed: 0,
        sampler: "grid",
        time: 0,
      };
      applyEvent(study, event);
      observer.observe?.(event, study);
      passive.observe?.(event, study);
    }
    expect(seen).toEqual(expected);
    expect(ask(passive, study.trials.length, study)).toBeUndefined();
  });

  it("goes on behind its last trial, whose params a scheduler has changed since", () => {
    const make = () => grid({ levels: 4 }).create(setupOf(space, rules));
    const expected = drain(make());
    const [first = {}, second = {}] = expected;
    const study = studyRecord(definition, 0);
    add(study, "list", expected[5] ?? {});
    add(study, "grid", first);
    const copied = { parent: 0, step: 1, value: 1, path: "p", digest: "00" };
    const body: readonly EventBody[] = [
      { type: "attempt-started", trial: 1, attempt: 1, worker: "w", fromStep: 0 },
      { type: "exploited", trial: 1, ...copied, params: expected[9] ?? {} },
    ];
    for (const event of body) applyEvent(study, { ...event, time: 0 });
    const fresh = make();
    fresh.restore?.(study);
    expect(ask(fresh, 2, study)).toEqual(second);
  });

  it("shuffles by the study's seed", () => {
    const order = (seed: number) =>
      drain(grid({ levels: 4, order: "shuffled" }).create(setupOf(space, [], seed)));
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    const text = (all: readonly Params[]) => all.map((each) => JSON.stringify(each)).toSorted();
    expect(text(order(1))).toEqual(text(order(2)));
  });

  it("continues deep inside a grid of 10^15 combinations at once", () => {
    const wide = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`x${i}`, int(1, 1000)]));
    const rule = { name: "x0 >= 1", holds: ({ x0 }: Params) => Number(x0) >= 1 };
    const sampler = grid().create(setupOf(wide, [rule]));
    const study = studyRecord(definition, 0);
    add(study, "grid", { x0: 500, x1: 1000, x2: 1000, x3: 1000, x4: 1000 });
    sampler.restore?.(study);
    expect(ask(sampler, 1, study)).toEqual({ x0: 501, x1: 1, x2: 1, x3: 1, x4: 1 });
    expect(sampler.size).toBeUndefined();
  });
});
