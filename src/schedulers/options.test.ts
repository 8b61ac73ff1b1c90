import { describe, expect, it } from "vitest";
import { schedulers } from "./index.js";

/** A scheduler's option, the last value that makes sense, and the first that does not. */
type Limit = readonly [scheduler: keyof typeof schedulers, option: string, last: unknown, beyond: unknown];

describe("options of schedulers", () => {
  it.each<Limit>([
    // With eta 1 every trial would go on from every rung.
    ["asha", "eta", 2, 1],
    ["asha", "eta", 100, 101],
    ["asha", "minSteps", 1, 0],
    ["asha", "brackets", 1, 0],
    ["asha", "brackets", 20, 21],
    ["hyperband", "eta", 2, 1],
    ["hyperband", "eta", 100, 101],
    ["hyperband", "minSteps", 1, 0],
    ["median", "startup", 1, 0],
    ["median", "warmup", 0, -1],
    ["median", "every", 0.1, 0],
    ["patience", "patience", 1, 0],
    ["patience", "minDelta", 0, -0.1],
    ["patience", "from", 0, -1],
    ["threshold", "from", 0, -1],
    ["threshold", "metric", "a", ""],
    ["discard", "steps", 1, 0],
    ["discard", "keep", 1, 0],
    ["discard", "batch", 1, 0],
    ["combine", "schedulers", ["none"], []],
    ["pb2", "evolve", ["rate"], []],
  ])("accept for %s %s %j, but not %j", (scheduler, option, last, beyond) => {
    const { options } = schedulers[scheduler];
    expect(options.safeParse({ [option]: last }).success).toBe(true);
    expect(options.safeParse({ [option]: beyond }).success).toBe(false);
  });

  it("are by default what the documentation says", () => {
    const defaults = Object.fromEntries(
      Object.entries(schedulers).flatMap(([name, { options }]) => {
        const parsed = options.safeParse({});
        return parsed.success ? [[name, parsed.data]] : [];
      }),
    );
    // Those of the papers and libraries that the schedulers' descriptions name.
    expect(defaults).toMatchObject({
      asha: { type: "promotion", eta: 4, minSteps: 1, brackets: 1 },
      hyperband: { eta: 3, minSteps: 1 },
      median: { startup: 5, warmup: 0, every: 1 },
      patience: { patience: 10, minDelta: 0, from: 0 },
      threshold: { from: 0 },
      discard: { steps: 1, keep: 3 },
      pbt: { population: 16, burnIn: 0, quantile: 0.25, factors: [0.8, 1.2], resample: 0.25 },
      pb2: { population: 4, burnIn: 0, quantile: 0.25 },
    });
  });
});
