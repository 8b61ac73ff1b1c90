import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EndLine, explainedShare, fitEndLine as fitLine, gainAt, lineVariance } from "./end-line.js";
import { addDeeper, addSums, addValue, createBlockSums, emptySums, type RungSums } from "./rung-sums.js";

interface Point {
  readonly value: number;
  readonly end: number | undefined;
  readonly deviation: number;
}

const deeper = (value: number, end: number, deviation = 0): Point => ({ value, end, deviation });
const waiting = (value: number): Point => ({ value, end: undefined, deviation: 0 });

function add(sums: RungSums, { value, end, deviation }: Point): void {
  addValue(sums, value);
  if (end !== undefined) addDeeper(sums, value, end, deviation);
}

function sumsOf(points: readonly Point[]): RungSums {
  const sums = emptySums();
  for (const point of points) add(sums, point);
  return sums;
}

const fitEndLine = (points: readonly Point[], priorNoise = 0.25): EndLine =>
  fitLine(sumsOf(points), { noise: priorNoise, spread: 1e-4 });

describe("the line from a rung to the end", () => {
  it("agrees with a calculation by hand for three trials, two of which went deeper", () => {
    // Values 1, 3, 2: mean 2, variance (1 + 9 + 4) / 3 - 4 = 2/3. Deeper: values 1 and 3 with gains -0.5 and -1.5.
    const line = fitEndLine([deeper(1, 0.5), deeper(3, 1.5), waiting(2)]);
    expect(line.count).toBe(2);
    expect(line.spread).toBeCloseTo(2 / 3, 12);
    expect(line.center).toBe(2);
    expect(line.gain).toBe(-1);
    // sxx = 1 + 1, sxy = (-1)(0.5) + (1)(-0.5) = -1; shrunk by two trials' worth of the spread: -1 / (2 + 4/3).
    expect(line.slope).toBeCloseTo(-0.3, 12);
    // Residuals: syy - 2 b sxy + b^2 sxx = 0.5 - 0.6 + 0.18 = 0.08; prior noise 2 * 0.25 * 2/3; over 2 + 2 trials.
    expect(line.noise).toBeCloseTo((0.08 + 1 / 3) / 4, 12);
    expect(gainAt(line, 4)).toBeCloseTo(-1 - 0.3 * 2, 12);
    expect(lineVariance(line, 4)).toBeCloseTo(line.noise * (1 / 2 + 4 / (2 + 4 / 3)), 12);
    const signal = 0.49 * (2 / 3);
    expect(explainedShare(line)).toBeCloseTo(signal / (signal + line.noise), 12);
  });

  it("knows nothing while no trial went deeper", () => {
    const line = fitEndLine([waiting(1), waiting(3)]);
    expect(line).toEqual({ count: 0, spread: 1, center: 0, gain: 0, slope: 0, noise: 0.25, weight: 1 });
    expect(lineVariance(line, 7)).toBe(0);
    // Of one value nothing is known but that values differ.
    expect(fitEndLine([waiting(1)])).toMatchObject({ spread: 1e-4, noise: 0.25e-4 });
    expect(fitEndLine([waiting(1), waiting(1)]).spread).toBe(1e-10);
    expect(gainAt(line, 7)).toBe(0);
    expect(explainedShare(line)).toBe(0);
  });

  it("has no line without any width, where a single value of 0 is known", () => {
    const line = fitLine(sumsOf([deeper(0, -1)]), { noise: 0.25, spread: 0 });
    expect(line.spread).toBe(1e-10);
    expect(explainedShare(line)).toBeGreaterThan(0);
  });

  it("expects as much noise a priori as it is told", () => {
    expect(fitEndLine([waiting(1), waiting(3)], 4).noise).toBe(4);
    // As above: residuals of 0.08, and now 2 * 3 * 2/3 a priori, over 2 + 2 trials.
    const line = fitEndLine([deeper(1, 0.5), deeper(3, 1.5), waiting(2)], 3);
    expect(line.noise).toBeCloseTo((0.08 + 4) / 4, 12);
    expect(line.slope).toBeCloseTo(-0.3, 12);
  });

  it("predicts exact shifts, almost without doubt, once many trials show them", () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (shift) => {
        const line = fitEndLine(Array.from({ length: 400 }, (_, i) => deeper(i / 100, i / 100 + shift)));
        expect(gainAt(line, 2.5)).toBeCloseTo(shift, 6);
        expect(line.noise).toBeLessThan(0.01 * line.spread);
        expect(explainedShare(line)).toBeGreaterThan(0.99);
      }),
    );
  });

  it("measures the spread of values that are large and nearly equal", () => {
    // Around 3e8 the squares are known to 8 at best; the variance of -1, 0, 1 is 2/3.
    const line = fitEndLine([waiting(3e8 - 1), waiting(3e8), waiting(3e8 + 1)]);
    expect(line.spread).toBeCloseTo(2 / 3, 12);
  });

  it("is less sure if the ends themselves are forecasts", () => {
    const known = fitEndLine([deeper(1, 0.5), deeper(2, 1.2), waiting(3)]);
    const guessed = fitEndLine([deeper(1, 0.5, 1), deeper(2, 1.2, 1), waiting(3)]);
    expect(guessed.noise).toBeCloseTo(known.noise + 2 / 4, 12);
  });
});

describe("sums at a rung", () => {
  const number = fc.double({ min: -5, max: 5, noNaN: true });
  const point = fc.record({ value: number, end: fc.option(number, { nil: undefined }), deviation: number });

  /** The names of sums that differ by more than rounding. */
  const differences = (found: RungSums, wanted: RungSums): string[] =>
    Object.entries(wanted).flatMap(([name, value]) =>
      Math.abs(Reflect.get(found, name) - value) < 1e-8 ? [] : [name],
    );

  it("of two parts are those of the whole", () => {
    fc.assert(
      fc.property(fc.array(point), fc.array(point), (some, others) => {
        const sums = sumsOf(some);
        addSums(sums, sumsOf(others));
        expect(differences(sums, sumsOf([...some, ...others]))).toEqual([]);
      }),
    );
  });

  it("in blocks are the same bit for bit, whatever came and went in between", () => {
    const trials = fc.uniqueArray(fc.record({ trial: fc.nat(2000), point, other: point }), {
      selector: ({ trial }) => trial,
      maxLength: 40,
    });
    fc.assert(
      fc.property(trials, fc.nat(3), (all, every) => {
        const present = new Map(all.map(({ trial, point: own }) => [trial, own]));
        const create = () =>
          createBlockSums<{ readonly trial: number }>(2, ({ trial }, rung, sums) => {
            const own = present.get(trial);
            if (own !== undefined && rung === 1) add(sums, own);
          });
        const grown = create();
        for (const { trial } of all) grown.add({ trial });
        const passing = { trial: 1001 };
        grown.add(passing);
        grown.at(1);
        for (const [place, { trial, other }] of all.entries()) {
          if (place % 4 > every) continue;
          present.set(trial, other);
          grown.touch(trial);
        }
        grown.remove(passing);
        const fresh = create();
        for (const { trial } of all.toReversed()) fresh.add({ trial });
        expect(grown.at(1)).toEqual(fresh.at(1));
        expect(differences(grown.at(1), sumsOf([...present.values()]))).toEqual([]);
        expect(grown.at(0)).toEqual(emptySums());
      }),
    );
  });
});
