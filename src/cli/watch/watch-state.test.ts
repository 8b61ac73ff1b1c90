import { describe, expect, it } from "vitest";
import { FIRST_STATE, type KeyContext, type Pressed, press, type WatchState } from "./watch-state.js";

const CONTEXT: KeyContext = {
  listed: [5, 2, 9, 0],
  metrics: 2,
  hidden: 7,
  rows: 3,
  mayAct: true,
  hasFinished: false,
  hasEnded: (trial) => trial === 0,
};

/** Presses keys one after the other. */
function pressed(keys: string, from: WatchState = FIRST_STATE, context = CONTEXT): Pressed {
  return keys.split(" ").reduce<Pressed>((before, key) => press(before.state, key, context), { state: from });
}

describe("keys on the study's page", () => {
  it.each([
    ["down", 5],
    ["j j", 2],
    ["down down up", 5],
    ["j k k", 5],
    ["end", 0],
    ["end j", 0],
    ["j pagedown", 0],
    ["G g", 5],
  ])("%s selects trial %d", (keys, trial) => {
    expect(pressed(keys).state.selected).toBe(trial);
  });

  it("keep the selected trial when the list changes, and begin again when it is gone", () => {
    const { state } = pressed("j j");
    expect(press(state, "j", { ...CONTEXT, listed: [8, 5, 2, 9] }).state.selected).toBe(9);
    expect(press(state, "j", { ...CONTEXT, listed: [8, 5] }).state.selected).toBe(8);
    expect(press(FIRST_STATE, "j", { ...CONTEXT, listed: [] }).state.selected).toBeUndefined();
  });

  it("open the selected trial, else the first, and go back before they quit", () => {
    expect(pressed("enter").state).toMatchObject({ page: "trial", selected: 5 });
    expect(pressed("j j enter").state).toMatchObject({ page: "trial", selected: 2 });
    expect(pressed("j enter escape")).toMatchObject({ state: { page: "study" } });
    expect(pressed("j enter escape").quit).toBeUndefined();
    expect(pressed("q").quit).toBe(true);
    expect(pressed("enter ctrl-c").quit).toBe(true);
  });

  it("change the order, the axis and the metric, and come round", () => {
    expect(pressed("o").state.order).toBe("best");
    expect(pressed("o o").state.order).toBe("newest");
    expect(["l", "l l", "l l l"].map((keys) => pressed(keys).state.axis)).toEqual(["log", "linear", "auto"]);
    expect(["m", "m m"].map((keys) => pressed(keys).state.metric)).toEqual([1, 0]);
  });
});

describe("keys on a trial's page", () => {
  it("scroll between its first and last line", () => {
    expect(pressed("enter k").state.scroll).toBe(0);
    expect(pressed("enter j j").state.scroll).toBe(2);
    expect(pressed("enter end").state.scroll).toBe(7);
    expect(pressed("enter end j").state.scroll).toBe(7);
    expect(pressed("enter space").state.scroll).toBe(3);
  });
});

describe("keys that act", () => {
  it("ask first, and act on yes alone", () => {
    expect(pressed("P").state.question).toEqual({ kind: "pause" });
    expect(pressed("P").act).toBeUndefined();
    expect(pressed("P y").act).toEqual({ kind: "pause" });
    expect(pressed("S n").act).toBeUndefined();
    expect(pressed("S n").state.question).toBeUndefined();
    // A key that would move is an answer here.
    expect(pressed("R j").state.selected).toBeUndefined();
  });

  it.each([
    ["p", "pause"],
    ["r", "resume"],
    ["s", "stop"],
  ])("%s is for the selected trial: %s", (key, kind) => {
    expect(pressed(`j ${key} y`).act).toEqual({ kind, trial: 5 });
    expect(pressed(key).state.question).toBeUndefined();
  });

  it("refuse a trial that has ended, and say so until the next key", () => {
    const refused = pressed("end s");
    expect(refused.state.question).toBeUndefined();
    expect(refused.state.told).toBe("trial 0 has ended, so it cannot stop");
    expect(press(refused.state, "k", CONTEXT).state.told).toBeUndefined();
  });

  it.each([
    ["P", "pause"],
    ["R", "resume"],
    ["S", "stop"],
  ])("%s asks nothing of a study that has finished", (key, kind) => {
    const { state } = pressed(key, FIRST_STATE, { ...CONTEXT, hasFinished: true });
    expect(state.question).toBeUndefined();
    expect(state.told).toBe(`the study has finished: there is nothing to ${kind}`);
  });

  it("do nothing where nothing can be asked", () => {
    const context = { ...CONTEXT, mayAct: false };
    for (const keys of ["P", "j s", "enter r"])
      expect(pressed(keys, FIRST_STATE, context).state.question).toBeUndefined();
  });
});
