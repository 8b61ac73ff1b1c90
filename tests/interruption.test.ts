import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise, FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";

const trialLine = z.looseObject({
  number: z.int(),
  state: z.string(),
  params: z.record(z.string(), z.number()),
  curve: z.array(z.looseObject({ step: z.int() })),
});

function studyFolder(more: readonly string[] = [], arguments_ = ""): string {
  const folder = temporaryFolder();
  const lines = [
    "study: interrupted",
    "goal: {minimize: loss}",
    `command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(FORMULA)}, "--lr={lr}", "--pause-ms=150"${arguments_}]`,
    "space: {lr: {float: [1e-4, 1], log: true}}",
    "maxSteps: 10",
    "budget: {trials: 6}",
    "workers: 2",
    ...more,
  ];
  writeFileSync(join(folder, "study.yaml"), `${lines.join("\n")}\n`);
  return folder;
}

async function trialsOf(folder: string): Promise<z.infer<typeof trialLine>[]> {
  const { stdout } = await curvewise(folder, "export", "--format", "jsonl");
  return stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => trialLine.parse(JSON.parse(line)));
}

/** Waits until the study has reported something. */
async function reported(folder: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const trials = await trialsOf(folder);
    if (trials.some(({ curve }) => curve.length > 1)) return;
    await sleep(50);
  }
  throw new Error("nothing was reported");
}

/** Programs of the study that still run, by their working folder's name in the command line. */
function programsOf(folder: string): string[] {
  const shown = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" });
  return shown.split("\n").filter((line) => line.includes(FORMULA) && line.includes(`--mark=${folder}`));
}

describe("a run", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("that gets %s lets its programs save, and goes on later from there", async (signal, code) => {
    const folder = studyFolder();
    const { child, result } = startCurvewise(folder, "run", "study.yaml");
    await reported(folder);
    child.kill(signal);
    const ended = await result;
    expect(ended.code, ended.stderr).toBe(code);
    const between = await trialsOf(folder);
    // A program that was still starting has nothing to save, so one that had reported is looked at.
    const begun = between.find(({ state, curve }) => state === "waiting" && curve.length > 1);
    expect(begun).toBeDefined();

    const again = await curvewise(folder, "run", "study.yaml");
    expect(again.code, again.stderr).toBe(0);
    const trials = await trialsOf(folder);
    expect(trials.map(({ state, curve }) => [state, curve.map(({ step }) => step)])).toEqual(
      Array.from({ length: 6 }, () => ["complete", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]),
    );
    const explained = await curvewise(folder, "explain", "interrupted", String(begun?.number), "--json");
    const { attempts } = z
      .looseObject({ attempts: z.array(z.looseObject({ fromStep: z.int() })) })
      .parse(JSON.parse(explained.stdout));
    expect(attempts).toHaveLength(2);
    expect(attempts[1]?.fromStep).toBe(begun?.curve.length);
  });

  it("that gets Ctrl-C twice ends at once, and leaves no program behind", async () => {
    const folder = studyFolder(["killAfter: 60"]);
    // Each step takes so long that no program answers the first signal.
    writeFileSync(
      join(folder, "study.yaml"),
      `study: interrupted
goal: {minimize: loss}
command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(FORMULA)}, "--lr={lr}", "--pause-ms=600000", "--mark=${folder}"]
space: {lr: {float: [1e-4, 1], log: true}}
budget: {trials: 6}
workers: 2
killAfter: 60s
`,
    );
    const { child, result } = startCurvewise(folder, "run", "study.yaml");
    for (let tries = 0; tries < 200 && programsOf(folder).length < 2; tries++) await sleep(25);
    expect(programsOf(folder)).toHaveLength(2);
    // They must have connected: a program that never did is ended by the first signal.
    await sleep(2000);
    child.kill("SIGINT");
    await sleep(300);
    expect(child.exitCode).toBeNull();
    child.kill("SIGINT");
    const { code } = await result;
    expect(code).toBe(130);
    expect(programsOf(folder)).toEqual([]);
    expect((await trialsOf(folder)).map(({ state }) => state)).toEqual(["waiting", "waiting"]);
  });

  it("of a study that another run holds is refused, naming the holder, and disturbs nothing", async () => {
    const folder = studyFolder();
    const { child, result } = startCurvewise(folder, "run", "study.yaml");
    await reported(folder);
    const second = await curvewise(folder, "run", "study.yaml");
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/error STUDY_OWNED: /);
    expect(second.stderr).toContain(String(child.pid));
    const refused = await curvewise(folder, "delete", "interrupted", "--yes");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/error STUDY_OWNED: /);
    expect((await result).code).toBe(0);
    expect((await trialsOf(folder)).every(({ state }) => state === "complete")).toBe(true);
  });

  it("whose programs are killed tries them again as configured", async () => {
    const folder = studyFolder(["retries: 3"], ', "--mark=${folder}"'.replace("${folder}", "retried"));
    const { result } = startCurvewise(folder, "run", "study.yaml");
    let killed = 0;
    for (let tries = 0; tries < 400 && killed < 3; tries++) {
      const shown = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" });
      const line = shown
        .split("\n")
        .find((each) => each.includes(FORMULA) && each.includes("--mark=retried"));
      if (line !== undefined) {
        process.kill(Number.parseInt(line, 10), "SIGKILL");
        killed += 1;
      }
      await sleep(60);
    }
    expect(killed).toBe(3);
    const ended = await result;
    expect(ended.code, ended.stderr).toBe(0);
    const trials = await trialsOf(folder);
    expect(trials.map(({ state, curve }) => [state, curve.length])).toEqual(
      Array.from({ length: 6 }, () => ["complete", 10]),
    );
  });
});
