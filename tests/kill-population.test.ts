import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { verifyStudy } from "../src/analysis/verify-study.js";
import type { StudyEvent } from "../src/core/events.js";
import type { Snapshot } from "../src/core/snapshot.js";
import { applyEvent, beginStudy, type StudyRecord } from "../src/core/study-fold.js";
import { createRandom } from "../src/math/random.js";
import { pbt } from "../src/schedulers/pbt/pbt.js";
import { openStorage } from "../src/storage/index.js";
import { curvewise, startCurvewise, temporaryFolder } from "./support/command-line.js";

const MEMBER = resolve(import.meta.dirname, "programs/member.mjs");
const MEMBERS = 8;
const STEPS = 60;
const KILLS = 7;

function writeStudy(folder: string, how: readonly string[]): void {
  const argv = [process.execPath, MEMBER, "--lr={lr}", "--pause-ms=12", ...how];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: population
goal: {minimize: loss}
command: ${JSON.stringify(argv)}
space:
  lr: {float: [1e-3, 1], log: true}
maxSteps: ${STEPS}
scheduler: {pbt: {population: ${MEMBERS}, interval: 4}}
workers: 4
seed: 3
`,
  );
}

async function readLog(folder: string): Promise<StudyEvent[]> {
  const storage = await openStorage(join(folder, "curvewise.db"));
  const events: StudyEvent[] = [];
  try {
    for await (const { event } of storage.readEvents("population")) events.push(event);
  } finally {
    await storage.close();
  }
  return events;
}

interface ReplayedLog {
  readonly study: StudyRecord;
  /** By member: the rate of each step of its present model. */
  readonly rates: readonly (readonly number[])[];
  /** Reports with another rate than the recorded one, and copies of models that were never saved. */
  readonly flaws: readonly string[];
}

/** Walks the log, and checks each report's rate and each copy against what had been recorded until then. */
function replayLog(events: readonly StudyEvent[]): ReplayedLog {
  const [first, ...rest] = events;
  if (first === undefined) throw new Error("the log is empty");
  const study = beginStudy(first);
  const rates: number[][] = [];
  /** By snapshot: the rates of the model in it. */
  const saved = new Map<string, readonly number[]>();
  const flaws: string[] = [];
  for (const event of rest) {
    if (event.type === "trial-asked") rates[event.trial] = [];
    if (event.type === "reported") {
      const { lr = 0 } = event.metrics;
      const recorded = study.trials[event.trial]?.params["lr"];
      if (lr !== recorded) flaws.push(`trial ${event.trial}, step ${event.step}: ${lr}, not ${recorded}`);
      (rates[event.trial] ?? [])[event.step - 1] = lr;
    }
    if (event.type === "snapshot-saved")
      saved.set(event.path, (rates[event.trial] ?? []).slice(0, event.step));
    if (event.type === "exploited") {
      const pending = study.trials[event.trial]?.exploiting;
      const model = saved.get(pending?.snapshot.path ?? "") ?? [];
      if (pending?.parent !== event.parent || model.length !== event.step)
        flaws.push(`trial ${event.trial} took over what was not decided`);
      rates[event.trial] = [...model];
      saved.set(event.path, model);
    }
    applyEvent(study, event);
  }
  return { study, rates, flaws };
}

function expectFile(folder: string, snapshot: Snapshot): void {
  const path = join(folder, "curvewise-files", "population", snapshot.path);
  expect(existsSync(path), path).toBe(true);
  expect(createHash("sha256").update(readFileSync(path)).digest("hex")).toBe(snapshot.digest);
}

/** What is in a trial's folder but its outputs and params, as paths relative to the study's folder. */
function snapshotFiles(folder: string, trial: number): string[] {
  const names = readdirSync(join(folder, "curvewise-files", "population", `trial-${trial}`));
  return names
    .filter((name) => name.startsWith("model-") || name.startsWith("inherited-"))
    .map((name) => `trial-${trial}/${name}`);
}

/** Whatever a member or a decided exploit could still go on from is there, as it was recorded. */
function expectSnapshots(folder: string, { trials }: StudyRecord): void {
  for (const { snapshot, exploiting } of trials) {
    if (snapshot !== undefined) expectFile(folder, snapshot);
    if (exploiting !== undefined) expectFile(folder, exploiting.snapshot);
  }
}

it.each([
  ["in place", ["--in-place"]],
  ["by starting again", []],
] as const)(
  "keeps the lineage and its snapshots when the coordinator is killed at random moments, exploiting %s",
  { timeout: 240_000 },
  async (_how, how) => {
    const folder = temporaryFolder();
    writeStudy(folder, how);
    const random = createRandom(Date.now(), 0, 0);
    const exploitsAtKills: number[] = [];
    // On a slow machine the first kills may come before the first exploit.
    for (let kills = 0; kills < KILLS || (exploitsAtKills.at(-1) ?? 0) === 0; kills++) {
      const { child, result } = startCurvewise(folder, "run", "study.yaml");
      // It tells that the study is open before anything runs.
      await Promise.race([once(child.stdout ?? child, "data"), once(child.stderr ?? child, "data")]);
      await sleep(random.uniform() * 1200);
      child.kill("SIGKILL");
      const { signal, stderr } = await result;
      expect(stderr).not.toContain("error");
      if (signal === null) break;
      const events = await readLog(folder);
      exploitsAtKills.push(events.filter(({ type }) => type === "exploited").length);
      const { study, flaws } = replayLog(events);
      expect(flaws).toEqual([]);
      expectSnapshots(folder, study);
    }
    expect(Math.max(...exploitsAtKills)).toBeGreaterThan(0);
    const last = await curvewise(folder, "run", "study.yaml");
    expect(last.code, last.stderr).toBe(0);

    const log = await readLog(folder);
    const { study, rates, flaws } = replayLog(log);
    expect(flaws).toEqual([]);
    expect(study.trials).toHaveLength(MEMBERS);
    expect([...study.byState.complete]).toHaveLength(MEMBERS);
    expect(study.trials.flatMap(({ inheritances }) => inheritances).length).toBeGreaterThan(MEMBERS / 2);
    expectSnapshots(folder, study);
    // Of all that was recorded, on the way and around the kills, each member's newest snapshot is left.
    const recorded = new Set(
      log.flatMap((event) =>
        event.type === "snapshot-saved" || event.type === "exploited" ? [event.path] : [],
      ),
    );
    const kept = study.trials
      .flatMap(({ number }) => snapshotFiles(folder, number))
      .filter((path) => recorded.has(path));
    expect(kept.toSorted()).toEqual(study.trials.flatMap(({ snapshot }) => snapshot?.path ?? []).toSorted());
    for (const { number, inheritances, snapshot } of study.trials) {
      for (const { parent, parentInheritances, step } of inheritances) {
        const earlier = study.trials[parent]?.inheritances[parentInheritances - 1]?.step ?? 0;
        expect(parent).not.toBe(number);
        expect(step).toBeGreaterThanOrEqual(earlier);
      }
      // The model itself says with which rates it was trained: those that the log tells, ancestors' included.
      if (snapshot === undefined) continue;
      const model: unknown = JSON.parse(
        readFileSync(join(folder, "curvewise-files", "population", snapshot.path), "utf8"),
      );
      expect(model).toEqual(rates[number]?.slice(0, snapshot.step));
    }
    const verified = verifyStudy(log, pbt({ population: MEMBERS, interval: 4 }));
    expect(verified.compared).toBeGreaterThan(MEMBERS * (STEPS / 4 - 1));
    expect(verified.differences).toEqual([]);
  },
);
