import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";

const TRAINER = resolve(import.meta.dirname, "../trainer/bin/train.js");

const statusOutput = z.looseObject({
  studies: z.tuple([z.looseObject({ trials: z.looseObject({ complete: z.int() }), exploits: z.int() })]),
});

it("the trainer takes over other trials' models without a restart", async () => {
  const folder = temporaryFolder();
  const study = {
    study: "members",
    goal: { maximize: "accuracy" },
    command: ["node", TRAINER, "--hidden=16", "--images-per-step=640", "${args}"],
    space: { lr: { float: [1e-4, 1], log: true }, batch: { ordinal: [16, 32, 64] } },
    maxSteps: 8,
    scheduler: { pbt: { population: 4, interval: 1 } },
    workers: 4,
    seed: 3,
  };
  writeFileSync(join(folder, "study.yaml"), JSON.stringify(study));
  const run = await curvewise(folder, "run", "study.yaml");
  expect(run.code, run.stderr).toBe(0);
  const { stdout } = await curvewise(folder, "status", "members", "--json");
  const { trials, exploits } = statusOutput.parse(JSON.parse(stdout)).studies[0];
  expect(trials.complete).toBe(4);
  expect(exploits).toBeGreaterThan(0);
  // Each attempt has a log of its output.
  const files = readdirSync(folder, { recursive: true }).map(String);
  expect(files.filter((file) => /output-\d+\.log$/.test(file))).toHaveLength(4);

  const schedule = await curvewise(folder, "schedule", "members", "--param", "lr", "--output", "lr.yaml");
  expect(schedule.code, schedule.stderr).toBe(0);
  const again = spawnSync(
    process.execPath,
    [
      TRAINER,
      "--hidden=16",
      "--images-per-step=640",
      "--steps=2",
      `--schedule-file=${join(folder, "lr.yaml")}`,
    ],
    { encoding: "utf8" },
  );
  expect([again.status, again.stderr]).toEqual([0, ""]);
});
