import type { Param } from "../core/param.js";
import type { Cell } from "./figure.js";
import type { Scale } from "./param-scale.js";

/** How many cells an axis of numbers has. */
const CELLS = 40;
/** The kernel's width for a single point, as a share of an axis; it narrows with the fourth root of their number. */
const WIDTH = 0.25;
/** Where the points' weights sum to less, none is near enough to say anything: that of one at a distance of two widths. */
const LEAST_WEIGHT = Math.exp(-2);

/** An axis of a surface. */
export interface SurfaceAxis {
  readonly param: Param;
  readonly scale: Scale;
}

/** Numbers over the plane, estimated in the middle of cells. */
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
export const isContinuous = ({ param }: SurfaceAxis): boolean => param.kind === "float" || param.kind === "int";

function centres(axis: SurfaceAxis): number[] {
  const { param, scale } = axis;
  if (isContinuous(axis)) {
    const width = (scale.high - scale.low) / CELLS;
    return Array.from({ length: CELLS }, (_, index) => scale.low + (index + 0.5) * width);
  }
  return param.kind === "choice" || param.kind === "ordinal" ? [...param.options.keys()] : [0];
}

/** The weight of each point at each centre of an axis: by distance, or 1 for the same value and 0 for all others. */
function weightsOf(axis: SurfaceAxis, places: readonly number[], width: number): Float64Array[] {
  const range = axis.scale.high - axis.scale.low;
  return centres(axis).map((centre) =>
    Float64Array.from(places, (place) =>
      isContinuous(axis) ? Math.exp(-0.5 * ((place - centre) / range / width) ** 2) : Number(place === centre),
    ),
  );
}

/**
 * A smooth surface through scattered points: in each cell their mean, weighted by a Gaussian kernel of the distance as a
 * share of the axes (Nadaraya, "On estimating regression", 1964). It is left open where no point is near, since nothing
 * is known there. Values of a choice have nothing to do with each other: each is estimated from its own points.
 */
export function surfaceOf(x: SurfaceAxis, y: SurfaceAxis, points: readonly SurfacePoint[]): Surface {
  const width = WIDTH * Math.max(1, points.length) ** -0.25;
  const byColumn = weightsOf(
    x,
    points.map((point) => point.x),
    width,
  );
  const byRow = weightsOf(
    y,
    points.map((point) => point.y),
    width,
  );
  const z = byRow.map((row) =>
    byColumn.map((column): Cell => {
      let weight = 0;
      let sum = 0;
      for (const [index, point] of points.entries()) {
        const both = (row[index] ?? 0) * (column[index] ?? 0);
        weight += both;
        sum += both * point.z;
      }
      return weight < LEAST_WEIGHT ? null : Number((sum / weight).toPrecision(4));
    }),
  );
  return { x: centres(x), y: centres(y), z };
}
