import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../../tests/support/command-in-process.js";

/** Reports the point that it is given as a loss and a speed; the last one never reports the speed. */
const PROGRAM = `
const [loss, speed] = process.argv.slice(2).map(Number);
console.log("curvewise " + JSON.stringify({ step: 1, loss: loss + 1, speed: 0 }));
console.log("curvewise " + JSON.stringify(speed < 0 ? { step: 2, loss } : { step: 2, loss, speed }));
`;

/** Of these, 0, 1 and 3 are not dominated; 3 is far below the line through the others. */
const POINTS = [
  [1, 10],
  [9, 90],
  [9.5, 20],
  [2, 80],
  [10, 9],
];

const STUDY = `study: trade
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, program.mjs, "{loss}", "{speed}"]
space: {loss: {float: [0, 10]}, speed: {float: [-1, 100]}}
maxSteps: 2
sampler: {list: {trials: [${POINTS.map(([loss, speed]) => `{loss: ${loss}, speed: ${speed}}`).join(", ")}]}}
workers: 2
seed: 3
`;

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-front-"));
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
  writeFileSync(join(folder, "study.yaml"), STUDY);
  const { code, stderr } = await curvewise(folder, "run", "study.yaml", "--quiet");
  if (code !== 0) throw new Error(`the study did not run: ${stderr}`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const front = z.object({
  trials: z.number(),
  front: z.array(
    z.object({
      number: z.number(),
      values: z.record(z.string(), z.number()),
      adds: z.number(),
      knee: z.boolean(),
    }),
  ),
});

async function frontOf(...args: readonly string[]) {
  const { stdout, code } = await curvewise(folder, "best", ...args, "--json");
  expect(code).toBe(0);
  return front.parse(JSON.parse(stdout));
}

describe("curvewise best of several metrics", () => {
  it("shows the trials that no other one beats in all of them, and the knee", async () => {
    const { trials, front: members } = await frontOf("--minimize", "loss", "--maximize", "speed");
    expect(trials).toBe(5);
    expect(members.map(({ number, values, knee }) => [number, values, knee])).toEqual([
      [0, { loss: 1, speed: 10 }, false],
      [3, { loss: 2, speed: 80 }, true],
      [1, { loss: 9, speed: 90 }, false],
    ]);
    // The reference is a tenth of the range beyond the worst: loss 10.9, speed 0.9. What each trial alone dominates:
    // losses 1 to 2 up to speed 10; 2 to 9 between 10 and 80; 9 to 10.9 between 80 and 90.
    const alone = [9.1, 490, 19];
    for (const [place, area] of alone.entries()) expect(members[place]?.adds).toBeCloseTo(area / 518.1, 9);
  });

  it("turns with the directions", async () => {
    const { front: members } = await frontOf("--maximize", "loss", "speed");
    expect(members.map(({ number }) => number)).toEqual([4, 2, 1]);
  });

  it("keeps the knee and the ends if fewer are asked for", async () => {
    const { front: members } = await frontOf("--minimize", "loss", "--maximize", "speed", "--top", "1");
    expect(members.map(({ number }) => number)).toEqual([3]);
  });

  it("says in words what it compared", async () => {
    const { stdout, stderr } = await curvewise(folder, "best", "--minimize", "loss", "--maximize", "speed");
    expect(stdout.split("\n").map((line) => line.trim().split(/\s+/)[0])).toEqual([
      "trial",
      "0",
      "3",
      "1",
      "",
    ]);
    expect(stdout).toMatch(/3 +2 +80 +\d+ % +knee +complete/);
    expect(stderr).toContain("No other of 5 trials is better in every metric than these 3.");
  });

  it("refuses metrics that nobody reported, and one that is named twice", async () => {
    const unknown = await curvewise(folder, "best", "--minimize", "loss", "sped");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('no trial reported a metric "sped"');
    expect(unknown.stderr).toContain("speed");
    const twice = await curvewise(folder, "best", "--minimize", "loss", "--maximize", "loss");
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('the metric "loss" is named twice');
  });
});

/** A study with two goals, of which every fourth trial goes on, and a limit that the widest break. */
const GOALS = `study: goals
goals: [{maximize: accuracy, reference: 0}, {minimize: latency, reference: 30}]
constraints: {memory: <= 24}
command: [${JSON.stringify(process.execPath)}, wide.mjs, "{width}"]
space: {width: {int: [1, 256], log: true}}
maxSteps: 4
sampler: tpe
scheduler: asha
budget: {trials: 24}
workers: 2
`;

const WIDE = `
const width = Number(process.argv[2]);
for (let step = 1; step <= 4; step++)
  console.log("curvewise " + JSON.stringify({ step, accuracy: 1 - 1 / (1 + width) - 0.3 / step, latency: width / 10, memory: width / 4 }));
`;

const trialsOf = z.array(
  z.object({
    number: z.number(),
    state: z.string(),
    params: z.object({ width: z.number() }),
    values: z.object({ accuracy: z.number(), latency: z.number() }),
    feasible: z.boolean(),
  }),
);

describe("a study with several goals", () => {
  it("ends with a front of feasible trials, and says so everywhere", async () => {
    writeFileSync(join(folder, "wide.mjs"), WIDE);
    writeFileSync(join(folder, "goals.yaml"), GOALS);
    const run = await curvewise(folder, "run", "goals.yaml");
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/^front +\d+ trials?, hypervolume/mu);
    const listed = await curvewise(folder, "trials", "goals", "--json");
    const told: unknown = JSON.parse(listed.stdout);
    const trials = trialsOf.parse(z.object({ trials: z.unknown() }).parse(told).trials);
    expect(trials).toHaveLength(24);
    for (const { params, feasible } of trials) expect(feasible).toBe(params.width <= 96);
    // Every trial is on the front of all: the wider, the better and the slower. So all complete, feasible ones are on it.
    const complete = trials.filter(({ state, feasible }) => state === "complete" && feasible);
    const widths = new Map(complete.map(({ params: { width }, number }) => [width, number]));
    const best = await curvewise(folder, "best", "goals", "--json");
    const members = front.parse(JSON.parse(best.stdout)).front;
    expect(members.map(({ number }) => trials[number]?.params.width)).toEqual(
      [...widths.keys()].sort((a, b) => b - a),
    );
    expect(members.length).toBeGreaterThan(0);
    const status = await curvewise(folder, "status", "goals");
    expect(status.stdout).toContain(`front of ${members.length} trial`);
    const explained = await curvewise(folder, "explain", "goals", "0");
    expect(explained.stdout).toMatch(/With accuracy [\d.]+ and latency [\d.]+ at rung 1 it is/u);
    // Plots of final values show those of the first goal.
    const plotted = await curvewise(folder, "plot", "edf", "goals", "--json");
    const { data } = z
      .object({ data: z.array(z.object({ x: z.array(z.number().min(0).max(1)) })) })
      .parse(JSON.parse(plotted.stdout));
    expect(data).toHaveLength(1);
    const table = await curvewise(folder, "trials", "goals", "--limit", "2");
    expect(table.stdout).toMatch(/accuracy +latency +feasible/u);
  });

  it.each([
    ["sampler: curve", "sampler: tpe", "sampler curve goes by one metric, but the study has 2 goals"],
    ["scheduler: median", "scheduler: asha", "scheduler median goes by one metric"],
    ["budget: {target: 3}", "budget: {trials: 24}", "`budget.target` is for studies with one goal"],
  ])("is refused with %s", async (now, before, message) => {
    writeFileSync(join(folder, "refused.yaml"), GOALS.replace(before, now));
    for (const command of ["check", "run"]) {
      const { code, stderr } = await curvewise(folder, command, "refused.yaml");
      expect(code).toBe(2);
      expect(stderr).toContain("GOALS_UNSUPPORTED");
      expect(stderr).toContain(message);
    }
  });
});
