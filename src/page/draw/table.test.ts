import { describe, expect, it } from "vitest";
import { generateStudy } from "../../../tests/page/generated-study.js";
import type { Figure } from "../../plots/figure.js";
import { contour, parallelCoordinates } from "../../plots/index.js";
import { asTable } from "./table.js";

describe("a figure as a table", () => {
  it("has a row a point, with the texts of people as plain text", () => {
    const figure: Figure = {
      data: [
        {
          type: "scatter",
          name: "a &lt;b&gt;",
          mode: "lines",
          x: [1, null, 3],
          y: [4, null, 6],
          text: ["<b>trial 1</b><br>lr = 1", "", "trial 2"],
        },
      ],
      layout: { xaxis: { title: { text: "step" } }, yaxis: { title: { text: "loss" } } },
    };
    expect(asTable(figure)).toEqual({
      columns: ["what", "step", "loss", "details"],
      rows: [
        ["a <b>", 1, 4, "trial 1, lr = 1"],
        ["a <b>", 3, 6, "trial 2"],
      ],
      total: 2,
    });
    expect(asTable(figure, 1)).toMatchObject({ rows: [["a <b>", 1, 4, "trial 1, lr = 1"]], total: 2 });
  });

  it("has the params themselves in parallel coordinates, and every trial once", () => {
    const { study } = generateStudy({ trials: 30, failShare: 0, divergeShare: 0 });
    const table = asTable(parallelCoordinates.render({ study, reports: [] }));
    expect(table.total).toBe(30);
    expect(table.columns).toEqual([
      "lr",
      "width",
      "depth",
      "batch",
      "optimizer",
      "momentum",
      "step reached",
      "loss",
    ]);
    const [first] = study.trials;
    const [lr, width, depth, , optimizer] = table.rows[0] ?? [];
    expect(lr).toBeCloseTo(Number(first?.params["lr"]), 4);
    expect(width).toBeCloseTo(Number(first?.params["width"]), 2);
    expect([depth, optimizer]).toEqual([first?.params["depth"], first?.params["optimizer"]]);
  });

  it("lists the points of a surface, not its estimate", () => {
    const { study } = generateStudy({ trials: 30 });
    const figure = contour.render({ study, reports: [] });
    const points = figure.data.reduce(
      (sum, trace) => sum + (trace.type === "scatter" ? trace.x.length : 0),
      0,
    );
    expect(asTable(figure).total).toBe(points);
  });
});
