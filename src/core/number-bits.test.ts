import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NumberBits } from "./number-bits.js";

describe("a set of trial numbers", () => {
  it("has what a set has after any additions and deletions, in ascending order", () => {
    // Few numbers, so that many are added or deleted twice; the last of a word, the first of one, and far ones.
    const number = fc.constantFrom(0, 1, 30, 31, 32, 33, 511, 512, 513, 1023, 1024, 2047, 2048, 70_000);
    const change = fc.record({ isAddition: fc.boolean(), number });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const bits = new NumberBits();
        const set = new Set<number>();
        for (const { isAddition, number } of changes) {
          const results = [bits, set].map((each) => (isAddition ? each.add(number) : each.delete(number)));
          expect(isAddition || results[0] === results[1]).toBe(true);
          expect(bits.has(number)).toBe(set.has(number));
          expect(bits.size).toBe(set.size);
          expect([...bits]).toEqual([...set].toSorted((a, b) => a - b));
        }
      }),
    );
  });

  it("grows by its largest number, not with every number", () => {
    const bits = new NumberBits();
    for (let number = 0; number < 10_000; number++) bits.add(number);
    expect(bits.size).toBe(10_000);
    expect([...bits].at(-1)).toBe(9999);
  });
});
