import { CurvewiseError } from "../../core/errors.js";

/** Points of a training as users give them: a number of equal parts, or the steps themselves. */
export type PointsInput = number | readonly number[];

const refuse = (message: string, hint: string): never => {
  throw new CurvewiseError("OPTIONS_INVALID", `scheduler lcm: ${message}`, { hint });
};

function parts(count: number, maxSteps: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.ceil(((index + 1) * maxSteps) / count));
}

const ascending = (steps: readonly number[]): number[] => [...new Set(steps)].toSorted((a, b) => a - b);

/**
 * The steps at which curves are recorded, ascending. A number n stands for the ends of n equal parts of a complete
 * training, rounded up to whole steps.
 *
 * @throws CurvewiseError `OPTIONS_INVALID` when a step lies beyond the end of the training
 */
export function cumulativePoints(input: PointsInput, maxSteps: number): number[] {
  if (typeof input === "number") return ascending(parts(input, maxSteps));
  const beyond = input.find((step) => step > maxSteps);
  if (beyond !== undefined) {
    refuse(
      `the cumulative point ${beyond} lies beyond the end of a complete training, step ${maxSteps}`,
      "List steps up to maxSteps.",
    );
  }
  return ascending(input);
}

/**
 * The steps at which decisions are made, ascending: like {@link cumulativePoints}, but without the end, where there
 * is nothing left to save.
 *
 * @throws CurvewiseError `OPTIONS_INVALID` when a step is not before the end of the training
 */
export function checkpoints(input: PointsInput, maxSteps: number): number[] {
  if (typeof input === "number") return ascending(parts(input, maxSteps).filter((step) => step < maxSteps));
  const beyond = input.find((step) => step >= maxSteps);
  if (beyond !== undefined) {
    refuse(
      `the checkpoint ${beyond} is not before the end of a complete training, step ${maxSteps}`,
      "List steps below maxSteps.",
    );
  }
  return ascending(input);
}

/** The last of the ascending points in (after, upTo]; undefined if there is none. */
export function lastPointWithin(points: readonly number[], after: number, upTo: number): number | undefined {
  return points.findLast((point) => point > after && point <= upTo);
}

/** How many of the ascending points are at or before a step. */
export function pointsUpTo(points: readonly number[], step: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] ?? 0) <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}
