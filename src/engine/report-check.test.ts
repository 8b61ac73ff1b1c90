import { describe, expect, it } from "vitest";
import { MAX_METRIC_NAME, MAX_METRICS } from "../core/events.js";
import { checkOrder, checkReport } from "./report-check.js";

const metricsOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, place) => [`m${place}`, place]));
const refused = (code: string, message: string) =>
  expect.objectContaining({ code, kind: "user", message: expect.stringContaining(message) });

describe("a report", () => {
  it.each([1, 2, Number.MAX_SAFE_INTEGER])("may have step %d", (step) => {
    expect(() => checkReport(step, { loss: 1 })).not.toThrow();
  });

  it.each([0, -1, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    "is refused at step %d",
    (step) => {
      expect(() => checkReport(step, { loss: 1 })).toThrow(refused("REPORT_INVALID", `but is ${step}`));
    },
  );

  it("has at least one metric and at most the limit", () => {
    expect(() => checkReport(1, metricsOf(1))).not.toThrow();
    expect(() => checkReport(1, metricsOf(MAX_METRICS))).not.toThrow();
    expect(() => checkReport(3, {})).toThrow(refused("REPORT_INVALID", "step 3 has 0 metrics"));
    expect(() => checkReport(3, metricsOf(MAX_METRICS + 1))).toThrow(
      refused("REPORT_INVALID", `step 3 has ${MAX_METRICS + 1} metrics`),
    );
  });

  it.each(["undefined", "null", "3", "[0.5]"])("is refused with %s for its metrics", (metrics) => {
    const [given] = metrics === "undefined" ? [] : [JSON.parse(metrics)];
    expect(() => checkReport(1, given)).toThrow(refused("REPORT_INVALID", "has no metrics by name"));
  });

  it("may diverge, but has numbers alone", () => {
    const diverged = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY };
    expect(() => checkReport(1, diverged)).not.toThrow();
    expect(() => checkReport(2, JSON.parse('{"a": 1, "loss": "0.5"}'))).toThrow(
      refused("REPORT_INVALID", 'metric "loss" of step 2 is "0.5"'),
    );
  });

  it("names its metrics, with no more characters than the limit", () => {
    expect(() => checkReport(1, { ["x".repeat(MAX_METRIC_NAME)]: 1 })).not.toThrow();
    for (const name of ["", "x".repeat(MAX_METRIC_NAME + 1), "__proto__"]) {
      expect(() => checkReport(1, { ok: 1, [name]: 1 })).toThrow(refused("REPORT_INVALID", "name"));
    }
  });
});

describe("the steps of an attempt", () => {
  it("increase, from whatever was before", () => {
    expect(() => checkOrder(1, 0)).not.toThrow();
    expect(() => checkOrder(9, 3)).not.toThrow();
    expect(() => checkOrder(3, 3)).toThrow(refused("STEP_NOT_INCREASING", "step 3 is reported twice"));
    expect(() => checkOrder(2, 3)).toThrow(refused("STEP_NOT_INCREASING", "step 2 comes after step 3"));
  });
});
