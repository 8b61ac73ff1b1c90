import { lowerBound } from "../math/lower-bound.js";
import { type ComparedCurve, type ComparedCurves, writeMeans } from "./compared-curves.js";

/** A curve near another, with their root mean squared difference over the points that both have. */
export interface NearCurve<Curve extends ComparedCurve> {
  readonly curve: Curve;
  readonly distance: number;
}

/**
 * Finds the curves of a library nearest to each of many, continuing where it left off as the library grows at its end. A
 * curve has a slot here, in arrays that are contiguous so that many curves can be gone through quickly.
 */
export interface NearestCurves<Curve extends ComparedCurve> {
  /** By slot, so many each: the distances, nearest first, and the places of the curves in the library. */
  readonly distances: Float64Array;
  readonly places: Int32Array;
  /** Gives a curve that is not in the library a slot. */
  take(own: ComparedCurve): number;
  /** Frees a slot. */
  release(slot: number): void;
  /** Frees all slots; to be called when the library has changed other than at its end. */
  clear(): void;
  /** Finds the nearest to the curve of a slot, on ties the lower trial number first; how many there are. */
  update(slot: number): number;
  /** The same as a list. */
  list(slot: number): NearCurve<Curve>[];
}

/** Of the first points of a curve and those of another, which begin at an offset of a table. */
function rootMeanSquare(a: Float64Array, table: Float64Array, offset: number, points: number): number {
  let sum = 0;
  let common = 0;
  for (let point = 0; point < points; point++) {
    const difference = (a[point] ?? Number.NaN) - (table[offset + point] ?? Number.NaN);
    if (Number.isNaN(difference)) continue;
    sum += difference * difference;
    common += 1;
  }
  return common === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(sum / common);
}

/** More than all rounding errors of a sum of squared differences, as a factor, */
const ROUNDING = 1 + 1e-9;
/** and of a mean, as a share of the largest value. */
const MEAN_ROUNDING = 1e-13;

const NO_VALUES = new Float64Array(0);

/** If more curves than these have come, searching all of them in order is quicker than looking at each new one. */
const FEW_NEW = 64;

/** Numbers in an array with more room. */
export function wider<Numbers extends Float64Array | Int32Array>(numbers: Numbers, empty: Numbers): Numbers {
  empty.set(numbers);
  return empty;
}

/**
 * @param count how many curves to keep of each
 */
export function createNearestCurves<Curve extends ComparedCurve>(
  library: ComparedCurves<Curve>,
  count: number,
): NearestCurves<Curve> {
  const { ends } = library;
  const points = ends.at(-1) ?? 0;
  const segments = ends.length;
  const lengths = Float64Array.from(ends, (end, segment) => end - (ends[segment - 1] ?? 0));
  /** By slot: the means of the curve's segments, and how far rounding may put means apart. */
  const columns = segments + 1;
  let room = 16;
  let own = new Float64Array(room * columns);
  let distances = new Float64Array(room * count);
  let places = new Int32Array(room * count);
  let sizes = new Int32Array(room);
  let seen = new Int32Array(room);
  let owners: ComparedCurve[] = [];
  let free: number[] = [];

  const grow = (): void => {
    room *= 2;
    own = wider(own, new Float64Array(room * columns));
    distances = wider(distances, new Float64Array(room * count));
    places = wider(places, new Int32Array(room * count));
    sizes = wider(sizes, new Int32Array(room));
    seen = wider(seen, new Int32Array(room));
  };

  const take = (curve: ComparedCurve): number => {
    const slot = free.pop() ?? owners.length;
    if (slot === room) grow();
    owners[slot] = curve;
    const { values } = curve;
    writeMeans(values, ends, own, slot * columns);
    let largest = 0;
    for (let point = 0; point < points; point++) {
      const value = Math.abs(values[point] ?? 0);
      if (value > largest) largest = value;
    }
    own[slot * columns + segments] = MEAN_ROUNDING * largest;
    sizes[slot] = 0;
    seen[slot] = 0;
    return slot;
  };

  /**
   * How large the sum of squared differences of means may be, weighted with the lengths of the segments. The means can
   * only be too near, and at most all points can be in common.
   */
  const limitOf = (slot: number): number => {
    if (sizes[slot] !== count) return Number.POSITIVE_INFINITY;
    const farthest = (distances[(slot + 1) * count - 1] ?? 0) + (own[slot * columns + segments] ?? 0);
    return farthest * farthest * points * ROUNDING;
  };

  const isWithin = (slot: number, means: Float64Array, row: number, limit: number): boolean => {
    let bound = 0;
    for (let segment = 0; segment < segments; segment++) {
      const difference = (own[slot * columns + segment] ?? 0) - (means[row * segments + segment] ?? 0);
      // Where either lacks a value, nothing is known.
      if (difference === difference) bound += (lengths[segment] ?? 0) * difference * difference;
    }
    return bound <= limit;
  };

  const trialAt = (place: number): number => library.curves[place]?.trial ?? 0;

  /** Puts a curve, whose values are a row of a table, among the nearest if it belongs there. */
  const offer = (slot: number, values: Float64Array, row: number, place: number): void => {
    const distance = rootMeanSquare(owners[slot]?.values ?? NO_VALUES, values, row * points, points);
    if (distance === Number.POSITIVE_INFINITY) return;
    const start = slot * count;
    const size = sizes[slot] ?? 0;
    let at = start + size;
    for (; at > start; at--) {
      const other = distances[at - 1] ?? 0;
      if (distance > other) break;
      if (distance === other && trialAt(place) > trialAt(places[at - 1] ?? 0)) break;
    }
    if (at === start + count) return;
    const last = Math.min(start + size, start + count - 1);
    for (let each = last; each > at; each--) {
      distances[each] = distances[each - 1] ?? 0;
      places[each] = places[each - 1] ?? 0;
    }
    distances[at] = distance;
    places[at] = place;
    sizes[slot] = Math.min(size + 1, count);
  };

  /** Looks at every curve from a place on. */
  const scan = (slot: number, from: number): void => {
    const { means, values } = library;
    const { length } = library.curves;
    let limit = limitOf(slot);
    for (let place = from; place < length; place++) {
      if (!isWithin(slot, means, place, limit)) continue;
      offer(slot, values, place, place);
      limit = limitOf(slot);
    }
  };

  /** Looks at the curves of the order from the nearest mean outwards, and then at the others. */
  const search = (slot: number): void => {
    const { size, keys, places: ordered, means, values, others } = library.order();
    const key = own[slot * columns + segments - 1] ?? Number.NaN;
    sizes[slot] = 0;
    if (Number.isNaN(key)) {
      scan(slot, 0);
      return;
    }
    const length = lengths[segments - 1] ?? 0;
    let above = lowerBound(keys, key);
    let below = above - 1;
    let limit = limitOf(slot);
    while (above < keys.length || below >= 0) {
      // Reading outside of a typed array would slow down all later reads.
      const up = above < keys.length ? (keys[above] ?? 0) - key : Number.POSITIVE_INFINITY;
      const down = below >= 0 ? key - (keys[below] ?? 0) : Number.POSITIVE_INFINITY;
      const gap = Math.min(up, down);
      if (length * gap * gap > limit) break;
      const row = up <= down ? above++ : below--;
      if (!isWithin(slot, means, row, limit)) continue;
      offer(slot, values, row, ordered[row] ?? 0);
      limit = limitOf(slot);
    }
    for (const place of others) offer(slot, library.values, place, place);
    scan(slot, size);
  };

  const update = (slot: number): number => {
    const { length } = library.curves;
    const from = seen[slot] ?? 0;
    if (from < length) {
      if (length - from > FEW_NEW) search(slot);
      else scan(slot, from);
      seen[slot] = length;
    }
    return sizes[slot] ?? 0;
  };

  return {
    get distances() {
      return distances;
    },
    get places() {
      return places;
    },
    take,
    release: (slot) => {
      free.push(slot);
    },
    clear: () => {
      free = [];
      owners = [];
    },
    update,
    list: (slot) => {
      const size = update(slot);
      return Array.from(
        { length: size },
        (_, index) => library.curves[places[slot * count + index] ?? 0],
      ).flatMap((near, index) =>
        near === undefined ? [] : [{ curve: near, distance: distances[slot * count + index] ?? 0 }],
      );
    },
  };
}
