import {
  createDistribution,
  type Distribution,
  type Ground,
  type Judged,
  learn,
  type Start,
} from "./distribution.js";
import { deviationOf, type Normal } from "./normal.js";

/** The search has come to its end where no deviation is larger; params that are closer count as the same. */
const LEAST_DEVIATION = 1e-8;
/** Or where one of a unit range is larger than this: it has lost its way. */
const LARGEST_DEVIATION = 1e3;
/** Or where the covariance's largest eigenvalue is so many times the least. */
const WORST_CONDITION = 1e14;

/** A search from one start, until it has converged. */
export interface Run {
  readonly distribution: Distribution;
  /** How many trials make a generation. */
  readonly size: number;
  /** In how many of the last generations all costs were equal. */
  readonly flat: number;
  /** How many trials its generations had. */
  readonly trials: number;
}

export const createRun = (ground: Ground, start: Start, size: number): Run => ({
  distribution: createDistribution(ground, start),
  size,
  flat: 0,
  trials: 0,
});

/** How many generations in a row have to be flat for a run to have converged. */
function patience({ distribution: { ground }, size }: Run): number {
  const { bounds, grids, categories } = ground;
  return 10 + Math.ceil((30 * (bounds.length + grids.length + categories.length)) / size);
}

/** Teaches a run a generation. A generation in which everything failed teaches nothing. */
export function afterGeneration(run: Run, judged: readonly Judged[]): Run {
  const finite = judged.flatMap(({ cost }) => (cost < Number.POSITIVE_INFINITY ? [cost] : []));
  const trials = run.trials + run.size;
  if (finite.length === 0) return { ...run, trials };
  const isFlat = finite.length > 1 && finite.every((cost) => cost === finite[0]);
  return {
    ...run,
    distribution: learn(run.distribution, judged),
    flat: isFlat ? run.flat + 1 : 0,
    trials,
  };
}

function isDegenerate(normal: Normal): boolean {
  const deviations = normal.mean.map((_, place) => deviationOf(normal, place));
  const least = Math.min(...normal.roots);
  return (
    deviations.every((deviation) => deviation < LEAST_DEVIATION) ||
    deviations.some((deviation) => !(deviation < LARGEST_DEVIATION)) ||
    Math.max(...normal.roots) ** 2 > WORST_CONDITION * least ** 2
  );
}

/** Whether a run can hardly come to anything better. */
export function hasConverged(run: Run): boolean {
  const { distribution, flat } = run;
  if (distribution.normal !== undefined && isDegenerate(distribution.normal)) return true;
  return flat >= patience(run);
}
