import { describe, expect, it } from "vitest";
import { createRandom } from "../../math/random.js";
import { choice, float, int, type Params } from "../param.js";
import { createSearchSpace, problemsOf, type SearchSpace } from "../search-space.js";
import { keyOf } from "./params-key.js";
import { createUntriedParams } from "./untried-params.js";

/** Draws until there is nothing, or so often; each draw is tried at once. */
function drawAll(space: SearchSpace, most: number, repeats = false): Params[] {
  const untried = createUntriedParams({ space, seed: 4, repeats });
  const drawn: Params[] = [];
  for (let number = 0; number < most; number++) {
    const params = untried.draw(createRandom(1, number, 0));
    if (params === undefined) break;
    expect(problemsOf(space, params)).toEqual([]);
    untried.note({ number, params });
    drawn.push(params);
  }
  return drawn;
}
const countDistinct = (drawn: readonly Params[]): number => new Set(drawn.map(keyOf)).size;

const few = {
  optimizer: choice(["sgd", "adam"]),
  momentum: float(0, 0.9, { step: 0.3, when: { optimizer: "sgd" } }),
  layers: int(1, 3),
};

describe("untried params", () => {
  it("are drawn until every combination was, with conditions and steps", () => {
    const drawn = drawAll(createSearchSpace(few), 100);
    // Four values of momentum with sgd, none with adam; three depths.
    expect(drawn).toHaveLength(15);
    expect(countDistinct(drawn)).toBe(15);
  });

  it("are repeated only when none is left, and only where that is wanted", () => {
    const drawn = drawAll(createSearchSpace(few), 40, true);
    expect(drawn).toHaveLength(40);
    expect(countDistinct(drawn.slice(0, 15))).toBe(15);
    expect(countDistinct(drawn)).toBe(15);
  });

  it("are found where random draws hardly ever come to them", () => {
    // On a scale of factors, the last one is one draw in 1,400.
    const space = createSearchSpace({ width: int(1, 200, { log: true }), even: choice([true, false]) });
    expect(countDistinct(drawAll(space, 1000))).toBe(400);
  });

  it("are found where the constraints refuse nearly everything", () => {
    const bits = Object.fromEntries(Array.from({ length: 14 }, (_, bit) => [`bit${bit}`, int(0, 1)]));
    const isFull = (params: Params): boolean =>
      Object.values(params).reduce<number>((sum, bit) => sum + Number(bit), 0) === 14;
    const drawn = drawAll(createSearchSpace(bits, [{ name: "all bits are 1", holds: isFull }]), 9);
    expect(drawn).toHaveLength(1);
  });

  it("say which constraint refuses everything", () => {
    const space = createSearchSpace(few, [{ name: "nothing", holds: () => false }]);
    expect(() => drawAll(space, 1)).toThrow(expect.objectContaining({ code: "SPACE_UNSATISFIABLE" }));
  });

  it("have no end where a float has no steps", () => {
    const drawn = drawAll(createSearchSpace({ ...few, rate: float(0, 1) }), 500);
    expect(countDistinct(drawn)).toBe(500);
  });
});
