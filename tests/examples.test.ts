import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";

const examples = resolve(import.meta.dirname, "../examples");
/** CI installs Python; other machines may lack it, and then skip its examples. */
const hasPython = spawnSync("python3", ["--version"]).status === 0;

const trialLine = z.looseObject({
  number: z.int(),
  state: z.string(),
  value: z.number().nullable(),
  curve: z.array(z.looseObject({ step: z.int() })),
});

describe.runIf(hasPython)("the Python example", () => {
  it("unedited/plain is paused by the models that it saves, and goes on from them", async () => {
    const folder = temporaryFolder();
    cpSync(join(examples, "unedited/plain"), folder, { recursive: true });
    const run = await curvewise(folder, "run", "study.yaml");
    expect(run.code, run.stderr).toBe(0);
    const { stdout } = await curvewise(folder, "export", "--format", "jsonl");
    const trials = stdout
      .trim()
      .split("\n")
      .map((line) => trialLine.parse(JSON.parse(line)));
    expect(new Set(trials.map(({ state }) => state))).toEqual(new Set(["complete", "paused"]));
    const later: number[] = [];
    for (const { number } of trials) {
      const told = (await curvewise(folder, "explain", "unedited-plain", String(number), "--json")).stdout;
      const { attempts } = z
        .looseObject({ attempts: z.array(z.looseObject({ fromStep: z.int() })) })
        .parse(JSON.parse(told));
      later.push(...attempts.slice(1).map(({ fromStep }) => fromStep));
    }
    expect(later.length).toBeGreaterThan(0);
    expect(Math.min(...later)).toBeGreaterThan(0);
  });

  it.each(["python-socket", "python-printed"])("%s can be tuned as it is", async (name) => {
    const folder = temporaryFolder();
    cpSync(join(examples, name), folder, { recursive: true });
    const run = await curvewise(folder, "run", "study.yaml");
    expect(run.code, run.stderr).toBe(0);
    const { stdout } = await curvewise(folder, "export", "--format", "jsonl");
    const trials = stdout
      .trim()
      .split("\n")
      .map((line) => trialLine.parse(JSON.parse(line)));
    expect(trials).toHaveLength(40);
    expect(new Set(trials.map(({ state }) => state))).toEqual(new Set(["complete", "stopped"]));
    for (const { curve } of trials) {
      expect(curve.map(({ step }) => step)).toEqual(curve.map((_, index) => index + 1));
    }
    const best = JSON.parse((await curvewise(folder, "best", "--json")).stdout);
    const values = trials.flatMap(({ state, value }) =>
      state === "complete" && value !== null ? [value] : [],
    );
    expect([Math.min(...values), Math.max(...values)]).toContain(best.best[0].value);
  });
});
