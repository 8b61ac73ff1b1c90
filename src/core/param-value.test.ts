import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  distinctValues,
  frozenValue,
  type ParamValue,
  placeOfValue,
  sameValue,
  textOfValue,
  valueKey,
} from "./param-value.js";

const value: fc.Arbitrary<ParamValue> = fc.letrec<{ value: ParamValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom<ParamValue>(null, true, false, 0, 1, "", "a", "null", "0"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { noNullPrototype: true, maxKeys: 3 }),
  ),
})).value;

/** A copy with the keys of every mapping the other way round. */
function turned(given: ParamValue): ParamValue {
  if (typeof given !== "object" || given === null) return given;
  if (Array.isArray(given)) return given.map(turned);
  const entries = Object.entries(given).map(([key, part]): [string, ParamValue] => [key, turned(part)]);
  return Object.fromEntries(entries.reverse());
}

describe("values of params", () => {
  it("are equal by their contents, whatever the order of keys", () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(sameValue(given, turned(given))).toBe(true);
        expect(valueKey(given)).toBe(valueKey(turned(given)));
      }),
    );
  });

  it("are equal exactly if their keys are", () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(sameValue(a, b)).toBe(valueKey(a) === valueKey(b));
        expect(sameValue(a, b)).toBe(sameValue(b, a));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[ParamValue | undefined, ParamValue | undefined]>([
    [null, undefined],
    [null, "null"],
    [[], {}],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 1]],
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ a: 1 }, { b: 1 }],
    [{ 0: 1 }, [1]],
    [[[1]], [["1"]]],
  ])("tells %j from %j", (a, b) => {
    expect(sameValue(a, b)).toBe(false);
    expect(sameValue(b, a)).toBe(false);
  });

  it("are found in lists", () => {
    const options: ParamValue[] = [null, [1], { a: [1], b: null }, "x"];
    expect(options.map((each) => placeOfValue(options, each))).toEqual([0, 1, 2, 3]);
    expect(placeOfValue(options, { b: null, a: [1] })).toBe(2);
    expect(placeOfValue(options, [2])).toBe(-1);
    expect(placeOfValue(options, undefined)).toBe(-1);
    expect(distinctValues([...options, [1], { b: null, a: [1] }, null])).toEqual(options);
  });

  it("are shown as JSON, but for strings", () => {
    expect([null, [1, "a"], { a: 1 }, "a b", 1e-7, true].map(textOfValue)).toEqual([
      "null",
      '[1,"a"]',
      '{"a":1}',
      "a b",
      "1e-7",
      "true",
    ]);
  });

  it("are what JSON can hold", () => {
    const loose: (given: unknown) => unknown = (given) =>
      Reflect.apply(frozenValue, undefined, [given, "choice"]);
    const mapping = { a: [1, { b: null }] };
    expect(loose(mapping)).toEqual(mapping);
    expect(() => loose(new Date(0))).toThrow("choice: a Date cannot be a value");
    expect(() => loose([undefined])).toThrow("choice: undefined cannot be a value");
    expect(() => loose({ a: () => 1 })).toThrow("cannot be a value");
    expect(() => loose(JSON.parse('[{"__proto__":1}]'))).toThrow("__proto__");
  });
});
