import { describe, expect, it } from "vitest";
import { nameHint, nearestName, suggestName } from "./nearest.js";

describe("nearestName", () => {
  it.each([
    ["maxStep", "maxSteps"],
    ["shceduler", "scheduler"],
    ["MAXSTEPS", "maxSteps"],
    ["lgo", "log"],
  ])("takes %s for %s", (typed, meant) => {
    expect(nearestName(typed, ["study", "maxSteps", "scheduler", "log"])).toBe(meant);
  });

  it("does not guess when nothing is near", () => {
    expect(nearestName("colour", ["study", "maxSteps"])).toBeUndefined();
    expect(nearestName("x", ["lr"])).toBeUndefined();
    expect(nearestName("x", [])).toBeUndefined();
  });
});

describe("suggestName", () => {
  it("suggests the nearest name, or lists all, or says that there are none", () => {
    expect(suggestName("studdy", ["study", "goal"])).toBe('did you mean "study"?');
    expect(suggestName("colour", ["study", "goal"])).toBe("known: study, goal");
    expect(suggestName("colour", [])).toBe("there are none");
    expect(nameHint("colour", ["study"])).toBe("Known: study");
  });
});
