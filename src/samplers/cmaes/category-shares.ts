import type { Selection } from "./selection.js";

/** Keeps a division from failing where samples agree with the shares. */
const LEAST = 1e-8;
/** How much the direction of change must repeat itself for larger steps. */
const SIGNAL = 1.5;

/** How likely each option of each choice is, and how far one generation changes that. */
export interface CategoryShares {
  /** By choice: the probability of each option. */
  readonly shares: readonly Float64Array[];
  /** How far the next generation moves them, in coordinates in which all directions are alike. */
  readonly step: number;
  /** Grows while directions contradict each other; one over the step of the generation after the next. */
  readonly caution: number;
  /** The path of changes, for all options but the last of each choice. */
  readonly path: Float64Array;
  /** How much of the path's length chance alone explains. */
  readonly chance: number;
}

/** Equal shares. @param counts how many options each choice has, at least 2 */
export const equalShares = (counts: readonly number[]): CategoryShares => ({
  shares: counts.map((count) => new Float64Array(count).fill(1 / count)),
  step: 1,
  caution: 1,
  path: new Float64Array(counts.reduce((sum, count) => sum + count - 1, 0)),
  chance: 0,
});

/** The option whose stretch of [0, 1) has a number. */
export function optionAt(shares: Float64Array, uniform: number): number {
  let end = 0;
  for (const [option, share] of shares.entries()) {
    end += share;
    if (uniform < end) return option;
  }
  return shares.length - 1;
}

/** The same shares with none below the least; they still add up to 1. */
function withLeast(shares: Float64Array, least: number): Float64Array {
  const raised = shares.map((share) => Math.max(share, least));
  const sum = raised.reduce((total, share) => total + share, 0);
  const above = sum - least * raised.length;
  const lowered = raised.map((share) => share - ((sum - 1) * (share - least)) / above);
  const whole = lowered.reduce((total, share) => total + share, 0);
  return lowered.map((share) => share / whole);
}

/**
 * Moves the shares along the natural gradient of the parents' options, by a step that grows while the direction repeats
 * itself: adaptive stochastic natural gradient (Akimoto et al., "Adaptive stochastic natural gradient method for one-shot
 * neural architecture search", ICML 2019), with a least share for every option.
 *
 * @param parents their options, best first
 * @param margin the least probability that a choice is not its likeliest option
 */
export function learnShares(
  known: CategoryShares,
  parents: readonly Int32Array[],
  { weights }: Selection,
  margin: number,
): CategoryShares {
  const weight = parents.reduce((sum, _, rank) => sum + (weights[rank] ?? 0), 0);
  const gradients = known.shares.map((shares, choice) => {
    const gradient = shares.map((share) => -weight * share);
    for (const [rank, options] of parents.entries()) {
      const option = options[choice] ?? 0;
      gradient[option] = (gradient[option] ?? 0) + (weights[rank] ?? 0);
    }
    return gradient;
  });

  // The gradient in coordinates in which all directions are alike (by the root of the Fisher information).
  const step = new Float64Array(known.path.length);
  let at = 0;
  for (const [choice, shares] of known.shares.entries()) {
    const gradient = gradients[choice] ?? new Float64Array(shares.length);
    const last = shares.at(-1) ?? 0;
    const sum = gradient.subarray(0, -1).reduce((total, each) => total + each, 0);
    for (let option = 0; option + 1 < shares.length; option++) {
      const root = Math.sqrt(shares[option] ?? 0);
      step[at] = (gradient[option] ?? 0) / root + (root * sum) / (last + Math.sqrt(last));
      at += 1;
    }
  }
  const length = Math.sqrt(step.reduce((total, each) => total + each ** 2, 0));
  const factor = known.step / (length + LEAST);
  const moved = known.shares.map((shares, choice) => {
    const gradient = gradients[choice];
    const next = shares.map((share, option) => share + factor * (gradient?.[option] ?? 0));
    return withLeast(next, margin / (shares.length - 1));
  });
  // All parents at shares that cannot change: nothing is known about the direction.
  if (length === 0) return { ...known, shares: moved };

  const next = 1 / known.caution;
  const memory = next / Math.sqrt(known.path.length);
  const keep = Math.sqrt(memory * (2 - memory));
  const path = known.path.map((each, place) => (1 - memory) * each + (keep * (step[place] ?? 0)) / length);
  const chance = (1 - memory) ** 2 * known.chance + memory * (2 - memory);
  const square = path.reduce((total, each) => total + each ** 2, 0);
  const caution = known.caution * Math.exp(memory * (chance - square / SIGNAL));
  return { shares: moved, step: next, caution, path, chance };
}
