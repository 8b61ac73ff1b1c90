import { choice, fixed, float, int, type Param, type Params, type ParamValue } from "../core/param.js";
import { distinctValues } from "../core/param-value.js";
import { extentOf } from "./extent.js";
import { foundCondition } from "./found-conditions.js";

function paramOf(values: readonly ParamValue[]): Param {
  const distinct = distinctValues(values);
  const [first] = distinct;
  if (distinct.length === 1 && first !== undefined) return fixed(first);
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length) return choice(distinct);
  const { low, high } = extentOf(numbers);
  return numbers.every(Number.isSafeInteger) ? int(low, high) : float(low, high);
}

/**
 * A search space for params of which only the values are known: numbers between the least and the greatest one,
 * everything else one of what was tried. Where trials lack a param, what tells them from the others is its condition.
 *
 * @param whole the params of trials that have all that they would ever have
 * @param warnings receives what is only a guess
 */
export function spaceOfValues(
  trials: readonly Params[],
  whole: readonly Params[],
  warnings: string[],
): Readonly<Record<string, Param>> {
  const names = new Set(trials.flatMap((params) => Object.keys(params)));
  const kinds = new Map(
    [...names].map((name) => [
      name,
      paramOf(trials.flatMap((params) => (params[name] === undefined ? [] : [params[name]]))),
    ]),
  );
  const ranges = [...kinds]
    .filter(([, { kind }]) => kind === "float" || kind === "int")
    .map(([name]) => name);
  if (ranges.length > 0) {
    warnings.push(`The ranges of ${ranges.join(", ")} are those of the values that were tried.`);
  }
  return Object.fromEntries(
    [...kinds].map(([name, param]): [string, Param] => {
      if (whole.every((params) => params[name] !== undefined)) return [name, param];
      const when = foundCondition(name, kinds, whole);
      if (when !== undefined) return [name, { ...param, when }];
      warnings.push(`Some trials lack "${name}", and no other param tells why: here it has no condition.`);
      return [name, param];
    }),
  );
}
