import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { startCurvewise, startCurvewiseIn, temporaryFolder } from "./support/command-line.js";

const FILES = "curvewise-files/spread";
const shape = z.object({ trials: z.array(z.object({ state: z.string() })) });
const statesIn = async (folder: string): Promise<readonly string[]> => {
  const { stdout } = await curvewise(folder, "trials", "--json");
  return shape.parse(JSON.parse(stdout)).trials.map(({ state }) => state);
};

/** A study whose program `interpreter` is found by the path. */
function writeStudy(folder: string, count: number): void {
  writeFileSync(
    join(folder, "study.yaml"),
    `study: spread
goal: {minimize: loss}
command: [interpreter, "{x}"]
space: {x: {float: [0, 1]}}
maxSteps: 1
budget: {trials: ${count}}
`,
  );
}

/** A folder with an interpreter. */
function interpreterIn(folder: string, name: string, script: string): string {
  const place = join(folder, name);
  mkdirSync(place);
  writeFileSync(join(place, "interpreter"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(place, "interpreter"), 0o755);
  return place;
}
const WORKS = `sleep 0.3; echo "curvewise {\\"step\\": 1, \\"loss\\": $1}"`;

it.each([
  ["an interpreter that is killed", "kill -9 $$"],
  ["an interpreter that fails", "echo 'ImportError: no module named torch' >&2; exit 1"],
])("a worker with %s fails no trials: others get them, and it rests", async (_, script) => {
  const folder = temporaryFolder();
  writeStudy(folder, 20);
  const bad = interpreterIn(folder, "bad", script);
  const good = interpreterIn(folder, "good", WORKS);
  const path = process.env["PATH"] ?? "";
  const run = startCurvewise(folder, "run", "study.yaml", "--listen", "0", "--workers-at-least", "2");
  const worker = (name: string, place: string) =>
    startCurvewiseIn(
      { PATH: `${place}:${path}` },
      folder,
      "worker",
      "--rendezvous",
      FILES,
      "--reconnect-for",
      "600",
      "--name",
      name,
    );
  worker("bad", bad);
  worker("good", good);
  const { code, stderr } = await run.result;
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("worker bad");
  expect(stderr).toContain("does not get trainings going and rests for 10 s");
  expect(await statesIn(folder)).toEqual(Array.from({ length: 20 }, () => "complete"));
});

it("a folder that cannot be written for a while fails no trials", async () => {
  const folder = temporaryFolder();
  writeStudy(folder, 6);
  const good = interpreterIn(folder, "good", WORKS);
  const files = join(folder, "files");
  // Files where the trials' folders should be.
  mkdirSync(join(files, "spread"), { recursive: true });
  const inTheWay = [0, 1, 2, 3, 4, 5].map((trial) => join(files, "spread", `trial-${trial}`));
  for (const file of inTheWay) writeFileSync(file, "");
  const run = startCurvewiseIn(
    { PATH: `${good}:${process.env["PATH"] ?? ""}` },
    folder,
    "run",
    "study.yaml",
    "--files",
    files,
    "--workers",
    "2",
  );
  await run.untilTold("does not get trainings going and rests");
  for (const file of inTheWay) rmSync(file);
  const { code, stderr } = await run.result;
  expect(code, stderr).toBe(0);
  // Either worker's trial may be the last that it tells of.
  expect(stderr).toMatch(/HOST_TROUBLE: .*trial-[01]'/);
  expect(await statesIn(folder)).toEqual(Array.from({ length: 6 }, () => "complete"));
});
