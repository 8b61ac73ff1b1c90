import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { type StartedCommand, startCurvewiseIn } from "../../support/command-line.js";
import type { VirtualCluster } from "./virtual-cluster.js";

/** Starts a command of the study in a folder, on a virtual cluster; it is killed, if it still runs, after the test. */
export function startOn(
  cluster: VirtualCluster,
  folder: string,
  ...words: readonly string[]
): StartedCommand {
  const started = startCurvewiseIn(cluster.environment, folder, ...words);
  onTestFinished(async () => {
    started.child.kill("SIGKILL");
    await cluster.slurm("scancel", "--user=root").catch(() => {});
    await untilQueue(cluster, "all jobs are gone", (jobs) => jobs.length === 0).catch(() => {});
  });
  return started;
}

/** Leases are short, so that what is lost is known soon. */
const RUN = "run study.yaml --launcher slurm --workers 4 --worker-lease 3 --lease 3".split(" ");

/** Starts `curvewise run study.yaml` with workers by Slurm. */
export const startRun = (
  cluster: VirtualCluster,
  folder: string,
  ...more: readonly string[]
): StartedCommand => startOn(cluster, folder, ...RUN, ...more);

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

/** Waits until something holds of the queue, for a minute at most. */
export async function untilQueue(
  cluster: VirtualCluster,
  what: string,
  holds: (jobs: readonly QueuedJob[]) => boolean,
): Promise<readonly QueuedJob[]> {
  let jobs: readonly QueuedJob[] = [];
  for (let look = 0; look < 300; look++) {
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
