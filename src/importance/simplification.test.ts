import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choice, float, int, type Params, type ParamValue } from "../core/param.js";
import { createSearchSpace, valueAt } from "../core/search-space.js";
import { createRandom } from "../math/random.js";
import { simplification } from "./simplification.js";

const space = createSearchSpace({
  rate: float(1e-4, 1, { log: true, default: 3e-4 }),
  width: int(16, 512, { log: true, default: 32 }),
  kind: choice(["a", "b", "c"], { default: "a" }),
  decay: float(0, 1),
});

/** The cost without noise: the rate matters most, then the width; the kind and the decay do not. */
const costOf = ({ rate, width }: Params): number =>
  0.3 * (Math.log10(Number(rate)) + 2) ** 2 + 0.1 * Math.abs(Math.log2(Number(width)) - 8);

function trialsOf(count: number, seed: number, noise = 0.05) {
  const random = createRandom(seed, 0, 0);
  return Array.from({ length: count }, () => {
    const params: Record<string, ParamValue> = {};
    for (const [name, param] of Object.entries(space.params)) params[name] = valueAt(param, random.uniform());
    return { params, cost: costOf(params) + noise * random.normal() };
  });
}

const byName = (found: ReturnType<typeof simplification>) =>
  Object.fromEntries(found.params.map((each) => [each.param, each]));

describe("simplification", () => {
  it("fixes what does not matter, keeps what does, and estimates its loss", () => {
    const found = simplification(space, trialsOf(400, 3));
    const { rate, width, kind, decay } = byName(found);
    expect(found.params.map(({ param }) => param).slice(2)).toEqual(["width", "rate"]);
    expect([kind?.verdict, decay?.verdict, width?.verdict, rate?.verdict]).toEqual([
      "fix",
      "fix",
      "keep",
      "keep",
    ]);
    expect(kind).toMatchObject({ value: "a", isDefault: true });
    expect(decay?.isDefault).toBe(false);
    expect(found.together.high).toBeLessThanOrEqual(found.tolerance);
    // At 32 the width costs 0.3; the best trials' widths cost a little too. At 3e-4, the rate costs 0.7 in the same way.
    expect(width?.loss?.expected).toBeGreaterThan(0.17);
    expect(width?.loss?.expected).toBeLessThan(0.3);
    expect(rate?.loss?.expected).toBeGreaterThan(0.45);
    expect(rate?.loss?.expected).toBeLessThan(0.75);
  });

  it("keeps a param without a default if its value matters, though the best value would cost nothing", () => {
    const { rate, ...others } = space.params;
    const open = createSearchSpace({ ...others, rate: float(1e-4, 1, { log: true }) });
    expect(rate).toBeDefined();
    const found = byName(simplification(open, trialsOf(400, 3)));
    expect(found["rate"]).toMatchObject({ isDefault: false, verdict: "keep" });
    expect(Number(found["rate"]?.value)).toBeGreaterThan(0.003);
    expect(Number(found["rate"]?.value)).toBeLessThan(0.03);
    // The mean of 0.3 (log rate + 2)² over four decades is 0.4.
    expect(found["rate"]?.loss?.expected).toBeGreaterThan(0.3);
    expect(found["rate"]?.loss?.expected).toBeLessThan(0.45);
  });

  it("fixes nothing that matters, however few the trials", () => {
    for (const count of [20, 40, 80]) {
      for (let seed = 1; seed <= 8; seed++) {
        const { rate, width } = byName(simplification(space, trialsOf(count, seed)));
        expect([rate?.verdict, width?.verdict], `${count} trials, seed ${seed}`).not.toContain("fix");
      }
    }
  });

  it("has intervals that mostly hold the true loss, which is 0", () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    const held = seeds.filter((seed) => {
      const loss = byName(simplification(space, trialsOf(120, seed)))["kind"]?.loss;
      return loss !== undefined && loss.low <= 0 && loss.high >= 0;
    });
    // Of 60 at 95 %, fewer than 50 would be a chance of one in a thousand.
    expect(held.length).toBeGreaterThanOrEqual(50);
  });

  it("says nothing of a value that hardly any trial is near", () => {
    const far = trialsOf(200, 2).filter(({ params }) => Number(params["rate"]) > 0.01);
    expect(byName(simplification(space, far))["rate"]).toMatchObject({ loss: undefined, verdict: "unclear" });
  });

  it("fixes together only as much as is tolerated", () => {
    const none = simplification(space, trialsOf(400, 3), { tolerance: 1e-6 });
    expect(none.params.map(({ verdict }) => verdict)).not.toContain("fix");
    expect(none.together).toEqual({ expected: 0, low: 0, high: 0 });
    const all = simplification(space, trialsOf(400, 3), { tolerance: 5 });
    expect(all.params.map(({ verdict }) => verdict)).toEqual(["fix", "fix", "fix", "fix"]);
  });

  it("is not decided by single ends that are far out", () => {
    const trials = trialsOf(200, 4);
    const wild = trials.map((trial, place) => (place % 50 === 7 ? { ...trial, cost: 1e9 } : trial));
    expect(simplification(space, wild).tolerance).toBeLessThan(1);
    expect(byName(simplification(space, wild))["width"]?.verdict).toBe("keep");
  });

  it("judges a conditional param by the trials that have it", () => {
    const conditional = createSearchSpace({
      kind: choice(["a", "b"]),
      only: float(0, 1, { when: { kind: "a" }, default: 0 }),
    });
    const random = createRandom(9, 0, 0);
    const trials = Array.from({ length: 200 }, (_, place) => {
      const only = random.uniform();
      const params: Params = place % 2 === 0 ? { kind: "a", only } : { kind: "b" };
      return { params, cost: (place % 2 === 0 ? 1 - only : 3) + 0.05 * random.normal() };
    });
    const { only } = byName(simplification(conditional, trials));
    expect(only?.verdict).toBe("keep");
    expect(only?.loss?.expected).toBeGreaterThan(0.6);
  });

  it("gives the same answer again, and stands any trials", () => {
    const trials = trialsOf(100, 1);
    expect(simplification(space, trials)).toEqual(simplification(space, trials));
    const someTrial = fc.record({
      params: fc.record({
        rate: fc.constantFrom(1e-4, 0.01, 1),
        width: fc.integer({ min: 16, max: 512 }),
        kind: fc.constantFrom("a", "b", "c"),
        decay: fc.constantFrom(0, 0.5, 1),
      }),
      cost: fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY),
    });
    fc.assert(
      fc.property(fc.array(someTrial, { maxLength: 15 }), (some) => {
        const found = simplification(space, some);
        expect(found.together.low).toBeLessThanOrEqual(found.together.high);
        const losses = found.params.flatMap(({ loss }) => (loss === undefined ? [] : [loss]));
        for (const { low, high } of losses) expect(low).toBeLessThanOrEqual(high);
      }),
      { numRuns: 25 },
    );
  });
});
