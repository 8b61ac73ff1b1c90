import { describe, expect, it } from "vitest";
import { float, type Params } from "../../core/param.js";
import { createSearchSpace } from "../../core/search-space.js";
import type { Outcome } from "../../forecast/outcomes.js";
import { createRandom } from "../../math/random.js";
import { createEncoding } from "./encoding.js";
import { createModel, type Located } from "./model.js";

const line = createSearchSpace({ x: float(0, 1) });
const plane = createSearchSpace({ x: float(0, 1), y: float(0, 1) });

const known = (
  trial: number,
  params: Params,
  cost: number | undefined,
  rest: Partial<Outcome> = {},
): Outcome => ({
  trial,
  params,
  cost,
  deviation: 0,
  isInFlight: false,
  ...rest,
});

const locate =
  ({ encode }: ReturnType<typeof createEncoding>) =>
  (outcome: Outcome): Located => ({ outcome, row: encode(outcome.params) });

const onLine = createEncoding(line);
const judgeLine = (outcomes: readonly Outcome[]) => createModel(onLine).judge(outcomes.map(locate(onLine)));
/** A valley at x = 0.3. */
const valley = Array.from({ length: 21 }, (_, trial) =>
  known(trial, { x: trial / 20 }, (trial / 20 - 0.3) ** 2),
);
const valueAt = (judgement: ReturnType<typeof judgeLine>, x: number): number =>
  judgement?.acquisition.values([onLine.encode({ x })])[0] ?? Number.NaN;

describe("the model of a study", () => {
  it("says nothing before two costs differ", () => {
    const infinite = known(2, { x: 0.3 }, Number.POSITIVE_INFINITY);
    expect(judgeLine([])).toBeUndefined();
    expect(judgeLine([known(0, { x: 0.1 }, 1), known(1, { x: 0.2 }, 1), infinite])).toBeUndefined();
    expect(judgeLine([known(0, { x: 0.1 }, 1), known(1, { x: 0.2 }, undefined)])).toBeUndefined();
    expect(judgeLine([known(0, { x: 0.1 }, 1), known(1, { x: 0.2 }, 2), infinite])).toBeDefined();
  });

  it("expects most where the costs are low", () => {
    const judgement = judgeLine(valley);
    expect(judgement?.best[0]?.outcome.params).toEqual({ x: 0.3 });
    expect(judgement?.best).toHaveLength(5);
    expect(valueAt(judgement, 0.31)).toBeGreaterThan(valueAt(judgement, 0.5));
    expect(valueAt(judgement, 0.5)).toBeGreaterThan(valueAt(judgement, 0.98));
  });

  it("takes trials that failed for bad ones", () => {
    const failed = valley.map((each) =>
      each.trial < 5 ? { ...each, cost: Number.POSITIVE_INFINITY } : each,
    );
    // As far from the valley's bottom to the left, where trainings fail, as to the right.
    expect(valueAt(judgeLine(failed), 0.12)).toBeLessThan(valueAt(judgeLine(failed), 0.48));
  });

  it("trusts a forecast the less the wider it is", () => {
    const forecast = (deviation: number) =>
      judgeLine([...valley, known(21, { x: 0.86 }, -0.1, { deviation })]);
    expect(forecast(0.001)?.best[0]?.outcome.trial).toBe(21);
    expect(forecast(0.5)?.best[0]?.outcome.trial).not.toBe(21);
    expect(forecast(Number.POSITIVE_INFINITY)?.best[0]?.outcome.params).toEqual({ x: 0.3 });
  });

  it("expects less near trials in flight, whatever they have reported", () => {
    const inFlight = (cost: number | undefined) =>
      judgeLine([...valley, known(21, { x: 0.31 }, cost, { isInFlight: true })]);
    const free = valueAt(judgeLine(valley), 0.312);
    expect(valueAt(inFlight(undefined), 0.312)).toBeLessThan(free);
    expect(valueAt(inFlight(-5), 0.312)).toBe(valueAt(inFlight(undefined), 0.312));
  });

  it("says the same whatever it was asked before", () => {
    const encoding = createEncoding(plane);
    const random = createRandom(1, 0, 0);
    const outcomes = Array.from({ length: 80 }, (_, trial) => {
      const params = { x: random.uniform(), y: random.uniform() };
      return known(trial, params, (params.x - 0.4) ** 2 + Math.abs(params.y - 0.8));
    }).map(locate(encoding));
    const old = createModel(encoding);
    const rows = outcomes.slice(0, 9).map(({ row }) => row);
    for (const count of [2, 9, 24, 25, 26, 60, 61, 62, 80]) {
      const before = old.judge(outcomes.slice(0, count))?.acquisition.values(rows);
      expect(before).toEqual(createModel(encoding).judge(outcomes.slice(0, count))?.acquisition.values(rows));
    }
  });

  it("learns from thousands of trials, also from those far from the best", () => {
    const encoding = createEncoding(plane);
    const random = createRandom(5, 0, 0);
    const outcomes = Array.from({ length: 2500 }, (_, trial) => {
      const params = { x: random.uniform(), y: random.uniform() };
      return known(trial, params, Math.hypot(params.x - 0.7, params.y - 0.2));
    });
    const judgement = createModel(encoding).judge(outcomes.map(locate(encoding)));
    for (const { outcome } of judgement?.best ?? []) expect(outcome.cost).toBeLessThan(0.05);
    const places = [
      { x: 0.7, y: 0.2 },
      { x: 0.05, y: 0.95 },
    ].map(encoding.encode);
    const [good = 0, bad = 0] = judgement?.acquisition.values(places) ?? [];
    expect(good).toBeGreaterThan(bad + 10);
  });
});
