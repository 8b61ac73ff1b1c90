import { describe, expect, it } from "vitest";
import type { TrialTable } from "../../views/contract.js";
import { searchTrials } from "./search-trials.js";

const table: TrialTable = {
  events: 9,
  trials: [0, 1, 2],
  columns: [
    { name: "state", kind: "text", cells: ["complete", "stopped", "failed"] },
    { name: "lr", kind: "number", cells: [0.1, 0.001, "NaN"] },
  ],
};

describe("a search without a server", () => {
  it.each([
    ["lr < 0.01", [1]],
    ['state == "failed"', [2]],
    ["complete", [0]],
    ["STOPPED 0.00", [1]],
    ["nothing", []],
  ])("%s finds %s", (text, trials) => {
    expect(searchTrials(table, text)).toEqual({ found: { trials } });
  });

  it("says what is wrong with an expression", () => {
    expect(searchTrials(table, "lr <").error).toMatchObject({ code: "FILTER_INVALID" });
    expect(searchTrials(table, "loss < 1").error?.message).toContain("loss");
  });
});
