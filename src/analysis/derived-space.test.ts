import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choice, fixed, float, int } from "../core/param.js";
import { problemsOf } from "../core/search-space.js";
import { deriveSpace } from "./derived-space.js";

describe("a derived space", () => {
  it("has the kind and the scale that the values suggest", () => {
    const configurations = [
      { rate: 1e-4, momentum: 0, units: 16, wide: 1, kind: "a", flag: true, same: 3, mixed: 1 },
      { rate: 1e-2, momentum: 0.9, units: 512, wide: 100, kind: "b", flag: false, same: 3, mixed: "auto" },
      { rate: 1e-3, momentum: 0.5, units: 32, wide: 7, kind: "a", flag: true, same: 3, mixed: 1, extra: "x" },
    ];
    expect(deriveSpace(configurations).params).toEqual({
      rate: float(1e-4, 1e-2, { log: true }),
      momentum: float(0, 0.9),
      units: int(16, 512),
      wide: int(1, 100, { log: true }),
      kind: choice(["a", "b"]),
      flag: choice([true, false]),
      same: fixed(3),
      mixed: choice([1, "auto"]),
      extra: fixed("x"),
    });
  });

  it("contains every configuration that it was derived from", () => {
    const value = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.string(),
    );
    const configuration = fc.record({
      a: value,
      b: fc.integer(),
      c: fc.double({ min: 1e-9, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(configuration, { minLength: 1 }), (configurations) => {
        const space = deriveSpace(configurations);
        for (const params of configurations) expect(problemsOf(space, params)).toEqual([]);
      }),
    );
  });
});
