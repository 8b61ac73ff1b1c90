import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { curvewise } from "./support/command-in-process.js";
import { FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { eventsOf, untilLog } from "./support/study-log.js";

function writeStudy(folder: string, name: string, lines: string): void {
  writeFileSync(
    join(folder, `${name}.yaml`),
    `study: ${name}
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(FORMULA)}, "--lr={lr}", "--momentum={momentum}", "--pause-ms=3"]
space:
  lr: {float: [1e-4, 1], log: true}
  momentum: {float: [0, 0.99]}
maxSteps: 8
workers: 2
${lines}
`,
  );
}

async function run(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr, code } = await curvewise(folder, ...args);
  expect(code, stderr).toBe(0);
  return stdout;
}

async function verification(folder: string, study: string): Promise<unknown> {
  const replayed = JSON.parse(await run(folder, "replay", study, "--scheduler", "none", "--json"));
  return replayed.verification;
}

it("carries curves from one study to the next, which then no longer needs the first", async () => {
  const folder = temporaryFolder();
  writeStudy(folder, "old", "scheduler: none\nbudget: {trials: 15}\nseed: 1");
  const transfer = "transfer: [old]";
  writeStudy(
    folder,
    "promoted",
    `scheduler: {lcm: {${transfer}}}\nsampler: {curve: {${transfer}}}\nbudget: {trials: 36}\nseed: 2`,
  );
  writeStudy(
    folder,
    "matched",
    `scheduler: {lcm: {mode: poster, curve: accuracy, cumulativePoints: 8, checkpoints: 8, ${transfer}}}\nbudget: {trials: 20}\nseed: 3`,
  );
  const early = await curvewise(folder, "run", "promoted.yaml");
  expect(early.stderr).toContain("STUDY_NOT_FOUND");
  expect(early.code).toBe(2);

  await run(folder, "run", "old.yaml");
  await run(folder, "run", "matched.yaml");
  const explanation = JSON.parse(await run(folder, "explain", "matched", "0", "--json"));
  expect(explanation.decisions[0]).toMatchObject({
    step: 1,
    values: { librarySize: 15 },
    neighbours: [{ study: "old" }, { study: "old" }, { study: "old" }, { study: "old" }, { study: "old" }],
  });
  const { trial } = explanation.decisions[0].neighbours[0];
  const text = await run(folder, "explain", "matched", "0");
  expect(text).toMatch(new RegExp(`^ +old/${trial} .* complete at \\d+\\.\\d+$`, "m"));
  expect(text).toMatch(/ a trial old\/\d+ ended at loss 0\.\d+$/m);

  // Killed repeatedly, with the earlier study deleted after the first time.
  for (let kill = 0; kill < 4; kill++) {
    const { child, result } = startCurvewise(folder, "run", "promoted.yaml");
    await untilLog(folder, "promoted", (events) => eventsOf(events, "attempt-started").length > 10 * kill);
    child.kill("SIGKILL");
    expect((await result).stderr).not.toContain("error");
    if (kill === 0) await run(folder, "delete", "old", "--yes");
  }
  await run(folder, "run", "promoted.yaml");
  expect(await verification(folder, "promoted")).toMatchObject({ differences: [] });
  expect(await verification(folder, "matched")).toMatchObject({ differences: [] });
  const page = await run(folder, "report", "matched", "--output", "report.html");
  expect(page).not.toContain("error");
});
