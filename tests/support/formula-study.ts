import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { z } from "zod";
import { curvewise, FORMULA } from "./command-line.js";

/** How {@link writeFormulaStudy} differs from its defaults. */
export interface FormulaStudy {
  readonly trials?: number;
  readonly steps?: number;
  readonly workers?: number;
  /** Milliseconds. */
  readonly stepTime?: number;
}

const exportedTrial = z.strictObject({
  number: z.int(),
  state: z.string(),
  params: z.record(z.string(), z.number()),
  value: z.number(),
  curve: z.array(z.strictObject({ step: z.int(), loss: z.number(), accuracy: z.number() })),
});

/** Writes `study.yaml`, a study named `formula`, into a folder: the same trials and curves wherever it runs. */
export function writeFormulaStudy(folder: string, study: FormulaStudy = {}): void {
  const { trials = 10, steps = 10, workers = 2, stepTime = 5 } = study;
  writeFileSync(
    join(folder, "study.yaml"),
    `study: formula
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(FORMULA)}, "--lr={lr}", "--momentum={momentum}", "--pause-ms=${stepTime}"]
space:
  lr: {float: [1e-4, 1], log: true}
  momentum: {float: [0, 0.99]}
maxSteps: ${steps}
budget: {trials: ${trials}}
workers: ${workers}
sampler: random
seed: 11
`,
  );
}

/** Every trial of the study in the database: params, state and curve. */
export async function exportedTrials(
  folder: string,
  ...options: readonly string[]
): Promise<z.infer<typeof exportedTrial>[]> {
  const { stdout, code, stderr } = await curvewise(
    folder,
    "export",
    "formula",
    "--format",
    "jsonl",
    ...options,
  );
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => exportedTrial.parse(JSON.parse(line)));
}
