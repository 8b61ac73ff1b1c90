import type { RungSums } from "./rung-sums.js";

/** The line from a value at a rung to the change still to come before the end. */
export interface EndLine {
  /** How many trials went deeper. */
  readonly count: number;
  /** Variance of the values of all trials that reached the rung. */
  readonly spread: number;
  /** Mean value of the deeper trials, and their mean gain (negative: values fall). */
  readonly center: number;
  readonly gain: number;
  /** How the gain changes with the value; shrunk towards 0, a pure shift. */
  readonly slope: number;
  /** Variance around the line. */
  readonly noise: number;
  /** Denominator of the slope: how much the values tell about it. */
  readonly weight: number;
}

/** A priori the line is worth this many trials. */
const PRIOR_COUNT = 2;
const LEAST_SPREAD = 1e-10;

/** What a line is taken to be before trials tell. */
export interface LinePrior {
  /** The noise, as a share of the variance of the values at the rung. */
  readonly noise: number;
  /** That variance, while a single trial has a value there. */
  readonly spread: number;
}

/** Fits the line of a rung by Bayesian linear regression with a prior towards a pure shift. */
export function fitEndLine(sums: RungSums, prior: LinePrior): EndLine {
  const { count: all, squares, deeper, value, gain, sxx, sxy, syy, uncertainty } = sums;
  const spread = Math.max(LEAST_SPREAD, all > 1 ? squares / all : prior.spread);
  if (deeper === 0) {
    return { count: 0, spread, center: 0, gain: 0, slope: 0, noise: spread * prior.noise, weight: 1 };
  }
  const weight = sxx + PRIOR_COUNT * spread;
  const slope = sxy / weight;
  const residuals = Math.max(0, syy - 2 * slope * sxy + slope * slope * sxx);
  const noise = (residuals + uncertainty + PRIOR_COUNT * prior.noise * spread) / (deeper + PRIOR_COUNT);
  return { count: deeper, spread, center: value, gain, slope, noise, weight };
}

/** The gain that the line predicts for a value. */
export function gainAt(line: EndLine, value: number): number {
  return line.gain + line.slope * (value - line.center);
}

/** The variance of that gain due to uncertainty about the line itself. */
export function lineVariance(line: EndLine, value: number): number {
  return line.count === 0 ? 0 : line.noise * (1 / line.count + (value - line.center) ** 2 / line.weight);
}

/**
 * The share of the ends' variance that the values at the rung explain, in [0, 1], over all trials and not only those
 * let through (these are alike, so that a plain correlation among them would understate it).
 */
export function explainedShare(line: EndLine): number {
  if (line.count === 0) return 0;
  const signal = (1 + line.slope) ** 2 * line.spread;
  return signal / (signal + line.noise);
}
