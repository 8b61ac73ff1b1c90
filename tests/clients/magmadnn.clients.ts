import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "../support/command-in-process.js";
import { temporaryFolder } from "../support/command-line.js";
import { eventsOf, untilLog } from "../support/study-log.js";

const EXAMPLE = resolve(import.meta.dirname, "../../examples/magmadnn");

const built = mkdtempSync(join(tmpdir(), "curvewise-magmadnn-"));
afterAll(() => rmSync(built, { recursive: true, force: true }));
const build = join(built, "build");
const configured = spawnSync("cmake", ["-S", EXAMPLE, "-B", build], { encoding: "utf8" });
/** Any other failure of CMake fails the first test. */
const isMissing = configured.error !== undefined || configured.stderr.includes("MagmaDNN is not installed");

it("finds MagmaDNN", ({ skip }) => {
  skip(
    isMissing,
    "MagmaDNN is not installed where CMake looks (MAGMADNN_DIR, /opt/magmadnn): nothing of it was tested",
  );
  expect(configured.status, configured.stderr).toBe(0);
});

describe.skipIf(isMissing)("a network of MagmaDNN", () => {
  beforeAll(() => {
    execFileSync("cmake", ["--build", build], { stdio: "pipe" });
  });
  const env = { ...process.env, OPENBLAS_NUM_THREADS: "1" };

  /** Writes a study file of the example with other lines in place of some. */
  function writeStudy(folder: string, name: string, changes: Readonly<Record<string, string>>): void {
    let text = readFileSync(join(EXAMPLE, name), "utf8");
    for (const [key, value] of Object.entries({
      command: JSON.stringify([join(build, "train")]),
      ...changes,
    })) {
      const changed = text.replace(new RegExp(`^${key}:.*\n(?: .*\n)*`, "m"), `${key}: ${value}\n`);
      expect(changed, key).not.toBe(text);
      text = changed;
    }
    writeFileSync(join(folder, "study.yaml"), text);
  }

  async function run(folder: string): Promise<void> {
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/failed|error/);
  }

  const trialShape = z.object({
    number: z.int(),
    state: z.string(),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
    curve: z.array(z.looseObject({ step: z.int(), accuracy: z.number(), loss: z.number() })),
  });
  async function trialsOf(folder: string): Promise<z.output<typeof trialShape>[]> {
    const { stdout } = await curvewise(folder, "export", "--format", "jsonl");
    return stdout
      .trim()
      .split("\n")
      .map((line) => trialShape.parse(JSON.parse(line)));
  }
  const starts = (folder: string, study: string, trial: number): number =>
    readdirSync(join(folder, "curvewise-files", study, `trial-${trial}`)).filter((name) =>
      /^output-\d+\.log$/.test(name),
    ).length;

  /** The reports of a training by hand, without a break. */
  function byHand({ params }: z.output<typeof trialShape>, seed: number | undefined): unknown[] {
    const words = Object.entries(params).map(([name, value]) => `--${name}=${value}`);
    const printed = execFileSync(join(build, "train"), words, {
      env: { ...env, CURVEWISE_SEED: String(seed) },
      encoding: "utf8",
    });
    return printed
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).report)
      .map(({ step, metrics }) => ({ step, ...metrics }));
  }

  it("has right gradients, starts by its seed, and goes on from a file to the last bit", () => {
    const printed = execFileSync(join(build, "check"), [join(built, "saved")], { env, encoding: "utf8" });
    const found = new Map(
      printed
        .trim()
        .split("\n")
        .map((line) => [line.split(" ")[0], line]),
    );
    const number = (name: string): number => Number(found.get(name)?.split(" ")[1]);
    expect(number("gradient")).toBeLessThan(1e-7);
    expect(number("fall")).toBeLessThan(0.8);
    expect(number("accuracy")).toBeGreaterThan(0.4);
    expect(found.get("resumed")).toBe("resumed 0 of 7");
    expect(number("same-seed")).toBe(0);
    expect(number("other-seed")).toBeGreaterThan(200);
    expect(number("refused")).toBe(3);
    expect(number("after-refusals")).toBe(0);
    // What the header is for: MagmaDNN gives both networks the same weights.
    expect(number("magmadnn")).toBe(0);
  });

  it("is paused under lcm, and goes on as if it had not been", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, "study-lcm.yaml", { budget: "{ trials: 8 }", workers: "1" });
    await run(folder);
    const trials = await trialsOf(folder);
    expect(trials.some(({ state }) => state === "paused")).toBe(true);
    const resumed = trials.filter(({ number }) => starts(folder, "magmadnn-lcm", number) > 1);
    expect(resumed.length).toBeGreaterThan(0);
    const asked = eventsOf(await untilLog(folder, "magmadnn-lcm", () => true), "trial-asked");
    for (const trial of resumed) {
      const seed = asked.find((event) => event.trial === trial.number)?.seed;
      expect(trial.curve, `of trial ${trial.number}`).toEqual(
        byHand(trial, seed).slice(0, trial.curve.length),
      );
    }
  });

  it("is stopped by its curve under lcm as published", async () => {
    const folder = temporaryFolder();
    // The learning rates of trials 0, 2 and 3 are too large for anything to be learnt.
    const scheduler = "{ lcm: { mode: poster, accumulate: 3, stopRank: 0.2 } }";
    const [budget, workers] = ["{ trials: 5 }", "1"];
    writeStudy(folder, "study-lcm-published.yaml", { scheduler, budget, workers });
    await run(folder);
    const states = (await trialsOf(folder)).map(({ state }) => state);
    expect(states.filter((state) => state === "complete").length).toBeGreaterThanOrEqual(3);
    expect(new Set(states)).toEqual(new Set(["complete", "stopped"]));
  });

  it("goes on with other trials' models in place under pbt", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, "study-pbt.yaml", {
      scheduler: "{ pbt: { population: 4, interval: 4, evolve: [lr, momentum] } }",
      workers: "4",
    });
    await run(folder);
    const status = z.looseObject({ studies: z.tuple([z.looseObject({ exploits: z.int() })]) });
    const { stdout } = await curvewise(folder, "status", "magmadnn-pbt", "--json");
    expect(status.parse(JSON.parse(stdout)).studies[0].exploits).toBeGreaterThan(0);
    for (const trial of [0, 1, 2, 3]) expect(starts(folder, "magmadnn-pbt", trial)).toBe(1);
  });

  it("says what is wrong with its data and its params", () => {
    const empty = join(built, "empty");
    mkdirSync(empty);
    const missing = spawnSync(join(build, "train"), [`--data=${empty}`], { env, encoding: "utf8" });
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain("give the folder of the images with --data=FOLDER");
    const wrong = spawnSync(join(build, "train"), ["--schedule=linear"], { env, encoding: "utf8" });
    expect(wrong.status).toBe(1);
    expect(wrong.stderr).toContain("there is no schedule linear (Give constant, cosine or exponential.)");
  });
});
