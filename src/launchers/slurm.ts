import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import type { BatchJob, BatchSystem, WorkerFleetJob } from "./batch-system.js";
import { type BatchTool, runBatchTool } from "./batch-tool.js";
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

/** Slurm's default limit on an array's length (`MaxArraySize` 1001). */
const LONGEST_ARRAY = 1000;

/** Slurm's commands. */
export const SLURM: BatchTool = {
  system: "Slurm",
  unreachable:
    /Unable to contact slurm controller|Socket timed out|Connection (refused|timed out|reset)|Zero Bytes were transmitted|Slurm backup controller in standby|Transport endpoint is not connected|temporarily unable to accept job|Slurm temporarily/i,
  without: /^(SQUEUE|SCANCEL|SBATCH_(PARSABLE|ARRAY|JOB_NAME|OUTPUT|REQUEUE|NO_REQUEUE))/,
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

/** The job's number in what `sbatch --parsable` prints: `17`, or `17;cluster`. */
export function submittedNumber(printed: string): string {
  const number = /^(\d+)(;.*)?$/m.exec(printed)?.[1];
  if (number !== undefined) return number;
  throw new CurvewiseError("BATCH_REFUSED", `sbatch printed no job id, but: ${printed.trim().slice(0, 300)}`);
}

/** Reads lines of `squeue -o "%i|%T|%N|%r"`. */
export function parseSqueue(printed: string): readonly BatchJob[] {
  return printed.split("\n").flatMap((line) => {
    const [id = "", state = "", host = "", ...reason] = line.trim().split("|");
    if (id === "") return [];
    const why = reason.join("|");
    return [
      {
        id,
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
  const run = (argv: readonly string[]): Promise<string> => runBatchTool(argv, SLURM);

  const writeScript = async (): Promise<void> => {
    await mkdir(logs, { recursive: true });
    const text = workerScript({
      worker,
      directives: [
        "#SBATCH --requeue",
        "#SBATCH --open-mode=append",
        "#SBATCH --signal=B:USR1@60",
        "#SBATCH --nodes=1 --ntasks=1",
      ],
      job: '"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"',
      requeue: 'scontrol requeue "$job"',
    });
    await writeFile(script, text, { mode: 0o700 });
  };

  const submitArray = async (count: number) => {
    const printed = await run([
      "sbatch",
      "--parsable",
      `--array=0-${count - 1}`,
      `--job-name=${fleet}`,
      `--output=${join(logs, "%A_%a.log")}`,
      ...slurmArguments(options),
      script,
    ]);
    const number = submittedNumber(printed);
    return Array.from({ length: count }, (_, index) => ({ id: `${number}_${index}`, workers: 1 }));
  };

  return {
    name: "Slurm",
    settling: 0,
    submit: async (count) => {
      await writeScript();
      const jobs = [];
      for (let left = count; left > 0; left -= LONGEST_ARRAY) {
        jobs.push(...(await submitArray(Math.min(left, LONGEST_ARRAY))));
      }
      return jobs;
    },
    list: async () =>
      parseSqueue(
        await run([
          "squeue",
          "--array",
          "--noheader",
          `--name=${fleet}`,
          "--states=all",
          "--format=%i|%T|%N|%r",
        ]),
      ),
    cancel: async (ids, how) => {
      if (ids.length === 0) return;
      const scancel = (...words: readonly string[]): Promise<string> =>
        runBatchTool(["scancel", `--name=${fleet}`, ...words, ...ids], SLURM, HAS_ENDED);
      if (how === "at once") {
        await scancel();
        return;
      }
      await scancel("--state=PENDING");
      await scancel("--state=RUNNING", "--batch", "--signal=USR2");
    },
    logOf: (id) => join(logs, `${id}.log`),
  };
}
