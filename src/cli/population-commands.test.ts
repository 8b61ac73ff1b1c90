import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { curvewise } from "../../tests/support/command-in-process.js";
import { paramsAt, parseScheduleFile } from "../schedules/index.js";

const MEMBER = resolve(import.meta.dirname, "../../tests/programs/member.mjs");
const STEPS = 32;
const MEMBERS = 6;

/** Studies by name, with what their programs are told besides. */
const STUDIES = { "in-place": ["--in-place"], restarted: [], spoilt: ["--in-place", "--spoil-before=17"] };
type Name = keyof typeof STUDIES;
const BOTH_WAYS = ["in-place", "restarted"] as const;

const studyText = (name: Name): string => `study: ${name}
goal: {minimize: loss}
command: ${JSON.stringify([process.execPath, MEMBER, "--lr={lr}", "--pause-ms=2", "--steady", ...STUDIES[name]])}
space:
  lr: {float: [1e-3, 1], log: true}
  kind: {choice: [a, b, c]}
  batch: 32
constraints: [lr * batch <= 30]
maxSteps: ${STEPS}
scheduler: {pbt: {population: ${MEMBERS}, interval: 4, evolve: [lr, kind], resample: 0}}
workers: ${MEMBERS}
seed: 5
`;

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-population-"));
  for (const name of ["in-place", "restarted", "spoilt"] as const) {
    writeFileSync(join(folder, `${name}.yaml`), studyText(name));
    const { code, stderr } = await curvewise(folder, "run", `${name}.yaml`, "--quiet");
    if (code !== 0) throw new Error(`the study did not run: ${stderr}`);
  }
  const plain = studyText("in-place")
    .replace("in-place", "plain")
    .replace(/^scheduler.*$/m, "budget: {trials: 1}");
  writeFileSync(join(folder, "plain.yaml"), plain);
  const { code } = await curvewise(folder, "run", "plain.yaml", "--quiet");
  if (code !== 0) throw new Error("the plain study did not run");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a command says on standard output and on standard error. */
async function said(
  ...args: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { stdout, stderr, code } = await curvewise(folder, ...args);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return { stdout, stderr };
}

const inheritance = z.strictObject({
  at: z.number(),
  reached: z.number().nullable(),
  parent: z.number(),
  parentInheritances: z.number(),
  step: z.number(),
  value: z.number(),
  before: z.record(z.string(), z.union([z.number(), z.string()])),
});
const trialsShape = z.object({
  trials: z.array(
    z.object({
      number: z.number(),
      value: z.number(),
      params: z.record(z.string(), z.union([z.number(), z.string()])),
      snapshot: z.object({ step: z.number(), path: z.string() }),
      inheritances: z.array(inheritance),
    }),
  ),
});
type ReadTrial = z.output<typeof trialsShape>["trials"][number];

const read = new Map<Name, ReadTrial[]>();

/** The trials of a study, read once: it has ended. */
async function trialsOf(name: Name): Promise<ReadTrial[]> {
  const known = read.get(name);
  if (known !== undefined) return known;
  const { trials } = trialsShape.parse(JSON.parse((await said("trials", name, "--json")).stdout));
  read.set(name, trials);
  return trials;
}

/** The rates with which a trial's model was trained, as the model itself remembers them. */
function remembered(name: Name, { snapshot }: ReadTrial): number[] {
  const text = readFileSync(join(folder, "curvewise-files", name, snapshot.path), "utf8");
  return z.array(z.number()).parse(JSON.parse(text));
}

/** Whether a trial has trained its present model: the last one that it took over was not a whole training. */
const hasTrained = ({ inheritances }: ReadTrial): boolean => inheritances.at(-1)?.step !== STEPS;

/** A trial that inherited, the one that did most often. */
async function heir(name: Name): Promise<ReadTrial> {
  const trials = await trialsOf(name);
  const [first] = trials.filter(hasTrained).toSorted((a, b) => b.inheritances.length - a.inheritances.length);
  if (first === undefined || first.inheritances.length === 0) throw new Error("no trial inherited");
  return first;
}

describe.each(BOTH_WAYS)("a population that exploits %s", (name) => {
  it("gives the schedule with which its models remember to have been trained", async () => {
    const trials = await trialsOf(name);
    const [best] = trials.toSorted((a, b) => a.value - b.value);
    const chosen = await heir(name);
    const yaml = (await said("schedule", name)).stdout;
    expect(yaml).toMatch(/^# How the model of trial \d of study [\w-]+ was trained in 32 steps/);
    expect(parse(yaml)).toMatchObject({ study: name, value: best?.value, steps: STEPS });
    const own = (await said("schedule", name, "--trial", `${chosen.number}`, "--format", "json")).stdout;
    for (const file of [parseScheduleFile(parse(yaml)), parseScheduleFile(JSON.parse(own))]) {
      const trial = trials.find(({ number }) => number === file.trial);
      if (trial === undefined) throw new Error("the file names no trial");
      expect(file.value).toBe(trial.value);
      const rates = Array.from({ length: STEPS }, (_, done) => paramsAt(file, done)["lr"]);
      expect(rates).toEqual(remembered(name, trial));
      expect(hasTrained(trial) ? trial.params["lr"] : rates.at(-1)).toBe(rates.at(-1));
    }
  });

  it("is verified by replay, under a constraint too", async () => {
    const { stdout } = await said("replay", name);
    expect(stdout).toMatch(/^\d+ decisions of the study's own scheduler pbt, .*: all are the same\.$/m);
    const exploits = (await trialsOf(name)).flatMap(({ inheritances }) => inheritances).length;
    expect(stdout).toContain(`\n${exploits} exploits: the lineage is a valid tree; `);
  });

  it("is told by explain, exploit by exploit", async () => {
    const { number, inheritances, params } = await heir(name);
    const text = (await said("explain", name, String(number))).stdout;
    for (const { parent, step, at } of inheritances) {
      expect(text).toContain(`went on with trial ${parent}'s model of step ${step} (loss `);
      expect(text).toContain(`instead of its own of step ${at} (`);
    }
    const history = text.slice(text.indexOf("how its model was trained")).split("\n");
    expect(history[1]).toMatch(/^ +after step +to +trial/);
    const changing = (history[1]?.trim().split(/ {2,}/) ?? []).slice(3);
    const last = history.findLast((line) => /^ +\d+ +32 +\d/.test(line)) ?? "";
    const shown = (value: number | string | undefined): string =>
      typeof value === "number" ? String(Number(value.toPrecision(5))) : String(value);
    expect(last.trim().split(/ {2,}/).slice(3)).toEqual(changing.map((param) => shown(params[param])));
  });
});

describe("schedule", () => {
  it("writes a file", async () => {
    const file = join(folder, "schedule.yaml");
    // One whose params have changed: others are told so as well.
    const { number } = await heir("in-place");
    const { stdout, stderr } = await said("schedule", "in-place", "--trial", `${number}`, "-o", file);
    expect({ stdout, stderr }).toEqual({
      stdout: "",
      stderr: `The schedule of trial ${number} is in ${file}\n`,
    });
    expect(parseScheduleFile(parse(readFileSync(file, "utf8"))).trial).toBe(number);
  });

  it("writes that of one param alone", async () => {
    const { number } = await heir("in-place");
    const of = (...args: readonly string[]) => said("schedule", "in-place", "--trial", `${number}`, ...args);
    const { schedules, params } = parseScheduleFile(parse((await of()).stdout));
    const constant = { constant: { rate: params["lr"] }, unit: "step" };
    expect(parse((await of("--param", "lr")).stdout)).toEqual(schedules["lr"] ?? constant);
    const batch = (await of("--param", "batch", "--format", "json")).stdout;
    expect(JSON.parse(batch)).toEqual({ constant: { rate: 32 }, unit: "step" });
  });

  it("has the committed JSON Schema, and fits it", async () => {
    const committed = new URL("../../schema/schedule.schema.json", import.meta.url);
    const schema = readFileSync(committed, "utf8");
    expect((await said("schema", "schedule")).stdout).toBe(schema);
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(schema));
    expect(validate(JSON.parse((await said("schedule", "in-place", "--format", "json")).stdout))).toBe(true);
    expect(validate({ schedules: { lr: 1 } })).toBe(false);
  });

  it("is constant for a study in which nobody inherited, and says so", async () => {
    const { stdout, stderr } = await said("schedule", "plain");
    expect(parse(stdout)).toMatchObject({ schedules: {}, switches: {}, params: { batch: 32 }, steps: STEPS });
    expect(stderr).toMatch(/^No trial of this study went on with another trial's model/);
  });

  it.each([
    [["--trial", "99"], 'error TRIAL_NOT_FOUND: study "in-place" has no trial 99'],
    [["--param", "rate"], 'error PARAM_UNKNOWN: study "in-place" has no param "rate"'],
    [["--param", "kind"], 'error NO_SCHEDULE: param "kind" '],
    [["-o", "/nowhere/x.yaml"], "error OUTPUT_FAILED: /nowhere/x.yaml cannot be written"],
  ])("refuses %j", async (args, message) => {
    const { stdout, stderr, code } = await curvewise(folder, "schedule", "in-place", ...args);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr.startsWith(message)).toBe(true);
    expect(stderr).toMatch(/\nhint: /);
  });
});

describe("a population", () => {
  const name = "in-place";

  it("trials and export tell the inheritances", async () => {
    const trials = await trialsOf(name);
    expect(trials.flatMap(({ inheritances }) => inheritances).length).toBeGreaterThan(0);
    const table = (await said("trials", name)).stdout;
    expect(table).toMatch(/^trial +state +loss +step +time +lr +kind +exploits +why\n/);
    const lines = (await said("export", name)).stdout.trimEnd().split("\n");
    for (const [index, line] of lines.entries()) {
      const exported = z.object({ inheritances: z.array(inheritance).default([]) }).parse(JSON.parse(line));
      expect(exported.inheritances).toEqual(trials[index]?.inheritances);
    }
  });

  it("export has each report with the params of that report", async () => {
    const rows = (await said("export", name, "--format", "csv", "--curves")).stdout.trimEnd().split("\n");
    expect(rows[0]).toBe("number,state,step,lr,kind,batch,loss,metric.lr");
    expect(rows.length).toBeGreaterThan(MEMBERS);
    // The program reports the rate that it trained with.
    for (const row of rows.slice(1)) expect(row.split(",").at(-1)).toBe(row.split(",")[3]);
  });

  it("status counts the exploits", async () => {
    const trials = await trialsOf(name);
    const exploits = trials.reduce((sum, { inheritances }) => sum + inheritances.length, 0);
    const { stdout } = await said("status", name);
    expect(stdout).toMatch(
      new RegExp(`^exploits +${exploits}; all models go back to \\d trials? of 6$`, "m"),
    );
    expect(JSON.parse((await said("status", name, "--json")).stdout)).toMatchObject({
      studies: [{ exploits }],
    });
  });

  it("best says that its params are the last ones", async () => {
    const { stderr } = await said("best", name);
    const found = (await said("schedule", name, "--format", "json")).stdout;
    const { trial, schedules, switches } = parseScheduleFile(JSON.parse(found));
    const hasChanged = Object.keys({ ...schedules, ...switches }).length > 0;
    const note = `These are its last params; earlier steps had others: curvewise schedule ${name} --trial ${trial}\n`;
    expect(stderr).toBe(hasChanged ? note : "");
  });

  it("explain tells programs the same", async () => {
    const { number, inheritances } = await heir(name);
    const shape = z.object({
      exploits: z.array(z.object({ time: z.number(), parent: z.number(), step: z.number() })),
      failedExploits: z.tuple([]),
      decisions: z.array(
        z.object({ action: z.string(), exploit: z.object({ parent: z.number() }).nullable() }),
      ),
      history: z.array(z.object({ fromStep: z.number(), toStep: z.number(), trial: z.number() })),
    });
    const told = shape.parse(JSON.parse((await said("explain", name, String(number), "--json")).stdout));
    expect(told.exploits.map(({ parent, step }) => ({ parent, step }))).toEqual(
      inheritances.map(({ parent, step }) => ({ parent, step })),
    );
    for (const { action, exploit } of told.decisions) expect(exploit !== null).toBe(action === "exploit");
    expect(told.history[0]?.fromStep).toBe(0);
    expect(told.history.at(-1)?.toStep).toBe(STEPS);
  });

  it("replay tells programs what it found", async () => {
    expect(JSON.parse((await said("replay", name, "--json")).stdout)).toMatchObject({
      study: name,
      verification: { differences: [] },
      lineage: { flaws: [] },
    });
  });

  it("replay refuses to play it under another rule", async () => {
    const { stdout, stderr, code } = await curvewise(folder, "replay", name, "--scheduler", "asha");
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr).toMatch(/^error REPLAY_IMPOSSIBLE: .*\nhint: Leave --scheduler out/);
  });

  it("report has a page", async () => {
    const file = join(folder, "page.html");
    await said("report", name, "--output", file);
    expect(readFileSync(file, "utf8").includes("<h2>Population</h2>")).toBe(true);
  });
});

describe("a model that could not be copied", () => {
  it("is told by explain", async () => {
    const shape = z.object({
      failedExploits: z.array(z.object({ parent: z.number(), path: z.string(), reason: z.string() })),
    });
    for (let trial = 0; trial < MEMBERS; trial++) {
      const json = (await said("explain", "spoilt", String(trial), "--json")).stdout;
      const [first] = shape.parse(JSON.parse(json)).failedExploits;
      if (first === undefined) continue;
      const text = (await said("explain", "spoilt", String(trial))).stdout;
      expect(text).toContain(`kept its own model: that of trial ${first.parent} could not be copied`);
      expect(text).toContain(`${first.path}: it was changed after it was saved`);
      return;
    }
    throw new Error("every model could be copied");
  });

  it("does not disturb the check of the decisions", async () => {
    const { stdout } = await said("replay", "spoilt");
    expect(stdout).toContain("all are the same");
  });
});

describe("replay without a scheduler", () => {
  it("checks the decisions of any study", async () => {
    const { stdout } = await said("replay", "plain");
    expect(stdout).toMatch(/decisions? of the study's own scheduler none, .*: all are the same\.$/m);
    expect(stdout).not.toContain("lineage");
  });

  it("refuses a population as the other rule", async () => {
    const { stderr, code } = await curvewise(folder, "replay", "plain", "--scheduler", "pbt");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error REPLAY_IMPOSSIBLE: pbt cannot be replayed/);
  });

  it("refuses options for playing", async () => {
    const { stderr, code } = await curvewise(folder, "replay", "plain", "--seeds", "2");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error USAGE: required option '--scheduler <scheduler>' not specified: /);
  });
});
