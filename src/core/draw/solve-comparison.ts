import type { Param, Params, ParamValue } from "../param.js";
import { type Comparison, countValues, type SearchSpace, valueAt } from "../search-space.js";

/** Numbers this close, relative to the larger one, are one number to within rounding. */
const ROUNDING = 1e-9;

const isClose = (a: number, b: number): boolean =>
  Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b));

/** The value of a param that is a number, but for its rounding; undefined if it cannot take that value. */
function valueNear(param: Param, wanted: number): ParamValue | undefined {
  if (!Number.isFinite(wanted)) return undefined;
  switch (param.kind) {
    case "float":
    case "int": {
      const value = isClose(wanted, param.low)
        ? param.low
        : isClose(wanted, param.high)
          ? param.high
          : wanted;
      if (value < param.low || value > param.high) return undefined;
      if (param.step === undefined) return value;
      const steps = (value - param.low) / param.step;
      if (Math.abs(steps - Math.round(steps)) > ROUNDING * Math.max(1, steps)) return undefined;
      // A logarithmic int has other quantiles, but its steps are whole numbers.
      if (param.kind === "int") return param.low + Math.round(steps) * param.step;
      return valueAt(param, (Math.round(steps) + 0.5) / countValues(param));
    }
    case "choice":
    case "ordinal":
      return param.options.find((option) => typeof option === "number" && isClose(option, wanted));
    case "fixed":
      return undefined;
  }
}

/** Whether a comparison counts: all of its params are on. */
export const isApplicable = ({ names }: Comparison, params: Params): boolean =>
  names.every((name) => params[name] !== undefined);

/** The value of a param at which both sides of a comparison are equal; only where they are linear in that param. */
export function solveFor(
  space: SearchSpace,
  params: Params,
  { difference }: Comparison,
  name: string,
): ParamValue | undefined {
  const param = space.params[name];
  if (param === undefined || typeof params[name] !== "number") return undefined;
  const at = (value: number): number => difference({ ...params, [name]: value });
  const start = at(0);
  const slope = at(1) - start;
  const bend = at(2) - start - 2 * slope;
  if (!(Math.abs(bend) <= ROUNDING * (Math.abs(start) + Math.abs(slope)))) return undefined;
  // Without a slope that is infinite or NaN, which cannot be the value of a param.
  return valueNear(param, -start / slope);
}
