import { describe, expect, it } from "vitest";
import { choice, float, int, type Param } from "./param.js";
import { weightsOf } from "./prior.js";
import { createSearchSpace } from "./search-space.js";

/** The error for a prior that TypeScript would refuse, or that the range does not allow. */
function refusal(param: Param, prior: unknown): string {
  const given = structuredClone(param);
  Reflect.set(given, "prior", prior);
  try {
    createSearchSpace({ x: given });
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "accepted";
}

describe("a prior", () => {
  it("is kept as it was written", () => {
    const prior = { around: 1e-3, factor: 3 };
    expect(float(1e-5, 1, { log: true, prior })).toMatchObject({ prior });
    expect(float(0, 1)).not.toHaveProperty("prior");
  });

  it.each<[Param, unknown, string]>([
    [float(0, 1), { around: 0, within: 5 }, "accepted"],
    [int(1, 9, { log: true }), { around: 9, factor: 1.01 }, "accepted"],
    [choice(["a", 2]), { weights: { 2: 0 } }, "accepted"],
    [float(0, 1), { around: 1.1, within: 1 }, "is around 1.1, but the range is 0 to 1"],
    [float(0, 1), { within: 1 }, "does not say around which number, but the range is 0 to 1"],
    [float(0, 1), { around: Number.NaN, within: 1 }, "is around NaN, but the range is 0 to 1"],
    [float(0, 1), { around: 1 }, "does not say how near the best value is"],
    [float(0, 1), { around: 1, within: 0 }, "has the distance 0, but `within` must be above 0"],
    [float(0, 1), { around: 1, factor: 2 }, "has a factor, but the param is not logarithmic"],
    [float(0, 1), { weights: { a: 1 } }, "has `weights`, but it is a prior of float"],
    [float(0, 1), { around: 1, with: 2 }, 'has "with", which means nothing there'],
    [float(0, 1), 0.5, "is not a mapping"],
    [float(1, 2, { log: true }), { around: 1, within: 1 }, "has `within`, but the param is logarithmic"],
    [float(1, 2, { log: true }), { around: 1 }, "does not say how near the best value is"],
    [float(1, 2, { log: true }), { around: 1, factor: 0.5 }, "has the factor 0.5, but it must be above 1"],
    [choice(["a", "b"]), { around: 1, within: 1 }, "has `around`, but it is a prior of choice"],
    [choice(["a", "b"]), { weights: { c: 1 } }, 'weighs "c", which is not one of its values'],
    [choice(["a", "b"]), { weights: { a: -1 } }, "weighs a with -1"],
    [choice(["a", "b"]), { weights: { a: 0, b: 0 } }, "weighs every value with 0"],
    [choice([1, "1"]), { weights: { 1: 2 } }, "cannot tell two values apart: both are written 1"],
    [choice(["a", "b"]), {}, "has no weights"],
    [choice(["a", "b"]), { weights: {} }, "has no weights"],
    [choice(["a", "b"]), { weights: null }, "has no weights"],
    [choice(["a", "b"]), { weights: [2, 1] }, "has no weights by value"],
    [choice([null, [64, 64]]), { weights: { null: 2, "[64, 64]": 3 } }, "accepted"],
    [choice([{ name: "b", deep: [1] }]), { weights: { '{"deep":[1],"name":"b"}': 3 } }, "accepted"],
    [choice([0.00001, 3]), { weights: { "1e-05": 2, "3.0": 2 } }, "accepted"],
    [choice([[64], [8]]), { weights: { "[64]": 2, "[ 64 ]": 3 } }, "weighs [64] twice"],
    [choice([[64], [8]]), { weights: { "64": 2 } }, 'weighs "64", which is not one of its values'],
  ])("of %o that is %o: %s", (param, prior, said) => {
    expect(refusal(param, prior)).toContain(said);
  });

  it("weighs the values that its texts name, however lists and mappings are written", () => {
    const options = [null, [64, 64], { name: "b", deep: [1] }, true, 1e-5, "1e-05"];
    const weights = { null: 2, "[64, 64]": 3, '{"deep": [1], "name": "b"}': 4, true: 5, "1e-05": 6 };
    expect(weightsOf(options, weights)).toEqual([2, 3, 4, 5, 1, 6]);
  });
});
