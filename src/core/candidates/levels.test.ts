import { describe, expect, it } from "vitest";
import { choice, fixed, float, int, ordinal, type Param, type ParamValue } from "../param.js";
import { allLevels } from "./levels.js";

/** All levels in order; each must be found again at its index. */
function valuesOf(param: Param): ParamValue[] | undefined {
  const levels = allLevels(param);
  if (levels === undefined) return undefined;
  const values = Array.from({ length: levels.count }, (_, index) => levels.value(index));
  expect(values.map((value) => levels.indexOf(value))).toEqual(values.map((_, index) => index));
  return values;
}

describe("all levels of a param", () => {
  it.each<[string, Param, ParamValue[] | undefined]>([
    ["an int has every number, both ends included", int(-1, 2), [-1, 0, 1, 2]],
    ["an int with steps has those from its low end", int(3, 9, { step: 3 }), [3, 6, 9]],
    ["an int on a scale of factors has every number too", int(1, 4, { log: true }), [1, 2, 3, 4]],
    ["a float with steps has no rounding noise", float(0, 0.3, { step: 0.1 }), [0, 0.1, 0.2, 0.3]],
    ["a float without steps has too many", float(0, 1), undefined],
    ["a float of one value has one", float(0.5, 0.5), [0.5]],
    ["an int of one value has one", int(7, 7), [7]],
    ["a choice has its options", choice(["sgd", "adam"]), ["sgd", "adam"]],
    ["an ordinal has its options in order", ordinal([8, 16, 64]), [8, 16, 64]],
    ["a fixed param has its value", fixed(true), [true]],
  ])("%s", (_, param, values) => {
    expect(valuesOf(param)).toEqual(values);
  });

  it.each<[string, Param, ParamValue[]]>([
    ["beyond the ends", int(3, 9, { step: 3 }), [-3, 0, 12, 15]],
    ["between steps", int(3, 9, { step: 3 }), [2, 4, 5, 7, 10]],
    ["beyond the ends of a float", float(0, 0.3, { step: 0.1 }), [-0.1, 0.4]],
    ["between the steps of a float", float(0, 0.3, { step: 0.1 }), [0.05, 0.15, 0.29]],
    ["that are not numbers", int(0, 2), ["1", true, Number.NaN]],
    ["that are not listed", choice(["sgd", "adam"]), ["rmsprop", "", 0]],
  ])("do not contain values %s", (_, param, values) => {
    for (const value of values) expect(allLevels(param)?.indexOf(value), JSON.stringify(value)).toBe(-1);
  });
});
