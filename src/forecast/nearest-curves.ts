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

/**
 * Curves to be compared over their first points. Beside each, the means of its segments are kept in one contiguous array: how far
 * those are apart says how far two curves are apart at least, so that only few of many need be compared point by point.
 */
export interface ComparedCurves<Curve extends ComparedCurve> {
  readonly curves: readonly Curve[];
  /** The ends of the segments, in points; the last one is how many points are compared. */
  readonly ends: readonly number[];
  /** By curve, then by segment; NaN where the curve lacks a value in the segment. */
  readonly means: Float64Array;
  add(curve: Curve): void;
  remove(curve: Curve): void;
  /** To be called when the values of curves have changed. */
  refresh(): void;
}

/** The mean of a segment; NaN if a value is missing. */
function meanOf(values: Float64Array, start: number, end: number): number {
  let sum = 0;
  for (let point = start; point < end; point++) sum += values[point] ?? Number.NaN;
  return sum / (end - start);
}

/** The means of all segments of a curve. */
function writeMeans(
  values: Float64Array,
  ends: readonly number[],
  means: Float64Array,
  offset: number,
): void {
  let start = 0;
  for (const [segment, end] of ends.entries()) {
    means[offset + segment] = meanOf(values, start, end);
    start = end;
  }
}

/** @param points the ends of the segments, ascending */
export function createComparedCurves<Curve extends ComparedCurve>(
  points: readonly number[],
): ComparedCurves<Curve> {
  const ends = [...new Set(points)].filter((end) => end > 0);
  let curves: Curve[] = [];
  let means = new Float64Array(16 * ends.length);
  const write = (place: number): void => {
    const curve = curves[place];
    if (curve !== undefined) writeMeans(curve.values, ends, means, place * ends.length);
  };
  return {
    get curves() {
      return curves;
    },
    ends,
    get means() {
      return means;
    },
    add: (curve) => {
      curves.push(curve);
      if (curves.length * ends.length > means.length) {
        const wider = new Float64Array(2 * means.length);
        wider.set(means);
        means = wider;
      }
      write(curves.length - 1);
    },
    remove: (curve) => {
      curves = curves.filter((each) => each !== curve);
      for (const place of curves.keys()) write(place);
    },
    refresh: () => {
      for (const place of curves.keys()) write(place);
    },
  };
}

/** Finds the curves nearest to a given one, continuing where it left off as the library grows. */
export interface NearestCurves<Curve extends ComparedCurve> {
  /** The nearest curves, nearest first; on ties, the lower trial number first. */
  update(library: ComparedCurves<Curve>): readonly NearCurve<Curve>[];
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

/** More than all rounding errors of a sum of squared differences, as a factor. */
const ROUNDING = 1 + 1e-9;

/** How far the means of segments allow curves to be apart for sure: less than the sum of squared differences. */
interface Bound {
  /** The place of the next curve that may be within a limit, from a place on; the number of curves if there is none. */
  next(library: ComparedCurves<ComparedCurve>, place: number, limit: number): number;
}

function createBound(own: Float64Array, ends: readonly number[]): Bound {
  const mine = new Float64Array(ends.length);
  writeMeans(own, ends, mine, 0);
  const lengths = Float64Array.from(ends, (end, segment) => end - (ends[segment - 1] ?? 0));
  return {
    next: ({ curves: { length }, means }, from, limit) => {
      let offset = from * mine.length;
      for (let place = from; place < length; place++) {
        let bound = 0;
        for (let segment = 0; segment < mine.length; segment++, offset++) {
          const difference = (mine[segment] ?? 0) - (means[offset] ?? 0);
          // Where either lacks a value, nothing is known.
          if (difference === difference) bound += (lengths[segment] ?? 0) * difference * difference;
        }
        if (bound <= limit) return place;
      }
      return length;
    },
  };
}

/**
 * The nearest curves in a library that only grows at its end and does not contain the curve itself.
 *
 * @param count how many curves to keep
 */
export function createNearestCurves<Curve extends ComparedCurve>(
  own: Curve,
  count: number,
): NearestCurves<Curve> {
  const near: NearCurve<Curve>[] = [];
  let seen = 0;
  let bound: Bound | undefined;
  /** Of those that are kept once there are enough: most others are farther, which is quickly seen. */
  let farthest = Number.POSITIVE_INFINITY;
  return {
    update: (library) => {
      const { curves, ends } = library;
      const points = ends.at(-1) ?? 0;
      bound ??= createBound(own.values, ends);
      while (true) {
        // The means can only be too near, and no more points than all can be in common.
        seen = bound.next(library, seen, farthest * farthest * points * ROUNDING);
        const curve = curves[seen];
        if (curve === undefined) break;
        seen += 1;
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
