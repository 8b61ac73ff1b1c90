import { execFile, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect } from "vitest";
import { z } from "zod";
import { curvewise, FORMULA, temporaryFolder } from "./command-line.js";

/** A study whose trainings have formulas as curves and save after every step. */
export interface SpreadStudy {
  readonly trials: number;
  readonly steps?: number;
  /** Milliseconds. */
  readonly stepTime?: number;
  /** From this trial and step on, steps take this many milliseconds, until {@link letGo}. */
  readonly slow?: { readonly trial: number; readonly step: number; readonly time: number };
  /** A line of the file. */
  readonly sampler?: string;
  /** A line of the search space, for a param that the program does not use. */
  readonly third?: string;
  /** Further lines of the file. */
  readonly more?: string;
}

const SLOW_FILE = "slow";
const slowness = ({ trial, step, time }: NonNullable<SpreadStudy["slow"]>): readonly string[] => [
  `--slow-while=${SLOW_FILE}`,
  `--slow-trial=${trial}`,
  `--slow-step=${step}`,
  `--slow-ms=${time}`,
];

/** Lets the steps of a study take their usual time from now on. */
export const letGo = (folder: string): void => rmSync(join(folder, SLOW_FILE));

/** Writes `study.yaml`, a study named `spread`. */
export function writeSpreadStudy(folder: string, study: SpreadStudy): void {
  const { trials, steps = 6, stepTime = 50, slow, sampler = "random", third = "", more = "" } = study;
  const program = [
    process.execPath,
    FORMULA,
    "--lr={lr}",
    "--momentum={momentum}",
    `--pause-ms=${stepTime}`,
    "--save",
    ...(slow === undefined ? [] : slowness(slow)),
  ];
  if (slow !== undefined) writeFileSync(join(folder, SLOW_FILE), "");
  writeFileSync(
    join(folder, "study.yaml"),
    `study: spread
goal: {minimize: loss}
command: ${JSON.stringify(program)}
space:
  lr: {float: [1e-4, 1], log: true}
  momentum: {float: [0, 0.9], step: 0.1}
  ${third}
sampler: ${sampler}
scheduler: none
maxSteps: ${steps}
budget: {trials: ${trials}}
seed: 11
killAfter: 1
${more}`,
  );
}

/**
 * The event fields that are used here. Another process reads the log, as a command would: this process would
 * otherwise open the database hundreds of times while others write and end.
 */
const loggedEvent = z.object({
  type: z.string(),
  /** Milliseconds since 1970. */
  time: z.number(),
  trial: z.int().optional(),
  attempt: z.int().optional(),
  step: z.int().optional(),
  fromStep: z.int().optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  worker: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});
/** An event of a log. */
export type LoggedEvent = z.output<typeof loggedEvent>;

const PRINT_LOG = resolve(import.meta.dirname, "../programs/print-log.mjs");

/** Everything that a study's database has recorded. */
export async function readLog(folder: string): Promise<readonly LoggedEvent[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [PRINT_LOG, join(folder, "curvewise.db"), "spread"],
    { maxBuffer: 1e9 },
  );
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => loggedEvent.parse(JSON.parse(line)));
}

const at = (event: LoggedEvent, index: number): string => `event ${index}: ${JSON.stringify(event)}`;

/**
 * Checks in the log that no trial was lost or trained twice at the same time, and that no step was counted
 * twice.
 */
export function expectOrderly(
  events: readonly LoggedEvent[],
  trials: number,
  failures: "without failures" | "with failures" = "without failures",
): void {
  const asked: number[] = [];
  const finished: number[] = [];
  const open = new Map<number, number>();
  const last = new Map<number, number>();
  const steps = new Map<number, number>();
  for (const [index, event] of events.entries()) {
    const { type, trial = -1, attempt = -1, step = -1 } = event;
    const where = at(event, index);
    if (type === "trial-asked") asked.push(trial);
    if (type === "attempt-started") {
      expect(open.get(trial), `one attempt at a time, ${where}`).toBeUndefined();
      expect(attempt, where).toBe((last.get(trial) ?? 0) + 1);
      open.set(trial, attempt);
      last.set(trial, attempt);
    }
    if (type === "reported") {
      expect(open.get(trial), `only of the attempt that counts, ${where}`).toBe(attempt);
      expect(step, where).toBe((steps.get(trial) ?? 0) + 1);
      steps.set(trial, step);
    }
    if (failures === "without failures") expect(type, where).not.toBe("failed");
    if (type === "finished" || type === "failed" || type === "released") {
      expect(open.get(trial), where).toBe(attempt);
      open.delete(trial);
    }
    if (type === "finished") finished.push(trial);
  }
  const all = Array.from({ length: trials }, (_, trial) => trial);
  expect(asked, "each trial once").toEqual(all);
  expect(
    [...finished].sort((a, b) => a - b),
    "each finished once",
  ).toEqual(all);
}

/** What commands print about a study that is over. */
interface Told {
  readonly trials: string;
  readonly best: string;
}

async function told(folder: string): Promise<Told> {
  const [trials, best] = [await curvewise(folder, "export"), await curvewise(folder, "best")];
  return { trials: trials.stdout, best: best.stdout };
}

/** By the text of their files, since many tests disturb the same study. */
const undisturbedStudies = new Map<string, Promise<Told>>();

async function runUndisturbed(file: string): Promise<Told> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "study.yaml"), file);
  const words = ["run", "study.yaml", "--quiet", "--launcher", "local", "--workers", "2"];
  const { code, stderr } = await curvewise(folder, ...words);
  expect(code, stderr).toBe(0);
  return told(folder);
}

function undisturbed(folder: string): Promise<Told> {
  const file = readFileSync(join(folder, "study.yaml"), "utf8").replace(/--pause-ms=\d+/, "--pause-ms=1");
  const known = undisturbedStudies.get(file) ?? runUndisturbed(file);
  undisturbedStudies.set(file, known);
  return known;
}

/**
 * Checks that a study ended with the same trials, curves and best trial as an undisturbed run on this
 * machine.
 */
export async function expectAsUndisturbed(
  folder: string,
  trials: number,
  failures: "without failures" | "with failures" = "without failures",
): Promise<void> {
  expectOrderly(await readLog(folder), trials, failures);
  const here = await told(folder);
  expect(here.trials).not.toBe("");
  expect(here).toEqual(await undisturbed(folder));
}

/** Waits until the log meets a condition, for a limited number of seconds. */
export async function untilLog(
  folder: string,
  what: string,
  holds: (events: readonly LoggedEvent[]) => boolean,
  seconds = 400,
): Promise<readonly LoggedEvent[]> {
  const database = join(folder, "curvewise.db");
  const follower = spawn(process.execPath, [PRINT_LOG, database, "spread", "--follow"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const patience = setTimeout(() => follower.kill("SIGKILL"), seconds * 1000);
  const events: LoggedEvent[] = [];
  try {
    for await (const line of createInterface({ input: follower.stdout })) {
      events.push(loggedEvent.parse(JSON.parse(line)));
      if (holds(events)) return events;
    }
  } finally {
    clearTimeout(patience);
    follower.kill("SIGKILL");
  }
  throw new Error(`this never happened: ${what}; the last events: ${JSON.stringify(events.slice(-20))}`);
}
