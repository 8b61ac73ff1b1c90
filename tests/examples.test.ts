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
  state: z.string(),
  value: z.number().nullable(),
  curve: z.array(z.looseObject({ step: z.int() })),
});

describe.runIf(hasPython)("the Python example", () => {
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
