/** A curve that can be compared with others. */
export interface ComparedCurve {
  readonly trial: number;
  /** Its values at the comparison points; NaN where it has none. */
  readonly values: Float64Array;
}

/**
 * The first curves of a library by the mean of their last segment, so that those near another are found from where it
 * belongs outwards. Of many that are equal at all points only those with the lowest trial numbers are listed, as the
 * others are never among the nearest.
 */
export interface CurveOrder {
  /** How many curves it covers; those added since are not in it. */
  readonly size: number;
  /** The means, ascending, and the places of the curves that they belong to. */
  readonly keys: Float64Array;
  readonly places: Int32Array;
  /** In the same order, what {@link ComparedCurves} has by place: what is compared next is beside it. */
  readonly means: Float64Array;
  readonly values: Float64Array;
  /** The places of curves that lack a value in the segment. */
  readonly others: Int32Array;
}

/**
 * Curves to be compared over their first points. What is compared is kept in contiguous arrays, since looking it up in each curve
 * takes longer than comparing it: the points, and the means of segments. How far those are apart says how far two curves
 * are apart at least, so that only few of many need be compared point by point.
 */
export interface ComparedCurves<Curve extends ComparedCurve> {
  readonly curves: readonly Curve[];
  /** The ends of the segments, in points; the last one is how many points are compared. */
  readonly ends: readonly number[];
  /** By curve, then by segment; NaN where the curve lacks a value in the segment. */
  readonly means: Float64Array;
  /** By curve, then by point. */
  readonly values: Float64Array;
  /** An order that covers all curves but a few. */
  order(): CurveOrder;
  add(curve: Curve): void;
  remove(curve: Curve): void;
  /** To be called when the values of curves have changed. */
  refresh(): void;
}

/** Up to so many curves, and this share of all, may be missing in an order. */
const FEW_MISSING = 64;
const MISSING_SHARE = 1 / 64;

/** The mean of a segment; NaN if a value is missing. */
function meanOf(values: Float64Array, start: number, end: number): number {
  let sum = 0;
  for (let point = start; point < end; point++) sum += values[point] ?? Number.NaN;
  return sum / (end - start);
}

/** Writes the means of all segments of a curve. */
export function writeMeans(
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

/** Which of two curves comes first by their values at the first points; 0 if they are the same, with the same gaps. */
function compareValues(a: Float64Array, b: Float64Array, points: number): number {
  for (let point = 0; point < points; point++) {
    const [x = Number.NaN, y = Number.NaN] = [a[point], b[point]];
    if (x < y) return -1;
    if (x > y) return 1;
    if (x !== y && Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? -1 : 1;
  }
  return 0;
}

const NO_ORDER: CurveOrder = {
  size: 0,
  keys: new Float64Array(0),
  places: new Int32Array(0),
  means: new Float64Array(0),
  values: new Float64Array(0),
  others: new Int32Array(0),
};

/** Rows of a table in another order. */
function reordered(rows: Float64Array, width: number, places: Int32Array): Float64Array {
  const result = new Float64Array(places.length * width);
  for (const [row, place] of places.entries())
    result.set(rows.subarray(place * width, (place + 1) * width), row * width);
  return result;
}

/**
 * @param points the ends of the segments, ascending
 * @param most how many nearest curves are ever asked for
 */
export function createComparedCurves<Curve extends ComparedCurve>(
  points: readonly number[],
  most: number,
): ComparedCurves<Curve> {
  const ends = [...new Set(points)].filter((end) => end > 0);
  const all = ends.at(-1) ?? 0;
  let curves: Curve[] = [];
  let room = 16;
  let means = new Float64Array(room * ends.length);
  let values = new Float64Array(room * all);
  let order = NO_ORDER;
  const write = (place: number): void => {
    const curve = curves[place];
    if (curve === undefined) return;
    writeMeans(curve.values, ends, means, place * ends.length);
    for (let point = 0; point < all; point++) values[place * all + point] = curve.values[point] ?? Number.NaN;
  };
  const wider = (numbers: Float64Array, width: number): Float64Array<ArrayBuffer> => {
    const result = new Float64Array(room * width);
    result.set(numbers);
    return result;
  };
  const rewrite = (): void => {
    order = NO_ORDER;
    for (const place of curves.keys()) write(place);
  };
  const keyOf = (place: number): number => means[(place + 1) * ends.length - 1] ?? Number.NaN;
  const alike = (a: number, b: number): number => {
    const [first, second] = [curves[a], curves[b]];
    if (first === undefined || second === undefined) return 0;
    return compareValues(first.values, second.values, all);
  };
  const isBefore = (a: number, b: number): number =>
    keyOf(a) - keyOf(b) || alike(a, b) || (curves[a]?.trial ?? 0) - (curves[b]?.trial ?? 0);

  /** Without all but the first few of those that are equal. */
  const thinned = (sorted: readonly number[]): number[] => {
    const kept: number[] = [];
    for (const place of sorted) {
      const other = kept[kept.length - most];
      const isSurplus = other !== undefined && keyOf(other) === keyOf(place) && alike(other, place) === 0;
      if (!isSurplus) kept.push(place);
    }
    return kept;
  };
  const settle = (): void => {
    const added = Array.from({ length: curves.length - order.size }, (_, index) => order.size + index);
    // What is sorted already is a run that sorting finds.
    const sorted = [...order.places, ...added.filter((place) => !Number.isNaN(keyOf(place)))].sort(isBefore);
    const places = Int32Array.from(thinned(sorted));
    order = {
      size: curves.length,
      keys: Float64Array.from(places, keyOf),
      places,
      means: reordered(means, ends.length, places),
      values: reordered(values, all, places),
      others: Int32Array.from([...order.others, ...added.filter((place) => Number.isNaN(keyOf(place)))]),
    };
  };

  return {
    get curves() {
      return curves;
    },
    ends,
    get means() {
      return means;
    },
    get values() {
      return values;
    },
    order: () => {
      if (curves.length - order.size > FEW_MISSING + MISSING_SHARE * order.size) settle();
      return order;
    },
    add: (curve) => {
      curves.push(curve);
      if (curves.length > room) {
        room *= 2;
        means = wider(means, ends.length);
        values = wider(values, all);
      }
      write(curves.length - 1);
    },
    remove: (curve) => {
      curves = curves.filter((each) => each !== curve);
      rewrite();
    },
    refresh: rewrite,
  };
}
