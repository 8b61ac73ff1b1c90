import type { Param } from "../core/param.js";
import type { Cell } from "./figure.js";
import type { Scale } from "./param-scale.js";

/** How many cells an axis of numbers has. */
const CELLS = 40;
/** The kernel's width for a single point, as a share of an axis; it narrows with the fourth root of their number. */
const WIDTH = 0.25;
/** Where the points' weights sum to less, all points are too far away to say anything: that of one at a distance of two widths. */
const LEAST_WEIGHT = Math.exp(-2);

/** An axis of a surface. */
export interface SurfaceAxis {
  readonly param: Param;
  readonly scale: Scale;
}

/** Numbers over the plane: from end to end of two axes of numbers, otherwise in the middle of cells. */
export interface Surface {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** By row; null where no point is near. */
  readonly z: readonly (readonly Cell[])[];
}

/** A measured point, in places on the axes. */
export interface SurfacePoint {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Whether neighbouring places of an axis have something to do with each other. */
export const isContinuous = ({ param }: SurfaceAxis): boolean =>
  param.kind === "float" || param.kind === "int";

/** @param isWhole whether the places span the whole axis; otherwise they are the middles of cells that do */
function centres(axis: SurfaceAxis, isWhole: boolean): number[] {
  const { param, scale } = axis;
  if (isContinuous(axis)) {
    const width = (scale.high - scale.low) / (isWhole ? CELLS - 1 : CELLS);
    return Array.from({ length: CELLS }, (_, index) => scale.low + (isWhole ? index : index + 0.5) * width);
  }
  return param.kind === "choice" || param.kind === "ordinal" ? [...param.options.keys()] : [0];
}

/** What of a kernel is left out: the surface would not look any different. */
const LEAST_KERNEL = 1e-4;
/** How many widths of the kernel that is away. */
const REACH = Math.sqrt(-2 * Math.log(LEAST_KERNEL));

/** The weights of one point along an axis: by distance, or 1 for the same value and 0 for all others. */
function weightsOf(axis: SurfaceAxis, at: readonly number[], place: number, width: number) {
  const weights: { readonly index: number; readonly weight: number }[] = [];
  if (!isContinuous(axis)) {
    const index = at.indexOf(place);
    return index === -1 ? weights : [{ index, weight: 1 }];
  }
  const range = axis.scale.high - axis.scale.low;
  const [first = 0, second = first] = at;
  const [gap, reach] = [second - first, REACH * range * width];
  const from = gap > 0 ? Math.max(0, Math.floor((place - reach - first) / gap)) : 0;
  const to = gap > 0 ? Math.min(at.length - 1, Math.ceil((place + reach - first) / gap)) : at.length - 1;
  for (let index = from; index <= to; index++) {
    const weight = Math.exp(-0.5 * ((place - (at[index] ?? first)) / range / width) ** 2);
    if (weight >= LEAST_KERNEL) weights.push({ index, weight });
  }
  return weights;
}

/**
 * A smooth surface through scattered points: in each cell their mean, weighted by a Gaussian kernel of the distance as a
 * share of the axes (Nadaraya, "On estimating regression", 1964). It is left open where no point is near, since nothing
 * is known there. Values of a choice have nothing to do with each other: each is estimated from its own points.
 */
export function surfaceOf(x: SurfaceAxis, y: SurfaceAxis, points: readonly SurfacePoint[]): Surface {
  const width = WIDTH * Math.max(1, points.length) ** -0.25;
  const areLines = isContinuous(x) && isContinuous(y);
  const [columns, rows] = [centres(x, areLines), centres(y, areLines)];
  const weights = new Float64Array(columns.length * rows.length);
  const sums = new Float64Array(columns.length * rows.length);
  for (const point of points) {
    const across = weightsOf(x, columns, point.x, width);
    for (const row of weightsOf(y, rows, point.y, width)) {
      for (const column of across) {
        const place = row.index * columns.length + column.index;
        const weight = row.weight * column.weight;
        weights[place] = (weights[place] ?? 0) + weight;
        sums[place] = (sums[place] ?? 0) + weight * point.z;
      }
    }
  }
  const z = rows.map((_, row) =>
    columns.map((__, column): Cell => {
      const place = row * columns.length + column;
      const weight = weights[place] ?? 0;
      return weight < LEAST_WEIGHT ? null : Number(((sums[place] ?? 0) / weight).toPrecision(4));
    }),
  );
  return { x: columns, y: rows, z };
}
