import { lowerBound } from "../../math/lower-bound.js";

/** The values that a coordinate of a normal distribution is rounded to. */
export interface Grid {
  /** Ascending; at least three, as two values are better a choice. */
  readonly values: Float64Array;
  /** Halfway between neighbours, one fewer. */
  readonly limits: Float64Array;
}

export const gridOf = (values: Float64Array): Grid => ({
  values,
  limits: Float64Array.from(values.subarray(1), (value, place) => (value + (values[place] ?? value)) / 2),
});

/** How many limits are below a coordinate: the place of the value that it is rounded to. */
export const placeIn = ({ limits }: Grid, coordinate: number): number => lowerBound(limits, coordinate);

export const rounded = (grid: Grid, coordinate: number): number =>
  grid.values[placeIn(grid, coordinate)] ?? coordinate;
