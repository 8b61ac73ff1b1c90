import { describe, expect, it } from "vitest";
import type { Figure } from "../plots/index.js";
import { packFigure } from "./pack-figure.js";

const figureOf = (x: readonly (number | null)[], text: readonly string[] = []): Figure => ({
  data: [{ type: "scatter", name: "n", mode: "lines", x, y: [1, null], text }],
  layout: {},
});

describe("packed figures", () => {
  it("leaves short columns as they are", () => {
    const figure = figureOf([1, null, 2], ["a"]);
    expect(packFigure(figure)).toEqual(figure);
  });

  it("packs steps as 32-bit floats, exactly, with NaN for gaps", () => {
    const steps = [...Array.from({ length: 100 }, (_, index) => index * 167_772), null];
    const packed = packFigure(figureOf(steps));
    expect(packed).toMatchObject({ data: [{ x: { packed: "f4" } }] });
    const data = JSON.stringify(packed).match(/"data":"([^"]+)"/)?.[1] ?? "";
    const bytes = Buffer.from(data, "base64");
    expect(steps.map((_, index) => bytes.readFloatLE(4 * index))).toEqual(
      steps.map((step) => step ?? Number.NaN),
    );
  });

  it("keeps 64 bits where 32 would not hold the number", () => {
    for (const great of [2 ** 24 + 1, 1e39, 1e-45]) {
      const packed = packFigure(figureOf(Array.from({ length: 64 }, () => great)));
      expect(packed).toMatchObject({ data: [{ x: { packed: "f8" } }] });
    }
  });

  it("writes repeated texts once", () => {
    const text = [
      ...Array.from({ length: 50 }, () => "trial 1"),
      "",
      ...Array.from({ length: 50 }, () => "trial 2"),
    ];
    expect(packFigure(figureOf([1], text))).toMatchObject({
      data: [
        {
          text: {
            packed: "runs",
            runs: [
              ["trial 1", 50],
              ["", 1],
              ["trial 2", 50],
            ],
          },
        },
      ],
    });
  });
});
