import { describe, expect, it } from "vitest";
import type { Goal } from "../../core/goal.js";
import type { TransferredTrial } from "../../core/study.js";
import { ABSENT, createCurveLibrary, DIVERGED, performanceOf } from "./curve-library.js";

const trialOf = (
  steps: readonly number[],
  losses: readonly (number | null)[],
  state: TransferredTrial["state"] = "complete",
  number = 0,
): TransferredTrial => ({
  number,
  params: {},
  state,
  curve: { steps, metrics: new Map([["loss", losses]]) },
  inheritances: [],
});

const LOSS: Goal = { metric: "loss", direction: "minimize", of: "last" };

describe("the performance of a complete training", () => {
  const performance = (steps: readonly number[], losses: readonly (number | null)[], goal: Goal = LOSS) =>
    performanceOf(trialOf(steps, losses), goal, 4);

  it("is the goal metric at the first report at or after its end, or the last one before", () => {
    expect(performance([1, 2, 4, 5], [5, 4, 3, 2])).toBe(3);
    expect(performance([1, 3, 6, 7], [5, 4, 3, 2])).toBe(3);
    expect(performance([1, 2, 4, 5], [5, 4, null, 2])).toBe(4);
    expect(performance([4], [3])).toBe(3);
    expect(performance([1, 4], [null, null])).toBeUndefined();
  });

  it("is the best up to there where the best report counts, unless it diverged at the end", () => {
    const best: Goal = { ...LOSS, of: "best" };
    expect(performance([1, 2, 4, 5], [5, 2, 3, 1], best)).toBe(2);
    expect(performance([1, 2, 4], [5, 6, 7], { ...best, direction: "maximize" })).toBe(7);
    expect(performance([1, 2, 4], [5, 2, Number.NaN], best)).toBeNaN();
    expect(performance([4], [null], best)).toBeUndefined();
  });

  it("is that of no training that was stopped, or ended before", () => {
    expect(performanceOf(trialOf([1, 4], [5, 3], "stopped"), LOSS, 4)).toBeUndefined();
    expect(performance([1, 3], [5, 3])).toBeUndefined();
  });
});

describe("a library of curves", () => {
  it("keeps curves by points beyond its first size, and knows where they have gaps", () => {
    const library = createCurveLibrary({ goal: LOSS, maxSteps: 3, metric: "loss", points: [1, 2, 3] });
    expect([library.size, library.hasEarlier]).toEqual([0, false]);
    for (let number = 0; number < 200; number++) {
      library.add(trialOf([1, 2, 3], [number, number / 2, number / 4], "complete", number));
    }
    library.add(trialOf([1, 3], [1, Number.NaN], "complete", 200));
    library.add(trialOf([1], [1], "complete", 201));
    expect(library.size).toBe(201);
    expect([...library.column(1).subarray(198, 201)]).toEqual([99, 99.5, ABSENT]);
    expect([...library.column(2).subarray(199, 201)]).toEqual([49.75, DIVERGED]);
    expect([0, 1, 2].map(library.isFull)).toEqual([true, false, true]);
    expect(library.trials.slice(-2)).toEqual([199, 200]);
    expect(library.performances.slice(-2)).toEqual([49.75, Number.NaN]);
    expect(library.ranking.countBelow(1)).toBe(4);
    expect(library.hasEarlier).toBe(false);
    library.add(trialOf([1, 2, 3], [1, 1, 1], "complete", 2 ** 32 + 5));
    expect(library.hasEarlier).toBe(true);
  });
});
