import type { Interval } from "./intervals.js";

/**
 * Gains are compared with others at about the same time, with normal weights whose deviation is this many intervals.
 */
const NEIGHBOURHOOD = 1;
/** The maximum number of standard deviations from the mean that a gain counts as. */
const MOST = 2;

/**
 * Standardises the gains of intervals for a Gaussian process, in the same order: mean 0, standard deviation 1.
 *
 * Gains shrink by orders of magnitude while a model is trained, so each is first divided by the typical size of gains
 * at about the same time. Outliers are cut off at two standard deviations, and a diverged model counts as one.
 */
export function standardGains(intervals: readonly Interval[]): Float64Array {
  const typicalAt = (time: number): number => {
    let sum = 0;
    let weights = 0;
    for (const other of intervals) {
      if (other.gain === undefined) continue;
      const weight = Math.exp(-0.5 * ((other.time - time) / NEIGHBOURHOOD) ** 2);
      sum += weight * Math.abs(other.gain);
      weights += weight;
    }
    return sum / weights;
  };
  const relative = intervals.map(({ gain, time }) =>
    gain === undefined ? undefined : gain === 0 ? 0 : gain / typicalAt(time),
  );
  const finite = relative.filter((gain) => gain !== undefined);
  const mean = finite.reduce((sum, gain) => sum + gain, 0) / finite.length;
  const variance = finite.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / finite.length;
  const deviation = variance > 0 ? Math.sqrt(variance) : 1;
  return Float64Array.from(relative, (gain) =>
    gain === undefined ? -MOST : Math.min(MOST, Math.max(-MOST, (gain - mean) / deviation)),
  );
}
