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

  it("takes a name for another when a third of its letters differ, or two, or one of two letters", () => {
    expect(nearestName("momemmmm", ["momentum"])).toBe("momentum");
    expect(nearestName("abcdxyz", ["abcdefg"])).toBe("abcdefg");
    expect(nearestName("abcwxyz", ["abcdefg"])).toBeUndefined();
    expect(nearestName("abxy", ["abcd"])).toBe("abcd");
    expect(nearestName("axyz", ["abcd"])).toBeUndefined();
    expect(nearestName("ax", ["ab"])).toBe("ab");
    expect(nearestName("xy", ["ab"])).toBeUndefined();
    expect(nearestName("lr", ["lr2", "lr", "LR"])).toBe("lr");
  });

  it("does not guess when nothing is near", () => {
    expect(nearestName("colour", ["study", "maxSteps"])).toBeUndefined();
    expect(nearestName("x", ["lr"])).toBeUndefined();
    expect(nearestName("x", [])).toBeUndefined();
  });
});

describe("suggestName", () => {
  it("suggests the nearest name, or lists all, or says that none is known", () => {
    expect(suggestName("studdy", ["study", "goal"])).toBe('did you mean "study"?');
    expect(suggestName("colour", ["study", "goal"])).toBe("known: study, goal");
    expect(suggestName("colour", [])).toBe("no name is known here");
    expect(nameHint("colour", ["study"])).toBe("Known: study");
  });

  it("lists at most 60 names", () => {
    const names = Array.from({ length: 63 }, (_, index) => `p${index}`);
    expect(suggestName("colour", names.slice(0, 60))).toMatch(/^known: p0, p1, .*, p59$/);
    expect(suggestName("colour", names)).toMatch(/^known: p0, p1, .*, p59, and 3 more$/);
  });
});
