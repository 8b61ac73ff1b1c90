/** A grid of heights; null where nothing is known. */
export interface HeightGrid {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** By row. */
  readonly z: readonly (readonly (number | null)[])[];
}

/** The sides of a cell: below, right, above, left. */
type Side = 0 | 1 | 2 | 3;

/** Which sides a line of equal height joins, by which corners are above it (bits from the lower left, anticlockwise). */
const JOINED: readonly (readonly (readonly [Side, Side])[])[] = [
  [],
  [[3, 0]],
  [[0, 1]],
  [[3, 1]],
  [[1, 2]],
  [
    [3, 2],
    [0, 1],
  ],
  [[0, 2]],
  [[3, 2]],
  [[2, 3]],
  [[2, 0]],
  [
    [0, 3],
    [1, 2],
  ],
  [[2, 1]],
  [[1, 3]],
  [[1, 0]],
  [[0, 3]],
  [],
];

interface Piece {
  readonly from: string;
  readonly to: string;
}

const between = (a: number, b: number, from: number, to: number, level: number): number =>
  from === to ? (a + b) / 2 : a + ((b - a) * (level - from)) / (to - from);

/** Joins pieces that share an end into lines. */
function joined(
  pieces: readonly Piece[],
  places: ReadonlyMap<string, readonly [number, number]>,
): number[][] {
  const touching = new Map<string, Piece[]>();
  for (const piece of pieces) {
    for (const end of [piece.from, piece.to]) touching.set(end, [...(touching.get(end) ?? []), piece]);
  }
  const used = new Set<Piece>();
  const walk = (start: string): string[] => {
    const ends = [start];
    for (;;) {
      const end = ends.at(-1) ?? start;
      const next = touching.get(end)?.find((piece) => !used.has(piece));
      if (next === undefined) return ends;
      used.add(next);
      ends.push(next.from === end ? next.to : next.from);
    }
  };
  // Open lines first, from one of their ends; what is left then is closed.
  const starts = [...touching].filter(([, list]) => list.length === 1).map(([end]) => end);
  const lines = [...starts, ...touching.keys()].map(walk).filter((ends) => ends.length > 1);
  return lines.map((ends) => ends.flatMap((end) => places.get(end) ?? []));
}

/**
 * The lines at one height of a grid (marching squares; Maple, "Geometric design and space planning using the marching
 * squares and marching cube algorithms", 2003), straight between the corners of cells. Of a saddle, the mean of its
 * corners says which sides belong together. Cells with an unknown corner have no line.
 *
 * @returns lines, each as x and y in turn; a closed one ends where it began
 */
export function contourLines({ x, y, z }: HeightGrid, level: number): number[][] {
  const pieces: Piece[] = [];
  const places = new Map<string, readonly [number, number]>();
  for (let row = 0; row + 1 < y.length; row++) {
    for (let column = 0; column + 1 < x.length; column++) {
      const a = z[row]?.[column] ?? null;
      const b = z[row]?.[column + 1] ?? null;
      const c = z[row + 1]?.[column + 1] ?? null;
      const d = z[row + 1]?.[column] ?? null;
      if (a === null || b === null || c === null || d === null) continue;
      let corners = Number(a > level) + 2 * Number(b > level) + 4 * Number(c > level) + 8 * Number(d > level);
      if ((corners === 5 || corners === 10) && (a + b + c + d) / 4 <= level) corners = 15 - corners;
      const [x0 = 0, x1 = 0] = x.slice(column, column + 2);
      const [y0 = 0, y1 = 0] = y.slice(row, row + 2);
      const endOf = (side: Side): string => {
        const isFlat = side === 0 || side === 2;
        const key = `${isFlat ? "h" : "v"} ${row + Number(side === 2)} ${column + Number(side === 1)}`;
        if (side === 0) places.set(key, [between(x0, x1, a, b, level), y0]);
        else if (side === 2) places.set(key, [between(x0, x1, d, c, level), y1]);
        else if (side === 1) places.set(key, [x1, between(y0, y1, b, c, level)]);
        else places.set(key, [x0, between(y0, y1, a, d, level)]);
        return key;
      };
      for (const [from, to] of JOINED[corners] ?? []) pieces.push({ from: endOf(from), to: endOf(to) });
    }
  }
  return joined(pieces, places);
}

/** A finer grid, straight between the known points; a point beside an unknown one is unknown, unless it is a known one. */
export function refined({ x, y, z }: HeightGrid, times: number): HeightGrid {
  const finer = (places: readonly number[]): number[] =>
    Array.from({ length: Math.max(1, (places.length - 1) * times + 1) }, (_, index) => {
      const low = places[Math.floor(index / times)] ?? 0;
      const high = places[Math.ceil(index / times)] ?? low;
      return low + ((high - low) * (index % times)) / times;
    });
  const columns = finer(x);
  const heightAt = (row: number, column: number): number | null => {
    let sum = 0;
    for (const [r, down] of weighted(row / times)) {
      for (const [c, across] of weighted(column / times)) {
        const height = z[r]?.[c] ?? null;
        if (height === null) return null;
        sum += down * across * height;
      }
    }
    return sum;
  };
  const rows = finer(y);
  return { x: columns, y: rows, z: rows.map((_, row) => columns.map((__, column) => heightAt(row, column))) };
}

function weighted(place: number): (readonly [index: number, weight: number])[] {
  const low = Math.floor(place);
  const share = place - low;
  return share === 0
    ? [[low, 1]]
    : [
        [low, 1 - share],
        [low + 1, share],
      ];
}

/** The ends of cells around their centres. */
export function cellEdges(centres: readonly number[]): number[] {
  const [first = 0, second = first + 1] = centres;
  const last = centres.at(-1) ?? first;
  const before = centres.at(-2) ?? last - 1;
  const inner = centres.slice(1).map((centre, index) => (centre + (centres[index] ?? 0)) / 2);
  return [first - (second - first) / 2, ...inner, last + (last - before) / 2];
}
