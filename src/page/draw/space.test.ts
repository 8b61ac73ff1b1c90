import { describe, expect, it } from "vitest";
import { projected, spaceAxis, turned } from "./space.js";

const level = { yaw: 0, pitch: 0 };

describe("an axis in space", () => {
  it("puts the outermost values near its ends, and round numbers between them", () => {
    const { places, ticks } = spaceAxis({ title: { text: "width" }, type: "linear" }, [0, 50, 100]);
    expect(places).toEqual([-0.88, 0, 0.88]);
    expect(ticks.map(({ text }) => text)).toEqual(["0", "20", "40", "60", "80", "100"]);
  });

  it("puts powers of ten at equal distances on a logarithmic axis, and no place for what it cannot show", () => {
    const { places, ticks } = spaceAxis({ title: { text: "lr" }, type: "log" }, [0.001, 0.01, 0.1, 0]);
    expect(places.map((place) => Number(place.toFixed(9)))).toEqual([-0.88, 0, 0.88, Number.NaN]);
    // 1 and 3 times powers of ten, of which five lie between .001 and .1.
    expect(ticks).toHaveLength(5);
  });

  it("puts names at equal distances in the order given", () => {
    const axis = { title: { text: "kind" }, type: "category", categoryarray: ["c", "a", "b"] } as const;
    expect(spaceAxis(axis, ["a", "b"]).places).toEqual([0, 0.88]);
    expect(spaceAxis(axis, ["a", "b"]).ticks.map(({ text }) => text)).toEqual(["c", "a", "b"]);
  });

  it("has one value in the middle", () => {
    expect(spaceAxis({ title: { text: "x" } }, [7, 7]).places).toEqual([0, 0]);
  });
});

describe("what is seen from in front", () => {
  it("is x to the right, z upwards, and y away", () => {
    const [right, up] = projected([1, 0, 0], level);
    expect([right, up]).toEqual([1, 0]);
    expect(projected([0, 0, 1], level)[1]).toBe(1);
    expect(projected([0, -1, 0], level)[2]).toBe(1);
    expect(projected([0, 1, 0], level)[2]).toBe(-1);
  });

  it("is larger where it is nearer", () => {
    expect(projected([1, -1, 0], level)[0]).toBeCloseTo(6 / 5);
    expect(projected([1, 1, 0], level)[0]).toBeCloseTo(6 / 7);
  });

  it("turns: a quarter brings what was away to the right", () => {
    const [right] = projected([0, -1, 0], turned(level, Math.PI / 2, 0));
    expect(right).toBeCloseTo(1);
  });

  it("goes no higher than above, and not below the floor", () => {
    expect(turned(level, 0, 9).pitch).toBe(Math.PI / 2);
    expect(turned(level, 0, -9).pitch).toBe(0);
  });
});
