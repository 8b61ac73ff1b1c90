import { allLevels } from "../../core/candidates/levels.js";
import { beliefOf, believedMass, expectedOf } from "../../core/draw/belief.js";
import type { Params, ParamValue } from "../../core/param.js";
import { sameValue } from "../../core/param-value.js";
import { defaultOf, type SearchSpace, valueAt, valuesOf } from "../../core/search-space.js";
import { normalShare } from "../../math/normal-distribution.js";
import { type Dimension, dimensionOf } from "../dimension.js";
import type { Ground, Point } from "./distribution.js";
import { gridOf, rounded } from "./grid.js";

/** Params as points of a normal distribution and choices. */
export interface Coordinates {
  readonly ground: Ground;
  /** The params that a point stands for, whether or not the constraints allow them; in the space's order. */
  paramsOf(point: Point): Params;
  /**
   * The point of params. A param that is off, or that has the value which the drawn point stands for, keeps what was
   * drawn: the place before it was rounded or moved into its range, or one that tells nothing.
   */
  pointOf(params: Params, drawn: Point): Point;
  /** The point in the middle of all ranges, or at the params' defaults or priors where they have one. */
  readonly middle: Point;
  /** By coordinate: the standard deviation of the param's prior; undefined without one. */
  readonly deviations: readonly (number | undefined)[];
  /** By choice: the probabilities of its options by the param's doubted prior, equal without one. */
  readonly shares: readonly Float64Array[];
}

/** The share of a normal distribution below the mean plus one deviation. */
const UPPER = normalShare(1);

/** A param's coordinate from 0 to 1, or its place among the choices. */
interface Axis {
  readonly dimension: Dimension;
  readonly at: number;
}

/** The place of a value from 0 to 1; undefined if the param cannot take it. */
function shareOf({ placeOf, low, high }: Dimension, value: ParamValue | undefined): number | undefined {
  const share = (placeOf(value) - low) / (high - low);
  return Number.isNaN(share) ? undefined : share;
}

/**
 * Creates the coordinates of a space: numbers and ordinals from 0 to 1 on their own (logarithmic) scale. Those with few
 * enough values are rounded by the distribution, those with many are continuous, and those with two are choices. Params
 * with a single value have no coordinate.
 */
export function createCoordinates(space: SearchSpace): Coordinates {
  const continuous: Dimension[] = [];
  const stepped: { readonly dimension: Dimension; readonly values: readonly ParamValue[] }[] = [];
  const choices: { readonly dimension: Dimension; readonly values: readonly ParamValue[] }[] = [];
  for (const name of space.order) {
    const param = space.params[name];
    const dimension = param && dimensionOf(name, param);
    const levels = param && allLevels(param);
    if (dimension === undefined) continue;
    if (dimension.kind === "continuous" || levels === undefined) continuous.push(dimension);
    else {
      const values = Array.from({ length: levels.count }, (_, index) => levels.value(index));
      const isChoice = dimension.kind === "category" || values.length === 2;
      (isChoice ? choices : stepped).push({ dimension, values });
    }
  }
  const ground: Ground = {
    bounds: continuous.map(() => [0, 1]),
    grids: stepped.map(({ dimension, values }) =>
      gridOf(Float64Array.from(values, (value) => shareOf(dimension, value) ?? 0)),
    ),
    categories: choices.map(({ values }) => values.length),
  };
  const numeric = [...continuous, ...stepped.map(({ dimension }) => dimension)];
  const axes = new Map<string, Axis>(numeric.map((dimension, at) => [dimension.name, { dimension, at }]));
  const choiceOf = new Map(choices.map((choice, at) => [choice.dimension.name, { ...choice, at }]));

  const valueOf = (name: string, point: Point): ParamValue | undefined => {
    const choice = choiceOf.get(name);
    if (choice !== undefined) return choice.values[point.options[choice.at] ?? 0];
    const axis = axes.get(name);
    if (axis === undefined) return undefined;
    const { dimension, at } = axis;
    const grid = ground.grids[at - ground.bounds.length];
    const drawn = point.coordinates[at] ?? 0;
    const share = grid === undefined ? Math.min(1, Math.max(0, drawn)) : rounded(grid, drawn);
    return dimension.valueOf(dimension.low + share * (dimension.high - dimension.low));
  };

  const pointOf = (params: Params, drawn: Point): Point => {
    const coordinates = Float64Array.from(drawn.coordinates);
    const options = Int32Array.from(drawn.options);
    for (const [name, value] of Object.entries(params)) {
      if (sameValue(value, valueOf(name, drawn))) continue;
      const axis = axes.get(name);
      const share = axis && shareOf(axis.dimension, value);
      if (axis !== undefined && share !== undefined) coordinates[axis.at] = share;
      const choice = choiceOf.get(name);
      const option = choice?.values.findIndex((each) => sameValue(each, value)) ?? -1;
      if (choice !== undefined && option >= 0) options[choice.at] = option;
    }
    return { coordinates, options };
  };

  const center: Point = {
    coordinates: new Float64Array(numeric.length).fill(0.5),
    options: new Int32Array(choices.length),
  };
  const defaults = Object.entries(space.params).flatMap(([name, param]) => {
    const own = defaultOf(param);
    const value = own === undefined ? expectedOf(param) : own;
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ground,
    paramsOf: (point) =>
      valuesOf(space, (param, name) => {
        const value = valueOf(name, point);
        return value === undefined ? valueAt(param, 0) : value;
      }),
    pointOf,
    middle: pointOf(Object.fromEntries(defaults), center),
    deviations: numeric.map(({ name }) => {
      const param = space.params[name];
      const belief = param && beliefOf(param);
      return belief && (belief.at(UPPER) - belief.at(1 - UPPER)) / 2;
    }),
    shares: choices.map(({ dimension: { name }, values }) => {
      const param = space.params[name];
      const isBelieved = param !== undefined && beliefOf(param) !== undefined;
      return Float64Array.from(values, (value) =>
        isBelieved ? believedMass(param, value, 0) : 1 / values.length,
      );
    }),
  };
}
