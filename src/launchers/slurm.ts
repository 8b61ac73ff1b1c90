import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isCurvewiseError } from "../core/errors.js";
import type { BatchJob, BatchSystem, SubmittedJob, WorkerFleetJob } from "./batch-system.js";
import { type BatchTool, runBatchTool } from "./batch-tool.js";
import {
  chosenClusters,
  clusterId,
  clusterNames,
  clusterOption,
  idsByCluster,
  longestArray,
  outputPath,
  type SubmittedNumber,
  submittedNumber,
} from "./slurm-clusters.js";
import { workerScript } from "./worker-script.js";

/** Options of a job, in `sbatch`'s form. */
export interface SlurmOptions {
  readonly partition?: string | undefined;
  readonly account?: string | undefined;
  /** Such as `gpu:1`. */
  readonly gres?: string | undefined;
  /** Such as `4:00:00`, or minutes. */
  readonly time?: string | undefined;
  /** Processor cores of a worker. */
  readonly cpus?: number | undefined;
  /** Other flags, one word each, such as `--exclusive`. They take precedence over the options. */
  readonly flags?: readonly string[] | undefined;
}

/** Slurm's default `MaxArraySize`, where it cannot be asked. */
const USUAL_ARRAY = 1001;

/**
 * Variables that describe an allocation to what runs inside it; a job that is submitted there would take it for its
 * own. What says which cluster is meant, and who asks, is not among them.
 */
export const OF_ALLOCATIONS = /^(SLURMD_|SLURM_(?!(CONF|CONF_SERVER|CLUSTERS|CLUSTER_NAME|JWT\w*)$))/;

/** Slurm's commands. */
export const SLURM: BatchTool = {
  system: "Slurm",
  unreachable:
    /Unable to contact slurm controller|Socket timed out|Connection (refused|timed out|reset)|Zero Bytes were transmitted|Slurm backup controller in standby|Transport endpoint is not connected|temporarily unable to accept job|Slurm temporarily/i,
  without: new RegExp(
    `^(SQUEUE|SCANCEL|SBATCH_(PARSABLE|ARRAY|JOB_NAME|OUTPUT|REQUEUE|NO_REQUEUE))|${OF_ALLOCATIONS.source}`,
  ),
};

/** What `scancel` prints about jobs that have ended; it then fails, though it has cancelled all others. */
const HAS_ENDED = /Invalid job id specified|already completing or completed/;

const PENDING = new Set([
  "PENDING",
  "CONFIGURING",
  "REQUEUED",
  "REQUEUE_FED",
  "REQUEUE_HOLD",
  "SPECIAL_EXIT",
]);
const RUNNING = new Set([
  "RUNNING",
  "COMPLETING",
  "SUSPENDED",
  "STOPPED",
  "SIGNALING",
  "STAGE_OUT",
  "RESIZING",
]);

/** Options that every job of a study gets. */
export function slurmArguments({ partition, account, gres, time, cpus, flags = [] }: SlurmOptions): string[] {
  return [
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(gres === undefined ? [] : [`--gres=${gres}`]),
    ...(time === undefined ? [] : [`--time=${time}`]),
    ...(cpus === undefined ? [] : [`--cpus-per-task=${cpus}`]),
    ...flags,
  ];
}

/**
 * Reads lines of `squeue -o "%i|%T|%N|%r"`, and the lines between them that name clusters.
 *
 * @param cluster that of the first lines, if clusters were asked for by name
 */
export function parseSqueue(printed: string, cluster?: string): readonly BatchJob[] {
  let named = cluster;
  return printed.split("\n").flatMap((line) => {
    const [, next] = /^CLUSTER: (\S+)\s*$/.exec(line) ?? [];
    named = next ?? named;
    const [id = "", state = "", host = "", ...reason] = line.trim().split("|");
    if (id === "" || next !== undefined) return [];
    const why = reason.join("|");
    return [
      {
        id: clusterId(id, named),
        state: PENDING.has(state) ? "pending" : RUNNING.has(state) ? "running" : "ended",
        ...(host === "" || PENDING.has(state) ? {} : { host }),
        ...(why === "" || why === "None" || !PENDING.has(state) ? {} : { reason: why }),
      },
    ];
  });
}

/**
 * Workers as an array of Slurm jobs. Each task is one worker: it is requeued before its time limit, once its
 * worker has given back its trials, and after a failure of its node. Jobs are found by the fleet's name,
 * since Slurm reuses numbers if its controller loses its state.
 */
export function slurmBatch(
  { fleet, folder, worker }: WorkerFleetJob,
  options: SlurmOptions = {},
): BatchSystem {
  const logs = join(folder, "workers");
  const script = join(folder, "worker-job.sh");
  const clusters = chosenClusters(options.flags ?? [], process.env);
  const names = clusterNames(clusters);
  const run = (argv: readonly string[]): Promise<string> => runBatchTool(argv, SLURM);
  let longest: Promise<number> | undefined;

  const writeScript = async (): Promise<void> => {
    await mkdir(logs, { recursive: true });
    const cluster = clusters === undefined ? "" : "@$SLURM_CLUSTER_NAME";
    const text = workerScript({
      worker,
      directives: [
        "#SBATCH --requeue",
        "#SBATCH --open-mode=append",
        "#SBATCH --signal=B:USR1@60",
        "#SBATCH --nodes=1 --ntasks=1",
      ],
      job: `"\${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}\${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}${cluster}"`,
      // Of this cluster, whatever others the job was submitted from.
      requeue: 'env -u SLURM_CLUSTERS scontrol requeue "${job%@*}"',
    });
    await writeFile(script, text, { mode: 0o700 });
  };

  /** The longest array that all the clusters allow. */
  const readLongest = async (): Promise<number> => {
    const asked = names.length === 0 ? [undefined] : names;
    const lengths = asked.map(async (name) =>
      longestArray(await run(["scontrol", ...clusterOption(name), "show", "config"])),
    );
    return Math.min(...(await Promise.all(lengths)).map((length) => length ?? USUAL_ARRAY));
  };

  const sbatch = async (words: readonly string[], log: string): Promise<SubmittedNumber> =>
    submittedNumber(
      await run([
        "sbatch",
        "--parsable",
        ...words,
        `--job-name=${fleet}`,
        `--output=${outputPath(logs)}/${log}`,
        ...slurmArguments(options),
        script,
      ]),
    );

  const submitArray = async (count: number): Promise<SubmittedJob[]> => {
    const { number, cluster } = await sbatch([`--array=0-${count - 1}`], "%A_%a.log");
    return Array.from({ length: count }, (_, index) => ({
      id: clusterId(`${number}_${index}`, clusters === undefined ? undefined : cluster),
      workers: 1,
    }));
  };
  /** Where arrays are switched off. */
  const submitSingle = async (): Promise<SubmittedJob[]> => {
    const { number, cluster } = await sbatch([], "%j.log");
    return [{ id: clusterId(number, clusters === undefined ? undefined : cluster), workers: 1 }];
  };

  return {
    name: "Slurm",
    settling: 0,
    submit: async (count) => {
      await writeScript();
      longest ??= readLongest().catch((error: unknown) => {
        longest = undefined;
        if (isCurvewiseError(error) && error.code === "BATCH_REFUSED") return USUAL_ARRAY;
        throw error;
      });
      const most = await longest;
      const jobs: SubmittedJob[] = [];
      while (jobs.length < count) {
        const left = count - jobs.length;
        jobs.push(...(most === 0 ? await submitSingle() : await submitArray(Math.min(left, most))));
      }
      return jobs;
    },
    list: async () =>
      parseSqueue(
        await run([
          "squeue",
          ...clusterOption(clusters),
          "--array",
          "--noheader",
          `--name=${fleet}`,
          "--states=all",
          "--format=%i|%T|%N|%r",
        ]),
        names.length === 1 ? names[0] : undefined,
      ),
    cancel: async (ids, how) => {
      for (const [cluster, own] of idsByCluster(ids)) {
        const scancel = (...words: readonly string[]): Promise<string> =>
          runBatchTool(
            ["scancel", ...clusterOption(cluster), `--name=${fleet}`, ...words, ...own],
            SLURM,
            HAS_ENDED,
          );
        if (how === "at once") {
          await scancel();
          continue;
        }
        await scancel("--state=PENDING");
        await scancel("--state=RUNNING", "--batch", "--signal=USR2");
      }
    },
    logOf: (id) => join(logs, `${id.replace(/@.*/, "")}.log`),
  };
}
