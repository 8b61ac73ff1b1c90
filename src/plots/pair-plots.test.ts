import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateStudy } from "../../tests/page/generated-study.js";
import { type HandMadeTrial, handMadeStudy } from "../../tests/page/hand-made-study.js";
import { choice, float, int } from "../core/param.js";
import type { Study } from "../core/study.js";
import type { Figure, ScatterTrace, SurfaceTrace } from "./figure.js";
import { contour, importance, rank, slice } from "./index.js";
import { paramScale } from "./param-scale.js";
import { surfaceOf } from "./surface.js";

const space = { lr: float(1e-4, 1, { log: true }), width: int(1, 9), kind: choice(["a", "b"]) };
const trialAt = (
  lr: number,
  width: number,
  loss: number,
  rest: Partial<HandMadeTrial> = {},
): HandMadeTrial => ({
  loss: [loss, loss, loss, loss],
  params: { lr, width, kind: width > 4 ? "a" : "b" },
  ...rest,
});
const studyOf = (trials: readonly HandMadeTrial[]): Study => handMadeStudy(trials, { space }).study;
const scatters = ({ data }: Figure): ScatterTrace[] =>
  data.flatMap((trace) => (trace.type === "scatter" ? [trace] : []));
const surfaces = ({ data }: Figure): SurfaceTrace[] =>
  data.flatMap((trace) => (trace.type === "heatmap" || trace.type === "contour" ? [trace] : []));
const pointsOf = (figure: Figure): Record<string, number> =>
  Object.fromEntries(scatters(figure).map(({ name, x }) => [name, x.length]));
const draw = (plot: typeof contour, study: Study, params?: readonly string[]): Figure =>
  plot.render({ study, reports: [], ...(params === undefined ? {} : { params }) });

const x = { param: space.lr, scale: paramScale(space.lr) };
const y = { param: space.width, scale: paramScale(space.width) };
const kind = { param: space.kind, scale: paramScale(space.kind) };
const point = fc.record({
  x: fc.double({ min: -4, max: 0, noNaN: true }),
  y: fc.double({ min: 1, max: 9, noNaN: true }),
  z: fc.integer({ min: -500, max: 500 }),
});

describe("a surface", () => {
  it("lies between its points, is flat where they are, and is open where points are far", () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), (points) => {
        const heights = points.map(({ z }) => z);
        const slack = 1e-3 * Math.max(...heights.map(Math.abs));
        const cells = surfaceOf(x, y, points).z.flat();
        const known = cells.filter((cell) => cell !== null);
        expect(known.length).toBeGreaterThan(0);
        expect(Math.min(...known)).toBeGreaterThanOrEqual(Math.min(...heights) - slack);
        expect(Math.max(...known)).toBeLessThanOrEqual(Math.max(...heights) + slack);
        const flat = surfaceOf(
          x,
          y,
          points.map((each) => ({ ...each, z: 2.5 })),
        );
        expect(new Set(flat.z.flat())).toEqual(new Set(known.length < cells.length ? [2.5, null] : [2.5]));
      }),
    );
    const corner = surfaceOf(x, y, [{ x: -4, y: 1, z: 3 }]);
    expect(corner.z[0]?.[0]).toBe(3);
    expect(corner.z.at(-1)?.at(-1)).toBeNull();
    expect([corner.x[0], corner.x.at(-1), corner.y[0], corner.y.at(-1)]).toEqual([-4, 0, 1, 9]);
  });

  it("estimates each value of a choice from its own points", () => {
    const { z } = surfaceOf(x, kind, [
      { x: -2, y: 0, z: 1 },
      { x: -2, y: 1, z: 7 },
    ]);
    expect(z.map((row) => new Set(row.filter((cell) => cell !== null)))).toEqual([
      new Set([1]),
      new Set([7]),
    ]);
  });
});

describe("plots of two params", () => {
  const trials = [
    ...Array.from({ length: 30 }, (_, n) => trialAt(10 ** (-4 + (n % 6) * 0.7), 1 + (n % 9), 1 + (n % 6))),
    trialAt(0.5, 3, 1, { state: "failed" }),
    trialAt(0.6, 3, Number.NaN),
    trialAt(0.7, 3, 2, { state: "stopped", loss: [2, 2] }),
  ];

  it.each([contour, rank])(
    "$name tells ended, forecast and lost trials apart, and marks the best",
    (plot) => {
      const figure = draw(plot, studyOf(trials), ["lr", "width"]);
      expect(pointsOf(figure)).toEqual({
        "failed or diverged": 2,
        "end forecast": 1,
        "end known": 29,
        best: 1,
      });
      expect(scatters(figure).find(({ name }) => name === "best")?.text?.[0]).toContain("trial 0");
      expect(figure.layout.xaxis?.title.text).toBe("lr");
      expect(figure.layout.yaxis?.title.text).toBe("width");
    },
  );

  it.each([contour, rank])("$name chooses the two most important params", (plot) => {
    const { xaxis, yaxis } = draw(plot, studyOf(trials)).layout;
    expect(xaxis?.title.text).toBe("lr");
    expect(["width", "kind"]).toContain(yaxis?.title.text);
  });

  it.each([contour, rank])("$name can show one trial, or only lost ones, or nothing", (plot) => {
    expect(pointsOf(draw(plot, studyOf([trialAt(0.1, 2, 1)]), ["lr", "width"]))).toEqual({ best: 1 });
    const lost = draw(plot, studyOf([trialAt(0.1, 2, 1, { state: "failed" })]), ["lr", "width"]);
    expect(pointsOf(lost)).toEqual({ "failed or diverged": 1 });
    expect(surfaces(lost)).toEqual([]);
    expect(draw(plot, studyOf([])).data).toEqual([]);
    const { study } = handMadeStudy([{ loss: [1] }]);
    expect(draw(plot, study).data).toEqual([]);
  });

  it.each([
    [["lr"], /two different params, but got lr/],
    [["lr", "lr"], /two different params/],
    [["lr", "unheard-of"], /no param "unheard-of"/],
  ])("refuses %s", (params, message) => {
    expect(() => draw(contour, studyOf(trials), params)).toThrow(message);
  });

  it("draws lines of equal height between numbers, and cells beside a choice", () => {
    expect(surfaces(draw(contour, studyOf(trials), ["lr", "width"])).map(({ type }) => type)).toEqual([
      "contour",
    ]);
    const [cells] = surfaces(draw(contour, studyOf(trials), ["lr", "kind"]));
    expect(cells?.type).toBe("heatmap");
    expect(cells?.z).toHaveLength(2);
  });

  it("colours by rank: equal values alike, the better the higher", () => {
    const study = studyOf([3, 1, 2, 2, 4].map((loss, n) => trialAt(0.1, 1 + n, loss)));
    const known = scatters(draw(rank, study, ["lr", "width"])).find(({ name }) => name === "end known");
    const heights = Object.fromEntries(
      (known?.text ?? []).map((text, place) => [/trial (\d)/.exec(text)?.[1], known?.marker?.color?.[place]]),
    );
    // Of five, the two in second place have the rank 1.
    expect(heights).toEqual({ 0: 0.25, 2: 0.75, 3: 0.75, 4: 0 });
  });

  it("thins many trials, the best ones kept", () => {
    const { study } = generateStudy({ trials: 1500, maxSteps: 2, stopping: false, failShare: 0 });
    for (const plot of [contour, rank]) {
      const known = scatters(draw(plot, study, ["lr", "width"])).find(({ name }) =>
        name.startsWith("end known"),
      );
      expect(known?.x).toHaveLength(600);
      expect(known?.name).toMatch(/^end known \(600 of 14\d\d\)$/);
    }
    const drawn = slice.render({ study, reports: [] }).data;
    expect(drawn.reduce((sum, trace) => sum + (trace.type === "scatter" ? trace.x.length : 0), 0)).toBe(1000);
  });
});

describe("a plot of importance", () => {
  it("has a bar for each param, the most important on top, whose shares add up to 1", () => {
    const { study } = generateStudy({ trials: 100 });
    const [bars] = draw(importance, study).data;
    const lengths = bars?.type === "bar" ? bars.x : [];
    expect(lengths).toHaveLength(6);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(lengths.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
  });

  it("shows nothing of fewer than two trials that ended", () => {
    expect(draw(importance, studyOf([trialAt(0.1, 2, 1), trialAt(0.1, 2, Number.NaN)])).data).toEqual([]);
  });
});
