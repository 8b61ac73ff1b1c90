import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { StudyEvent } from "../src/core/events.js";
import { curvewise } from "./support/command-in-process.js";
import { FORMULA, startCurvewise, temporaryFolder } from "./support/command-line.js";
import { type HeldTrainings, holdTrainings } from "./support/held-trainings.js";
import { eventsOf, untilLog } from "./support/study-log.js";
import { testEnd } from "./support/test-end.js";

const TRIALS = 9;
const FILES = join("curvewise-files", "parked");

interface Setup {
  readonly park?: number;
  readonly workers?: number;
  /** Options of the program, besides those with which it trains. */
  readonly options?: readonly string[];
}

/** Writes a study in which trial 6 and later ones get nowhere until they are let go; two workers then hold two. */
function writeStudy(folder: string, { park = 100, workers = 2, options = [] }: Setup = {}): HeldTrainings {
  const held = holdTrainings(folder, { step: 1, trial: 6 });
  const program = [
    process.execPath,
    FORMULA,
    "--lr={lr}",
    "--momentum=0.5",
    "--pause-ms=1",
    "--park",
    ...options,
  ];
  writeFileSync(
    join(folder, "study.yaml"),
    `study: parked
goal: {minimize: loss}
command: ${JSON.stringify([...program, ...held.options])}
space:
  lr: {float: [1e-4, 1], log: true}
maxSteps: 9
scheduler: {asha: {eta: 3}}
budget: {trials: ${TRIALS}}
workers: ${workers}
seed: 11
killAfter: 10m
park: ${park}
`,
  );
  return held;
}

/** Whether a process runs; a zombie does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The processes that were started for a trial. */
function startsOf(folder: string, trial: number): number[] {
  const file = join(folder, FILES, `trial-${trial}`, "starts");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
}

const allStarts = (folder: string): number[] =>
  Array.from({ length: TRIALS }, (_, trial) => startsOf(folder, trial)).flat();

async function until(holds: () => boolean): Promise<void> {
  const over = testEnd();
  while (!holds()) {
    if (over.aborted) throw new Error("it never happened");
    await sleep(20);
  }
}

/** Waits until all workers are held, so that nothing else happens. */
const untilHeld = (folder: string, workers = 2): Promise<readonly StudyEvent[]> =>
  untilLog(
    folder,
    "parked",
    (log) => eventsOf(log, "attempt-started").filter(({ trial }) => trial >= 6).length === workers,
  );

/** The trials whose programs wait, by a log in which no other is running but those that are held. */
function parkedTrials(log: readonly StudyEvent[]): number[] {
  const parked = new Map<number, boolean>();
  for (const event of log) {
    if (event.type === "paused") parked.set(event.trial, event.parked === true);
    if (event.type === "attempt-started") parked.set(event.trial, false);
  }
  return [...parked].flatMap(([trial, isParked]) => (isParked ? [trial] : []));
}

/** What holds of a log in the end, whatever was killed. */
function expectWhole(log: readonly StudyEvent[]): void {
  expect(eventsOf(log, "failed")).toEqual([]);
  expect(eventsOf(log, "trial-asked")).toHaveLength(TRIALS);
  for (let trial = 0; trial < TRIALS; trial++) {
    const steps = eventsOf(log, "reported").flatMap((event) => (event.trial === trial ? [event.step] : []));
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, index) => index + 1));
    expect(steps.length).toBeGreaterThan(0);
  }
  expect(eventsOf(log, "finished").length).toBeGreaterThan(0);
}

const logOf = (folder: string): Promise<readonly StudyEvent[]> => untilLog(folder, "parked", () => true);

describe.runIf(process.platform === "linux")("parked programs", () => {
  it("go on without a start, and the log is verified", async () => {
    const folder = temporaryFolder();
    // One worker, so that the order of the reports, and with it who pauses, does not depend on the machine.
    writeStudy(folder, { workers: 1 }).letGo();
    const { code, stderr, stdout } = await curvewise(folder, "run", "study.yaml", "--json");
    expect(code, stderr).toBe(0);
    const log = await logOf(folder);
    expectWhole(log);
    const wentOn = eventsOf(log, "attempt-started").filter(({ parked }) => parked === true);
    expect(wentOn.length).toBeGreaterThan(1);
    for (const { attempt } of wentOn) expect(attempt).toBeGreaterThan(1);
    expect(allStarts(folder)).toHaveLength(TRIALS);
    expect(allStarts(folder).filter(runs)).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({
      study: { starts: { total: TRIALS, afterPause: 0, parked: wentOn.length } },
    });
    const verified = await curvewise(folder, "replay", "parked");
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
    for (let trial = 0; trial < TRIALS; trial++)
      expect(readdirSync(join(folder, FILES, `trial-${trial}`))).not.toContain("attempt.json");
  });

  it("are not kept if the study wants none", async () => {
    const folder = temporaryFolder();
    writeStudy(folder, { park: 0 }).letGo();
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code, stderr).toBe(0);
    const log = await logOf(folder);
    expectWhole(log);
    expect(eventsOf(log, "paused").filter(({ parked }) => parked === true)).toEqual([]);
    expect(allStarts(folder)).toHaveLength(eventsOf(log, "attempt-started").length);
  });

  it("are replaced by new starts if they are killed", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder);
    const { result } = startCurvewise(folder, "run", "study.yaml");
    const parked = parkedTrials(await untilHeld(folder));
    expect(parked.length).toBeGreaterThan(1);
    const pids = parked.flatMap((trial) => startsOf(folder, trial));
    expect(pids.filter(runs)).toEqual(pids);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    // Their sockets' folders go when the coordinator has noticed; their records do as the last thing.
    await until(() =>
      parked.every((trial) => !existsSync(join(folder, FILES, `trial-${trial}`, "attempt.json"))),
    );
    held.letGo();
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);
    const log = await logOf(folder);
    expectWhole(log);
    const again = eventsOf(log, "attempt-started").filter(
      ({ trial, parked: isParked, fromStep }) => parked.includes(trial) && isParked !== true && fromStep > 0,
    );
    expect(again.length).toBeGreaterThan(0);
    expect(allStarts(folder).filter(runs)).toEqual([]);
  });

  it.each([{ options: [] }, { options: ["--deaf"] }])(
    "do not outlive a coordinator that is killed, and nothing is lost: $options",
    async ({ options }) => {
      const folder = temporaryFolder();
      const held = writeStudy(folder, { options });
      const { child, result } = startCurvewise(folder, "run", "study.yaml");
      const parked = parkedTrials(await untilHeld(folder));
      const pids = parked.flatMap((trial) => startsOf(folder, trial));
      expect(pids.length).toBeGreaterThan(1);
      child.kill("SIGKILL");
      await result;
      // Those that notice end by themselves; the others are left to the next coordinator.
      if (options.length === 0) await until(() => !pids.some(runs));
      expect(pids.filter(runs)).toEqual(options.length === 0 ? [] : pids);
      const next = startCurvewise(folder, "run", "study.yaml");
      await untilLog(folder, "parked", (log) => eventsOf(log, "study-opened").length === 2);
      expect(pids.filter(runs)).toEqual([]);
      held.letGo();
      const { code, stderr } = await next.result;
      expect(code, stderr).toBe(0);
      expectWhole(await logOf(folder));
      expect(allStarts(folder).filter(runs)).toEqual([]);
    },
  );

  it("end when the study is interrupted, and the trials go on when it is run again", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder);
    const { child, result } = startCurvewise(folder, "run", "study.yaml");
    await untilHeld(folder);
    child.kill("SIGINT");
    held.letGo();
    expect((await result).code).toBe(130);
    expect(allStarts(folder).filter(runs)).toEqual([]);
    const { code, stderr } = await curvewise(folder, "run", "study.yaml");
    expect(code, stderr).toBe(0);
    expectWhole(await logOf(folder));
  });

  it("wait at a worker on another host, which gets their trials again", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder);
    const { result } = startCurvewise(folder, "run", "study.yaml", "--listen", "0");
    // Only one: a trial that is to go on goes to another one if that is free and this one is not.
    const worker = startCurvewise(folder, "worker", "--rendezvous", FILES, "--reconnect-for", "600");
    const log = await untilHeld(folder, 1);
    expect(parkedTrials(log).length).toBeGreaterThan(0);
    held.letGo();
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);
    expect((await worker.result).code).toBe(0);
    const whole = await logOf(folder);
    expectWhole(whole);
    const again = eventsOf(whole, "attempt-started").filter(({ attempt }) => attempt > 1);
    expect(again.length).toBeGreaterThan(0);
    expect(again.filter(({ parked }) => parked !== true)).toEqual([]);
    expect(allStarts(folder).filter(runs)).toEqual([]);
  });

  it("do not outlive a worker that is killed", async () => {
    const folder = temporaryFolder();
    const held = writeStudy(folder);
    const { result } = startCurvewise(folder, "run", "study.yaml", "--listen", "0", "--worker-lease", "5");
    const joinAs = (name: string) =>
      startCurvewise(
        folder,
        "worker",
        "--rendezvous",
        FILES,
        "--name",
        name,
        "--slots",
        "2",
        "--reconnect-for",
        "600",
      );
    const first = joinAs("one");
    const parked = parkedTrials(await untilHeld(folder));
    const pids = parked.flatMap((trial) => startsOf(folder, trial));
    expect(pids.length).toBeGreaterThan(1);
    first.child.kill("SIGKILL");
    await until(() => !pids.some(runs));
    held.letGo();
    const second = joinAs("two");
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);
    expect((await second.result).code).toBe(0);
    expectWhole(await logOf(folder));
    expect(allStarts(folder).filter(runs)).toEqual([]);
  });
});
