import type { Goal } from "../../core/goal.js";
import { rungSteps } from "../../forecast/rung-steps.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import type { RungSetup } from "../rungs.js";

/** Ladders with different first rungs, and which trial climbs which ladder. */
export interface Brackets {
  /** One per bracket, the one with the lowest first rung first. */
  readonly setups: readonly RungSetup[];
  /** A trial's bracket. */
  of(trial: number): number;
}

/**
 * Brackets as in asynchronous Hyperband: bracket b begins at rung b of the whole ladder, so later brackets stop fewer
 * trials. A trial's bracket is drawn at random from its number, with Hyperband's share of trials for each: `(S + 1) /
 * (s + 1) * eta^s` with S rungs in total and `s = S - b` for bracket b.
 *
 * @param count how many to create; at most one per rung, and at least one
 */
export function createBrackets(setup: {
  readonly count: number;
  readonly minSteps: number;
  readonly eta: number;
  readonly maxSteps: number;
  readonly goal: Goal;
  /** The study's seed. */
  readonly seed: number;
}): Brackets {
  const { minSteps, eta, maxSteps, goal, seed } = setup;
  const steps = rungSteps({ minSteps, eta, maxSteps });
  const count = Math.max(1, Math.min(setup.count, steps.length));
  const setups = Array.from({ length: count }, (_, bracket) => ({
    goal,
    maxSteps,
    steps: steps.slice(bracket),
  }));
  const rungs = steps.length;
  const shares = setups.map((_, bracket) => ((rungs + 1) / (rungs - bracket + 1)) * eta ** (rungs - bracket));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return {
    setups,
    of: (trial) => {
      if (count === 1) return 0;
      let left = createRandom(seed, trial, PURPOSE.scheduler).uniform() * total;
      for (const [bracket, share] of shares.entries()) {
        left -= share;
        if (left < 0) return bracket;
      }
      return count - 1;
    },
  };
}
