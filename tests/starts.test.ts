import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { curvewise } from "./support/command-in-process.js";
import { FORMULA, temporaryFolder } from "./support/command-line.js";
import { eventsOf, untilLog } from "./support/study-log.js";

/** A study whose starts take as long as hundreds of steps, under a rule that pauses. */
function writeStudy(folder: string, more: string): void {
  const program = [process.execPath, FORMULA, "--lr={lr}", "--pause-ms=1", "--start-ms=2000"];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: dear
goal: {minimize: loss}
command: ${JSON.stringify(program)}
space: {lr: {float: [1e-4, 1], log: true}}
maxSteps: 9
sampler: random
scheduler: {asha: {eta: 3}}
budget: {trials: 4}
workers: 2
seed: 3
${more}
`,
  );
}

const ADVICE =
  "they took longer than the training, which `countStarts: true` takes into account in a new study";

describe("a study whose starts are dear", () => {
  it("is told so when its trainings were paused", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, "");
    const { code, stderr, stdout } = await curvewise(folder, "run", "study.yaml");
    expect(code, stderr).toBe(0);
    expect(eventsOf(await untilLog(folder, "dear", () => true), "paused").length).toBeGreaterThan(0);
    expect(stdout).toContain(ADVICE);
    expect((await curvewise(folder, "status", "dear")).stdout).toContain(ADVICE);
  });

  it("pauses nothing where that would cost more than it saves, and says why", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, "countStarts: true");
    const { code, stderr, stdout } = await curvewise(folder, "run", "study.yaml");
    expect(code, stderr).toBe(0);
    const log = await untilLog(folder, "dear", () => true);
    expect(eventsOf(log, "paused")).toEqual([]);
    expect(eventsOf(log, "finished")).toHaveLength(4);
    expect(stdout).not.toContain("countStarts");
    const { stdout: why } = await curvewise(folder, "explain", "dear", "3");
    expect(why).toMatch(
      /asha\/promotion would pause at step [13], but a start takes as long as [\d.e+]+ steps: pausing/,
    );
    const replay = await curvewise(folder, "replay", "dear", "--scheduler", "none", "--json");
    expect(JSON.parse(replay.stdout)).toMatchObject({ verification: { differences: [] } });
  });
});
