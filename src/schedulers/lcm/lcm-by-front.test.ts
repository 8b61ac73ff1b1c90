import { describe, expect, it } from "vitest";
import type { Metrics } from "../../core/events.js";
import type { Goal } from "../../core/goal.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import { lcm } from "./lcm.js";

const TWO: Goal = {
  metric: "loss",
  direction: "minimize",
  others: [{ metric: "latency", direction: "minimize" }],
};

const record = (options: Parameters<typeof lcm>[0], goal = TWO, maxSteps = 8): RecordedStudy =>
  recordStudy(goal, lcm(options).create({ goal, maxSteps, seed: 0 }));

/** Loss falls by a tenth of its end with each step; latency stays what it is. */
const metricsAt = (loss: number, latency: number, step: number): Metrics => ({
  loss: loss * (1 + (8 - step) / 10),
  latency,
});

/** Trains a trial to a step and pauses it there, or ends it at step 8. */
function trained(recorded: RecordedStudy, [loss, latency]: readonly [number, number], last: number) {
  const trial = recorded.start();
  for (let step = 1; step <= last; step++) recorded.report(trial, step, metricsAt(loss, latency, step));
  if (last === 8) recorded.complete(trial);
  else recorded.pause(trial);
  return trial.number;
}

describe("lcm with several goals", () => {
  const options = { eta: 2, optimism: 0, audit: 0 } as const;

  it("resumes the paused trial whose forecast adds most to the front, where a rung has room", () => {
    const recorded = record(options);
    // Two complete ones teach how curves end; then ends of loss and latency that are known beforehand.
    trained(recorded, [1, 9], 8);
    trained(recorded, [9, 1], 8);
    const ends = [
      [5, 8],
      [8, 8],
      [4, 4],
      [7, 6],
    ] as const;
    const numbers = ends.map((end) => trained(recorded, end, 1));
    // Six trials reached step 1 and two went on: of six, three may.
    const resumed = recorded.scheduler.resume?.(recorded.study);
    expect(resumed?.trial).toBe(numbers[2]);
    expect(resumed?.explanation.rule).toBe("lcm/promote-by-front");
    expect(resumed?.explanation.values["latency"]).toBeCloseTo(4, 6);
    expect(resumed?.explanation.values["loss"]).toBeCloseTo(4, 0);
  });

  it("goes on at the end with what is forecast to join the front, or else comes nearest to it", () => {
    const resumedOf = (...paused: readonly (readonly [number, number])[]): (number | undefined)[] => {
      const recorded = record({ ...options, eta: 100 });
      trained(recorded, [1, 9], 8);
      trained(recorded, [9, 1], 8);
      for (const end of paused) trained(recorded, end, 1);
      const { scheduler, study } = recorded;
      return [scheduler.resume?.(study)?.trial, scheduler.resume?.(study, true)?.trial];
    };
    expect(resumedOf([9.5, 9.5], [3, 3])).toEqual([undefined, 3]);
    expect(resumedOf([9.5, 9.5], [2, 9.5])).toEqual([undefined, 3]);
  });

  it("refuses earlier studies and the poster's mode", () => {
    expect(() => record({ transfer: ["one"] })).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
    expect(() => record({ mode: "poster" })).toThrow(expect.objectContaining({ code: "GOALS_UNSUPPORTED" }));
  });

  it("puts trials that break a constraint behind all others", () => {
    const recorded = record(options, {
      metric: "loss",
      direction: "minimize",
      constraints: [{ metric: "latency", comparison: "<=", limit: 5 }],
    });
    trained(recorded, [3, 1], 8);
    trained(recorded, [4, 1], 8);
    trained(recorded, [0.1, 9], 1);
    const feasible = trained(recorded, [8, 4], 1);
    trained(recorded, [0.2, 9], 1);
    trained(recorded, [0.3, 9], 1);
    expect(recorded.scheduler.resume?.(recorded.study)?.trial).toBe(feasible);
  });
});
