import { describe, expect, it } from "vitest";
import { placeOf } from "../../tests/support/place.js";
import { mayBeHost, shouldAvoid } from "./host-trouble.js";
import { createWorkerHealth, type Outcome } from "./worker-health.js";

const error = { code: "PROGRAM_FAILED", message: "it ended with exit code 1" };
const fruitless: Outcome = { kind: "fruitless", error };
const notStarted: Outcome = { kind: "not-started", error };

describe("a worker whose trainings fail before their first report", () => {
  it("rests after the third in a row, for twice as long each time, at most ten minutes", () => {
    const health = createWorkerHealth();
    const rests: number[] = [];
    let now = 0;
    for (let trial = 0; trial < 12; trial++) {
      const { rest = 0 } = health.observe(placeOf("bad"), trial, fruitless, false, now);
      expect(health.isResting(placeOf("bad"), now)).toBe(rest > 0);
      expect(health.isResting(placeOf("good"), now)).toBe(false);
      rests.push(rest / 1000);
      now += rest;
    }
    expect(rests).toEqual([0, 0, 10, 20, 40, 80, 160, 320, 600, 600, 600, 600]);
    expect(health.isResting(placeOf("bad"), now)).toBe(false);
  });

  it("counts once for slots that fail together, and begins anew after a training that reports", () => {
    const health = createWorkerHealth();
    for (let trial = 0; trial < 3; trial++) health.observe(placeOf("bad"), trial, fruitless, false, 0);
    expect(health.observe(placeOf("bad"), 3, fruitless, false, 1)).toEqual({});
    expect(health.observe(placeOf("bad"), 4, fruitless, false, 10_000)).toEqual({ rest: 20_000 });
    health.observe(placeOf("bad"), 5, { kind: "fruitful" }, false, 30_000);
    expect(health.isResting(placeOf("bad"), 30_000)).toBe(false);
    expect(health.observe(placeOf("bad"), 6, fruitless, false, 30_001)).toEqual({});
  });

  it("goes on if it is the only one: whether to go on is then for the study to decide", () => {
    const health = createWorkerHealth();
    for (let trial = 0; trial < 20; trial++) {
      expect(health.observe(placeOf("only"), trial, fruitless, true, trial)).toEqual({});
    }
  });
});

it("a host that starts nothing rests at once, and is broken after about three minutes if it is the only one", () => {
  const health = createWorkerHealth();
  let now = 0;
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
    const { rest } = health.observe(placeOf("full"), 0, notStarted, true, now);
    expect(rest).toBe(seconds * 1000);
    now += seconds * 1000;
  }
  expect(health.observe(placeOf("full"), 0, notStarted, true, now)).toEqual({ isBroken: true });
  expect(health.observe(placeOf("full"), 0, notStarted, false, now)).toEqual({ rest: 60_000 });
});

describe("a trial that failed before its first report", () => {
  const failedAt = (...places: readonly ReturnType<typeof placeOf>[]) => {
    const health = createWorkerHealth();
    for (const place of places) health.observe(place, 7, fruitless, false, 0);
    return health.failuresOf(7);
  };
  const [a, b, c] = [placeOf("a", "x"), placeOf("b", "x"), placeOf("c", "y")];

  it("is left to other hosts, and if there are none to other workers", () => {
    expect(shouldAvoid(failedAt(a), a, [b])).toBe(true);
    expect(shouldAvoid(failedAt(a), b, [a])).toBe(false);
    expect(shouldAvoid(failedAt(a), b, [a, c])).toBe(true);
    expect(shouldAvoid(failedAt(a), c, [a, b])).toBe(false);
    expect(shouldAvoid(failedAt(a), a, [])).toBe(false);
    expect(shouldAvoid(failedAt(a, b), a, [b])).toBe(false);
    expect(shouldAvoid(failedAt(), a, [b, c])).toBe(false);
  });

  it("counts as failed once it did on two hosts, or on two workers of the only host", () => {
    expect(mayBeHost(failedAt(a), [b])).toBe(true);
    expect(mayBeHost(failedAt(a), [])).toBe(false);
    expect(mayBeHost(failedAt(a, b), [a])).toBe(false);
    expect(mayBeHost(failedAt(a, b), [a, c])).toBe(true);
    expect(mayBeHost(failedAt(a, c), [b])).toBe(false);
  });
});
