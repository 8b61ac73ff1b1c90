import { describe, expect, it } from "vitest";
import {
  linearTicks,
  linearTickTexts,
  logTicks,
  logTickText,
  percentDecimals,
  percentTexts,
  plainNumber,
} from "./ticks.js";

describe("linear ticks", () => {
  // From the documentation and the tests of d3-array's `ticks`.
  it.each([
    [0, 1, 10, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 1, 3, [0, 0.5, 1]],
    [0, 1, 1, [0, 1]],
    [0, 10, 10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [0, 10, 3, [0, 5, 10]],
    [-10, 10, 5, [-10, -5, 0, 5, 10]],
    [-10, 10, 4, [-10, -5, 0, 5, 10]],
    [-10, 10, 2, [-10, 0, 10]],
    [1, 0, 5, []],
    [3, 3, 5, []],
  ])("of %d to %d, about %d", (low, high, count, expected) => {
    expect(linearTicks(low, high, count)).toEqual(expected);
  });

  it("are inside, and none for what has no end", () => {
    expect(linearTicks(0.13, 0.47, 4)).toEqual([0.2, 0.3, 0.4]);
    expect(linearTicks(0, Number.POSITIVE_INFINITY, 4)).toEqual([]);
    expect(linearTicks(Number.NaN, 1, 4)).toEqual([]);
  });

  it("have equally many decimals, commas and units", () => {
    expect(linearTickTexts([0, 0.05, 0.1])).toEqual(["0", "0.05", "0.10"]);
    expect(linearTickTexts([-1, -0.5, 0, 0.5])).toEqual(["−1.0", "−0.5", "0", "0.5"]);
    expect(linearTickTexts([0, 5000, 10_000])).toEqual(["0", "5000", "10,000"]);
    expect(linearTickTexts([0, 500_000, 1_000_000])).toEqual(["0", "0.5M", "1.0M"]);
    expect(linearTickTexts([0, 0.0002, 0.0004])).toEqual(["0", "0.0002", "0.0004"]);
  });
});

describe("logarithmic ticks", () => {
  const labelled = (low: number, high: number, count: number): number[] =>
    logTicks(low, high, count).flatMap(({ value, isLabelled }) => (isLabelled ? [value] : []));

  it("are powers of ten where there is no room for more", () => {
    expect(labelled(-3, 0, 4)).toEqual([0.001, 0.01, 0.1, 1]);
    expect(labelled(-6, 6, 5)).toEqual([1e-6, 0.001, 1, 1000, 1e6]);
  });

  it("have 2 and 5 times them where there is, and short lines in between", () => {
    expect(labelled(0, 1, 6)).toEqual([1, 2, 5, 10]);
    expect(logTicks(0, 1, 6).map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("are linear within less than a power of ten", () => {
    expect(labelled(Math.log10(2), Math.log10(4), 4)).toEqual([2, 2.5, 3, 3.5, 4]);
    expect(logTicks(1, 1, 4)).toEqual([]);
  });

  it("are written short", () => {
    expect([1e-5, 0.001, 1, 20_000, 5e6, 1e20].map(logTickText)).toEqual([
      "1e−5",
      "0.001",
      "1",
      "20,000",
      "5M",
      "1e20",
    ]);
  });
});

describe("numbers for people", () => {
  it("have at most five digits", () => {
    expect([0, 0.123456, -12.5, 1234.56, 123_456, 1.23456e-7, 4e9].map(plainNumber)).toEqual([
      "0",
      "0.12346",
      "−12.5",
      "1234.6",
      "123,460",
      "1.2346e−7",
      "4e9",
    ]);
  });

  it("are percentages if the format says so", () => {
    expect(percentDecimals(".0%")).toBe(0);
    expect(percentDecimals(".2f")).toBeUndefined();
    expect(percentTexts([0, 0.5, 1], 0)).toEqual(["0 %", "50 %", "100 %"]);
    expect(percentTexts([0.001, 0.002], 0)).toEqual(["0.1 %", "0.2 %"]);
  });
});
