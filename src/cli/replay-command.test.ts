import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../../tests/support/command-in-process.js";

/** Trials 0 to 3 in this order; at step s the loss is x + 1/s, so 3 is the best, and 1 and 2 are stopped. */
const PROGRAM = `
const [x] = process.argv.slice(2).map(Number);
for (let step = 1; step <= 4; step++) {
  console.log("curvewise " + JSON.stringify({ step, loss: x + 1 / step }));
  await new Promise((resolve) => setTimeout(resolve, 30));
}
`;

const STUDY = `study: small
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, program.mjs, "{x}"]
space: {x: {float: [0, 10]}}
maxSteps: 4
sampler: {list: {trials: [{x: 2}, {x: 5}, {x: 3}, {x: 1}]}}
scheduler: {median: {startup: 1, warmup: 2}}
workers: 1
`;

// Last values 3, 2.5, 1: their median is 2.5, the best 1. Whatever the order, after three trainings all is seen.
const CURVES = {
  task: "hand",
  metric: "loss",
  direction: "min",
  curves: [
    { config: { x: 1 }, loss: [5, 4, 3] },
    { config: { x: 2 }, loss: [6, 2, 2.5] },
    { config: { x: 3 }, loss: [4, 3.5, 1] },
  ],
};

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-replay-"));
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
  writeFileSync(join(folder, "study.yaml"), STUDY);
  writeFileSync(join(folder, "curves.json"), JSON.stringify(CURVES));
  writeFileSync(join(folder, "earlier.json"), JSON.stringify({ ...CURVES, task: "earlier" }));
  writeFileSync(join(folder, "growing.json"), JSON.stringify({ ...CURVES, direction: "max" }));
  writeFileSync(join(folder, "broken.json"), "{");
  const { code, stderr } = await curvewise(folder, "run", "study.yaml", "--quiet");
  if (code !== 0 || stderr !== "") throw new Error(`the study did not run: ${stderr}`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function output(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await curvewise(folder, "replay", ...args);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return stdout;
}

describe("replay of a file with the curves of another one", () => {
  it("judges the first trial by them", async () => {
    const scheduler = "{lcm: {mode: poster, accumulate: 3, cumulativePoints: 3, checkpoints: 3, stopRank: 0";
    const regretOf = async (...args: readonly string[]): Promise<unknown> =>
      JSON.parse(
        await output("curves.json", "--scheduler", ...args, "--budgets", "1.7", "--seeds", "8", "--json"),
      ).regret.mean;
    // Each trial is like the same one there, and only the best goes on: five steps in all, which is 1.67 trainings.
    expect(await regretOf(`${scheduler}, transfer: [earlier]}}`, "--transfer", "earlier.json")).toEqual([0]);
    expect(await regretOf(`${scheduler}}}`)).not.toEqual([0]);
  });
});

describe("replay of a file", () => {
  const command = ["curves.json", "--scheduler", "none", "--budgets", "3,1", "--seeds", "4"] as const;

  it("prints one line of JSON", async () => {
    const text = await output(...command, "--json");
    expect(text.trimEnd().split("\n")).toHaveLength(1);
    const interval = [0, expect.any(Number)];
    expect(JSON.parse(text)).toEqual({
      task: "hand",
      scheduler: "none",
      budgets: [3, 1],
      seeds: 4,
      regret: { mean: interval, low: interval, high: interval },
    });
    // One training is one of the three: a best of 3, 2 or 1, so a regret of 2/1.5, 1/1.5 or 0.
    const { regret } = z.object({ regret: z.object({ mean: z.array(z.number()) }) }).parse(JSON.parse(text));
    const fourths = ((regret.mean[1] ?? Number.NaN) * 4 * 1.5) / 1;
    expect(Math.abs(fourths - Math.round(fourths))).toBeLessThan(1e-9);
    expect(await output(...command, "--json")).toBe(text);
  });

  it("prints a table", async () => {
    const text = await output(...command, "--workers", "2");
    expect(text).toContain("3 of 3 steps, minimize loss");
    expect(text).toContain("none, random sampler, 2 workers, 4 seeds");
    expect(text).toMatch(
      /full trainings +steps +regret +95 % interval\n +3 +9 +0\.000 +0\.000 to 0\.000\n +1 +3 +\d\.\d{3}/,
    );
  });

  it("names options that are not the defaults, and has null where there is no regret", async () => {
    const scheduler = "{median: {startup: 2}}";
    const text = await output(
      "curves.json",
      "--scheduler",
      scheduler,
      "--budgets",
      "0.1",
      "--seeds",
      "2",
      "--json",
    );
    expect(JSON.parse(text)).toMatchObject({
      scheduler: "median {startup: 2}",
      regret: { mean: [null], low: [null] },
    });
    expect(await output("curves.json", "--scheduler", scheduler, "--budgets", "9", "--seeds", "2")).toContain(
      "2 of 2 replays ran out of configurations",
    );
  });
});

describe("replay of a study", () => {
  it("compares what was with what would have been, and makes the study's own decisions again", async () => {
    const text = await output("small", "--scheduler", "none", "--budgets", "4");
    const lines = text.trimEnd().split("\n");
    expect(lines[1]).toMatch(/4, 2 of them with a known end; replayed in the recorded order, 1 worker$/);
    expect(lines.find((line) => line.startsWith("every training"))).toMatch(/to its end +16 /);
    expect(lines.find((line) => line.startsWith("as recorded"))).toMatch(/ +12 .* 1\.25/);
    // x = 1 at step 4 is the best that was recorded, and the only good trial.
    expect(lines.find((line) => line.startsWith("none, pessimistic"))).toMatch(/ 16 .* 1\.25 +0 of 1$/);
    // The median of two says little.
    expect(lines[3]).toBe(
      "regret       unknown: it is measured by the median of 3 or more complete trainings; there are 2",
    );
    expect(lines.filter((line) => line.includes("regret @"))).toEqual([]);
    expect(lines.at(-1)).toMatch(
      /^\d+ decisions of the study's own scheduler median, .*: all are the same\.$/,
    );
  });

  it("has regrets if three trainings are complete", async () => {
    writeFileSync(
      join(folder, "whole.yaml"),
      STUDY.replace("small", "whole").replace(/^scheduler.*$/m, "scheduler: none"),
    );
    expect((await curvewise(folder, "run", "whole.yaml", "--quiet")).code).toBe(0);
    const lines = (await output("whole", "--scheduler", "none", "--budgets", "4")).trimEnd().split("\n");
    expect(lines[3]).toBe("");
    expect(lines.find((line) => line.startsWith("none, pessimistic"))).toMatch(
      / 16 .* 1\.25 +0\.000 +0 of 1$/,
    );
  });

  it("prints JSON for programs", async () => {
    const text = await output("small", "--scheduler", "{median: {startup: 1}}", "--seeds", "3", "--json");
    const interval = { mean: expect.any(Array), low: expect.any(Array), high: expect.any(Array) };
    const world = {
      steps: expect.any(Number),
      trainingSeconds: expect.any(Number),
      seconds: expect.any(Number),
      best: expect.any(Number),
      regret: interval,
      beyondRecord: expect.any(Number),
      goodTrialsLost: 0,
      lost: [],
    };
    expect(JSON.parse(text)).toEqual({
      study: "small",
      scheduler: "median {startup: 1}",
      sampler: "random",
      budgets: [10, 20, 50],
      seeds: 3,
      workers: 1,
      recorded: {
        trainings: 4,
        steps: 12,
        trainingSeconds: expect.any(Number),
        best: 1.25,
        open: 2,
        complete: 2,
        fullSteps: 16,
        fullTrainingSeconds: expect.any(Number),
        goodTrials: [3],
      },
      whatIf: { pessimistic: world, optimistic: world },
      verification: { compared: expect.any(Number), differences: [], recordedCode: true },
    });
  });
});

describe("replay refuses", () => {
  it.each([
    [["curves.json"], "error USAGE: required option '--scheduler <scheduler>' not specified: a file"],
    [["curves.json", "--scheduler", "medain"], 'error SCHEDULER_UNKNOWN: there is no scheduler "medain"'],
    [
      ["curves.json", "--scheduler", "{median: {start: 1}}"],
      'error OPTIONS_INVALID: scheduler median: Unrecognized key: "start"',
    ],
    [["curves.json", "--scheduler", "{median"], "error USAGE: --scheduler {median: "],
    [["curves.json", "--scheduler", "[none]"], "error USAGE: --scheduler [none]: it must name one"],
    [
      ["curves.json", "--scheduler", "none", "--sampler", "grid"],
      "error OPTIONS_INVALID: sampler grid cannot choose",
    ],
    [["curves.json", "--scheduler", "none", "--budgets", "10,,20"], "error USAGE: option '--budgets <list>'"],
    [["curves.json", "--scheduler", "none", "--seeds", "0"], "error USAGE: option '--seeds <n>'"],
    [["missing.json", "--scheduler", "none"], "error FILE_NOT_FOUND: there is no file missing.json"],
    [["broken.json", "--scheduler", "none"], "error CURVES_INVALID: broken.json cannot be read as JSON: "],
    [
      ["curves.json", "--scheduler", "{lcm: {transfer: [other]}}", "--transfer", "earlier.json"],
      'error TRANSFER_MISSING: study "hand" has no curves from study "other"',
    ],
    [
      ["curves.json", "--scheduler", "lcm", "--transfer", "earlier.json,growing.json"],
      "error TRANSFER_MISFIT: the curves of growing.json (",
    ],
    [["small", "--scheduler", "lcm", "--transfer", "earlier.json"], "error USAGE: --transfer is for files"],
    [["smal", "--scheduler", "none"], 'error STUDY_NOT_FOUND: there is no study "smal"'],
  ])("%j", async (args, message) => {
    const { stdout, stderr, code } = await curvewise(folder, "replay", ...args);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    const [first = "", second = ""] = stderr.split("\n");
    expect(first.startsWith(message)).toBe(true);
    expect(second).toMatch(/^hint: /);
  });
});
