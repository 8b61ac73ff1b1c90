import type { Random } from "../../math/random.js";
import { DIRECTIONS } from "./direction-numbers.js";

/** Bits of a coordinate that differ between points. */
const BITS = 32;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/** The number of dimensions that there are direction numbers for. */
export const MOST_DIMENSIONS = 1111;

/** Points of a Sobol sequence. */
export interface SobolSequence {
  /**
   * A coordinate of a point, in [0, 1).
   *
   * @param index of the point, below 2^32
   * @param dimension from 0
   */
  at(index: number, dimension: number): number;
}

/** The polynomial of a dimension, as bits, and its first direction numbers. */
interface Start {
  readonly polynomial: number;
  readonly numbers: readonly number[];
}

/** Reads the starts of the first dimensions from the table. */
function startsOf(dimensions: number): Start[] {
  // The first dimension has no polynomial: all of its numbers are 1.
  const starts: Start[] = [{ polynomial: 1, numbers: [] }];
  let at = 0;
  const read = (digits: number): number => {
    let number = 0;
    for (const end = at + digits; at < end; at++) number = 64 * number + DIGITS.indexOf(DIRECTIONS[at] ?? "");
    return number;
  };
  while (starts.length < dimensions && at < DIRECTIONS.length) {
    const polynomial = read(3);
    const degree = Math.floor(Math.log2(polynomial));
    const numbers = [1];
    for (let place = 1; place < degree; place++) numbers.push(2 * read(Math.ceil(place / 6)) + 1);
    starts.push({ polynomial, numbers });
  }
  return starts;
}

/** The direction numbers of a dimension, each shifted to the top of 32 bits. */
function directionsOf({ polynomial, numbers }: Start): Uint32Array {
  const degree = numbers.length;
  const directions = new Uint32Array(BITS);
  for (let bit = 0; bit < BITS; bit++) {
    if (degree === 0) directions[bit] = 2 ** (BITS - 1 - bit);
    else if (bit < degree) directions[bit] = (numbers[bit] ?? 1) * 2 ** (BITS - 1 - bit);
    else {
      let sum = (directions[bit - degree] ?? 0) ^ ((directions[bit - degree] ?? 0) >>> degree);
      for (let term = 1; term < degree; term++)
        if (((polynomial >>> (degree - term)) & 1) === 1) sum ^= directions[bit - term] ?? 0;
      directions[bit] = sum;
    }
  }
  return directions;
}

function parityOf(word: number): number {
  let folded = word ^ (word >>> 16);
  folded ^= folded >>> 8;
  folded ^= folded >>> 4;
  folded ^= folded >>> 2;
  return (folded ^ (folded >>> 1)) & 1;
}

/** Multiplies direction numbers by a random lower triangular matrix of bits. */
function scrambled(directions: Uint32Array, random: Random): Uint32Array {
  const rows = Uint32Array.from({ length: BITS }, (_, row) => {
    const own = 2 ** (BITS - 1 - row);
    // The bits above its own are random.
    const above = row === 0 ? 0 : (random.uint32() >>> (BITS - row)) * 2 ** (BITS - row);
    return own + above;
  });
  return directions.map((direction) => {
    let product = 0;
    for (const [row, bits] of rows.entries())
      if (parityOf(direction & bits) === 1) product += 2 ** (BITS - 1 - row);
    return product;
  });
}

/**
 * The Sobol sequence (I. M. Sobol, USSR Computational Mathematics and Mathematical Physics 7, 1967), in the order of Gray
 * codes (Antonov and Saleev 1979), with the direction numbers of Joe and Kuo: any 2^k points that follow one another
 * from a multiple of 2^k are spread evenly in each dimension and in most pairs of dimensions.
 *
 * @param dimensions at most {@link MOST_DIMENSIONS}
 * @param random scrambles the points by a random linear transformation of their digits and a shift (Matoušek, "On the
 *   L2-discrepancy for anchored boxes", Journal of Complexity 14, 1998), which leaves them as evenly spread as they are
 *   and makes each uniformly distributed; without it, the first point is 0
 */
export function createSobolSequence(dimensions: number, random?: Random): SobolSequence {
  const columns = startsOf(dimensions).map((start) => {
    const directions = directionsOf(start);
    if (random === undefined) return { directions, shift: 0, rest: 0 };
    return {
      directions: scrambled(directions, random),
      shift: random.uint32(),
      // The bits below those of the points.
      rest: random.uniform(),
    };
  });
  return {
    at: (index, dimension) => {
      const column = columns[dimension];
      if (column === undefined) return Number.NaN;
      let word = column.shift;
      for (let left = (index ^ (index >>> 1)) >>> 0, bit = 0; left !== 0; left >>>= 1, bit++)
        if ((left & 1) === 1) word ^= column.directions[bit] ?? 0;
      return Math.min(((word >>> 0) + column.rest) / 2 ** BITS, 1 - Number.EPSILON / 2);
    },
  };
}
