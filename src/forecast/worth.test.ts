import { describe, expect, it } from "vitest";
import { createRandom } from "../math/random.js";
import { fitTail, tailCost } from "./tail.js";
import { type WorthInput, worthOf } from "./worth.js";

const STEPS = 10;

/** A study of independent trials, each trained for ten steps, and what as many steps as `more` trials are worth. */
const studyOf = (costs: readonly number[], more: number, floor = Number.NEGATIVE_INFINITY): WorthInput => ({
  completed: costs,
  ends: costs,
  steps: STEPS * costs.length,
  further: STEPS * more,
  floor,
});

const gainOf = (input: WorthInput, seed = 1) => {
  const gain = worthOf(input, createRandom(seed, 0, 9));
  if (gain === undefined) throw new Error("nothing is known");
  return gain;
};

describe("the tail of the lowest costs", () => {
  it("is fitted by the moments of Hosking and Wallis, computed by hand", () => {
    // Distances from 5: 1, 2, 4, so a0 = 7/3; p = .65/3, 1.65/3, 2.65/3, so
    // a1 = (1 * 2.35 + 2 * 1.35 + 4 * .35) / 9 = 6.45 / 9; xi = 2 - a0 / (a0 - 2 a1) = 2 - 2.3333 / 0.9 = -0.59259...
    const tail = fitTail([1, 3, 4, 5, 9, 9], 3);
    expect(tail?.threshold).toBe(5);
    expect(tail?.share).toBe(0.5);
    expect(tail?.shape).toBeCloseTo(2 - 7 / 3 / (7 / 3 - 12.9 / 9), 12);
    expect(tail?.scale).toBeCloseTo((7 / 3) * (1 - (tail?.shape ?? 0)), 12);
  });

  it("has no scale where all costs are equal", () => {
    expect(fitTail([3, 3, 3, 3], 2)).toBeUndefined();
  });

  it("is drawn by its quantiles", () => {
    // An exponential tail: a share of 1/e lies more than one scale below the threshold.
    expect(tailCost({ threshold: 2, shape: 0, scale: 3 }, Math.exp(-1))).toBeCloseTo(-1, 12);
    // Uniform: shape -1.
    expect(tailCost({ threshold: 2, shape: -1, scale: 2 }, 0.25)).toBeCloseTo(0.5, 12);
  });
});

describe("what going on is worth, for trials that are drawn independently", () => {
  const draws: Record<string, (uniform: number, normal: number) => number> = {
    uniform: (uniform) => uniform,
    normal: (_, normal) => normal,
    exponential: (uniform) => -Math.log(1 - uniform),
    "heavy above": (uniform) => (1 - uniform) ** -0.7,
  };
  const STUDIES = 300;

  it.each(Object.keys(draws))("is calibrated: %s costs", (name) => {
    const draw = draws[name];
    if (draw === undefined) throw new Error(name);
    for (const [trials, more] of [
      [20, 20],
      [60, 15],
    ] as const) {
      let chance = 0;
      let inside = 0;
      let [expected, gained] = [0, 0];
      for (let study = 0; study < STUDIES; study++) {
        const random = createRandom(study, trials, 7);
        const all = Array.from({ length: trials + more }, () => draw(random.uniform(), random.normal()));
        const input = studyOf(all.slice(0, trials), more);
        const gain = gainOf(input, study);
        const actual = Math.max(0, Math.min(...all.slice(0, trials)) - Math.min(...all.slice(trials)));
        chance += gain.chance / STUDIES;
        expected += gain.mean / STUDIES;
        gained += actual / STUDIES;
        if (actual >= gain.low && actual <= gain.high) inside += 1;
      }
      // A record is as likely to be among the last m of n + m as its share of them.
      expect(chance).toBeGreaterThan((0.8 * more) / (trials + more));
      expect(chance).toBeLessThan((1.3 * more) / (trials + more));
      expect(inside / STUDIES).toBeGreaterThan(0.7);
      expect(inside / STUDIES).toBeLessThan(0.97);
      expect(expected).toBeGreaterThan(0.6 * gained);
      expect(expected).toBeLessThan(2.5 * gained);
    }
  });
});

describe("what going on is worth", () => {
  const costs = Array.from({ length: 30 }, (_, trial) => 1 + ((trial * 7) % 30) / 30);

  it("is the same for the same stream, and never negative", () => {
    expect(gainOf(studyOf(costs, 10))).toEqual(gainOf(studyOf(costs, 10)));
    expect(gainOf(studyOf(costs, 10)).low).toBeGreaterThanOrEqual(0);
  });

  it("grows with the steps, and is nothing without any", () => {
    const gains = [0, 5, 50, 500].map((more) => gainOf(studyOf(costs, more)));
    expect(gains[0]).toEqual({ mean: 0, low: 0, high: 0, chance: 0 });
    for (let index = 1; index < gains.length; index++) {
      expect(gains[index]?.mean).toBeGreaterThan(gains[index - 1]?.mean ?? 0);
      expect(gains[index]?.chance).toBeGreaterThan(gains[index - 1]?.chance ?? 0);
    }
  });

  it("is more where the newer trainings have been better again and again, and less where none was for long", () => {
    const falling = costs.toSorted((a, b) => b - a);
    const rising = costs.toSorted((a, b) => a - b);
    expect(gainOf(studyOf(falling, 10)).chance).toBeGreaterThan(2 * gainOf(studyOf(rising, 10)).chance);
  });

  it("takes diverged trainings for worse than all others", () => {
    const input = studyOf(costs, 10);
    const failing = [...costs, ...costs.map(() => Number.POSITIVE_INFINITY)];
    expect(gainOf({ ...input, completed: failing, steps: 2 * input.steps }).chance).toBeLessThan(
      gainOf(input).chance,
    );
  });

  it("goes no further than the floor", () => {
    const { high, mean } = gainOf(studyOf(costs, 1e6, 0.99));
    expect(high).toBeCloseTo(0.01, 12);
    expect(mean).toBeLessThanOrEqual(0.010001);
  });

  it("is unknown with fewer than three complete trainings, or if all diverged", () => {
    expect(worthOf(studyOf([1, 2], 10), createRandom(1, 0, 9))).toBeUndefined();
    const all = [1, 2, 3].map(() => Number.POSITIVE_INFINITY);
    expect(worthOf({ ...studyOf([1, 2, 3], 10), completed: all }, createRandom(1, 0, 9))).toBeUndefined();
  });

  it("is nothing where all trials end alike", () => {
    expect(gainOf(studyOf([1, 1, 1, 1, 1, 1], 10))).toEqual({ mean: 0, low: 0, high: 0, chance: 0 });
  });
});
