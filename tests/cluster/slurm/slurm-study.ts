import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { z } from "zod";
import { CURVEWISE, type StartedCommand, startCommand, temporaryFolder } from "../../support/command-line.js";
import {
  expectAsUndisturbed,
  type LoggedEvent,
  readLog,
  untilLog,
  writeSpreadStudy,
} from "../../support/undisturbed.js";
import type { NodeName, VirtualCluster } from "./virtual-cluster.js";

/** Starts a command of the study in a folder, on a virtual cluster; it is killed, if it still runs, after the test. */
export function startOn(
  cluster: VirtualCluster,
  folder: string,
  ...words: readonly string[]
): StartedCommand {
  return startCommandOn(cluster, folder, process.execPath, CURVEWISE, ...words);
}

/** The same for any command. */
export function startCommandOn(
  cluster: VirtualCluster,
  folder: string,
  ...command: readonly string[]
): StartedCommand {
  const started = startCommand(command, { folder, environment: cluster.environment });
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") {
      const jobs = await cluster.slurm("squeue", "-r").catch(String);
      console.error(`${started.stderr()}\n${jobs}\n${cluster.controllerLog()}`);
    }
    started.child.kill("SIGKILL");
    await cluster.slurm("scancel", "--user=root").catch(() => {});
    await untilQueue(cluster, "all jobs are gone", (jobs) => jobs.length === 0).catch(() => {});
  });
  return started;
}

/** What a run by Slurm is told. Leases are short, so that what is lost is known soon, but not for a busy machine. */
export const BY_SLURM = "--launcher slurm --workers 4 --worker-lease 8 --lease 5".split(" ");

/** Starts `curvewise run study.yaml` with workers by Slurm. */
export const startRun = (
  cluster: VirtualCluster,
  folder: string,
  ...more: readonly string[]
): StartedCommand => startOn(cluster, folder, "run", "study.yaml", ...BY_SLURM, ...more);

/** A job in the queue. */
export interface QueuedJob {
  readonly id: string;
  readonly state: string;
  readonly node: string;
}

/** The jobs that are in the queue. */
export async function queue(cluster: VirtualCluster): Promise<readonly QueuedJob[]> {
  const printed = await cluster.slurm("squeue", "-r", "-h", "-o", "%i %T %N");
  return printed
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [id = "", state = "", node = ""] = line.split(" ");
      return { id, state, node };
    });
}

/** Waits until something holds of the queue, for a busy machine. */
export async function untilQueue(
  cluster: VirtualCluster,
  what: string,
  holds: (jobs: readonly QueuedJob[]) => boolean,
): Promise<readonly QueuedJob[]> {
  let jobs: readonly QueuedJob[] = [];
  for (let look = 0; look < 2000; look++) {
    jobs = await queue(cluster);
    if (holds(jobs)) return jobs;
    await sleep(200);
  }
  throw new Error(`the queue never came to this: ${what}; it is ${JSON.stringify(jobs)}`);
}

const fleetShape = z.object({
  fleet: z.string(),
  wanted: z.int(),
  jobs: z.array(z.object({ id: z.string(), state: z.string(), reason: z.string().optional() })),
});

/** What the coordinator remembers of its jobs. */
export const rememberedJobs = (folder: string): z.output<typeof fleetShape> =>
  fleetShape.parse(JSON.parse(readFileSync(join(folder, "curvewise-files", "spread", "fleet.json"), "utf8")));

/** Waits until a command has told something, for a busy machine. */
export async function untilTold({ child, stderr }: StartedCommand, text: string): Promise<void> {
  for (let look = 0; look < 4000 && !stderr().includes(text); look++) await sleep(100);
  expect(stderr(), `of process ${child.pid}`).toContain(text);
}

/** How many trials {@link startInTheMiddle} has. */
export const TRIALS = 12;

/** How many events are of a type. */
export const count = (events: readonly LoggedEvent[], type: string): number =>
  events.filter((event) => event.type === type).length;

/** A study that four workers are in the middle of. Its last four trials do not come to their ends before `letGo`. */
export async function startInTheMiddle(cluster: VirtualCluster) {
  const folder = temporaryFolder();
  writeSpreadStudy(folder, {
    trials: TRIALS,
    steps: 12,
    stepTime: 150,
    slow: { trial: TRIALS - 4, step: 1, time: 15_000 },
  });
  const run = startRun(cluster, folder, "--workers-at-least", "4");
  const events = await untilLog(
    folder,
    "four workers train",
    (all) => count(all, "worker-joined") >= 4 && count(all, "reported") >= 8,
  );
  return { folder, run, events };
}

const NODE_NAMES = ["n1", "n2", "n3", "n4"] as const;

/** The node that a worker is on. */
export function nodeOf({ labels }: LoggedEvent): NodeName {
  const name = labels?.["SLURMD_NODENAME"];
  const node = NODE_NAMES.find((each) => each === name);
  if (node === undefined) throw new Error(`no node is named ${name}`);
  return node;
}

/** Checks that a study of {@link startInTheMiddle} came to its end, and lost and doubled nothing; gives what it told. */
export async function expectFinished({ result }: StartedCommand, folder: string): Promise<string> {
  const { code, stderr } = await result;
  expect(code, stderr).toBe(0);
  await expectAsUndisturbed(folder, TRIALS);
  return stderr;
}

/** The jobs of the workers that went, by why. */
export async function jobsOfGone(folder: string, message: string): Promise<readonly string[]> {
  const events = await readLog(folder);
  const jobs = new Map(
    events
      .filter(({ type }) => type === "worker-joined")
      .map(({ worker, labels }) => [worker, labels?.["job"] ?? "none"]),
  );
  return events
    .filter((event) => event.type === "worker-lost" && event.message === message)
    .map(({ worker }) => jobs.get(worker) ?? "none")
    .sort();
}
