import type { Param, ParamValue } from "../core/param.js";
import { placeOfValue } from "../core/param-value.js";
import { contains, countValues, valueAt } from "../core/search-space.js";

/** Params with more values than this are modelled as continuous: kernels are many steps wide. */
const MOST_STEPS = 2048;

/** How the values of one param lie on a line, for densities over them. */
export interface Dimension {
  readonly name: string;
  /**
   * `continuous`: a density; `steps`: the mass of each value's own stretch of the line; `category`: places are numbers
   * without an order, from 0.
   */
  readonly kind: "continuous" | "steps" | "category";
  /** The ends of the line; of a category, 0 and the number of options. */
  readonly low: number;
  readonly high: number;
  /** The place of a value; NaN for one that the param cannot take. */
  placeOf(value: ParamValue | undefined): number;
  /** The value at a place, or the nearest one. */
  valueOf(place: number): ParamValue;
  /** Of `steps`: how many there are, which one a value's place is, and the stretch of the line that belongs to it. */
  readonly steps: number;
  stepOf(place: number): number;
  edgesOf(place: number): readonly [from: number, to: number];
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const NO_STEPS: Pick<Dimension, "steps" | "stepOf" | "edgesOf"> = {
  steps: 0,
  stepOf: () => 0,
  edgesOf: (place) => [place, place],
};

function category(name: string, options: readonly ParamValue[]): Dimension {
  return {
    name,
    kind: "category",
    low: 0,
    high: options.length,
    placeOf: (value) => {
      const place = placeOfValue(options, value);
      return place < 0 ? Number.NaN : place;
    },
    valueOf: (place) => options[place] ?? null,
    ...NO_STEPS,
  };
}

/** Options in an order: whole numbers from 0. */
function places(name: string, options: readonly ParamValue[]): Dimension {
  const last = options.length - 1;
  return {
    ...category(name, options),
    kind: "steps",
    low: -0.5,
    high: last + 0.5,
    valueOf: (place) => options[clamp(Math.round(place), 0, last)] ?? null,
    steps: options.length,
    stepOf: (place) => place,
    edgesOf: (place) => [place - 0.5, place + 0.5],
  };
}

type NumberParam = Extract<Param, { readonly kind: "float" | "int" }>;

function numeric(name: string, param: NumberParam): Dimension {
  const { log } = param;
  const onLine = (value: number): number => (log ? Math.log(value) : value);
  const fromLine = (place: number): number => (log ? Math.exp(place) : place);
  const placeOf = (value: ParamValue | undefined): number =>
    typeof value === "number" && contains(param, value) ? onLine(value) : Number.NaN;
  if (param.step === undefined) {
    return {
      name,
      kind: "continuous",
      low: onLine(param.low),
      high: onLine(param.high),
      placeOf,
      valueOf: (place) => clamp(fromLine(place), param.low, param.high),
      ...NO_STEPS,
    };
  }
  const { step, low } = param;
  const count = countValues(param);
  const half = step / 2;
  /** The value of a step, without the rounding of sums. */
  const atStep = (index: number): ParamValue =>
    param.kind === "int" ? low + index * step : valueAt(param, (index + 0.5) / count);
  const stepOf = (place: number): number => clamp(Math.round((fromLine(place) - low) / step), 0, count - 1);
  return {
    name,
    kind: count > MOST_STEPS ? "continuous" : "steps",
    low: onLine(low - half),
    high: onLine(low + (count - 1) * step + half),
    placeOf,
    valueOf: (place) => atStep(stepOf(place)),
    steps: count,
    stepOf,
    edgesOf: (place) => {
      const value = fromLine(place);
      return [onLine(value - half), onLine(value + half)];
    },
  };
}

/** The dimension of a param; undefined if it has a single value, about which there is nothing to learn. */
export function dimensionOf(name: string, param: Param): Dimension | undefined {
  if (countValues(param) === 1) return undefined;
  switch (param.kind) {
    case "float":
    case "int":
      return numeric(name, param);
    case "choice":
      return category(name, param.options);
    case "ordinal":
      return places(name, param.options);
    case "fixed":
      return undefined;
  }
}
