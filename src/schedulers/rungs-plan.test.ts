import { describe, expect, it } from "vitest";
import type { Goal } from "../core/goal.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { asha, combined, hyperband, lcm, none, threshold } from "./index.js";
import { listed } from "./rungs-plan.js";

const goal: Goal = { metric: "loss", direction: "minimize" };
const two: Goal = { ...goal, of: "best", others: [{ metric: "size", direction: "minimize" }] };
const planOf = (
  choice: SchedulerChoice,
  maxSteps = 100,
  of: Goal = { ...goal, of: "best" },
): string | undefined => choice.create({ goal: of, maxSteps, seed: 1 }).plan;

describe("a scheduler tells its rungs", () => {
  it.each<[string, SchedulerChoice, string]>([
    ["lcm", lcm(), "pauses trials at steps 1, 2, 4, 8, 16, 32 and 64; about one in 2 goes on from each"],
    [
      "lcm, stop",
      lcm({ mode: "stop" }),
      "looks at trials at steps 1, 4, 16 and 64; about one in 4 goes on from each",
    ],
    [
      "lcm, eta 10",
      lcm({ eta: 10, minSteps: 20 }),
      "pauses trials at step 20; about one in 10 goes on there",
    ],
    ["asha", asha(), "pauses trials at steps 1, 4, 16 and 64; about one in 4 goes on from each"],
    [
      "asha, stopping, in brackets",
      asha({ type: "stopping", eta: 3, brackets: 2 }),
      "looks at trials at steps 1, 3, 9, 27 and 81; about one in 3 goes on from each, in 2 brackets, of which each further one begins a rung later",
    ],
    [
      "hyperband",
      hyperband(),
      "runs brackets of 81, 34, 15, 8 and 5 trials in turn; the first pauses trials at steps 1, 4, 11 and 33",
    ],
    [
      "combined",
      combined(threshold({ bound: 3 }), lcm({ eta: 10, minSteps: 20 })),
      "lcm pauses trials at step 20; about one in 10 goes on there",
    ],
  ])("%s", (_name, choice, plan) => {
    expect(planOf(choice)).toBe(plan);
  });

  it("also with several goals", () => {
    const text = "pauses trials at steps 1, 4, 16 and 64; about one in 4 goes on from each";
    expect(planOf(lcm(), 100, two)).toBe(text);
    expect(planOf(asha(), 100, two)).toBe(text);
  });

  it("if a training has any", () => {
    expect(planOf(lcm(), 1)).toBeUndefined();
    expect(planOf(hyperband(), 2)).toBeUndefined();
    expect(planOf(none())).toBeUndefined();
  });
});

it("lists numbers, of many the first and the last", () => {
  expect(listed([7])).toBe("7");
  expect(listed([1, 2])).toBe("1 and 2");
  expect(listed([1, 2, 4, 8, 16, 32, 64, 128])).toBe("1, 2, 4, 8, 16, 32, 64 and 128");
  expect(listed([1, 2, 4, 8, 16, 32, 64, 128, 256])).toBe("1, 2, 4, ..., 256");
});
