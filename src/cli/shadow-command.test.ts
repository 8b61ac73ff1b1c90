import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../../tests/support/command-in-process.js";
import type { CommandResult } from "../../tests/support/command-line.js";

/** Trials 0 to 3 in this order: the last one, x = 1, begins worst and ends best. */
const PROGRAM = `
const [x] = process.argv.slice(2).map(Number);
for (let step = 1; step <= 4; step++) {
  console.log("curvewise " + JSON.stringify({ step, loss: x + (x === 1 ? 8 / step ** 3 : 1 / step) }));
  await new Promise((resolve) => setTimeout(resolve, 30));
}
`;

const STUDY = `study: shadowed
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, program.mjs, "{x}"]
space: {x: {float: [0, 10]}}
maxSteps: 4
sampler: {list: {trials: [{x: 2}, {x: 5}, {x: 3}, {x: 1}]}}
workers: 1
`;

// It stops trial 1 and 3 at step 1, and trial 2 at the first step at which its loss is above 2 + 1/s: also step 1.
const MEDIAN = "{median: {startup: 1, warmup: 1}}";

const ASHA_STUDY = STUDY.replace("study: shadowed", "study: paused").replace(
  "workers: 1",
  "scheduler: {asha: {eta: 2, minSteps: 1}}\nworkers: 2",
);

const shape = z.object({
  shadows: z.array(z.object({ compared: z.number(), differences: z.array(z.unknown()) }).loose()),
});

let folder = "";
let ran: CommandResult;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-shadow-"));
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
  writeFileSync(join(folder, "study.yaml"), STUDY);
  writeFileSync(join(folder, "paused.yaml"), ASHA_STUDY);
  ran = await curvewise(folder, "run", "study.yaml", "--quiet", "--shadow", MEDIAN, "--shadow", "none");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("run --shadow", () => {
  it("tells what the shadows would have done, and does nothing of it", () => {
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^trials\s+4: 4 complete, 0 stopped$/m);
    const [, median, none] = ran.stdout.split("\n\n");
    expect(median).toMatch(/^shadow\s+median \{startup: 1, warmup: 1\}$/m);
    expect(median).toMatch(/^steps\s+7 of the 16 that were trained, 9 fewer$/m);
    expect(median).toMatch(/^ended trials\s+3 stopped, 0 left paused; 3 of them earlier than they were$/m);
    expect(median).toMatch(/^good trials lost\s+1 of 1: trial 3, the best \(3\) among them$/m);
    expect(median).toMatch(/^same answers\s+3 of 6$/m);
    expect(median).toMatch(/^ {2}trial 3, step 1: continue \| stop: .*9/m);
    expect(none).toMatch(/^steps\s+16 of the 16 that were trained$/m);
    expect(none).toMatch(/^good trials lost\s+none of 1$/m);
    expect(none).toMatch(/^same answers\s+12 of 12$/m);
  });

  it("gives programs the same in status, at any time later", async () => {
    const { stdout, code } = await curvewise(folder, "status", "shadowed", "--shadow", MEDIAN, "--json");
    expect(code).toBe(0);
    const { shadows } = shape.parse(JSON.parse(stdout));
    expect(shadows).toMatchObject([
      {
        scheduler: { name: "median" },
        failure: null,
        recordedSteps: 16,
        steps: 7,
        open: [],
        openSteps: 0,
        ends: [1, 2, 3].map((trial) => ({
          trial,
          shadow: "stopped",
          step: 1,
          recorded: "complete",
          recordedStep: 4,
        })),
        good: [3],
        lost: [3],
        best: 3,
        bestLost: true,
        compared: 6,
      },
    ]);
    const again = await curvewise(folder, "run", "study.yaml", "--quiet", "--shadow", MEDIAN, "--json");
    expect(shape.parse(JSON.parse(again.stdout)).shadows).toEqual(shadows);
  });

  it("agrees everywhere with the study's own scheduler, which pauses, and stays silent about none", async () => {
    const asha = "{asha: {eta: 2, minSteps: 1}}";
    const args = ["paused.yaml", "--quiet", "--json", "--storage", "paused.db"];
    const { stdout, code } = await curvewise(folder, "run", ...args, "--shadow", asha);
    expect(code).toBe(0);
    const [report] = shape.parse(JSON.parse(stdout)).shadows;
    expect(report?.compared).toBeGreaterThan(4);
    expect(report).toMatchObject({ differences: [], open: [], steps: report?.["recordedSteps"] });
    expect((await curvewise(folder, "run", ...args)).stdout).not.toContain("shadows");
  });

  it.each([
    [["run", "study.yaml", "--shadow", "ahsa"], 'error SCHEDULER_UNKNOWN: there is no scheduler "ahsa"'],
    [
      ["run", "study.yaml", "--shadow", "{median: {startup: 0}}"],
      "error OPTIONS_INVALID: scheduler median at startup: Too small: expected number to be >=1",
    ],
    [["status", "shadowed", "--shadow", "[]"], "error USAGE: --shadow []: it must name one scheduler"],
  ])("refuses %j", async (args, line) => {
    const { stdout, stderr, code } = await curvewise(folder, ...args);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr.split("\n")[0]).toBe(line);
    expect(stderr).toMatch(/^hint: /m);
  });

  it("refuses a shadow that does not fit the study before anything runs", async () => {
    writeFileSync(
      join(folder, "endless.yaml"),
      STUDY.replace("maxSteps: 4\n", "").replace("shadowed", "endless"),
    );
    const { stderr, code } = await curvewise(folder, "run", "endless.yaml", "--shadow", "lcm");
    expect(code).toBe(2);
    expect(stderr).toContain("error MAX_STEPS_MISSING");
    const { stdout } = await curvewise(folder, "status", "--json");
    expect(stdout).not.toContain("endless");
  });
});
