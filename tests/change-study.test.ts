import { readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { startCurvewise, temporaryFolder } from "./support/command-line.js";
import { eventsOf, untilLog } from "./support/study-log.js";

const PROGRAM = resolve(import.meta.dirname, "programs/grows.mjs");
const FIRST = 6;
const ALL = 12;

const exportedTrials = z.array(
  z.object({
    number: z.int(),
    state: z.string(),
    params: z.record(z.string(), z.number()),
    curve: z.array(z.looseObject({ step: z.int(), lr: z.number(), momentum: z.number().optional() })),
  }),
);

interface Version {
  readonly args: readonly string[];
  readonly space: string;
  readonly maxSteps: number;
  readonly trials: number;
}

function writeStudy(folder: string, { args, space, maxSteps, trials }: Version): void {
  const command = [process.execPath, PROGRAM, "--pause-ms=5", ...args];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: growing
goal: {minimize: loss}
command: ${JSON.stringify(command)}
space: ${space}
maxSteps: ${maxSteps}
sampler: random
budget: {trials: ${trials}}
workers: 2
seed: 3
`,
  );
}

async function trialsOf(folder: string): Promise<z.infer<typeof exportedTrials>> {
  const { stdout, code } = await curvewise(folder, "export", "growing", "--format", "jsonl");
  expect(code).toBe(0);
  const lines = stdout.trim().split("\n");
  return exportedTrials.parse(lines.map((line): unknown => JSON.parse(line)));
}

it("goes on with a changed space and more steps, and loses nothing when it is killed meanwhile", async () => {
  const folder = temporaryFolder();
  writeStudy(folder, { args: ["--lr={lr}"], space: "{lr: {float: [0.1, 0.2]}}", maxSteps: 4, trials: FIRST });
  expect((await curvewise(folder, "run", "study.yaml", "--quiet")).code).toBe(0);
  const before = await trialsOf(folder);

  writeStudy(folder, {
    args: ["--lr={lr}", "--momentum={momentum}"],
    space: "{lr: {float: [0.1, 50]}, momentum: {float: [0, 1], default: 0.25}}",
    maxSteps: 8,
    trials: ALL,
  });
  const refused = await curvewise(folder, "run", "study.yaml", "--quiet");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("- maxSteps: 4\n  + maxSteps: 8");
  expect(refused.stderr).toContain("--change");

  const { child, result } = startCurvewise(folder, "run", "study.yaml", "--change", "--quiet");
  await untilLog(folder, "growing", (log) =>
    log.some((event) => event.type === "reported" && event.step > 5),
  );
  child.kill("SIGKILL");
  await result;
  const last = await curvewise(folder, "run", "study.yaml", "--quiet");
  expect(last.code, last.stderr).toBe(0);

  const log = await untilLog(folder, "growing", () => true);
  const changes = eventsOf(log, "study-changed");
  const numbers = Array.from({ length: FIRST }, (_, number) => number);
  expect(changes).toMatchObject([
    { maxSteps: 8, filled: { momentum: 0.25 }, reopened: { state: "waiting" } },
  ]);
  expect(changes[0]?.reopened?.trials.toSorted((a, b) => a - b)).toEqual(numbers);
  const started = eventsOf(log, "attempt-started");
  const resumed = numbers.map((number) =>
    started.find((each) => each.trial === number && each.attempt === 2),
  );
  expect(resumed.map((each) => each?.fromStep)).toEqual(numbers.map(() => 4));

  const trials = await trialsOf(folder);
  expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: ALL }, (_, number) => number));
  for (const { state, curve } of trials) {
    expect(state).toBe("complete");
    expect(curve.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  }
  const [old, young] = [trials.slice(0, FIRST), trials.slice(FIRST)];
  expect(old.map(({ params }) => params)).toEqual(
    before.map(({ params }) => ({ ...params, momentum: 0.25 })),
  );
  expect(old.map(({ curve }) => curve.slice(0, 4))).toEqual(before.map(({ curve }) => curve));
  // The resumed programs were given the added param.
  expect(old.flatMap(({ curve }) => curve.slice(4).map(({ momentum }) => momentum))).toEqual(
    old.flatMap(() => [0.25, 0.25, 0.25, 0.25]),
  );
  expect(Math.max(...young.map(({ params }) => params["lr"] ?? 0))).toBeGreaterThan(1);
  expect(new Set(young.map(({ params }) => params["momentum"])).size).toBe(young.length);

  const replayed = await curvewise(folder, "replay", "growing");
  expect(replayed.code, replayed.stderr).toBe(0);
  expect(replayed.stdout).toContain("all are the same");
  for (const scheduler of ["asha", "lcm"]) {
    const shadow = await curvewise(folder, "status", "growing", "--shadow", scheduler, "--json");
    expect(shadow.code, shadow.stderr).toBe(0);
    expect(shadow.stdout).not.toContain("SHADOW");
  }
  expect((await curvewise(folder, "importance", "growing")).code).toBe(0);
  expect((await curvewise(folder, "report", "growing")).code).toBe(0);
  expect(readdirSync(folder)).toContain("curvewise.db");
});

it("says what cannot be changed, and how to do it instead", async () => {
  const folder = temporaryFolder();
  const first = { args: ["--lr={lr}"], space: "{lr: {float: [0.1, 0.2]}, a: {int: [1, 3]}}", maxSteps: 2 };
  writeStudy(folder, { ...first, trials: 2 });
  expect((await curvewise(folder, "run", "study.yaml", "--quiet")).code).toBe(0);
  const refusalOf = async (change: Partial<Version>): Promise<string> => {
    writeStudy(folder, { ...first, trials: 2, ...change });
    const { code, stderr } = await curvewise(folder, "run", "study.yaml", "--change", "--quiet");
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refusalOf({ space: "{lr: {float: [0.1, 0.2]}}" })).toContain("a: { fixed: VALUE }");
  const undefaulted = "{lr: {float: [0.1, 0.2]}, a: {int: [1, 3]}, b: {int: [1, 3]}}";
  expect(await refusalOf({ space: undefaulted })).toContain("Give it a `default`");
  expect(await refusalOf({ maxSteps: 1 })).toContain("maxSteps was lowered");
  const log = await untilLog(folder, "growing", () => true);
  expect(eventsOf(log, "study-changed")).toEqual([]);
});
