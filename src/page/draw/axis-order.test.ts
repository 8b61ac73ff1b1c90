import { describe, expect, it } from "vitest";
import { axisNames, inOrder, movedTo } from "./axis-order.js";

const axis = (label: string) => ({ label, values: [], range: [0, 1] as const, tickvals: [], ticktext: [] });

describe("the order of axes", () => {
  it("is by names, which differ even where labels do not", () => {
    const axes = ["loss", "lr", "loss"].map(axis);
    const names = axisNames(axes);
    expect(new Set(names).size).toBe(3);
    const [first, second, third] = axes;
    expect(inOrder(axes, [names[2] ?? "", names[0] ?? ""])).toEqual([third, first, second]);
    expect(inOrder(axes, [names[2] ?? "", names[0] ?? ""])[0]).toBe(third);
    expect(inOrder(axes, [])).toEqual(axes);
    expect(inOrder(axes, ["0 gone", names[1] ?? ""])).toEqual([second, first, third]);
  });

  it("changes by one that is moved", () => {
    expect(movedTo(["a", "b", "c", "d"], 0, 2)).toEqual(["b", "c", "a", "d"]);
    expect(movedTo(["a", "b", "c", "d"], 3, 0)).toEqual(["d", "a", "b", "c"]);
    expect(movedTo(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });
});
