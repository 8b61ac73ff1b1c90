import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { curvewise } from "../../tests/support/command-in-process.js";

/** Printed by one program for all trials, since starting 60 of them would take long. */
const PROGRAM = `
const [lr] = process.argv.slice(2).map(Number);
console.log("curvewise " + JSON.stringify({ step: 1, loss: Math.abs(Math.log10(lr) + 2) }));
`;

const studyFile = (name: string, trials: number): string => `study: ${name}
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, program.mjs, "{lr}"]
space:
  lr: {float: [1e-4, 1], log: true, default: 1}
  kind: {choice: [a, b], default: b} # of no use
  depth: {int: [1, 3], when: {kind: a}, default: 2}
maxSteps: 1
sampler: random
budget: {trials: ${trials}}
workers: 2
seed: 3
`;

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-simplify-"));
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
  for (const [name, trials] of [
    ["study", 60],
    ["short", 3],
  ] as const) {
    writeFileSync(join(folder, `${name}.yaml`), studyFile(name, trials));
    const { code, stderr } = await curvewise(folder, "run", `${name}.yaml`, "--quiet");
    if (code !== 0) throw new Error(`the study did not run: ${stderr}`);
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const loss = z.object({ expected: z.number(), low: z.number(), high: z.number() });
const found = z.object({
  study: z.literal("study"),
  trials: z.literal(60),
  forecast: z.literal(0),
  tolerance: z.number(),
  together: loss,
  params: z.array(
    z.object({
      param: z.string(),
      value: z.union([z.string(), z.number()]),
      default: z.boolean(),
      near: z.number(),
      loss: loss.nullable(),
      verdict: z.enum(["fix", "keep", "unclear"]),
    }),
  ),
});

describe("curvewise simplify", () => {
  it("prints JSON, the least important param first", async () => {
    const { stdout, code } = await curvewise(folder, "simplify", "study", "--json");
    expect(code).toBe(0);
    const { params } = found.parse(JSON.parse(stdout));
    expect(params).toHaveLength(3);
    expect(params.at(-1)).toMatchObject({ param: "lr", value: 1, default: true });
    expect(params.at(-1)?.verdict).not.toBe("fix");
  });

  it("shows a table, and what all would cost together", async () => {
    const { stdout, stderr } = await curvewise(folder, "simplify", "study", "--tolerance", "0.9");
    expect(stdout).toMatch(/^param +importance +value +trials near it +expected loss \[95 %\] +verdict/m);
    expect(stdout).toMatch(/^kind +\d+ % +b +default +\d+ +\S+ \[\S+, \S+\] +fix$/m);
    expect(stderr).toContain("By 60 trials. Losses are in loss; up to 0.9 counts as none.");
    expect(stderr).toMatch(/Fixed together, \d params? would cost/);
  });

  it("writes a smaller study file, which is valid, and never over another", async () => {
    const args = ["simplify", "study", "--tolerance", "0.9", "--write", "smaller.yaml"] as const;
    const { code, stderr } = await curvewise(folder, ...args);
    expect(stderr).not.toContain("warning");
    expect(stderr).toContain("Left out, since no trial would have them: depth.");
    expect(stderr).toContain("Written: smaller.yaml");
    expect(code).toBe(0);
    const text = readFileSync(join(folder, "smaller.yaml"), "utf8");
    expect(text).toContain("# of no use");
    expect(parse(text)).toMatchObject({ study: "study-smaller", space: { kind: "b" } });
    expect(Object.keys(parse(text).space)).toEqual(["lr", "kind"]);
    const again = await curvewise(folder, ...args);
    expect(again.stderr).toContain("smaller.yaml would be overwritten");
    expect(again.code).toBe(2);
  });

  it.each([
    [["short"], 1, /3 trials with a finite loss, too few/],
    [["study", "--tolerance", "0"], 2, /a number above 0/],
    [["study", "--file", "study.yaml"], 2, /--file is only for --write/],
    [["study", "--write", "x.yaml", "--tolerance", "1e-9"], 1, /no param can be fixed/],
    [
      ["study", "--write", "x.yaml", "--tolerance", "0.9", "--file", "short.yaml"],
      2,
      /describes study "short"/,
    ],
    [["study", "--write", "x.yaml", "--tolerance", "0.9", "--file", "none.yaml"], 2, /no file none.yaml/],
  ])("refuses %j", async (args, expected, message) => {
    const { code, stderr } = await curvewise(folder, "simplify", ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(expected);
    expect(existsSync(join(folder, "x.yaml"))).toBe(false);
  });
});
