import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../../tests/support/command-in-process.js";
import { plots } from "../plots/index.js";

const PROGRAM = `
const [lr, width] = process.argv.slice(2).map(Number);
for (let step = 1; step <= 3; step++) {
  console.log("curvewise " + JSON.stringify({ step, loss: Math.abs(Math.log10(lr) + 2) + 1 / step, size: width }));
}
`;

const studyFile = (name: string): string => `study: ${name}
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, program.mjs, "{lr}", "{width}"]
space: {lr: {float: [1e-4, 1], log: true}, width: {int: [1, 64]}, fixed: 3}
maxSteps: 3
budget: {trials: 12}
workers: 2
seed: 3
`;

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-plot-"));
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
  for (const name of ["first", "second"]) {
    writeFileSync(join(folder, `${name}.yaml`), studyFile(name));
    const { code, stderr } = await curvewise(folder, "run", `${name}.yaml`, "--quiet");
    if (code !== 0) throw new Error(`the study did not run: ${stderr}`);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const figure = z.object({
  data: z.array(z.looseObject({ type: z.string() })),
  layout: z.looseObject({ xaxis: z.looseObject({ title: z.object({ text: z.string() }) }).optional() }),
});

async function figureOf(...args: readonly string[]) {
  const { stdout, stderr, code } = await curvewise(folder, "plot", ...args, "--json");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return figure.parse(JSON.parse(stdout));
}

describe("curvewise plot", () => {
  it("lists every plot in its help", async () => {
    const { stdout } = await curvewise(folder, "plot", "--help");
    for (const name of Object.keys(plots)) expect(stdout).toMatch(new RegExp(`^ +${name} {2,}\\w`, "m"));
  });

  it("writes a page", async () => {
    const { code, stderr } = await curvewise(folder, "plot", "contour", "first", "--output", "two.html");
    expect(stderr).toContain("The plot is in two.html");
    expect(code).toBe(0);
    const page = readFileSync(join(folder, "two.html"), "utf8");
    expect(page).toContain("<title>Two params of first: Curvewise</title>");
    expect(page).toContain('data-plot="contour"');
  });

  it.each([
    [["contour", "first", "--params", "lr", "width"], "lr"],
    [["slice", "first", "--params", "width"], "width"],
    [["slice", "first", "--params", "width", "--metric", "size"], "width"],
    [["edf", "first", "second"], "loss"],
    [["pareto", "first", "--minimize", "loss", "size"], "loss (less is better)"],
    [["hypervolume", "first", "--minimize", "loss", "--maximize", "size"], "trials compared"],
  ])("prints %j as JSON", async (args, axis) => {
    expect((await figureOf(...args)).layout.xaxis?.title.text).toBe(axis);
  });

  it("is part of a report, with the front of metrics that are named", async () => {
    const args = [
      "report",
      "first",
      "--minimize",
      "loss",
      "--maximize",
      "size",
      "--output",
      "r.html",
    ] as const;
    expect((await curvewise(folder, ...args)).code).toBe(0);
    expect(readFileSync(join(folder, "r.html"), "utf8")).toContain('data-plot="pareto"');
    const { code, stderr } = await curvewise(folder, "report", "first", "--minimize", "loss");
    expect(stderr).toContain("a front needs two metrics");
    expect(code).toBe(2);
  });

  it.each([
    [["contoor", "first"], 2, /no plot "contoor"[\s\S]*Did you mean "contour"/],
    [["slice", "first", "--params", "unheard"], 2, /no param "unheard"/],
    [["slice", "first", "--metric", "unheard"], 2, /no trial reported a metric "unheard"/],
    [["contour", "first", "--params", "lr"], 2, /needs two different params/],
    [["contour", "first", "second"], 2, /cannot show several studies[\s\S]*best-so-far, edf/],
    [["edf", "first", "--params", "lr"], 2, /cannot show a choice of params/],
    [["pareto", "first"], 2, /needs two or three metrics, but got 1/],
    [["pareto", "first", "--minimize", "loss", "unheard"], 2, /no trial reported a metric "unheard"/],
    [["lineage", "first"], 1, /nothing to show[\s\S]*It needs a population/],
    [["slice"], 2, /holds 2 studies/],
  ])("refuses %j", async (args, expected, message) => {
    const { code, stderr } = await curvewise(folder, "plot", ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
  });
});
