import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { z } from "zod";
import { createRandom } from "../src/math/random.js";
import { curvewise } from "./support/command-in-process.js";
import { FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { type HeldTrainings, holdTrainings } from "./support/held-trainings.js";
import { eventsOf, untilLog } from "./support/study-log.js";

const TRIALS = 40;
const STEPS = 6;
const KILLS = 12;
/** Trials from this one on are held until the last kill, or a fast machine would finish before it. */
const HELD = 32;

const exportedTrial = z.strictObject({
  number: z.int(),
  state: z.string(),
  params: z.record(z.string(), z.number()),
  value: z.number(),
  curve: z.array(z.strictObject({ step: z.int(), loss: z.number(), accuracy: z.number() })),
});

function writeStudy(folder: string): HeldTrainings {
  const held = holdTrainings(folder, { step: 1, trial: HELD });
  const program = [process.execPath, FORMULA, "--lr={lr}", "--momentum={momentum}", "--pause-ms=4"];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: killed
goal: {minimize: loss}
command: ${JSON.stringify([...program, ...held.options])}
space:
  lr: {float: [1e-4, 1], log: true}
  momentum: {float: [0, 0.99]}
maxSteps: ${STEPS}
budget: {trials: ${TRIALS}}
workers: 4
sampler: random
seed: 11
`,
  );
  return held;
}

/** Waits until a run that began with `from` events in the log has added more, or is working on what is held. */
async function untilGrown(folder: string, from: number, events: number): Promise<void> {
  await untilLog(
    folder,
    "killed",
    (log) =>
      log.length >= from + events ||
      eventsOf(log.slice(from), "attempt-started").some(({ trial }) => trial >= HELD),
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

it("loses and duplicates nothing when the coordinator is killed at random moments", async () => {
  const [killed, undisturbed] = [temporaryFolder(), temporaryFolder()];
  const held = writeStudy(killed);
  writeStudy(undisturbed).letGo();
  const random = createRandom(Date.now(), 0, 0);
  let recorded = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const { child, result } = startCurvewise(killed, "run", "study.yaml");
    // Every other time at a moment when it may still be starting.
    if (kill % 2 === 1) await sleep(random.uniform() * 800);
    else await untilGrown(killed, recorded, random.integer(1, 30));
    child.kill("SIGKILL");
    const { signal, stderr } = await result;
    expect(stderr).not.toContain("error");
    expect(signal).toBe("SIGKILL");
    recorded = (await untilLog(killed, "killed", () => true)).length;
  }
  held.letGo();
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
