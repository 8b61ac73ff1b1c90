import { describe, expect, it } from "vitest";
import { agoText, budgetText, counted, durationText, numberText, paramsText } from "./wording.js";

describe("durationText", () => {
  it.each([
    [0.0004, "0ms"],
    [0.85, "850ms"],
    [12.4, "12s"],
    [59.6, "1m"],
    [200, "3m 20s"],
    [7500, "2h 5m"],
    [3600, "1h"],
    [356_400, "4d 3h"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

describe("the words for people", () => {
  it("cut numbers to five significant digits", () => {
    expect(numberText(0.123456789)).toBe("0.12346");
    expect(numberText(1234567)).toBe("1234600");
    expect(numberText(1e-9)).toBe("1e-9");
    expect(numberText(Number.NaN)).toBe("NaN");
    expect(numberText(undefined)).toBe("-");
    expect(paramsText({ lr: 0.0123456, batch: 32, kind: "sgd", flag: true })).toBe(
      "lr=0.012346 batch=32 kind=sgd flag=true",
    );
  });

  it("name budgets, counts and moments", () => {
    const goal = { metric: "loss", direction: "minimize" } as const;
    expect(budgetText({ goal, budget: {} })).toBe("no limit");
    expect(budgetText({ goal, budget: { trials: 1, time: 5400, totalSteps: 300 } })).toBe(
      "1 trial, 1h 30m, 300 steps",
    );
    expect(budgetText({ goal, budget: { target: 0.05, noBetterFor: 40 } })).toBe(
      "loss 0.05 reached, 40 trials without a better one",
    );
    expect(counted(2, "trial")).toBe("2 trials");
    expect(agoText(1000, 4000)).toBe("3s ago");
    expect(agoText(4000, 1000)).toBe("0ms ago");
  });
});
