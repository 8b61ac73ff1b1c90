import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../../tests/support/command-in-process.js";
import { embeddedAnswers } from "../../tests/support/embedded-answers.js";

/** Reports as its loss how long its params' file is, and fails if its arguments say anything else than the file. */
const PROGRAM = `
import { readFileSync } from "node:fs";
const params = JSON.parse(readFileSync(process.env.CURVEWISE_PARAMS, "utf8"));
const { layers, optimizer, amp } = params;
const expected = [JSON.stringify(layers), JSON.stringify(optimizer), ...(amp ? ["--amp", "--fast"] : ["--slow"])];
if (JSON.stringify(process.argv.slice(2)) !== JSON.stringify(expected)) {
  console.log(process.argv);
  process.exit(3);
}
console.log("curvewise " + JSON.stringify({ step: 1, loss: JSON.stringify(params).length }));
`;

const study = (trials: number): string => `study: parts
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, program.mjs, "{layers}", "{optimizer}", "{amp?--amp}", "{amp?--fast:--slow}"]
space:
  layers: {choice: [null, [64], [64, 64]]}
  optimizer: {choice: [{name: adam, betas: [0.9, 0.99]}, {name: sgd}]}
  amp: {choice: [true, false]}
  decay: {choice: [0, 1], when: {layers: [null, [64, 64]]}}
constraints:
  - layers != null or amp
maxSteps: 1
sampler: grid
workers: 1
budget: {trials: ${trials}}
enqueue:
  - {layers: [64, 64], optimizer: {betas: [0.9, 0.99], name: adam}, amp: false, decay: 1}
  - {layers: null, decay: 0}
`;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-parts-"));
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(trials: number, ...options: readonly string[]): Promise<void> {
  writeFileSync(join(folder, "study.yaml"), study(trials));
  expect(await curvewise(folder, "run", "study.yaml", "--quiet", ...options)).toMatchObject({
    code: 0,
    stderr: "",
  });
}

async function output(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await curvewise(folder, ...args);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return stdout;
}

const line = z.object({ number: z.number(), state: z.string(), params: z.record(z.string(), z.json()) });

describe("null, lists and mappings as values", () => {
  it("reach the program, and the study goes on from its log", async () => {
    await run(4);
    await run(100, "--extend");
    const lines = (await output("export")).trimEnd().split("\n");
    const trials = lines.map((each) => line.parse(JSON.parse(each)));
    expect(trials.filter(({ state }) => state !== "complete")).toEqual([]);
    expect(trials[0]?.params).toEqual({
      layers: [64, 64],
      optimizer: { name: "adam", betas: [0.9, 0.99] },
      amp: false,
      decay: 1,
    });
    expect(trials[1]?.params).toMatchObject({ layers: null, amp: true, decay: 0 });
    // null: 2 optimizers, 2 decays; [64]: 2 optimizers, 2 amps; [64, 64]: 2, 2 and 2. Those given first count among them.
    expect(new Set(trials.map(({ params }) => JSON.stringify(params))).size).toBe(16);
    expect(trials).toHaveLength(16);
  });

  it("are shown in tables and files", async () => {
    expect(await output("trials")).toMatch(
      /^\s+0\s+complete.* \[64,64\]\s+\{"name":"adam","betas":\[0\.9,0\.99\]\}\s+false /m,
    );
    expect(await output("trials", "--sort", "layers")).toContain("null");
    expect(await output("best")).toMatch(/layers\s+\S/);
    const [head, first, second] = (await output("export", "--format", "csv")).split("\n");
    expect(head).toBe("number,state,value,step,layers,optimizer,amp,decay,loss");
    expect(first).toMatch(
      /^0,complete,\d+,1,"\[64,64\]","\{""name"":""adam"",""betas"":\[0\.9,0\.99\]\}",false,1,/,
    );
    expect(second).toMatch(/^1,complete,\d+,1,null,/);
    const found = await curvewise(folder, "schedule", "--trial", "1", "--format", "json");
    expect(found.stdout).toContain('"layers": null');
    expect(await curvewise(folder, "report", "--output", "report.html")).toMatchObject({ code: 0 });
    const answers = embeddedAnswers(readFileSync(join(folder, "report.html"), "utf8"));
    expect(JSON.stringify(Object.values(answers))).toContain("[64,64]");
  });

  it("are refused where they are not among the choices", async () => {
    writeFileSync(
      join(folder, "study.yaml"),
      study(4)
        .replace("layers: null, decay: 0", "layers: [64, 65]")
        .replace("layers: [64, 64], opt", "layers: x, opt"),
    );
    const { stderr, code } = await curvewise(folder, "run", "study.yaml");
    expect(code).toBe(2);
    expect(stderr).toContain('`enqueue.0` "layers" cannot be "x"');
    expect(stderr).toContain('`enqueue.1` "layers" cannot be [64,65]');
  });

  it("are refused where a flag needs true or false", async () => {
    writeFileSync(join(folder, "study.yaml"), study(4).replace("{amp?--amp}", "{layers?--deep}"));
    const { stderr, code } = await curvewise(folder, "run", "study.yaml");
    expect(code).toBe(2);
    expect(stderr).toContain("asks whether layers is true, but layers is not only true or false");
  });
});
