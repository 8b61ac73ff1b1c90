import { describe, expect, it } from "vitest";
import type { Figure } from "../plots/index.js";
import { createFigurePool } from "./figure-pool.js";

const figure = (name: string, y: readonly number[]): Figure => ({
  data: [{ type: "scatter", name, mode: "lines", x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], y }],
  layout: {},
});

describe("a pool of figures", () => {
  it("keeps what figures have in common once, and short parts in their places", () => {
    const pool = createFigurePool();
    const [first, second, again] = [figure("a", [1, 2]), figure("b", [3, 4]), figure("a", [1, 2])].map(
      pool.add,
    );
    const steps = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const trace = { type: "scatter", mode: "lines", x: { shared: 0 } };
    expect(pool.parts).toEqual([
      steps,
      { ...trace, name: "a", y: [1, 2] },
      { ...trace, name: "b", y: [3, 4] },
    ]);
    expect(first).toEqual({ data: [{ shared: 1 }], layout: {} });
    expect(second).toEqual({ data: [{ shared: 2 }], layout: {} });
    expect(again).toEqual(first);
  });
});
