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
  /** How many trials went deeper. */
  readonly count: number;
  /** Variance of the values of all that reached the rung. */
  readonly spread: number;
  /** Mean value of the deeper ones, and their mean gain (negative: values fall). */
  readonly center: number;
  readonly gain: number;
  /** Change of the gain by the value; shrunk towards 0, the pure shift. */
  readonly slope: number;
  /** Variance around the line. */
  readonly noise: number;
  /** Denominator of the slope: how much the values say about it. */
  readonly weight: number;
}

/** A priori the line is worth this many trials, */
const PRIOR_COUNT = 2;
/** with this share of the rung's variance as noise. */
const PRIOR_NOISE = 0.25;
const LEAST_SPREAD = 1e-10;
/** Of values that are large and this much alike (variance by squared mean), the sum of squares leaves too few digits. */
const IMPRECISE = 1e-12;
/** The spread while only one trial has a value. */
const UNKNOWN_SPREAD = 1e-4;

/** The variance of the values, of which the sum and the sum of the squares are known. */
function variance(points: readonly RungPoint[], sum: number, squares: number): number {
  const mean = sum / points.length;
  const quick = squares / points.length - mean ** 2;
  if (quick >= IMPRECISE * mean ** 2) return quick;
  return points.reduce((total, { value }) => total + (value - mean) ** 2, 0) / points.length;
}

/** Fits the line of a rung by Bayesian linear regression with a prior towards a pure shift. */
export function fitEndLine(points: readonly RungPoint[]): EndLine {
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
  const spread = count > 1 ? Math.max(LEAST_SPREAD, variance(points, sum, squares)) : UNKNOWN_SPREAD;
  if (deeper === 0) {
    return { count: 0, spread, center: 0, gain: 0, slope: 0, noise: spread * PRIOR_NOISE, weight: 1 };
  }
  center /= deeper;
  gain /= deeper;
  let sxx = 0;
  let sxy = 0;
  let syy = 0;
  let uncertainty = 0;
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
  const noise = (residuals + uncertainty + PRIOR_COUNT * PRIOR_NOISE * spread) / (deeper + PRIOR_COUNT);
  return { count: deeper, spread, center, gain, slope, noise, weight };
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
