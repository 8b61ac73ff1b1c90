import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleParams } from "../core/draw/sample-params.js";
import type { Params } from "../core/param.js";
import { createRandom } from "../math/random.js";
import { createCurveSurrogate, surrogateRange } from "./curve-surrogate.js";
import { type CurveTable, type TableCurve, tableOfCurves } from "./curve-table.js";
import { parseRecordedCurves } from "./recorded-curves.js";

const NAMES = ["rate", "a", "b", "c", "d", "e"];
const STEPS = 4;

/** The end of a training is a smooth function of its rate, whatever its five other params are. */
const lossAt = (rate: number, step: number): number => (rate - 0.3) ** 2 + 2 ** -step;

function smoothTable(count: number, seed: number): CurveTable {
  const random = createRandom(seed, 0, 0);
  const configs = Array.from({ length: count }, () =>
    Object.fromEntries(NAMES.map((name) => [name, random.uniform()])),
  );
  const curves = configs.map((config) => ({
    config,
    loss: Array.from({ length: STEPS }, (_, step) => lossAt(config["rate"] ?? 0, step + 1)),
  }));
  return tableOfCurves(
    parseRecordedCurves({ task: "t", metric: "loss", direction: "min", curves }, "t.json"),
  );
}

const endOf = (table: CurveTable, params: Params, answer = createCurveSurrogate(table)): number =>
  answer(params).curve.reports.at(-1)?.["loss"] ?? Number.NaN;

describe("a surrogate of recorded curves", () => {
  it("learns which params matter, which the most similar configuration does not tell", () => {
    const table = smoothTable(300, 5);
    const answer = createCurveSurrogate(table);
    const random = createRandom(6, 0, 0);
    const asked = Array.from({ length: 200 }, () => sampleParams(table.space, random));
    const errors = asked.map((params) =>
      Math.abs(endOf(table, params, answer) - lossAt(Number(params["rate"]), STEPS)),
    );
    const similar = asked.map((params) => {
      const distances = table.candidates.map((each) =>
        NAMES.reduce((sum, name) => sum + Math.abs(Number(each[name]) - Number(params[name])), 0),
      );
      const nearest = table.curves[distances.indexOf(Math.min(...distances))];
      const end = nearest?.reports.at(-1)?.["loss"] ?? 0;
      return Math.abs(end - lossAt(Number(params["rate"]), STEPS));
    });
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(errors)).toBeLessThan(0.03);
    expect(mean(similar)).toBeGreaterThan(1.5 * mean(errors));
  });

  it("stays among the values of the table at each step, and answers the same each time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (count, seed) => {
        const table = smoothTable(count, seed);
        const params = sampleParams(table.space, createRandom(seed, 1, 0));
        const { curve, nearest } = createCurveSurrogate(table)(params);
        expect(createCurveSurrogate(table)(params)).toEqual({ curve, nearest });
        expect(curve.steps).toEqual([1, 2, 3, 4]);
        for (const [place, report] of curve.reports.entries()) {
          const column = table.curves.map(({ reports }) => reports[place]?.["loss"] ?? 0);
          expect(report["loss"]).toBeGreaterThanOrEqual(Math.min(...column));
          expect(report["loss"]).toBeLessThanOrEqual(Math.max(...column));
        }
      }),
    );
  });

  it("is the table's only curve where there is one, and where all configurations are alike", () => {
    for (const count of [1, 3]) {
      const curves = Array.from({ length: count }, (_, index) => ({
        config: { x: 1 },
        loss: [3, 2, 1].map((v) => v + index),
      }));
      const table = tableOfCurves(
        parseRecordedCurves({ task: "t", metric: "loss", direction: "min", curves }, "t.json"),
      );
      const { reports } = createCurveSurrogate(table)({ x: 1 }).curve;
      const middle = (count - 1) / 2;
      expect(reports.map(({ loss }) => loss)).toEqual([3 + middle, 2 + middle, 1 + middle]);
    }
  });

  it("ends as the configuration with the largest part ended, and reports what that one reported", () => {
    const whole = smoothTable(60, 2);
    const failing = whole.curves.map((curve, index) =>
      index % 2 === 0
        ? curve
        : {
            steps: [1, 2],
            reports: [{ loss: 5, accuracy: 0.1 }, { loss: Number.NaN }],
            seconds: [1, 2],
            end: "failed" as const,
          },
    );
    const table: CurveTable = { ...whole, curves: failing };
    const answer = createCurveSurrogate(table);
    const endings: TableCurve[] = [];
    for (const params of table.candidates) {
      const { nearest, curve } = answer(params);
      const leading = failing[nearest];
      expect([curve.end, curve.steps, curve.seconds]).toEqual([
        leading?.end,
        leading?.steps,
        leading?.seconds,
      ]);
      expect(curve.reports.map((report) => Object.keys(report))).toEqual(
        leading?.reports.map((report) => Object.keys(report)),
      );
      endings.push(curve);
    }
    const failed = endings.filter(({ end }) => end === "failed");
    const complete = endings.filter(({ end }) => end === "complete");
    expect(Math.min(failed.length, complete.length)).toBeGreaterThan(0);
    // Of metrics that only failed trainings report, those are what is averaged; what is not finite stays.
    for (const { reports } of failed) {
      expect(reports.map(({ accuracy }) => accuracy)).toEqual([0.1, undefined]);
      expect(reports[1]).toEqual({ loss: Number.NaN });
    }
    for (const { reports } of complete)
      expect(reports.every(({ loss = Number.NaN }) => loss >= 0)).toBe(true);
  });

  it("has a range of its own, which regret is measured against", () => {
    const rangeOf = (direction: "min" | "max", ends: readonly number[]) => {
      const curves = [0, 1, 2].map((x) => ({ config: { x: 1 }, loss: ends.map((end) => end + x) }));
      return surrogateRange(
        tableOfCurves(parseRecordedCurves({ task: "t", metric: "loss", direction, curves }, "t.json")),
      );
    };
    // All configurations are alike, so each answer is the middle curve.
    expect(rangeOf("min", [9, 3, 4])).toEqual({ best: 4, medianFinal: 5 });
    expect(rangeOf("max", [8, 12, 11])).toEqual({ best: 13, medianFinal: 12 });
  });
});
