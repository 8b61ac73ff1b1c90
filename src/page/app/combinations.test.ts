import { expect, it } from "vitest";
import { combinations } from "./combinations.js";

it("gives every choice once, in the order of the names", () => {
  expect(combinations(["a", "b", "c"], 2)).toEqual([
    ["a", "b"],
    ["a", "c"],
    ["b", "c"],
  ]);
  expect(combinations(["a", "b"], 1)).toEqual([["a"], ["b"]]);
  expect(combinations(["a"], 2)).toEqual([]);
});
