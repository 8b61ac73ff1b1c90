import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { z } from "zod";
import { createRandom } from "../src/math/random.js";
import { curvewise, FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";

const TRIALS = 120;
const STEPS = 6;
const KILLS = 20;

const exportedTrial = z.strictObject({
  number: z.int(),
  state: z.string(),
  params: z.record(z.string(), z.number()),
  value: z.number(),
  curve: z.array(z.strictObject({ step: z.int(), loss: z.number(), accuracy: z.number() })),
});

function writeStudy(folder: string): void {
  writeFileSync(
    join(folder, "study.yaml"),
    `study: killed
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(FORMULA)}, "--lr={lr}", "--momentum={momentum}", "--pause-ms=4"]
space:
  lr: {float: [1e-4, 1], log: true}
  momentum: {float: [0, 0.99]}
maxSteps: ${STEPS}
budget: {trials: ${TRIALS}}
workers: 4
seed: 11
`,
  );
}

async function exportTrials(folder: string): Promise<z.infer<typeof exportedTrial>[]> {
  const { stdout, code, stderr } = await curvewise(folder, "export", "killed", "--format", "jsonl");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout
    .trim()
    .split("\n")
    .map((line) => exportedTrial.parse(JSON.parse(line)));
}

it("loses and doubles nothing when the coordinator is killed at random moments", {
  timeout: 240_000,
}, async () => {
  const [killed, undisturbed] = [temporaryFolder(), temporaryFolder()];
  writeStudy(killed);
  writeStudy(undisturbed);
  const random = createRandom(Date.now(), 0, 0);
  let kills = 0;
  while (kills < KILLS) {
    const { child, result } = startCurvewise(killed, "run", "study.yaml");
    await sleep(150 + random.uniform() * 650);
    child.kill("SIGKILL");
    const { signal, stderr } = await result;
    // The study must not be over before its last kill, or the kills would have hit nothing.
    expect(stderr).not.toContain("error");
    expect(signal).toBe("SIGKILL");
    kills += 1;
  }
  const last = await curvewise(killed, "run", "study.yaml");
  expect(last.code, last.stderr).toBe(0);
  expect((await curvewise(undisturbed, "run", "study.yaml")).code).toBe(0);

  const trials = await exportTrials(killed);
  expect(trials.map((trial) => trial.number)).toEqual(Array.from({ length: TRIALS }, (_, number) => number));
  for (const trial of trials) {
    expect(trial.state).toBe("complete");
    expect(trial.curve.map((point) => point.step)).toEqual([1, 2, 3, 4, 5, 6]);
  }
  expect(trials).toEqual(await exportTrials(undisturbed));
});
