import fc from "fast-check";
import { choice, fixed, float, int, ordinal, type Param, type ParamValue } from "../../core/param.js";
import { type Constraint, createSearchSpace, type SearchSpace } from "../../core/search-space.js";

/** A param whose condition is not yet known. */
function plainParam(): fc.Arbitrary<(when: Param["when"]) => Param> {
  const bounds = fc
    .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 50 }))
    .map(([low, width]) => [low, low + width] as const);
  const withWhen = (when: Param["when"]) => (when === undefined ? {} : { when });
  return fc.oneof(
    fc.tuple(bounds, fc.boolean()).map(
      ([[low, high], log]) =>
        (when: Param["when"]) =>
          float(low / 10, high / 10, { log, ...withWhen(when) }),
    ),
    fc.tuple(bounds, fc.constantFrom(0.1, 0.25, 1 / 3)).map(
      ([[low, high], step]) =>
        (when: Param["when"]) =>
          float(low / 10, high / 10, { step, ...withWhen(when) }),
    ),
    fc.tuple(bounds, fc.boolean()).map(
      ([[low, high], log]) =>
        (when: Param["when"]) =>
          int(low, high, { log, ...withWhen(when) }),
    ),
    fc.tuple(bounds, fc.boolean()).map(([[low, high], log]) => (when: Param["when"]) => {
      const middle = (low + high) / 2;
      const prior = log ? { around: middle, factor: 1.5 } : { around: middle, within: 2 };
      return int(low, high, { log, prior, ...withWhen(when) });
    }),
    bounds.map(([low, high]) => (when: Param["when"]) => {
      const prior = { around: high / 10, factor: 2 };
      return float(low / 10, high / 10, { log: true, prior, ...withWhen(when) });
    }),
    fc.constantFrom(
      (when: Param["when"]): Param => choice(["a", "b", "c"], withWhen(when)),
      (when: Param["when"]): Param => choice(["a", "b"], { prior: { weights: { b: 9 } }, ...withWhen(when) }),
      (when: Param["when"]): Param => choice([true, false], withWhen(when)),
      (when: Param["when"]): Param => ordinal([8, 16, 32, 64], withWhen(when)),
      (when: Param["when"]): Param => choice([null, [64, 64], { name: "b", deep: [1] }], withWhen(when)),
      (when: Param["when"]): Param => ordinal([null, [8], [8, 8]], withWhen(when)),
      (when: Param["when"]): Param => fixed("always", withWhen(when)),
      (when: Param["when"]): Param => fixed(["always", null], withWhen(when)),
    ),
  );
}

/** A condition that a param may or may not meet. */
function conditionOn(name: string, param: Param): Param["when"] {
  switch (param.kind) {
    case "float":
    case "int":
      return { [name]: { max: (param.low + param.high) / 2 } };
    case "choice":
    case "ordinal":
      return { [name]: param.options.slice(0, -1) };
    case "fixed":
      return { [name]: [param.value] };
  }
}

/** A whole number for a value, another one for most other values of a param. */
const numberOf = (value: ParamValue): number =>
  typeof value === "number" ? Math.round(1000 * value) : JSON.stringify(value).length;

/** Refuses about a quarter of all params, in no simple pattern and whatever their order. */
export const CONSTRAINT: Constraint = {
  name: "the numbers made of the params add up to no multiple of four",
  holds: (params) => {
    let sum = 0;
    for (const [name, value] of Object.entries(params)) {
      // The upper bits of this product depend on all of the number.
      sum += Math.imul(numberOf(value) + name.charCodeAt(1), 0x9e3779b1) >>> 15;
    }
    return sum % 4 !== 0;
  },
};

/** Search spaces of 1 to 5 params of every kind, with conditions (even on conditional params) and constraints. */
export function searchSpaces(): fc.Arbitrary<SearchSpace> {
  const param = fc.record({ make: plainParam(), parent: fc.option(fc.nat({ max: 4 })) });
  return fc
    .tuple(fc.array(param, { minLength: 1, maxLength: 5 }), fc.boolean())
    .map(([params, constrained]) => {
      const space: Record<string, Param> = {};
      for (const [index, { make, parent }] of params.entries()) {
        const parentName = `p${parent ?? index}`;
        const parentParam = space[parentName];
        space[`p${index}`] = make(
          parentParam === undefined ? undefined : conditionOn(parentName, parentParam),
        );
      }
      return createSearchSpace(space, constrained ? [CONSTRAINT] : []);
    });
}
