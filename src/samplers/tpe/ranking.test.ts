import { describe, expect, it } from "vitest";
import type { Outcome, Outcomes } from "../../forecast/outcomes.js";
import { createRanking } from "./ranking.js";

const outcome = (trial: number, cost: number | undefined, isInFlight = false): Outcome => ({
  trial,
  params: {},
  cost,
  deviation: 0,
  isInFlight,
});

function outcomesOf(settled: Outcome[], open: Outcome[] = []) {
  let revision = 0;
  const outcomes: Outcomes = {
    note: () => {},
    settled,
    get revision() {
      return revision;
    },
    open: () => open,
  };
  return {
    ranking: createRanking(outcomes, 25),
    /** Replaces what is settled, as when a trial is retried. */
    replace: (others: Outcome[]) => {
      settled.splice(0, settled.length, ...others);
      revision += 1;
    },
  };
}

const goodOf = (ranking: ReturnType<typeof createRanking>, share: number): number[] =>
  ranking.divide((count) => Math.ceil(share * count)).good.map(({ trial }) => trial);

describe("good trials", () => {
  it("are the share with the lowest costs, by number; of equals the earlier", () => {
    const settled = [5, 3, 4, 3, 9, 8, 7, 6, 1, 3].map((cost, trial) => outcome(trial, cost));
    const { ranking } = outcomesOf(settled.toReversed());
    expect(goodOf(ranking, 0.1)).toEqual([8]);
    expect(goodOf(ranking, 0.3)).toEqual([1, 3, 8]);
    const { next, finite } = ranking.divide(() => 3);
    expect([next, finite]).toEqual([3, 10]);
  });

  it("are 25 at most, whichever came first", () => {
    const costs = Array.from({ length: 400 }, (_, trial) => (trial * 193) % 400);
    const settled = costs.map((cost, trial) => outcome(trial, cost));
    const best = settled.filter(({ cost = 0 }) => cost < 25).map(({ trial }) => trial);
    expect(goodOf(outcomesOf(settled).ranking, 0.1)).toEqual(best);
    expect(outcomesOf(settled).ranking.divide(() => 40).next).toBe(25);
  });

  it("leave out failed and diverged trials, which still count", () => {
    const bad = Array.from({ length: 19 }, (_, trial) => outcome(trial, Number.POSITIVE_INFINITY));
    const { ranking } = outcomesOf([...bad, outcome(19, 5)]);
    const { good, next, finite } = ranking.divide((count) => count / 10);
    expect(good.map(({ trial }) => trial)).toEqual([19]);
    expect([next, finite]).toEqual([Number.POSITIVE_INFINITY, 1]);
  });

  it("are also paused and stopped ones with good forecasts, but none in flight", () => {
    const settled = Array.from({ length: 8 }, (_, trial) => outcome(trial, 10 + trial));
    const { ranking } = outcomesOf(settled, [
      outcome(8, 1),
      outcome(9, 12.5),
      outcome(10, 0, true),
      outcome(11, undefined, true),
      outcome(12, undefined),
    ]);
    expect(goodOf(ranking, 0.2)).toEqual([0, 8]);
    // Ten trials have halted with a cost.
    expect(goodOf(ranking, 0.1)).toEqual([8]);
  });

  it("are found again when a settled trial goes on", () => {
    const { ranking, replace } = outcomesOf([outcome(0, 1), outcome(1, 2), outcome(2, 3)]);
    expect(goodOf(ranking, 0.3)).toEqual([0]);
    replace([outcome(1, 2), outcome(2, 3)]);
    expect(goodOf(ranking, 0.3)).toEqual([1]);
  });
});
