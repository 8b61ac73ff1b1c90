import { goalsOf, type TrialResult } from "../core/goals/trial-result.js";
import type { SamplerSetup } from "../core/sampler.js";
import type { Trial } from "../core/trial.js";
import { nonDominatedRanks } from "../math/pareto/non-dominated-ranks.js";
import type { Random } from "../math/random.js";
import { createGoalResults } from "./goal-results.js";
import type { Outcome } from "./outcome.js";
import { createOutcomes, RUNG_FACTOR } from "./outcomes.js";
import { penalized } from "./penalized-costs.js";
import { rungSteps } from "./rung-steps.js";

/** How much the sum of the goals counts beside the worst of them: ParEGO's rho. */
const SUM_SHARE = 0.05;

/** What the trials of a study taught, as one cost for each. */
export interface WeighedOutcomes {
  /** Takes in a trial's state; to be called for every trial of an event, see `followTrials`. */
  note(trial: Trial): void;
  /**
   * The outcomes of all trials, by number.
   *
   * @param random draws how much each goal counts, if there are several
   */
  all(random: Random): Outcome[];
}

/** Weights of goals, uniformly distributed among those that add up to 1. */
export function drawWeights(goals: number, random: Random): number[] {
  const parts = Array.from({ length: goals }, () => -Math.log(1 - random.uniform()));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => (sum > 0 ? part / sum : 1 / goals));
}

/** The ranges of the goals: from the best to the worst cost of the front, or of all where the front has no extent. */
function rangesOf(costs: readonly (readonly number[])[], goals: number): { low: number; width: number }[] {
  const ranks = nonDominatedRanks(costs);
  const front = costs.filter((_, place) => ranks[place] === 0);
  return Array.from({ length: goals }, (_, goal) => {
    const extent = (among: readonly (readonly number[])[]): readonly [low: number, high: number] =>
      among.reduce<readonly [number, number]>(
        ([low, high], each) => [Math.min(low, each[goal] ?? 0), Math.max(high, each[goal] ?? 0)],
        [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      );
    const [low, high] = extent(front);
    const [, worst] = extent(costs);
    // Halves, since the difference of two finite costs may be too large for a double.
    const width = high / 2 - low / 2 || worst / 2 - low / 2 || 1;
    return { low, width };
  });
}

/**
 * One cost for each result: the augmented Chebyshev function of the goals, each measured from the best cost that any
 * trial reached in it, in units of the front's extent.
 */
export function weighedCosts(results: readonly TrialResult[], weights: readonly number[]): number[] {
  const isWhole = ({ costs, violation }: TrialResult): boolean =>
    costs.every(Number.isFinite) && Number.isFinite(violation);
  const whole = results.filter(isWhole);
  const feasible = whole.filter(({ violation }) => violation === 0);
  const ranges = rangesOf(
    (feasible.length > 0 ? feasible : whole).map(({ costs }) => costs),
    weights.length,
  );
  const weighed = results.map((result): TrialResult => {
    if (!isWhole(result)) return { costs: [Number.POSITIVE_INFINITY], violation: Number.POSITIVE_INFINITY };
    const parts = result.costs.map((cost, goal) => {
      const { low = 0, width = 1 } = ranges[goal] ?? {};
      return (weights[goal] ?? 0) * ((cost / 2 - low / 2) / width);
    });
    const sum = parts.reduce((total, part) => total + part, 0);
    return { costs: [Math.max(...parts) + SUM_SHARE * sum], violation: result.violation };
  });
  return penalized(weighed);
}

/**
 * Follows what the trials of a study taught, for samplers that model one cost. With one goal it is that of
 * {@link createOutcomes}. With several, each proposal goes by another weighting of them, so that proposals spread over the
 * front: ParEGO (Knowles, "ParEGO: a hybrid algorithm with on-line landscape approximation for expensive multiobjective
 * optimization problems", IEEE TEVC 10, 2006), with weights from the whole simplex instead of a lattice, and costs in
 * units of the present front instead of all that was seen, since one very bad trial would make all others alike. Trials
 * that break a constraint on a metric cost more than all that do not.
 */
export function createWeighedOutcomes(setup: Pick<SamplerSetup, "goal" | "maxSteps">): WeighedOutcomes {
  const { goal, maxSteps } = setup;
  const goals = goalsOf(goal).length;
  if (goals === 1) {
    const outcomes = createOutcomes(setup);
    return {
      note: outcomes.note,
      all: () => [...outcomes.settled, ...outcomes.open()].toSorted((a, b) => a.trial - b.trial),
    };
  }
  const rungs = maxSteps === undefined ? [] : rungSteps({ minSteps: 1, eta: RUNG_FACTOR, maxSteps });
  const results = createGoalResults({ goal, maxSteps }, rungs);
  return {
    note: results.note,
    all: (random) => {
      const all = results.all();
      const known = all.flatMap(({ trial, result }) => (result === undefined ? [] : [{ trial, result }]));
      const costs = weighedCosts(
        known.map(({ result }) => result),
        drawWeights(goals, random),
      );
      const costOf = new Map(known.map(({ trial }, place) => [trial.number, costs[place]]));
      return all.map(({ trial: { number, params, state } }) => ({
        trial: number,
        params,
        cost: costOf.get(number),
        deviation: 0,
        isInFlight: state === "waiting" || state === "running",
      }));
    },
  };
}
