/**
 * Exponential smoothing with the start corrected (as of Adam's moments: Kingma, Ba, "Adam", ICLR 2015), so that the first
 * value is itself and not pulled towards 0. Values that are not finite stay as they are and change nothing after them.
 *
 * @param weight of what came before, from 0 (none) to below 1
 */
export function smoothed(values: ArrayLike<number>, weight: number): Float64Array {
  const result = new Float64Array(values.length);
  let mean = 0;
  let total = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    if (!Number.isFinite(value)) {
      result[index] = value;
      continue;
    }
    mean = weight * mean + (1 - weight) * value;
    total = weight * total + (1 - weight);
    result[index] = mean / total;
  }
  return result;
}

/** Like {@link smoothed} for several curves in one, each of which ends at a value that is not finite. */
export function smoothedRuns(values: ArrayLike<number>, weight: number): Float64Array {
  const result = new Float64Array(values.length).fill(Number.NaN);
  let start = 0;
  for (let index = 0; index <= values.length; index++) {
    if (index < values.length && Number.isFinite(values[index])) continue;
    const run = Float64Array.from(
      { length: index - start },
      (_, place) => values[start + place] ?? Number.NaN,
    );
    result.set(smoothed(run, weight), start);
    start = index + 1;
  }
  return result;
}
