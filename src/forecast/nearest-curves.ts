/** A curve that can be compared with others. */
export interface ComparedCurve {
  readonly trial: number;
  /** Its values at the comparison points; NaN where it has none. */
  readonly values: Float64Array;
}

/** A curve near another, with their root mean squared difference over the points that both have. */
export interface NearCurve<Curve extends ComparedCurve> {
  readonly curve: Curve;
  readonly distance: number;
}

/** Finds the curves nearest to a given one, continuing where it left off as the library grows. */
export interface NearestCurves<Curve extends ComparedCurve> {
  /** The nearest curves, nearest first; on ties, the lower trial number first. */
  update(library: readonly Curve[]): readonly NearCurve<Curve>[];
}

function rootMeanSquare(a: Float64Array, b: Float64Array, points: number): number {
  let sum = 0;
  let common = 0;
  for (let point = 0; point < points; point++) {
    const difference = (a[point] ?? Number.NaN) - (b[point] ?? Number.NaN);
    if (Number.isNaN(difference)) continue;
    sum += difference * difference;
    common += 1;
  }
  return common === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(sum / common);
}

/**
 * The nearest curves in a library that only grows at its end and does not contain the curve itself.
 *
 * @param points how many points to compare, from the first
 * @param count how many curves to keep
 */
export function createNearestCurves<Curve extends ComparedCurve>(
  own: Curve,
  points: number,
  count: number,
): NearestCurves<Curve> {
  const near: NearCurve<Curve>[] = [];
  let seen = 0;
  /** Of those that are kept once there are enough: most others are farther, which is quickly seen. */
  let farthest = Number.POSITIVE_INFINITY;
  return {
    update: (library) => {
      for (; seen < library.length; seen++) {
        const curve = library[seen];
        if (curve === undefined) continue;
        const distance = rootMeanSquare(own.values, curve.values, points);
        if (distance === Number.POSITIVE_INFINITY || distance > farthest) continue;
        const isNearer = (other: NearCurve<Curve>): boolean =>
          distance < other.distance || (distance === other.distance && curve.trial < other.curve.trial);
        const last = near.at(-1);
        if (near.length === count && last !== undefined && !isNearer(last)) continue;
        const place = near.findIndex(isNearer);
        near.splice(place < 0 ? near.length : place, 0, { curve, distance });
        if (near.length > count) near.pop();
        if (near.length === count) farthest = near.at(-1)?.distance ?? farthest;
      }
      return near;
    },
  };
}
