import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wilcoxonSignedRank } from "./wilcoxon.js";

/** All 2^n signs, one by one. */
function bySigns(differences: readonly number[]): number {
  const { positive, negative } = wilcoxonSignedRank(differences);
  const present = differences.filter((difference) => difference !== 0);
  let extreme = 0;
  for (let signs = 0; signs < 2 ** present.length; signs++) {
    const flipped = present.map((value, index) => ((signs >> index) & 1 ? -value : value));
    const other = wilcoxonSignedRank(flipped);
    if (Math.abs(other.positive - other.negative) >= Math.abs(positive - negative)) extreme += 1;
  }
  return extreme / 2 ** present.length;
}

describe("Wilcoxon's signed-rank test", () => {
  it("agrees with scipy 1.17.1: scipy.stats.wilcoxon(x, method='exact')", () => {
    const seven = wilcoxonSignedRank([1.1, -0.4, 2.5, -1.2, 0.3, 3.1, 4.4]);
    expect([seven.positive, seven.negative]).toEqual([22, 6]);
    expect(seven.pValue).toBeCloseTo(0.21875, 14);
    const eighteen = Array.from({ length: 18 }, (_, i) => ((i % 4 === 0 ? -1 : 1) * (i + 1)) / 10);
    expect(wilcoxonSignedRank(eighteen).negative).toBe(45);
    expect(wilcoxonSignedRank(eighteen).pValue).toBeCloseTo(0.08142852783203125, 14);
    const allNegative = Array.from({ length: 21 }, (_, i) => -(i + 1));
    expect(wilcoxonSignedRank(allNegative).pValue).toBeCloseTo(9.5367431640625e-7, 20);
  });

  it("agrees with scipy 1.17.1 on ties: wilcoxon(x, method=PermutationMethod(n_resamples=inf))", () => {
    const withZero = wilcoxonSignedRank([1, 1, -2, 3, 0, 4, 5, -1]);
    expect([withZero.negative, withZero.count]).toEqual([6, 7]);
    expect(withZero.pValue).toBeCloseTo(0.21875, 14);
    const tied = wilcoxonSignedRank([0.5, 0.5, 0.5, -0.5, 2, 2, -3, 1, 1, 1, -0.25]);
    expect(tied.negative).toBe(15.5);
    expect(tied.pValue).toBeCloseTo(0.130859375, 14);
  });

  it("agrees with trying all signs", () => {
    const small = fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(small, (differences) => {
        expect(wilcoxonSignedRank(differences).pValue).toBeCloseTo(bySigns(differences), 12);
      }),
    );
  });

  it("finds nothing without differences", () => {
    expect(wilcoxonSignedRank([0, 0])).toEqual({ positive: 0, negative: 0, count: 0, pValue: 1 });
  });
});
