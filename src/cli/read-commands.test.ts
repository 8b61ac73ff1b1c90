import { execFile, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { curvewise } from "../../tests/support/command-in-process.js";
import { CURVEWISE } from "../../tests/support/command-line.js";

/**
 * One study with a fate of each kind, from a program whose loss at step s is x + 1/s: trials 0 and 1 complete,
 * 2 is stopped by the curves of these, 3 fails, 4 diverges.
 */
const PROGRAM = `
const [x] = process.argv.slice(2).map(Number);
if (x === 5) { console.log("about to fail"); process.exit(3); }
for (let step = 1; step <= 5; step++) {
  console.log("curvewise " + JSON.stringify({ step, loss: x === 9 ? "NaN" : x + 1 / step }));
  await new Promise((resolve) => setTimeout(resolve, 40));
}
`;

const STUDY = `study: fates
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, program.mjs, "{x}"]
space: {x: {float: [0, 10]}, kind: same}
maxSteps: 5
sampler: {list: {trials: [{x: 1}, {x: 0.1}, {x: 3}, {x: 5}, {x: 9}]}}
scheduler: {lcm: {mode: poster, accumulate: 2, cumulativePoints: [1, 2], checkpoints: [2], stopRank: 0.4}}
workers: 1
seed: 3
killAfter: 1
`;

let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-read-"));
  writeFileSync(join(folder, "program.mjs"), PROGRAM);
  writeFileSync(join(folder, "study.yaml"), STUDY);
  const { code, stderr } = await curvewise(folder, "run", "study.yaml", "--quiet");
  if (code !== 0 || stderr !== "") throw new Error(`the study did not run: ${stderr}`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function output(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await curvewise(folder, ...args);
  expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  return stdout;
}

async function refusal(...args: readonly string[]): Promise<{ code: number | null; lines: string[] }> {
  const { stdout, stderr, code } = await curvewise(folder, ...args);
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/\n\s+at /);
  return { code, lines: stderr.trimEnd().split("\n") };
}

const json = async <Schema extends z.ZodType>(
  schema: Schema,
  ...args: readonly string[]
): Promise<z.output<Schema>> => schema.parse(JSON.parse(await output(...args, "--json")));

describe("status", () => {
  const shape = z.object({
    studies: z.array(
      z.object({
        name: z.string(),
        state: z.string(),
        trials: z.record(z.string(), z.number()),
        totalSteps: z.number(),
        best: z.object({ trial: z.number(), value: z.number(), complete: z.boolean() }),
      }),
    ),
  });

  it("tells how the study stands", async () => {
    const text = await output("status");
    expect(text).toMatch(/^study\s+fates$/m);
    expect(text).toMatch(/^goal\s+minimize loss$/m);
    expect(text).toMatch(/^best\s+0\.3 \(trial 1\)$/m);
  });

  it("tells programs the same", async () => {
    const { studies } = await json(shape, "status", "fates");
    expect(studies).toHaveLength(1);
    expect(studies[0]).toMatchObject({
      name: "fates",
      trials: { total: 5, waiting: 0, running: 0, failed: 1 },
      best: { trial: 1, complete: true },
    });
    expect(studies[0]?.best.value).toBeCloseTo(0.3, 12);
  });
});

describe("trials", () => {
  it("lists them all, with the reason of each end", async () => {
    const lines = (await output("trials")).trimEnd().split("\n");
    expect(lines[0]).toMatch(/^trial\s+state\s+loss\s+step\s+time\s+x\s+why$/);
    expect(lines[1]).toMatch(/^\s+0\s+complete\s+1\.2\s+5\s/);
    expect(lines[3]).toMatch(/^\s+2\s+stopped\s+3\.5\s+2\s.*nearest to that of trial 0/);
    expect(lines[4]).toMatch(/^\s+3\s+failed\s+-\s+0\s/);
    expect(lines).toHaveLength(6);
  });

  const shape = z.object({ study: z.string(), trials: z.array(z.object({ number: z.number() })) });
  it.each<[string[], number[]]>([
    [
      ["--sort", "value"],
      [1, 0, 2, 4, 3],
    ],
    [
      ["--sort", "x", "--reverse", "--limit", "2"],
      [4, 3],
    ],
    [
      ["--state", "complete", "stopped", "--sort", "value"],
      [1, 0, 2, 4],
    ],
    [["--sort", "loss", "--limit", "1"], [1]],
  ])("selects and sorts: %j", async (options, numbers) => {
    const { trials } = await json(shape, "trials", "fates", ...options);
    expect(trials.map(({ number }) => number)).toEqual(numbers);
  });

  it("refuses to sort by what is not there", async () => {
    expect(await refusal("trials", "--sort", "vlaue")).toEqual({
      code: 2,
      lines: ['error SORT_UNKNOWN: trials cannot be sorted by "vlaue"', 'hint: Did you mean "value"?'],
    });
  });
});

describe("best", () => {
  it("tells the best complete trial", async () => {
    const text = await output("best");
    expect(text).toMatch(/^trial\s+1$/m);
    expect(text).toMatch(/^loss\s+0\.3$/m);
    expect(text).toMatch(/^\s+x\s+0\.1$/m);
  });

  it("ranks complete trials before the others", async () => {
    const shape = z.object({ best: z.array(z.object({ number: z.number(), complete: z.boolean() })) });
    const { best } = await json(shape, "best", "--top", "9");
    expect(best).toEqual([
      { number: 1, complete: true },
      { number: 0, complete: true },
      { number: 2, complete: false },
    ]);
  });
});

describe("explain", () => {
  it("says in words and numbers why a trial was stopped", async () => {
    const text = await output("explain", "2");
    expect(text).toContain("step 2: stop (lcm/poster)");
    expect(text).toMatch(/neighbour\s+distance\s+end\s+now/);
    // By hand: (4, 3.5) is sqrt(2 * 2^2) from (2, 1.5), and sqrt(2 * 2.9^2) from (1.1, 0.6).
    expect(text).toMatch(/^\s+0\s+2\.8284\s+1\.2\s+complete at 1\.2$/m);
    expect(text).toMatch(/^\s+1\s+4\.1012\s+0\.3\s+complete at 0\.3$/m);
    expect(text.trimEnd().split("\n").at(-1)).toBe("It was stopped at step 2.");
  });

  it.each([
    ["C.UTF-8", "●", /[\u2801-\u28ff]/],
    ["C", "*", /^[\n\u0020-\u007e]*$/],
  ])("draws the matched curves where the locale is %s", async (locale, own, letters) => {
    vi.stubEnv("LC_ALL", locale);
    const text = await output("explain", "2").finally(() => vi.unstubAllEnvs());
    expect(text).toMatch(letters);
    const chart = text.slice(text.indexOf("loss by step"), text.indexOf("It was stopped"));
    expect(chart.split("\n")).toEqual(
      expect.arrayContaining([
        `  ${own} trial 2, stopped at loss 3.5`,
        "  a trial 0 ended at loss 1.2",
        "  b trial 1 ended at loss 0.3",
      ]),
    );
    expect(chart).toContain("stop at step 2");
    expect(chart.split("\n").slice(1, 16).join("\n")).toContain(own);
    expect(Math.max(...chart.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it("draws nothing of a trial without decisions, and nothing for programs", async () => {
    expect(await output("explain", "3")).not.toContain("by step");
    expect(await output("explain", "2", "--json")).not.toContain("by step");
  });

  it("tells programs the same", async () => {
    const shape = z.object({
      study: z.literal("fates"),
      trial: z.object({ number: z.literal(2), state: z.literal("stopped") }),
      attempts: z.array(z.object({ attempt: z.number(), fromStep: z.literal(0) })).length(1),
      decisions: z.array(
        z.object({
          step: z.number(),
          action: z.string(),
          rule: z.string(),
          values: z.record(z.string(), z.number()),
          neighbours: z.array(z.object({ trial: z.number(), distance: z.number(), performance: z.number() })),
        }),
      ),
    });
    const { decisions } = await json(shape, "explain", "fates", "2");
    expect(decisions).toHaveLength(1);
    expect(decisions[0]).toMatchObject({
      step: 2,
      action: "stop",
      values: { rankPercentage: 0.5, threshold: 0.4 },
    });
    expect(decisions[0]?.neighbours.map(({ trial }) => trial)).toEqual([0, 1]);
    expect(decisions[0]?.neighbours[0]?.distance).toBeCloseTo(Math.sqrt(8), 12);
  });

  it("shows what a failed program printed", async () => {
    const text = await output("explain", "3");
    expect(text).toContain("failures");
    expect(text).toContain("| about to fail");
    expect(text).toContain("--retry-failed");
  });

  it.each([
    [["fates"], "which trial of fates?", "`curvewise explain fates 0`. `curvewise trials fates` lists them."],
    [[], "which trial?", "`curvewise explain 0`. `curvewise trials` lists them."],
  ])("names the missing trial after %j", async (args, which, hint) => {
    const { code, lines } = await refusal("explain", ...args);
    expect(code).toBe(2);
    expect(lines).toEqual([
      `error USAGE: missing required argument 'trial': ${which}`,
      `hint: For example trial 0: ${hint}`,
    ]);
  });

  it.each([["99"], ["-1"], ["two"]])("refuses trial %s", async (number) => {
    const { code, lines } = await refusal("explain", "fates", "--", number);
    expect(code).toBe(2);
    expect(lines).toEqual([
      `error TRIAL_NOT_FOUND: study "fates" has no trial ${number}`,
      "hint: Its trials are 0 to 4.",
    ]);
  });
});

describe("export", () => {
  const line = z.strictObject({
    number: z.number(),
    state: z.string(),
    params: z.record(z.string(), z.union([z.number(), z.string()])),
    value: z.number().nullable(),
    curve: z.array(z.strictObject({ step: z.number(), loss: z.union([z.number(), z.literal("NaN")]) })),
  });

  it("writes a JSON line a trial", async () => {
    const lines = (await output("export")).trimEnd().split("\n");
    const trials = lines.map((text) => line.parse(JSON.parse(text)));
    expect(trials.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4]);
    expect(lines[0]).toBe(
      '{"number":0,"state":"complete","params":{"x":1,"kind":"same"},"value":1.2,"curve":[{"step":1,"loss":2},{"step":2,"loss":1.5},{"step":3,"loss":1.3333333333333333},{"step":4,"loss":1.25},{"step":5,"loss":1.2}]}',
    );
    expect(trials[3]).toEqual({
      number: 3,
      state: "failed",
      params: { x: 5, kind: "same" },
      value: null,
      curve: [],
    });
    expect(trials[4]?.value).toBeNull();
    expect(trials[4]?.curve[0]).toEqual({ step: 1, loss: "NaN" });
  });

  it("writes CSV, and to files", async () => {
    const file = join(folder, "trials.csv");
    const { stdout, stderr, code } = await curvewise(folder, "export", "--format", "csv", "--output", file);
    expect({ stdout, stderr, code }).toEqual({
      stdout: "",
      stderr: `5 trials written to ${file}\n`,
      code: 0,
    });
    const rows = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(rows.slice(0, 2)).toEqual(["number,state,value,step,x,kind,loss", "0,complete,1.2,5,1,same,1.2"]);
    expect(rows).toHaveLength(6);
    const curves = (await output("export", "--format", "csv", "--curves")).split("\n");
    expect(curves.slice(0, 3)).toEqual([
      "number,state,step,x,kind,loss",
      "0,complete,1,1,same,2",
      "0,complete,2,1,same,1.5",
    ]);
  });

  it("says when the file cannot be written", async () => {
    const { code, lines } = await refusal("export", "--output", "/nowhere/x.jsonl");
    expect(code).toBe(2);
    expect(lines[0]).toMatch(/^error OUTPUT_FAILED: \/nowhere\/x\.jsonl cannot be written: ENOENT/);
  });

  it.each([
    ["wandb", "`python3 -m curvewise.wandb_runs STUDY --project NAME` logs a study to W&B. "],
    ["parquet", ""],
  ])("names the formats where it has no %s, and the way to other tools", async (format, hint) => {
    const formats = "csv, jsonl, optuna, optuna-journal, mlflow, tensorboard";
    expect(await refusal("export", "--format", format)).toEqual({
      code: 2,
      lines: [
        `error USAGE: there is no export format "${format}"`,
        `hint: ${hint}The formats are ${formats}.`,
      ],
    });
  });

  it("refuses --curves for JSON lines", async () => {
    expect((await refusal("export", "--curves")).lines[0]).toBe(
      "error USAGE: --curves is only for --format csv",
    );
  });
});

describe("report", () => {
  it("writes one HTML file", async () => {
    const file = join(folder, "page.html");
    const { code, stderr } = await curvewise(folder, "report", "fates", "--output", file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `The report is in ${file}\n` });
    const page = readFileSync(file, "utf8");
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toContain("<title>fates: Curvewise</title>");
  });

  it("refuses --all beside names", async () => {
    expect(await refusal("report", "fates", "--all")).toMatchObject({
      code: 2,
      lines: ["error USAGE: --all is every study, but some are named too", expect.stringMatching(/^hint: /)],
    });
  });

  it("is named by the dashboard, which writes no file", async () => {
    expect(await refusal("dashboard", "--output", "page.html")).toEqual({
      code: 2,
      lines: [
        "error USAGE: `curvewise dashboard` serves the page, and writes no file",
        "hint: `curvewise report --output page.html` writes it into a file.",
      ],
    });
  });
});

describe("samplers, schedulers, schema", () => {
  it("document options from their schemas", async () => {
    expect(await output("samplers")).toMatch(/^random\s+\S/m);
    expect(await output("schedulers", "asha")).toMatch(/^eta\s+whole number from 2 up to 100\s+4\s+\S/m);
    const shape = z.object({
      samplers: z.array(z.object({ name: z.string(), summary: z.string(), options: z.object({}) })),
    });
    const { samplers } = await json(shape, "samplers");
    expect(samplers.map(({ name }) => name)).toContain("grid");
  });

  it("refuse unknown names with the nearest", async () => {
    expect(await refusal("schedulers", "mdian")).toEqual({
      code: 2,
      lines: ['error SCHEDULER_UNKNOWN: there is no scheduler "mdian"', 'hint: Did you mean "median"?'],
    });
  });

  it("print the committed JSON Schema", async () => {
    const committed = readFileSync(new URL("../../schema/study.schema.json", import.meta.url), "utf8");
    expect(await output("schema")).toBe(committed);
  });
});

describe("the command line as a whole", () => {
  it.each<[string[], string[]]>([
    [["statsu"], ["error USAGE: unknown command 'statsu'", "hint: Did you mean status?"]],
    [
      ["status", "--jsn"],
      ["error USAGE: unknown option '--jsn'", "hint: Did you mean --json?"],
    ],
    [
      ["run"],
      ["error USAGE: missing required argument 'file'", "hint: `curvewise --help` lists the commands."],
    ],
    [
      ["status", "fate"],
      [
        expect.stringContaining('error STUDY_NOT_FOUND: there is no study "fate" in '),
        'hint: Did you mean "fates"?',
      ],
    ],
    [
      ["status", "--storage", "no.db"],
      [
        expect.stringContaining("error STORAGE_NOT_FOUND: there is no database at "),
        expect.stringContaining("hint: "),
      ],
    ],
    [
      ["status", "--storage", "study.yaml"],
      [expect.stringContaining("error STORAGE_INVALID: "), expect.stringContaining("hint: ")],
    ],
    [
      ["status", "--storage", "memory:"],
      [
        "error STORAGE_IN_MEMORY: the command line needs a database that outlives it",
        expect.stringContaining("hint: "),
      ],
    ],
    [
      ["best", "--top", "0"],
      [
        "error USAGE: option '--top <n>' argument '0' is invalid. It must be a whole number of at least 1.",
        "hint: `curvewise --help` lists the commands.",
      ],
    ],
    [
      ["delete", "fates"],
      [
        'error CONFIRMATION_NEEDED: deleting study "fates" needs confirmation',
        "hint: Give --yes: there is no terminal to ask on.",
      ],
    ],
  ])("%j ends with 2 and one clear message", async (args, lines) => {
    expect(await refusal(...args)).toEqual({ code: 2, lines });
  });

  it("tells errors to programs as one line of JSON", async () => {
    const { code, lines } = await refusal("best", "nope", "--json");
    expect(code).toBe(2);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      error: { code: "STUDY_NOT_FOUND", hint: "Known: fates" },
    });
  });

  it("shows where an error arose only when asked", async () => {
    const run = promisify(execFile);
    const env = { ...process.env, CURVEWISE_DEBUG: "1" };
    const failed: unknown = await run(process.execPath, [CURVEWISE, "best", "nope"], {
      cwd: folder,
      env,
    }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringMatching(/\n\s+at /) });
  });

  it.each([
    "init",
    "run",
    "status",
    "watch",
    "trials",
    "best",
    "explain",
    "export",
    "report",
    "delete",
    "samplers",
    "schedulers",
    "schema",
    "completion",
  ])("%s --help teaches by examples", async (command) => {
    const help = await output(command, "--help");
    expect(help).toContain(`Usage: curvewise ${command}`);
    expect(help).toContain("Examples:");
  });

  it("shows help and the version", async () => {
    expect(await output()).toContain("A first study:");
    expect(await output("--help")).toContain("Exit codes:");
    expect(await output("--version")).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  });

  it("says that it has not been built", async () => {
    const bin = join(folder, "copy/bin");
    mkdirSync(bin, { recursive: true });
    copyFileSync(CURVEWISE, join(bin, "curvewise.mjs"));
    const failed: unknown = await promisify(execFile)(process.execPath, [join(bin, "curvewise.mjs")]).catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error NOT_BUILT: /) });
  });

  it("takes the database from CURVEWISE_STORAGE", async () => {
    const run = promisify(execFile);
    const env = { ...process.env, CURVEWISE_STORAGE: join(folder, "curvewise.db") };
    const { stdout } = await run(process.execPath, [CURVEWISE, "status", "--json"], { cwd: tmpdir(), env });
    expect(JSON.parse(stdout)).toMatchObject({ database: join(folder, "curvewise.db") });
  });

  it("ends quietly when nobody reads on", async () => {
    const child = spawn(process.execPath, [CURVEWISE, "schema"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("completes commands, studies, options and their values", async () => {
    const candidates = async (...words: string[]): Promise<string[]> =>
      (await output("complete", "--", ...words))
        .trimEnd()
        .split("\n")
        .map((each) => each.split("\t")[0] ?? "");
    expect(await candidates("st")).toEqual(["stop", "status", ":4"]);
    expect(await candidates("best", "")).toEqual(["fates", ":4"]);
    expect(await candidates("trials", "--st")).toEqual(["--storage", "--state", ":4"]);
    expect(await candidates("trials", "--state", "c")).toEqual(["complete", ":4"]);
    expect(await candidates("run", "")).toEqual(["study.yaml", ":4"]);
    expect(await candidates("schedulers", "l")).toEqual(["lcm", ":4"]);
  });

  it("prints a script for bash that never evaluates what was typed", async () => {
    const script = join(folder, "completion.bash");
    writeFileSync(script, await output("completion", "bash"));
    writeFileSync(
      join(folder, "try.bash"),
      `curvewise() { ${JSON.stringify(process.execPath)} ${JSON.stringify(CURVEWISE)} "$@"; }
command() { "$@"; }
source ${script}
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _curvewise; echo "\${COMPREPLY[*]}"; }
try curvewise expl
try curvewise best ""
try curvewise best '$(touch evaluated)' ""
`,
    );
    const { stdout } = await promisify(execFile)("bash", ["try.bash"], { cwd: folder });
    expect(stdout).toBe("explain\nfates\n\n");
    expect(existsSync(join(folder, "evaluated"))).toBe(false);
  });
});

describe("importance", () => {
  it("says which params made the difference, with the forecast of what was stopped", async () => {
    const found: unknown = JSON.parse(await output("importance", "--json", "--share", "0.4"));
    expect(found).toMatchObject({
      study: "fates",
      share: 0.4,
      trials: 3,
      forecast: 1,
      bestTrials: 2,
      params: [{ param: "x", importance: 1, best: { low: 0.1, high: 1 } }],
    });
    expect(JSON.parse(await output("importance", "--json", "--complete"))).toMatchObject({
      trials: 2,
      forecast: 0,
    });
  });

  it("shows a table, and whether there are enough trials", async () => {
    const { stdout, stderr } = await curvewise(folder, "importance", "--share", "0.4");
    expect(stdout).toMatch(/^param +importance +the best 40 % have\nx +100 % +(#{20}|█{20}) +0\.1 to 1$/m);
    expect(stderr).toContain(
      "Compared: 3 trials, 1 of them by the forecast of their ends. 2 are among the best.",
    );
    expect(stderr).toContain("come back after 13 trials");
  });

  it("divides the variance with --method fanova, and looks for pairs only then", async () => {
    const found: unknown = JSON.parse(await output("importance", "--method", "fanova", "--pairs", "--json"));
    expect(found).toMatchObject({
      method: "fanova",
      trials: 3,
      fitted: 3,
      forecast: 1,
      conditional: [],
      params: [{ param: "x" }],
      pairs: [],
    });
    const { stdout, stderr } = await curvewise(folder, "importance", "--method", "fanova");
    expect(stdout).toMatch(/^param +importance +the best 10 % have\nx +\d+ %/m);
    expect(stderr).toContain("Compared: 3 trials, 1 of them by the forecast of their ends.");
    expect(stderr).toContain("too little to trust these shares");
    const refused = await curvewise(folder, "importance", "--pairs");
    expect(refused.stderr).toContain("--pairs is only for --method fanova");
    expect(refused.code).toBe(2);
  });

  it("refuses a share outside of 0 and 1", async () => {
    const { code, stderr } = await curvewise(folder, "importance", "--share", "1");
    expect(code).toBe(2);
    expect(stderr).toContain("above 0 and below 1");
  });
});
