import { describe, expect, it } from "vitest";
import type { TrialTable } from "./contract.js";
import { filterTrials } from "./filter-trials.js";

const table: TrialTable = {
  events: 9,
  trials: [0, 1, 2, 4],
  columns: [
    { name: "state", kind: "text", cells: ["complete", "stopped", "complete", "running"] },
    { name: "lr", kind: "number", cells: [0.1, 0.001, 0.002, null] },
    { name: "weight-decay", kind: "number", cells: [0, 1, 2, 3] },
    { name: "worker", kind: "text", cells: [null, null, null, null] },
  ],
};

describe("a filter of trials", () => {
  it.each([
    ["lr < 0.01", [1, 2]],
    ['lr < 0.01 and state == "complete"', [2]],
    ['state != "complete"', [1, 4]],
    ['params["weight-decay"] >= 2', [2, 4]],
    ["lr > 0 or lr <= 0", [0, 1, 2]],
  ])("%s keeps %s", (expression, kept) => {
    expect(filterTrials(table, expression).trials).toEqual(kept);
  });

  it("says that what it does not know is not a column", () => {
    expect(() => filterTrials(table, "nope > 1")).toThrow('"nope" is not a column');
  });

  it.each(["lr <", "loss < 1", "lr", "constructor.constructor('x')()"])("refuses %s", (expression) => {
    expect(() => filterTrials(table, expression)).toThrow(
      expect.objectContaining({ code: "FILTER_INVALID" }),
    );
  });
});
