import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { verifyStudy } from "../src/analysis/verify-study.js";
import type { StudyEvent } from "../src/core/events.js";
import type { Snapshot } from "../src/core/snapshot.js";
import { applyEvent, beginStudy } from "../src/core/study-fold.js";
import { type StudyRecord } from "../src/core/study-record.js";
import { createRandom } from "../src/math/random.js";
import { pbt } from "../src/schedulers/pbt/pbt.js";
import { openStorage } from "../src/storage/index.js";
import { curvewise } from "./support/command-in-process.js";
import { startCurvewise, temporaryFolder } from "./support/command-line.js";
import { eventsOf, untilLog } from "./support/study-log.js";

const MEMBER = resolve(import.meta.dirname, "programs/member.mjs");
const MEMBERS = 8;
const STEPS = 44;
const KILLS = 4;
/** Steps from this one on are held until the last kill, or a fast machine would finish before it. */
const HELD = 36;

function writeStudy(folder: string, how: readonly string[]): void {
  const held = [`--held-while=${join(folder, "held")}`, `--held-step=${HELD}`];
  const argv = [process.execPath, MEMBER, "--lr={lr}", "--pause-ms=1", ...held, ...how];
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

/** Waits until a run that began with `from` events in the log has added more, or is working on what is held. */
async function untilGrown(folder: string, from: number, events: number): Promise<void> {
  await untilLog(folder, "population", (log) => {
    if (log.length >= from + events) return true;
    const isHeld = eventsOf(log, "reported").some(({ step }) => step === HELD - 1);
    return isHeld && eventsOf(log.slice(from), "attempt-started").length > 0;
  });
}

interface ReplayedLog {
  readonly study: StudyRecord;
  /** By member: the rate at each step of its current model. */
  readonly rates: readonly (readonly number[])[];
  /** Reports whose rate differs from the recorded one, and copies of models that were never saved. */
  readonly flaws: readonly string[];
}

/** Walks through the log, checking each report's rate and each copy against what had been recorded by then. */
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
      if (lr !== recorded)
        flaws.push(`trial ${event.trial}, step ${event.step}: ${lr}, not ${JSON.stringify(recorded)}`);
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

/** The files in a trial's folder except its outputs and params, as paths relative to the study's folder. */
function snapshotFiles(folder: string, trial: number): string[] {
  const names = readdirSync(join(folder, "curvewise-files", "population", `trial-${trial}`));
  return names
    .filter((name) => name.startsWith("model-") || name.startsWith("inherited-"))
    .map((name) => `trial-${trial}/${name}`);
}

/** Expects everything that a member or a decided exploit could still go on from to exist as recorded. */
function expectSnapshots(folder: string, { trials }: StudyRecord): void {
  for (const { snapshot, exploiting } of trials) {
    if (snapshot !== undefined) expectFile(folder, snapshot);
    if (exploiting !== undefined) expectFile(folder, exploiting.snapshot);
  }
}

it.each([
  ["in place", ["--in-place"]],
  ["by restarting", []],
] as const)(
  "keeps the lineage and its snapshots when the coordinator is killed at random moments, exploiting %s",
  async (_how, how) => {
    const folder = temporaryFolder();
    writeStudy(folder, how);
    writeFileSync(join(folder, "held"), "");
    const random = createRandom(Date.now(), 0, 0);
    const exploitsAtKills: number[] = [];
    let logged = 0;
    // The first kills may come before the first exploit.
    for (let kills = 0; kills < KILLS || (exploitsAtKills.at(-1) ?? 0) === 0; kills++) {
      const { child, result } = startCurvewise(folder, "run", "study.yaml");
      await untilGrown(folder, logged, random.integer(1, 150));
      child.kill("SIGKILL");
      const { signal, stderr } = await result;
      expect(stderr).not.toContain("error");
      expect(signal).toBe("SIGKILL");
      const events = await readLog(folder);
      logged = events.length;
      exploitsAtKills.push(events.filter(({ type }) => type === "exploited").length);
      const { study, flaws } = replayLog(events);
      expect(flaws).toEqual([]);
      expectSnapshots(folder, study);
    }
    rmSync(join(folder, "held"));
    const last = await curvewise(folder, "run", "study.yaml");
    expect(last.code, last.stderr).toBe(0);

    const log = await readLog(folder);
    const { study, rates, flaws } = replayLog(log);
    expect(flaws).toEqual([]);
    expect(study.trials).toHaveLength(MEMBERS);
    expect([...study.byState.complete]).toHaveLength(MEMBERS);
    expect(study.trials.flatMap(({ inheritances }) => inheritances).length).toBeGreaterThan(MEMBERS / 2);
    expectSnapshots(folder, study);
    // Of all snapshots recorded, on the way and around the kills, only each member's newest is left.
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
      // The model itself records the rates that trained it, which must be those in the log, including its ancestors'.
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
