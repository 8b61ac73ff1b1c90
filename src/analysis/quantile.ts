/**
 * A quantile of ascending numbers, interpolated linearly between its two neighbours (type 7 of Hyndman and Fan, "Sample
 * quantiles in statistical packages", 1996; numpy's default).
 *
 * @param sorted ascending, at least one
 * @param share in [0, 1]
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (place - below) * (high - low);
}
