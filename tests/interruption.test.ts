import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { CURVEWISE, FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { type HeldTrainings, holdTrainings } from "./support/held-trainings.js";
import { eventsOf, untilLog } from "./support/study-log.js";

const STEPS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const trialLine = z.looseObject({
  number: z.int(),
  state: z.string(),
  params: z.record(z.string(), z.number()),
  curve: z.array(z.looseObject({ step: z.int() })),
});

/** A folder with a study of six trials, two at a time, whose trainings are held before step 3. */
function heldStudy(...more: readonly string[]): { readonly folder: string; readonly held: HeldTrainings } {
  const folder = temporaryFolder();
  const held = holdTrainings(folder, { step: 3 });
  const program = [process.execPath, FORMULA, "--lr={lr}", "--pause-ms=1", `--mark=${folder}`];
  const lines = [
    "study: interrupted",
    "goal: {minimize: loss}",
    `command: ${JSON.stringify([...program, ...held.options])}`,
    "space: {lr: {float: [1e-4, 1], log: true}}",
    `maxSteps: ${STEPS.length}`,
    "budget: {trials: 6}",
    "workers: 2",
    "killAfter: 10m",
    ...more,
  ];
  writeFileSync(join(folder, "study.yaml"), `${lines.join("\n")}\n`);
  return { folder, held };
}

async function trialsOf(folder: string): Promise<z.infer<typeof trialLine>[]> {
  const { stdout } = await curvewise(folder, "export", "--format", "jsonl");
  return stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => trialLine.parse(JSON.parse(line)));
}

const curvesOf = (trials: z.infer<typeof trialLine>[]) =>
  trials.map(({ state, curve }) => [state, curve.map(({ step }) => step)]);

/** Waits until the first two trials have both reached the point where they are held. */
async function untilHeld(folder: string): Promise<void> {
  await untilLog(folder, "interrupted", (events) => {
    const reports = eventsOf(events, "reported").filter(({ step }) => step === 2);
    return reports.length === 2;
  });
}

/** The process ids of the study's running programs. */
function programsOf(folder: string): number[] {
  const shown = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" });
  const lines = shown
    .split("\n")
    .filter((line) => line.includes(FORMULA) && line.includes(`--mark=${folder}`));
  return lines.map((line) => Number.parseInt(line, 10));
}

describe("a run", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("that gets %s lets its programs save, and continues from there later", async (signal, code) => {
    const { folder, held } = heldStudy();
    const run = startCurvewise(folder, "run", "study.yaml");
    await untilHeld(folder);
    run.child.kill(signal);
    await run.untilTold("finishing: programs save and end");
    held.letGo();
    const ended = await run.result;
    expect(ended.code, ended.stderr).toBe(code);
    expect(curvesOf(await trialsOf(folder))).toEqual([
      ["waiting", [1, 2, 3]],
      ["waiting", [1, 2, 3]],
    ]);

    const again = await curvewise(folder, "run", "study.yaml");
    expect(again.code, again.stderr).toBe(0);
    expect(curvesOf(await trialsOf(folder))).toEqual(Array.from({ length: 6 }, () => ["complete", STEPS]));
    const explained = await curvewise(folder, "explain", "interrupted", "1", "--json");
    const { attempts } = z
      .looseObject({ attempts: z.array(z.looseObject({ fromStep: z.int() })) })
      .parse(JSON.parse(explained.stdout));
    expect(attempts.map(({ fromStep }) => fromStep)).toEqual([0, 3]);
  });

  it("that gets Ctrl-C twice ends at once and leaves no program behind", async () => {
    // No program answers the first signal: they are held, and are allowed to take their time.
    const { folder } = heldStudy();
    const run = startCurvewise(folder, "run", "study.yaml");
    await untilHeld(folder);
    run.child.kill("SIGINT");
    await run.untilTold("finishing: programs save and end");
    expect(programsOf(folder)).toHaveLength(2);
    expect(run.child.exitCode).toBeNull();
    run.child.kill("SIGINT");
    const { code, stderr } = await run.result;
    expect(code).toBe(130);
    expect(stderr).toContain("stopping at once");
    expect(programsOf(folder)).toEqual([]);
    expect((await trialsOf(folder)).map(({ state }) => state)).toEqual(["waiting", "waiting"]);
  });

  it("ends at once with its input if asked to, and leaves no program behind", async () => {
    const { folder } = heldStudy();
    // What holds the other end of its input is killed, as a program that started it would be.
    const starter = spawn(
      "sh",
      [
        "-c",
        `sleep 100000 | "$0" "$1" run study.yaml --until-input-ends --quiet`,
        process.execPath,
        CURVEWISE,
      ],
      {
        cwd: folder,
        detached: true,
        stdio: "ignore",
      },
    );
    onTestFinished(() => {
      if (starter.exitCode === null) process.kill(-(starter.pid ?? 0), "SIGKILL");
    });
    await untilHeld(folder);
    const sleeper = execFileSync("pgrep", ["-g", String(starter.pid), "-x", "sleep"], { encoding: "utf8" });
    const exit = once(starter, "exit");
    process.kill(Number(sleeper), "SIGKILL");
    expect(await exit).toEqual([129, null]);
    expect(programsOf(folder)).toEqual([]);
    expect((await trialsOf(folder)).map(({ state }) => state)).toEqual(["waiting", "waiting"]);
  });

  it("of a study that another run holds is refused, naming the holder, and disturbs nothing", async () => {
    const { folder, held } = heldStudy();
    const { child, result } = startCurvewise(folder, "run", "study.yaml");
    await untilHeld(folder);
    const second = await curvewise(folder, "run", "study.yaml");
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/error STUDY_OWNED: /);
    expect(second.stderr).toContain(String(child.pid));
    const refused = await curvewise(folder, "delete", "interrupted", "--yes");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/error STUDY_OWNED: /);
    held.letGo();
    expect((await result).code).toBe(0);
    expect(curvesOf(await trialsOf(folder))).toEqual(Array.from({ length: 6 }, () => ["complete", STEPS]));
  });

  it("whose programs are killed retries them as configured", async () => {
    const { folder, held } = heldStudy("retries: 3");
    const run = startCurvewise(folder, "run", "study.yaml");
    await untilHeld(folder);
    const killed = new Set<number>();
    while (killed.size < 3) {
      const next = programsOf(folder).find((pid) => !killed.has(pid));
      if (next === undefined) await sleep(20);
      else {
        process.kill(next, "SIGKILL");
        killed.add(next);
      }
    }
    await untilLog(folder, "interrupted", (events) => eventsOf(events, "failed").length === 3);
    held.letGo();
    const ended = await run.result;
    expect(ended.code, ended.stderr).toBe(0);
    expect(curvesOf(await trialsOf(folder))).toEqual(Array.from({ length: 6 }, () => ["complete", STEPS]));
  });
});
