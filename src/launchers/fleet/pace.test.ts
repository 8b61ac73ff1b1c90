import { describe, expect, it } from "vitest";
import { isHeldBack, moveOf, type Pace, steadied, struck } from "./pace.js";

const calm: Pace = { is: "calm" };
const hit: Pace = { is: "struck", rounds: 2, job: "a" };
const spent: Pace = { is: "struck", rounds: 3, job: "a" };
const held: Pace = { is: "holding back", rounds: 3, until: 100 };

describe("how quickly jobs are handed in again", () => {
  it.each([
    ["calm", calm, { is: "struck", rounds: 0, job: "b" }],
    ["struck", hit, { is: "struck", rounds: 2, job: "b" }],
    ["holding back", held, { is: "struck", rounds: 3, job: "b" }],
  ] as const)("%s, when a worker ends at once", (_name, pace, then) => {
    expect(struck(pace, "b")).toEqual(then);
  });

  it.each([
    ["calm", calm, calm],
    ["struck", hit, hit],
    ["holding back", held, { ...held, rounds: 0 }],
  ] as const)("%s, when a worker runs steadily", (_name, pace, then) => {
    expect(steadied(pace)).toEqual(then);
  });

  it.each([
    ["calm", calm, { is: "hand in" }],
    ["struck", hit, { is: "wait", pace: { is: "holding back", rounds: 3, until: 4050 } }],
    ["struck and spent", spent, { is: "give up", job: "a" }],
    ["holding back", held, { is: "wait", pace: held }],
  ] as const)("%s, when jobs are missing", (_name, pace, then) => {
    expect(moveOf(pace, 50, false)).toEqual(then);
  });

  it("does not give up while others run, but tells", () => {
    const pace = { is: "holding back", rounds: 4, until: 8050 };
    expect(moveOf(spent, 50, true)).toEqual({ is: "wait", pace, trouble: "a" });
    expect(moveOf(hit, 50, true)).not.toHaveProperty("trouble");
    expect(moveOf({ ...spent, rounds: 9 }, 0, true)).toMatchObject({ pace: { until: 60_000 } });
  });

  it("goes on once the time has come", () => {
    expect(moveOf(held, 100, false)).toEqual({ is: "hand in" });
    expect([isHeldBack(held, 99), isHeldBack(held, 100), isHeldBack(hit, 0)]).toEqual([true, false, false]);
  });
});
