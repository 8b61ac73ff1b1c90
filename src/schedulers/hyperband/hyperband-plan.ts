import type { BracketPlace } from "../bracket.js";

/** One bracket of Hyperband: successive halving from a number of trials. */
export interface BracketPlan {
  /** The published s: how many rungs there are before the end. */
  readonly halvings: number;
  /** How many trials begin. */
  readonly trials: number;
  /** The steps of the rungs before the end, ascending, in whole steps. */
  readonly steps: readonly number[];
}

/** The brackets of one cycle, in the order in which they begin; cycles repeat. */
export interface HyperbandPlan {
  readonly cycle: readonly BracketPlan[];
  placeOf(trial: number): BracketPlace & BracketPlan;
}

/**
 * Hyperband's brackets by Algorithm 1 of arXiv 1603.06560: `s_max = floor(log_eta(R / r))`, and for each s from `s_max`
 * down to 0, `ceil((s_max + 1) / (s + 1) * eta^s)` trials that begin with `R * eta^-s` steps, where R = `maxSteps` and
 * r = `minSteps`. Steps are rounded to whole numbers.
 */
export function hyperbandPlan(minSteps: number, eta: number, maxSteps: number): HyperbandPlan {
  let most = 0;
  while (minSteps * eta ** (most + 1) <= maxSteps) most += 1;
  const cycle = Array.from({ length: most + 1 }, (_, index): BracketPlan => {
    const halvings = most - index;
    return {
      halvings,
      trials: Math.ceil(((most + 1) * eta ** halvings) / (halvings + 1)),
      steps: Array.from({ length: halvings }, (_step, rung) =>
        Math.round(maxSteps / eta ** (halvings - rung)),
      ),
    };
  });
  const inCycle = cycle.reduce((sum, { trials }) => sum + trials, 0);
  return {
    cycle,
    placeOf: (trial) => {
      const round = Math.floor(trial / inCycle);
      let start = round * inCycle;
      let bracket = round * cycle.length;
      for (const plan of cycle) {
        if (trial < start + plan.trials) return { ...plan, bracket, start };
        start += plan.trials;
        bracket += 1;
      }
      throw new RangeError(`trial ${trial} is in no bracket`);
    },
  };
}

/** How many of a bracket's trials go on from a rung: `floor(floor(n / eta^rung) / eta)` of n that began. */
export function survivors(trials: number, eta: number, rung: number): number {
  return Math.floor(Math.floor(trials / eta ** rung) / eta);
}
