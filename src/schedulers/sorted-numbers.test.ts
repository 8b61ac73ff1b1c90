import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSortedNumbers } from "./sorted-numbers.js";

describe("createSortedNumbers", () => {
  const number = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(Infinity, -Infinity),
    fc.double({ noNaN: true }),
  );

  it("counts like a plain list, however additions and queries alternate", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(number, { maxLength: 40 }), number)), (rounds) => {
        const sorted = createSortedNumbers();
        const all: number[] = [];
        for (const [added, value] of rounds) {
          for (const each of added) sorted.add(each);
          all.push(...added);
          expect(sorted.size).toBe(all.length);
          expect(sorted.countBelow(value)).toBe(all.filter((each) => each < value).length);
        }
      }),
    );
  });

  it.each([
    [[], undefined],
    [[5], 5],
    [[3, 1], 2],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[1, Infinity], Infinity],
    [[Infinity, Infinity], Infinity],
  ])("takes the median of %j", (values, expected) => {
    const sorted = createSortedNumbers();
    for (const value of values) sorted.add(value);
    expect(sorted.median()).toBe(expected);
  });
});
