/** How much each sample of a generation counts, and how fast a normal distribution learns from it. */
export interface Selection {
  /** How many of the samples are parents: the better half. */
  readonly parents: number;
  /** By rank: positive for parents, where they add up to 1, and negative for all others. */
  readonly weights: Float64Array;
  /** The number of equal parents that would average as much. */
  readonly mass: number;
  /** How fast the covariance follows its path. */
  readonly rankOne: number;
  /** How fast the covariance follows the samples. */
  readonly rankMany: number;
  /** How fast the path of the step size forgets, and how far one generation changes the step size. */
  readonly stepMemory: number;
  readonly damping: number;
  /** How fast the path of the covariance forgets. */
  readonly pathMemory: number;
}

const COVARIANCE_RATE = 2;
/** What is left for the covariance of the generation before, also in the largest generations. */
const LEAST_LEFT = 1e-8;

/**
 * The constants of Hansen, "The CMA evolution strategy: a tutorial" (arXiv 1604.00772), table 1, with negative weights.
 *
 * @param size of the generation, at least 2
 * @param dimensions of the normal distribution; 0 without one
 */
export function selectionOf(size: number, dimensions: number): Selection {
  const parents = Math.floor(size / 2);
  const plain = Array.from({ length: size }, (_, rank) => Math.log((size + 1) / 2) - Math.log(rank + 1));
  const massOf = (numbers: readonly number[]): number => {
    const sum = numbers.reduce((total, each) => total + each, 0);
    return sum ** 2 / numbers.reduce((total, each) => total + each ** 2, 0);
  };
  const mass = massOf(plain.slice(0, parents));
  const negativeMass = massOf(plain.slice(parents));
  const rankOne = COVARIANCE_RATE / ((dimensions + 1.3) ** 2 + mass);
  const rankMany = Math.min(
    1 - rankOne - LEAST_LEFT,
    (COVARIANCE_RATE * (mass - 2 + 1 / mass)) / ((dimensions + 2) ** 2 + (COVARIANCE_RATE * mass) / 2),
  );
  // A single parent has a mass of 1, from which the covariance learns nothing but its path.
  const negative =
    dimensions === 0 || !(rankMany > 0)
      ? 0
      : Math.min(
          1 + rankOne / rankMany,
          1 + (2 * negativeMass) / (mass + 2),
          (1 - rankOne - rankMany) / (dimensions * rankMany),
        );
  const sumOf = (sign: number): number => plain.reduce((total, each) => total + Math.max(0, sign * each), 0);
  const [above, below] = [sumOf(1), sumOf(-1)];
  const stepMemory = (mass + 2) / (dimensions + mass + 5);
  return {
    parents,
    weights: Float64Array.from(plain, (each) => (each >= 0 ? each / above : (negative * each) / below)),
    mass,
    rankOne,
    rankMany,
    stepMemory,
    damping: 1 + 2 * Math.max(0, Math.sqrt((mass - 1) / (dimensions + 1)) - 1) + stepMemory,
    pathMemory: (4 + mass / dimensions) / (dimensions + 4 + (2 * mass) / dimensions),
  };
}

/**
 * The size of a generation unless it is given: about two thirds of the usual 4 + 3 ln(dimensions), since hundreds of trials
 * are few (see bench/functions.mjs).
 *
 * @param dimensions numbers and choices
 */
export const defaultSize = (dimensions: number): number =>
  Math.max(4, 3 + Math.floor(2 * Math.log(Math.max(1, dimensions))));
