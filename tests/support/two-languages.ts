import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { z } from "zod";
import { curvewise } from "./command-line.js";
import { CLIENT, compile, STRICT } from "./cpp-build.js";
import { readLog } from "./undisturbed.js";

const PYTHON = resolve(import.meta.dirname, "../programs/training.py");
const TRIALS = 24;
const MAX_STEPS = 9;

/** Writes the study `spread`, one of whose params is the program that trains: one in C++, which is built here, or one in Python. */
export function writeTwoLanguages(folder: string): void {
  compile(join(CLIENT, "tests/training.cpp"), join(folder, "train-cpp"), ...STRICT);
  writeFileSync(join(folder, "train-python"), `#!/bin/sh\nexec python3 ${JSON.stringify(PYTHON)}\n`, {
    mode: 0o755,
  });
  writeFileSync(
    join(folder, "study.yaml"),
    `study: spread
goal: {minimize: loss}
command: ["./train-{language}"]
space:
  language: {choice: [cpp, python]}
  rate: {float: [1e-5, 1], log: true}
sampler: random
scheduler: asha
maxSteps: ${MAX_STEPS}
budget: {trials: ${TRIALS}}
seed: 4
enqueue: # the best there are, so that both languages are among those that go on, whoever comes first
  - {language: cpp, rate: 0.01}
  - {language: python, rate: 0.01}
`,
  );
}

const trialsShape = z.object({
  trials: z.array(
    z.object({ number: z.int(), state: z.string(), params: z.object({ language: z.string() }) }),
  ),
});

/** The steps that a trial's programs wrote down; undefined before the first one. */
function trainedSteps(folder: string, trial: number): readonly number[] | undefined {
  const path = join(folder, "curvewise-files/spread", `trial-${trial}`, "trained.txt");
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line) => Number(line.split(" ")[0]));
}

/**
 * Checks that trainings reached the end, that programs of both languages went on after pauses, that each step was
 * trained once, and that the study's decisions are those of its replay.
 */
export async function expectTwoLanguages(folder: string): Promise<void> {
  const replay = await curvewise(folder, "replay", "spread", "--scheduler", "none", "--json");
  expect(JSON.parse(replay.stdout).verification).toMatchObject({ differences: [] });
  const { stdout } = await curvewise(folder, "trials", "spread", "--json", "--limit", String(TRIALS));
  const { trials } = trialsShape.parse(JSON.parse(stdout));
  const log = await readLog(folder);
  expect(trials).toHaveLength(TRIALS);
  expect(trials.some(({ state }) => state === "complete")).toBe(true);
  for (const language of ["cpp", "python"]) {
    const own = trials.filter(({ params }) => params.language === language);
    const resumed = ({ number }: { readonly number: number }): boolean =>
      log.some(({ type, trial, attempt }) => type === "attempt-started" && trial === number && attempt === 2);
    expect(own.some(resumed)).toBe(true);
  }
  for (const { number } of trials) {
    const steps = trainedSteps(folder, number);
    expect(steps).toEqual(steps?.map((_, place) => place + 1));
  }
}
