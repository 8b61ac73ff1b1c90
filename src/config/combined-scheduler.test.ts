import { describe, expect, it } from "vitest";
import { parseStudy } from "./load-study.js";

describe("a combined scheduler in study.yaml", () => {
  it("is read with the defaults of its parts", () => {
    const text = `
study: mnist
goal: { minimize: loss }
command: [python3, train.py, "--lr={lr}"]
space: { lr: { float: [0.001, 1], log: true } }
maxSteps: 30
scheduler:
  combine:
    schedulers:
      - threshold: { bound: 2.3, from: 3 }
      - median
`;
    const { definition, scheduler } = parseStudy(text, { file: "study.yaml", folder: "/tmp" });
    const options = {
      schedulers: [{ threshold: { bound: 2.3, from: 3 } }, { median: { startup: 5, warmup: 0, every: 1 } }],
    };
    expect(definition.scheduler).toEqual({ name: "combine", options });
    expect(scheduler.options).toEqual(options);
    expect(() => scheduler.create({ goal: definition.goal, maxSteps: 30, seed: 0 })).not.toThrow();
  });
});
