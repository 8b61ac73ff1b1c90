import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { curvewise } from "./support/command-in-process.js";
import { startCurvewise, temporaryFolder } from "./support/command-line.js";
import { eventsOf, untilLog } from "./support/study-log.js";

const PROGRAM = resolve(import.meta.dirname, "programs/saves-alone.mjs");

/** How programs save, and what their study says of it. */
const WAYS = {
  fixed: { path: "{dir}/checkpoint.json", resume: '"{resume?--resume}"', firstStep: 1 },
  numbered: { path: "{dir}/checkpoint-{step}.json", resume: '["--resume", "{resume}"]', firstStep: 0 },
  folder: { path: "{dir}/checkpoint-*", resume: '["--resume", "{resume}"]', firstStep: 1 },
} as const;

function studyIn(folder: string, files: keyof typeof WAYS, rest: string): void {
  const { path, resume, firstStep } = WAYS[files];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: alone
goal: {minimize: loss}
command: [node, ${JSON.stringify(PROGRAM)}, ${files}, "{dir}", "{max_steps}", ${resume}]
env: {LOSS: "{x}"}
metrics: {pairs: {step: 'epoch (\\d+)', names: [loss]}}
firstStep: ${firstStep}
snapshot: {path: ${JSON.stringify(path)}}
space: {x: {float: [1, 2]}}
${rest}
`,
  );
}

/** The steps that each attempt at a trial trained, by its own record. */
function trainedBy(folder: string, trial: number): Map<number, number[]> {
  const text = readFileSync(join(folder, `curvewise-files/alone/trial-${trial}/trained.txt`), "utf8");
  const byAttempt = new Map<number, number[]>();
  for (const line of text.trim().split("\n")) {
    const [attempt = 0, step = 0] = line.split(" ").map(Number);
    byAttempt.set(attempt, [...(byAttempt.get(attempt) ?? []), step]);
  }
  return byAttempt;
}

describe("programs that save by themselves", () => {
  it.each(["fixed", "numbered", "folder"] as const)("%s: are paused, and go on", async (files) => {
    const folder = temporaryFolder();
    studyIn(
      folder,
      files,
      "maxSteps: 9\nsampler: random\nscheduler: {asha: {eta: 3}}\nbudget: {trials: 7}\nworkers: 3",
    );
    const run = await curvewise(folder, "run", "study.yaml");
    expect(run.code, run.stderr).toBe(0);
    const events = await untilLog(folder, "alone", () => true);
    const started = eventsOf(events, "attempt-started");
    const saved = eventsOf(events, "snapshot-saved");
    const again = started.filter(({ attempt }) => attempt > 1);
    const resumptions = again.map(({ trial, attempt }) => {
      const trained = trainedBy(folder, trial);
      return {
        isWhole: trained.get(attempt - 1)?.at(-1) === 9,
        model: saved.findLast((each) => each.trial === trial && each.attempt < attempt)?.step,
        first: trained.get(attempt)?.[0] ?? 0,
      };
    });
    // A slow machine may come too late to pause some: what was trained to its end leaves no model to go on from.
    const wrong = resumptions.filter(({ isWhole, model, first }) =>
      model === undefined ? !isWhole || first !== 1 : first <= model,
    );
    expect(wrong).toEqual([]);
    expect(resumptions.some(({ model }) => model !== undefined)).toBe(true);
    const complete = eventsOf(events, "finished").filter(({ state }) => state === "complete");
    const ends = complete.map(
      ({ trial }) => eventsOf(events, "reported").findLast((report) => report.trial === trial)?.step,
    );
    expect(new Set(ends)).toEqual(new Set([9]));
    const curves = eventsOf(events, "reported").filter(({ trial }) => trial === again[0]?.trial);
    expect(curves.at(-1)?.step).toBeGreaterThan(saved[0]?.step ?? 0);
  });

  it("go on from their last model after Ctrl-C", async () => {
    const folder = temporaryFolder();
    studyIn(folder, "numbered", "maxSteps: 40\nbudget: {trials: 1}\nworkers: 1");
    const first = startCurvewise(folder, "run", "study.yaml");
    await untilLog(folder, "alone", (events) => eventsOf(events, "reported").length >= 3);
    first.child.kill("SIGINT");
    await first.result;
    const [saved] = eventsOf(await untilLog(folder, "alone", () => true), "snapshot-saved");
    expect(saved?.step).toBeGreaterThanOrEqual(1);
    const second = await curvewise(folder, "run", "study.yaml");
    expect(second.code, second.stderr).toBe(0);
    expect(trainedBy(folder, 0).get(2)?.[0]).toBeGreaterThan(saved?.step ?? Number.POSITIVE_INFINITY);
  });

  it("begin anew if they have not saved in time", async () => {
    const folder = temporaryFolder();
    studyIn(folder, "numbered", "maxSteps: 9\nscheduler: {asha: {eta: 3}}\nbudget: {trials: 4}\nworkers: 2");
    const file = join(folder, "study.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/snapshot: .*/, 'snapshot: {path: "{dir}/never-*", wait: 200ms}'));
    const run = await curvewise(folder, "run", "study.yaml");
    expect(run.code, run.stderr).toBe(0);
    const events = await untilLog(folder, "alone", () => true);
    expect(eventsOf(events, "snapshot-saved")).toEqual([]);
    const again = eventsOf(events, "attempt-started").find(({ attempt }) => attempt > 1);
    expect(trainedBy(folder, again?.trial ?? -1).get(again?.attempt ?? -1)?.[0]).toBe(1);
  });
});
