import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { type CommandResult, temporaryFolder } from "./support/command-line.js";

const PROGRAM = resolve(import.meta.dirname, "programs/misbehave.mjs");

const trialLine = z.looseObject({
  state: z.string(),
  curve: z.array(z.looseObject({ step: z.int(), loss: z.union([z.number(), z.string()]).nullish() })),
});

/** Runs a study whose program misbehaves; returns the output of `run` and the exported trials. */
async function runFaulty(
  fault: string,
  trials = 1,
): Promise<{ folder: string; run: CommandResult; trials: z.infer<typeof trialLine>[] }> {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, "study.yaml"),
    `study: faulty
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(PROGRAM)}, ${fault}]
space: {lr: {float: [0, 1]}}
budget: {trials: ${trials}}
workers: 1
`,
  );
  const run = await curvewise(folder, "run", "study.yaml");
  const exported = await curvewise(folder, "export", "--format", "jsonl");
  const lines = exported.stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "");
  return { folder, run, trials: lines.map((line) => trialLine.parse(JSON.parse(line))) };
}

const stepsOf = (trials: z.infer<typeof trialLine>[]) =>
  trials.map(({ curve }) => curve.map(({ step }) => step));

describe("a program that", () => {
  it("exits at once ends the study after three failures, showing the program's output", async () => {
    const { run, trials } = await runFaulty("exit-at-once", 50);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/error TRIALS_FAILING: .*PROGRAM_FAILED/);
    expect(run.stderr).toContain("exit code 3");
    expect(run.stderr).toContain("cannot find the data");
    expect(run.stderr).toContain("--retry-failed");
    expect(trials.map(({ state }) => state)).toEqual(["failed", "failed", "failed"]);
  });

  it("reports nothing fails, with the line that it should print", async () => {
    const { run, trials } = await runFaulty("say-nothing", 50);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("NOTHING_REPORTED");
    expect(run.stderr).toContain('curvewise {"step":1,"loss":0.5}');
    expect(trials).toHaveLength(3);
  });

  it("prints 100 MB without a newline is still read, using little memory and disk space", async () => {
    const { folder, run, trials } = await runFaulty("endless-line");
    expect(run.code, run.stderr).toBe(0);
    expect(stepsOf(trials)).toEqual([[1]]);
    const explained = await curvewise(folder, "explain", "faulty", "0");
    expect(explained.stdout).toContain("LINE_TOO_LONG");
    const log = readFileSync(join(folder, "curvewise-files/faulty/trial-0/output-1.log"));
    expect(log.length).toBeLessThan(20 * 2 ** 20);
  });

  it("reports NaN is recorded as diverged", async () => {
    const { run, trials } = await runFaulty("nan");
    expect(trials[0]?.curve).toEqual([
      { step: 1, loss: 0.5 },
      { step: 2, loss: "NaN" },
    ]);
    expect(trials[0]?.state).toBe("complete");
    // Nothing was found.
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("no trial was trained to its end with a finite value");
  });

  it.each([
    ["twice", [1, 2, 3], "step 2 is reported twice"],
    ["backwards", [1, 3, 4], "step 2 comes after step 3"],
  ])("reports a step %s keeps the rest of its curve", async (fault, steps, message) => {
    const { folder, run, trials } = await runFaulty(fault);
    expect(run.code, run.stderr).toBe(0);
    expect(stepsOf(trials)).toEqual([steps]);
    const explained = await curvewise(folder, "explain", "faulty", "0");
    expect(explained.stdout).toContain("STEP_NOT_INCREASING");
    expect(explained.stdout).toContain(message);
  });

  it("reports a metric other than the goal's fails, naming both", async () => {
    const { run } = await runFaulty("wrong-metric");
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('never reported the goal metric "loss"; it reported lost');
  });

  it("sends invalid JSON gets an error for each message, and may continue", async () => {
    const { folder, run, trials } = await runFaulty("invalid-json");
    expect(run.code, run.stderr).toBe(0);
    expect(stepsOf(trials)).toEqual([[1]]);
    const log = readFileSync(join(folder, "curvewise-files/faulty/trial-0/output-1.log"), "utf8");
    const answers = [...log.matchAll(/^answered (.*)$/gm)].map(([, answer]) => JSON.parse(answer ?? "null"));
    expect(answers).toEqual([
      { error: expect.objectContaining({ code: "MESSAGE_INVALID" }) },
      { error: expect.objectContaining({ code: "MESSAGE_INVALID" }) },
      { error: expect.objectContaining({ code: expect.stringMatching(/_INVALID$/) }) },
      { action: "continue" },
    ]);
  });
});
