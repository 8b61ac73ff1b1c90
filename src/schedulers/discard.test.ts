import { describe, expect, it } from "vitest";
import type { Goal } from "../core/goal.js";
import { type RecordedStudy, recordStudy } from "../testing/recorded-study.js";
import { discard } from "./discard.js";

type Options = Parameters<typeof discard>[0];

const LOSS: Goal = { metric: "loss", direction: "minimize" };

const record = (options: Options, trials?: number): RecordedStudy => {
  const recorded = recordStudy(LOSS, discard(options).create({ goal: LOSS, maxSteps: 10, seed: 0 }));
  if (trials !== undefined) {
    recorded.study.definition = { ...recorded.study.definition, budget: { trials } };
  }
  return recorded;
};

/** Trains trials to a step and pauses those that are told to; returns those that then go on to the end, in order. */
function kept(recorded: RecordedStudy, losses: readonly number[], step = 1): number[] {
  const { scheduler, study } = recorded;
  const going: number[] = [];
  for (const loss of losses) {
    const trial = recorded.start();
    const { action } = recorded.report(trial, step, { loss });
    if (action === "pause") recorded.pause(trial);
    else if (action === "stop") recorded.stop(trial);
    else going.push(trial.number);
    for (let next = scheduler.resume?.(study); next !== undefined; next = scheduler.resume?.(study)) {
      going.push(next.trial);
      const resumed = study.trials[next.trial];
      if (resumed === undefined) throw new Error("an unknown trial was resumed");
      recorded.resume(resumed);
    }
  }
  return going;
}

describe("discard", () => {
  it("trains the best few of a study to the end once all have been tried", () => {
    expect(kept(record({ keep: 2 }, 5), [5, 1, 4, 2, 3])).toEqual([1, 3]);
    // The last trial is among the best, so it need not pause.
    expect(kept(record({ keep: 2 }, 5), [5, 1, 4, 3, 2])).toEqual([4, 1]);
    expect(kept(record({ keep: 2 }, 5), [5, 1, 4, 3])).toEqual([]);
  });
  it("compares within batches, if requested", () => {
    expect(kept(record({ keep: 1, batch: 3 }), [3, 1, 2, 9, 8, 7, 0, 0])).toEqual([1, 5]);
  });
  it("keeps all if there are fewer, and none that diverged", () => {
    expect(kept(record({ keep: 3 }, 3), [Number.NaN, 1, 2])).toEqual([2, 1]);
  });
  it("decides at the first report at or after the step", () => {
    const recorded = record({ steps: 2, keep: 1 });
    const trial = recorded.start();
    expect(recorded.report(trial, 1, { loss: 1 })).toEqual({ action: "continue" });
    const { action, explanation } = recorded.report(trial, 3, { loss: 1 });
    expect(action).toBe("pause");
    expect(explanation?.reason).toBe(
      "Its loss at rung 2, 1, has rank 1 of the 1 trial of its batch that reached it so far; the best 1 go on once no other trial is on its way there.",
    );
    expect(explanation?.values).toEqual({ rung: 2, batch: 0, reached: 1, promotable: 1, rank: 1, value: 1 });
  });
  it("lets the best go on if the sampler ends before the budget", () => {
    const recorded = record({ keep: 1 }, 9);
    expect(kept(recorded, [3, 1, 2])).toEqual([]);
    expect(recorded.scheduler.resume?.(recorded.study, true)?.trial).toBe(1);
  });
  it("needs maxSteps, beyond its steps", () => {
    const create = (options: Options, maxSteps?: number) => () =>
      discard(options).create({ goal: LOSS, maxSteps, seed: 0 });
    expect(create({})).toThrow(expect.objectContaining({ code: "MAX_STEPS_MISSING" }));
    expect(create({ steps: 5 }, 5)).toThrow(
      expect.objectContaining({ code: "OPTIONS_INVALID", hint: "Give a smaller steps." }),
    );
  });
});
