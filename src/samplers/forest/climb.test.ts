import { describe, expect, it } from "vitest";
import { choice, float, int, type Params } from "../../core/param.js";
import { createSearchSpace, problemsOf } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import { createClimb } from "./climb.js";

const space = createSearchSpace(
  {
    x: float(0, 1),
    layers: int(1, 9),
    kind: choice(["a", "b", "c"]),
    y: float(0, 1, { when: { kind: "b" } }),
  },
  [{ name: "x is low", holds: ({ x, layers }) => Number(x) * Number(layers) <= 6 }],
);
const promiseOf = ({ x, layers, kind, y = 0 }: Params): number =>
  -((Number(x) - 0.8) ** 2) - (Number(layers) - 7) ** 2 / 50 + (kind === "b" ? 1 + Number(y) : 0);
const start = { x: 0.1, layers: 2, kind: "a" };
const climbFrom = (params: Params, isTried: (params: Params) => boolean = () => false) =>
  createClimb(space, promiseOf, isTried, createRandom(1, 0, 0))({ params, promise: promiseOf(params) });

describe("a climb", () => {
  it("finds numbers, choices and what these switch on, within the constraints", () => {
    const { params, promise } = climbFrom(start);
    expect(problemsOf(space, params)).toEqual([]);
    expect(promise).toBe(promiseOf(params));
    expect(params["kind"]).toBe("b");
    expect(promise).toBeGreaterThan(1.8);
  });

  it("never ends at params that were tried", () => {
    const { params } = climbFrom(start, ({ kind }) => kind === "b");
    expect(params["kind"]).not.toBe("b");
    expect(promiseOf(params)).toBeGreaterThan(-0.1);
  });

  it("stays where nothing is better", () => {
    const all = createSearchSpace({ x: float(0, 1) });
    const climb = createClimb(
      all,
      () => 0,
      () => false,
      createRandom(1, 0, 0),
    );
    const place = { params: { x: 0.5 }, promise: 0 };
    expect(climb(place)).toBe(place);
  });
});
