import { describe, expect, it } from "vitest";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import { CurvewiseError } from "../core/errors.js";
import { choice, fixed, float, int, type Space } from "../core/param.js";
import { BEST_COLOUR } from "./fate.js";
import type { Figure, ParallelTrace } from "./figure.js";
import { grid3d } from "./grid-3d.js";
import { parallelCoordinates } from "./parallel-coordinates.js";

const space: Space = {
  lr: float(0.001, 1, { log: true }),
  optimizer: choice(["sgd", "<adam>"]),
  momentum: float(0, 1, { when: { optimizer: "sgd" } }),
  epochs: fixed(3),
};
const trials = [
  { loss: [3, 2], params: { lr: 0.01, optimizer: "sgd", momentum: 0.5, epochs: 3 } },
  { loss: [5, 4], params: { lr: 1, optimizer: "<adam>", epochs: 3 } },
  { loss: [Number.NaN], params: { lr: 0.1, optimizer: "<adam>", epochs: 3 } },
];

function parallel(figure: Figure): ParallelTrace | undefined {
  return figure.data.find((trace) => trace.type === "parcoords");
}

describe("parallel coordinates", () => {
  const trace = parallel(parallelCoordinates.render({ ...handMadeStudy(trials, { space }), reports: [] }));

  it("has an axis for every param that varies, and for the value", () => {
    expect(trace?.dimensions.map(({ label }) => label)).toEqual(["lr", "optimizer", "momentum", "loss"]);
  });

  it("places logarithmic params by their exponent and names the values", () => {
    const lr = trace?.dimensions[0];
    expect(lr?.values.slice(0, 2)).toEqual([-2, 0]);
    expect(lr?.range).toEqual([-3, 0]);
    expect(lr?.tickvals).toEqual([-3, -2, -1, 0]);
    expect(lr?.ticktext).toEqual(["0.001", "0.01", "0.1", "1"]);
  });

  it("labels options with plain text, since Plotly does not interpret ticks", () => {
    expect(trace?.dimensions[1]?.values.slice(0, 2)).toEqual([0, 1]);
    expect(trace?.dimensions[1]?.ticktext).toEqual(["sgd", "<adam>"]);
  });

  it("puts trials without a param below its axis", () => {
    const momentum = trace?.dimensions[2];
    expect(momentum?.values.slice(0, 2)).toEqual([0.5, -0.12]);
    expect(momentum?.range).toEqual([-0.12, 1]);
    expect(momentum?.ticktext[0]).toBe("(off)");
  });

  it("gives the better value the higher colour in both directions", () => {
    const [first = 0, second = 0] = trace?.line.color ?? [];
    expect(first).toBeGreaterThan(second);
    const up = parallelCoordinates.render({
      ...handMadeStudy(trials, { space, direction: "maximize" }),
      reports: [],
    });
    const [low = 0, high = 0] = parallel(up)?.line.color ?? [];
    expect(high).toBeGreaterThan(low);
  });

  it("marks the best trial, on top of all others: in red and wider than the others", () => {
    const losses = [5, 3, 1, 4, 2];
    const study = handMadeStudy([
      ...losses.map((loss) => ({ loss: [loss] })),
      { loss: [0.1], state: "stopped" },
    ]);
    const { line, dimensions = [] } = parallel(parallelCoordinates.render({ ...study, reports: [] })) ?? {};
    if (line === undefined) throw new Error("nothing is drawn");
    const { color, colorscale, cmin, cmax } = line;
    const colourOf = (value: number): string | undefined =>
      colorscale.findLast(([stop]) => stop <= (value - cmin) / (cmax - cmin) + 1e-9)?.[1];
    expect(color.map(colourOf).map((each) => each === BEST_COLOUR)).toEqual([
      false,
      false,
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(Math.max(...color)).toBe(color[2]);
    for (const { values, range } of dimensions) {
      expect(values).toHaveLength(8);
      const [place = Number.NaN] = values.slice(2, 3);
      for (const beside of values.slice(6)) {
        expect(Math.abs(beside - place)).toBeLessThan(0.01 * (range[1] - range[0]));
        expect(beside).toBeGreaterThanOrEqual(range[0]);
        expect(beside).toBeLessThanOrEqual(range[1]);
      }
    }
  });

  it("has a dozen labels at most on an axis, short ones", () => {
    const wide: Space = {
      lr: float(1e-40, 1, { log: true }),
      big: float(1, 1e12, { log: true }),
      many: choice(Array.from({ length: 100 }, (_, index) => `option number ${index}`)),
    };
    const params = { lr: 1e-9, big: 10, many: "option number 7" };
    const made = handMadeStudy([{ loss: [1], params }], { space: wide });
    const [lr, big, many] = parallel(parallelCoordinates.render({ ...made, reports: [] }))?.dimensions ?? [];
    expect(lr?.ticktext.slice(0, 3)).toEqual(["1e-40", "1e-36", "1e-32"]);
    expect(lr?.tickvals.slice(0, 3)).toEqual([-40, -36, -32]);
    expect(big?.ticktext).toEqual(["1", "100", "10000", "1e6", "1e8", "1e10", "1e12"]);
    expect(many?.ticktext[1]).toBe("option number…");
    for (const each of [lr, big, many]) {
      expect(each?.tickvals.length).toBeLessThanOrEqual(12);
      expect(each?.ticktext).toHaveLength(each?.tickvals.length ?? 0);
      for (const text of each?.ticktext ?? []) expect(text.length).toBeLessThanOrEqual(14);
    }
  });

  it("shows the step reached if trials differ in it", () => {
    const study = handMadeStudy([{ loss: [3, 2, 1] }, { loss: [5], state: "stopped" }]);
    const dimensions = parallel(parallelCoordinates.render({ ...study, reports: [] }))?.dimensions;
    expect(dimensions?.[1]).toMatchObject({ label: "step reached", values: expect.arrayContaining([3, 1]) });
  });

  it("contains only numbers that JSON has, whatever was reported", () => {
    const study = handMadeStudy([
      { loss: [1e300] },
      { loss: [-1e-300] },
      { loss: [0] },
      { loss: [Number.NaN] },
    ]);
    const dimensions = parallel(parallelCoordinates.render({ ...study, reports: [] }))?.dimensions ?? [];
    for (const { values, range, tickvals } of dimensions) {
      for (const number of [...values, ...range, ...tickvals]) expect(number).toSatisfy(Number.isFinite);
    }
    expect(dimensions).toHaveLength(2);
  });

  it("has ticks at whole numbers for whole numbers", () => {
    const made = handMadeStudy([{ loss: [1], params: { n: 2 } }], { space: { n: int(1, 4) } });
    const [n] = parallel(parallelCoordinates.render({ ...made, reports: [] }))?.dimensions ?? [];
    expect(n?.ticktext).toEqual(["1", "2", "3", "4"]);
  });
});

describe("grid 3d", () => {
  const cube: Space = { a: float(1, 100, { log: true }), b: int(1, 3), c: choice(["x", "y"]) };
  const made = handMadeStudy(
    [
      { loss: [3], params: { a: 1, b: 2, c: "y" } },
      { loss: [1], params: { a: 100, b: 3, c: "x" } },
      { loss: [Number.NaN], params: { a: 10, b: 1, c: "x" } },
    ],
    { space: cube },
  );

  it("places finite trials by three params", () => {
    const figure = grid3d.render({ ...made, reports: [] });
    expect(figure.data).toMatchObject([
      { x: [1, 100], y: [2, 3], z: ["y", "x"], marker: { color: [-3, -1] } },
    ]);
    expect(figure.layout.scene).toMatchObject({
      xaxis: { type: "log", title: { text: "a" } },
      zaxis: { type: "category", categoryarray: ["x", "y"] },
    });
  });

  it("labels few powers of ten of a wide axis", () => {
    const wide: Space = { a: float(1e-20, 1, { log: true }), b: int(1, 3), c: choice(["x", "y"]) };
    const figure = grid3d.render({
      ...handMadeStudy(
        [
          { loss: [3], params: { a: 1, b: 2, c: "y" } },
          { loss: [2], params: { a: 1e-20, b: 2, c: "y" } },
        ],
        { space: wide },
      ),
      reports: [],
    });
    expect(figure.layout.scene?.xaxis.dtick).toBe(4);
    expect(grid3d.render({ ...made, reports: [] }).layout.scene?.xaxis.dtick).toBe(1);
  });

  it("takes the named params, in order", () => {
    const figure = grid3d.render({ ...made, reports: [], params: ["b", "c", "a"] });
    expect(figure.data).toMatchObject([{ x: [2, 3], y: ["y", "x"], z: [1, 100] }]);
  });

  it("refuses params that do not exist, or other than three", () => {
    for (const params of [
      ["a", "b", "d"],
      ["a", "b"],
    ]) {
      expect(() => grid3d.render({ ...made, reports: [], params })).toThrow(CurvewiseError);
    }
  });

  it("has no data if the space has fewer than three params", () => {
    expect(grid3d.render({ ...handMadeStudy([{ loss: [1] }]), reports: [] }).data).toEqual([]);
  });
});
