import { describe, expect, it } from "vitest";
import { metricAxis, quantile, suitsLog } from "./metric-axis.js";

describe("metric axis", () => {
  it("is logarithmic for positive values that differ by large factors", () => {
    expect(suitsLog([0.01, 2.3])).toBe(true);
    expect(suitsLog([0.1, 0.99])).toBe(false);
    expect(suitsLog([0, 100])).toBe(false);
    expect(suitsLog([Number.NaN, 1, 1000, Number.POSITIVE_INFINITY])).toBe(true);
    expect(suitsLog([])).toBe(false);
  });

  const ordinary = Array.from({ length: 99 }, (_, index) => index / 99 - 0.5);

  it("leaves a few outliers out at the bad end only", () => {
    const down = metricAxis("loss", [...ordinary, 1e6], "minimize").range;
    expect(down?.[0]).toBeLessThan(-0.5);
    expect(down?.[1]).toBeGreaterThan(0.5);
    expect(down?.[1]).toBeLessThan(10);
    const up = metricAxis("loss", [...ordinary, 1e6], "maximize").range;
    expect(up).toBeUndefined();
  });

  it("cuts nothing from ordinary values, or if it is not known which end is bad", () => {
    expect(metricAxis("loss", ordinary, "minimize").range).toBeUndefined();
    expect(metricAxis("loss", [...ordinary, 1e6], undefined).range).toBeUndefined();
  });

  it("ends where the values do if asked to fit them", () => {
    const range = metricAxis("loss", [1, 2, 3], "minimize", true).range;
    expect(range?.[0]).toBeCloseTo(0.9);
    expect(range?.[1]).toBeCloseTo(3.1);
  });

  // Plotly labels all digits of a decade where a label comes at least every 0.3 decades (`calcTicks`, "D1").
  it("has no more labels on a logarithmic axis than fit", () => {
    const nticks = (least: number, greatest: number) =>
      metricAxis("loss", [least, greatest], undefined).nticks ?? 0;
    expect(1.55 / nticks(1, 35)).toBeGreaterThan(0.3);
    expect(2.1 / nticks(1, 126)).toBeGreaterThan(0.3);
    expect(nticks(1, 1e40)).toBe(8);
    expect(nticks(1, 31)).toBeGreaterThanOrEqual(3);
    expect(metricAxis("loss", [1, 2], undefined)).not.toHaveProperty("nticks");
  });

  it("escapes the metric's name", () => {
    expect(metricAxis("<b>", [1], "minimize").title.text).toBe("&lt;b&gt;");
  });

  // Hyndman and Fan (1996), type 7, by hand: place 0.9 * 3 = 2.7 lies at 4 + 0.7 * (8 - 4).
  it("has quantiles between neighbours", () => {
    const golden = [1, 1.75, 3, 6.8, 8];
    for (const [index, share] of [0, 0.25, 0.5, 0.9, 1].entries()) {
      expect(quantile([1, 2, 4, 8], share)).toBeCloseTo(golden[index] ?? Number.NaN, 12);
    }
  });
});
