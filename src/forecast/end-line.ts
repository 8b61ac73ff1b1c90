/** What is known of one trial at a rung, for the line of that rung. */
export interface RungPoint {
  /** Its least value up to the rung. */
  readonly value: number;
  /** Whether it went on beyond the rung; only such trials tell where values lead. */
  readonly isDeeper: boolean;
  /** Forecast (or fact) of its least value at the end, with its standard deviation. */
  readonly end: number;
  readonly deviation: number;
}

/** The line from a value at a rung to what is still gained until the end. */
export interface EndLine {
  /** How many trials went deeper, those that earlier studies stand for included. */
  readonly count: number;
  /** Mean of the values of all that reached the rung, */
  readonly mean: number;
  /** and their variance. */
  readonly spread: number;
  /** Mean value of the deeper ones, and their mean gain (negative: values fall). */
  readonly center: number;
  readonly gain: number;
  /** Change of the gain by the value; shrunk towards 0, the pure shift, or to what earlier studies say. */
  readonly slope: number;
  /** Variance around the line. */
  readonly noise: number;
  /** Denominator of the slope: how much the values say about it. */
  readonly weight: number;
}

/** What the lines of earlier studies at the same rung say, before any trial of this one. */
export interface EarlierLine {
  /** How many trials of this study it is worth. */
  readonly count: number;
  readonly mean: number;
  readonly spread: number;
  /** The gain of a mean value. */
  readonly gain: number;
  readonly slope: number;
  readonly noise: number;
}

/** A priori the line is worth this many trials, */
const PRIOR_COUNT = 2;
/** with this share of the rung's variance as noise. */
const PRIOR_NOISE = 0.25;
const LEAST_SPREAD = 1e-10;
/** The spread while only one trial has a value. */
const UNKNOWN_SPREAD = 1e-4;
/** All earlier studies together are worth so many trials. */
const EARLIER_COUNT = 4;

const NO_LINE: EarlierLine = { count: 0, mean: 0, spread: 0, gain: 0, slope: 0, noise: 0 };

/** The mean of the lines that say something; undefined when none does. */
export function earlierLine(lines: readonly EndLine[]): EarlierLine | undefined {
  const known = lines.filter(({ count }) => count > 0);
  if (known.length === 0) return undefined;
  const mean = (of: (line: EndLine) => number): number =>
    known.reduce((sum, line) => sum + of(line), 0) / known.length;
  return {
    count: EARLIER_COUNT,
    mean: mean((line) => line.mean),
    spread: mean((line) => line.spread),
    gain: mean((line) => gainAt(line, line.mean)),
    slope: mean((line) => line.slope),
    noise: mean((line) => line.noise),
  };
}

/**
 * Fits the line of a rung by Bayesian linear regression with a prior towards a pure shift. Earlier studies count as a
 * few trials with values and gains like theirs; where their values lie does not matter, only how they spread.
 */
export function fitEndLine(points: readonly RungPoint[], earlier: EarlierLine = NO_LINE): EndLine {
  let count = 0;
  let sum = 0;
  let squares = 0;
  let deeper = 0;
  let center = 0;
  let gain = 0;
  for (const { value, isDeeper, end } of points) {
    count += 1;
    sum += value;
    squares += value * value;
    if (!isDeeper) continue;
    deeper += 1;
    center += value;
    gain += end - value;
  }
  const mean = count > 0 ? sum / count : earlier.mean;
  const own = count > 1 ? Math.max(LEAST_SPREAD, squares / count - mean ** 2) : UNKNOWN_SPREAD;
  const told = earlier.count;
  const known = count > 1 ? count : 0;
  const spread = told === 0 ? own : (known * own + told * earlier.spread) / (known + told);
  const all = deeper + told;
  if (all === 0) {
    return { count: 0, mean, spread, center: 0, gain: 0, slope: 0, noise: spread * PRIOR_NOISE, weight: 1 };
  }
  center = (center + told * mean) / all;
  gain = (gain + told * earlier.gain) / all;
  let sxx = told * earlier.spread;
  let sxy = sxx * earlier.slope;
  let syy = sxy * earlier.slope;
  let uncertainty = told * earlier.noise;
  for (const { value, isDeeper, end, deviation } of points) {
    if (!isDeeper) continue;
    const x = value - center;
    const y = end - value - gain;
    sxx += x * x;
    sxy += x * y;
    syy += y * y;
    uncertainty += deviation * deviation;
  }
  const weight = sxx + PRIOR_COUNT * spread;
  const slope = sxy / weight;
  const residuals = Math.max(0, syy - 2 * slope * sxy + slope * slope * sxx);
  const noise = (residuals + uncertainty + PRIOR_COUNT * PRIOR_NOISE * spread) / (all + PRIOR_COUNT);
  return { count: all, mean, spread, center, gain, slope, noise, weight };
}

/** The gain that the line foretells for a value. */
export function gainAt(line: EndLine, value: number): number {
  return line.gain + line.slope * (value - line.center);
}

/** The variance of that gain from what is not known of the line itself. */
export function lineVariance(line: EndLine, value: number): number {
  return line.count === 0 ? 0 : line.noise * (1 / line.count + (value - line.center) ** 2 / line.weight);
}

/**
 * How much of the ends' variance the values at the rung explain, in [0, 1], over all trials and not only those that
 * were let through (who are alike, so that a plain correlation among them would say too little).
 */
export function explainedShare(line: EndLine): number {
  if (line.count === 0) return 0;
  const signal = (1 + line.slope) ** 2 * line.spread;
  return signal / (signal + line.noise);
}
