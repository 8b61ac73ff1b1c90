import { describe, expect, it } from "vitest";
import { createRandom } from "../../math/random.js";
import { choice, float, int, ordinal, type Param } from "../param.js";
import { countValues, valueAt } from "../search-space.js";
import { beliefOf, beliefShare, believedMass, doubted, drawBelieved, expectedOf } from "./belief.js";

const lr = float(1e-5, 1, { log: true, prior: { around: 1e-3, factor: 3 } });
const layers = int(1, 8, { prior: { around: 7, within: 2 } });
const optimizer = choice(["sgd", "adam", "lion"], { prior: { weights: { adam: 3, lion: 0 } } });

const quantile = (param: Param, share: number): unknown =>
  valueAt(param, beliefOf(param)?.at(share) ?? Number.NaN);

/** Of the whole belief: what remains of a doubted one without its uniform part. */
function massOf(param: Param, value: string | number): number {
  const count = countValues(param);
  const share = beliefShare(0);
  return (believedMass(param, value, 0) - (1 - share) / count) / share;
}

describe("what a prior says", () => {
  it("has scipy's quantiles on a logarithmic scale", () => {
    // scipy 1.17.1: d = truncnorm of mean log(1e-3), sd log(3), between log(1e-5) and log(1)
    // [exp(d.ppf(p)) for p in (.05, .5, .95)]; d.cdf(log(3e-3)) - d.cdf(log(1e-3 / 3)) is 0.68270
    expect(quantile(lr, 0.05)).toBeCloseTo(0.0001641595599176051, 10);
    expect(quantile(lr, 0.5)).toBeCloseTo(0.0010000190523451902, 10);
    expect(quantile(lr, 0.95)).toBeCloseTo(0.006092532102909951, 10);
    const belief = beliefOf(lr);
    const width = Math.log(1e5);
    const place = (value: number): number => Math.log(value / 1e-5) / width;
    const within = (belief?.below(place(3e-3)) ?? 0) - (belief?.below(place(1e-3 / 3)) ?? 0);
    expect(within).toBeCloseTo(0.6826989388181507, 10);
  });

  it("has scipy's masses of whole numbers", () => {
    // scipy 1.17.1: d = truncnorm of mean 7, sd 2, between 0.5 and 8.5: [d.cdf(k + .5) - d.cdf(k - .5) for k in range(1, 9)]
    const masses = [
      0.0031091508834378157, 0.011962683470071362, 0.03601817012862835, 0.08487446730611538,
      0.15654537263812382, 0.22601877758690203, 0.255452600399819, 0.22601877758690225,
    ];
    for (const [index, mass] of masses.entries()) expect(massOf(layers, index + 1)).toBeCloseTo(mass, 10);
  });

  it("has the weights of a list; what is not named weighs 1", () => {
    expect(["sgd", "adam", "lion"].map((value) => massOf(optimizer, value))).toEqual([
      expect.closeTo(0.25, 12),
      expect.closeTo(0.75, 12),
      expect.closeTo(0, 12),
    ]);
    expect([0, 0.2, 0.26, 0.999].map((share) => quantile(optimizer, share))).toEqual([
      "sgd",
      "sgd",
      "adam",
      "adam",
    ]);
  });

  it("names values by their texts", () => {
    const sizes = choice([16, true, [64, 64]], { prior: { weights: { 16: 0, true: 0, "[64,64]": 5 } } });
    expect(quantile(sizes, 0.1)).toEqual([64, 64]);
  });
});

describe("doubts", () => {
  it("are a quarter at first, and halve a belief after 25 trials", () => {
    expect(beliefShare(0)).toBe(0.75);
    expect(beliefShare(25)).toBeCloseTo(0.375, 12);
    expect(beliefShare(1e6)).toBeLessThan(1e-4);
  });

  it("mix a belief with the uniform distribution, in shares, densities and quantiles", () => {
    const belief = beliefOf(lr);
    if (belief === undefined) throw new Error("lr has a prior");
    const { below, density, at } = doubted(belief, 0.75);
    for (const place of [0.05, 0.4, 0.8]) {
      expect(below(place)).toBeCloseTo(0.75 * belief.below(place) + 0.25 * place, 12);
      expect(density(place)).toBeCloseTo(0.75 * belief.density(place) + 0.25, 12);
      expect(at(below(place))).toBeCloseTo(place, 9);
    }
  });

  it("let draws leave a prior the more often, the more trials there were", () => {
    const random = createRandom(1, 0, 0);
    /** How many of 4000 draws are more than two deviations away; a belief has 4.6 % there, the range 62 %. */
    const away = (trial: number): number =>
      Array.from({ length: 4000 }, () => Number(drawBelieved(lr, random, trial))).filter(
        (value) => value > 9e-3 || value < 1e-3 / 9,
      ).length / 4000;
    // 4 ln 3 of the range's ln 1e5 are within two deviations: 38.2 %.
    const expected = (trial: number): number =>
      0.0455 * beliefShare(trial) + 0.618 * (1 - beliefShare(trial));
    for (const trial of [0, 25, 1000]) expect(Math.abs(away(trial) - expected(trial))).toBeLessThan(0.03);
  });

  it("draw whole numbers with the masses that are told for them", () => {
    const random = createRandom(2, 0, 0);
    const counts = new Map<unknown, number>();
    for (let draw = 0; draw < 8000; draw++) {
      const value = drawBelieved(layers, random, 0);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    for (let value = 1; value <= 8; value++)
      expect(Math.abs((counts.get(value) ?? 0) / 8000 - believedMass(layers, value, 0))).toBeLessThan(0.02);
  });
});

describe("the value that a prior is about", () => {
  it.each<[Param, unknown]>([
    [lr, 1e-3],
    [layers, 7],
    [int(1, 8, { prior: { around: 6.6, within: 1 } }), 7],
    [int(0, 100, { step: 25, prior: { around: 60, within: 1 } }), 50],
    [float(0, 1, { step: 0.25, prior: { around: 0.7, within: 0.1 } }), 0.75],
    [int(16, 512, { log: true, prior: { around: 64.2, factor: 2 } }), 64],
    [optimizer, "adam"],
    [ordinal([8, 16, 32], { prior: { weights: { 8: 2, 16: 2 } } }), undefined],
    [float(0, 1), undefined],
  ])("is that of %o", (param, value) => {
    expect(expectedOf(param)).toBe(value);
  });
});
