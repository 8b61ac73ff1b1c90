import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { type HeldTrainings, holdTrainings } from "./support/held-trainings.js";
import { eventsOf, untilLog } from "./support/study-log.js";

const TRIALS = 8;

/** Writes a study whose trainings are held before step 5. */
function writeStudy(folder: string, { seed = 11, highest = 1 } = {}): HeldTrainings {
  const held = holdTrainings(folder, { step: 5 });
  const program = [process.execPath, FORMULA, "--lr={lr}", "--pause-ms=1", ...held.options];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: watched
goal: {minimize: loss}
command: ${JSON.stringify(program)}
space: {lr: {float: [1e-4, ${highest}], log: true}}
maxSteps: 10
budget: {trials: ${TRIALS}}
workers: 2
killAfter: 2s
seed: ${seed}
`,
  );
  return held;
}

const status = z.object({
  studies: z.array(
    z.object({
      state: z.string(),
      totalSteps: z.number(),
      holder: z.object({ pid: z.number() }).nullable(),
      trials: z.object({ total: z.number(), complete: z.number() }),
    }),
  ),
});

async function statusOf(folder: string) {
  const { stdout, code } = await curvewise(folder, "status", "watched", "--json");
  return code === 0 ? status.parse(JSON.parse(stdout)).studies[0] : undefined;
}

async function untilRunning(folder: string): Promise<void> {
  await untilLog(folder, "watched", (events) => eventsOf(events, "reported").length === 8);
}

it("a standby continues the study of a killed coordinator on the same host, with SQLite", async () => {
  const folder = temporaryFolder();
  const held = writeStudy(folder);
  const first = startCurvewise(folder, "run", "study.yaml");
  await untilRunning(folder);
  const standby = startCurvewise(folder, "run", "study.yaml", "--standby");
  await standby.untilTold("standby:");
  expect((await statusOf(folder))?.holder?.pid).toBe(first.child.pid);
  first.child.kill("SIGKILL");
  await first.result;
  held.letGo();
  const { code, stderr } = await standby.result;
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(`study "watched" is held by process ${first.child.pid} on `);
  expect(await statusOf(folder)).toMatchObject({
    state: "finished",
    trials: { total: TRIALS, complete: TRIALS },
  });
});

it("a standby with --change takes over the changed study once the first coordinator is interrupted", async () => {
  const folder = temporaryFolder();
  writeStudy(folder);
  const first = startCurvewise(folder, "run", "study.yaml");
  await untilRunning(folder);
  const held = writeStudy(folder, { highest: 10 });
  const standby = startCurvewise(folder, "run", "study.yaml", "--standby", "--change");
  await standby.untilTold("standby:");
  first.child.kill("SIGINT");
  expect((await first.result).code).toBe(130);
  held.letGo();
  const { code, stderr } = await standby.result;
  expect(code, stderr).toBe(0);
  const events = await untilLog(folder, "watched", () => true);
  expect(eventsOf(events, "study-changed")).toHaveLength(1);
  expect(await statusOf(folder)).toMatchObject({ state: "finished", trials: { total: TRIALS } });
});

it("a standby ends when the first coordinator finishes the study, on Ctrl-C, and if its study file differs", async () => {
  const folder = temporaryFolder();
  const held = writeStudy(folder);
  const first = startCurvewise(folder, "run", "study.yaml");
  await untilRunning(folder);
  const patient = startCurvewise(folder, "run", "study.yaml", "--standby", "--lease", "12");
  const impatient = startCurvewise(folder, "run", "study.yaml", "--standby");
  await Promise.all([patient.untilTold("standby:"), impatient.untilTold("standby:")]);
  impatient.child.kill("SIGINT");
  const interrupted = await impatient.result;
  expect(interrupted.code).toBe(130);
  expect(interrupted.stderr).toContain("interrupted: nothing recorded is lost");
  writeStudy(folder, { seed: 12 });
  const other = await curvewise(folder, "run", "study.yaml", "--standby");
  expect(other.code).toBe(2);
  expect(other.stderr).toContain("STUDY_CHANGED");
  held.letGo();
  expect((await first.result).code).toBe(0);
  expect((await patient.result).code).toBe(0);
});
