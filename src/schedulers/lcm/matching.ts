import { type CurveLibrary, DIVERGED } from "./curve-library.js";

/** A curve of the library that was found near. */
export interface Match {
  /** Its row in the library. */
  readonly row: number;
  readonly trial: number;
  /** Euclidean, over the points that both curves have. */
  readonly distance: number;
}

const isNearer = (a: Match, b: Match): boolean =>
  a.distance < b.distance || (a.distance === b.distance && a.trial < b.trial);

/**
 * The curves of the library that are nearest to a curve, nearest first, equally near ones by their trials' numbers:
 * `d_i = sqrt(sum_p (x_p - y_ip)^2)` over the points that both have. Curves without a point in common, and those
 * that diverged at one of them, are not comparable and not among them.
 *
 * @param own the curve at the library's points, see `curveAtPoints`
 * @param points how many of the library's points are compared, from the first
 * @param count how many curves are wanted
 */
export function nearestCurves(
  library: CurveLibrary,
  own: Float64Array,
  points: number,
  count: number,
): Match[] {
  const sums = new Float64Array(library.size);
  const common = new Int32Array(library.size);
  for (let point = 0; point < points; point++) {
    const x = own[point] ?? Number.NaN;
    if (Number.isNaN(x)) continue;
    const column = library.column(point);
    for (let row = 0; row < sums.length; row++) {
      const y = column[row] ?? Number.NaN;
      if (Number.isNaN(y)) continue;
      // Two diverged values are no nearer to each other than one to a number: not Infinity - Infinity.
      const difference = x === DIVERGED ? DIVERGED : x - y;
      sums[row] = (sums[row] ?? 0) + difference * difference;
      common[row] = (common[row] ?? 0) + 1;
    }
  }
  const matches: Match[] = [];
  let farthest = Number.POSITIVE_INFINITY;
  for (let row = 0; row < sums.length; row++) {
    const distance = Math.sqrt(sums[row] ?? 0);
    if (common[row] === 0 || distance === Number.POSITIVE_INFINITY || distance > farthest) continue;
    const match = { row, trial: library.trials[row] ?? -1, distance };
    const place = matches.findIndex((other) => isNearer(match, other));
    matches.splice(place < 0 ? matches.length : place, 0, match);
    if (matches.length > count) matches.pop();
    if (matches.length === count) farthest = matches.at(-1)?.distance ?? farthest;
  }
  return matches;
}
