import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import type { BatchJob, BatchSystem, SubmittedJob, WorkerFleetJob } from "./batch-system.js";
import { runBatchTool } from "./batch-tool.js";
import { OF_ALLOCATIONS } from "./slurm.js";
import { workerScript } from "./worker-script.js";

/**
 * How to use another batch system. In every word, `{script}` is the worker's script, `{folder}` the study's
 * folder, `{fleet}` a name that only this study's jobs have, `{count}` a number of workers, `{number}` counts
 * jobs, and `{id}` is a job's id.
 */
export interface CommandOptions {
  /** Submits one job, or one with `{count}` workers if a word contains that. Prints its id. */
  readonly submit: readonly string[];
  /** The id in what `submit` prints: the expression's first group, or the whole match. */
  readonly id: string;
  /** Prints one line per job. With `{id}`, it is run once per job. */
  readonly list: readonly string[];
  /** Matches a line of it: the named groups `id` and `state`, and optionally `reason` and `host`. */
  readonly line: string;
  /** The states of waiting jobs. */
  readonly pending: readonly string[];
  /** The states of jobs that run, or of which parts may still run. Jobs in any other state have ended. */
  readonly running: readonly string[];
  /** Cancels the job `{id}`. */
  readonly cancel: readonly string[];
  /** A job's own id, as a shell expression inside the job: `$PBS_JOBID`. */
  readonly job: string;
  /** Lines at the top of the script, such as `#PBS -l walltime=4:00:00`. */
  readonly directives: readonly string[];
}

type Values = Readonly<Record<string, string>>;

/** Replaces each `{name}` by its value; unknown names stay as they are. */
export const fillWords = (words: readonly string[], values: Values): string[] =>
  words.map((word) => word.replace(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole));

/** Reads the lines that a `list` command printed. */
export function readJobLines(
  printed: string,
  { line, pending, running }: Pick<CommandOptions, "line" | "pending" | "running">,
): readonly BatchJob[] {
  const expression = new RegExp(line);
  return printed.split("\n").flatMap((text) => {
    const { id, state = "", reason, host } = expression.exec(text)?.groups ?? {};
    if (id === undefined) return [];
    return [
      {
        id,
        state: pending.includes(state) ? "pending" : running.includes(state) ? "running" : "ended",
        ...(reason === undefined || reason.trim() === "" ? {} : { reason: reason.trim() }),
        ...(host === undefined || host.trim() === "" ? {} : { host: host.trim() }),
      },
    ];
  });
}

/** Workers as jobs of any batch system with commands to submit, list and cancel jobs. */
export function commandBatch(
  { fleet, folder, worker }: WorkerFleetJob,
  options: CommandOptions,
): BatchSystem {
  const script = join(folder, "worker-job.sh");
  const [program = ""] = options.submit;
  const tool = {
    system: program,
    unreachable:
      /connection (refused|timed out|reset)|timed out|unreachable|cannot connect|could not connect/i,
  };
  const submitting = basename(program) === "sbatch" ? { ...tool, without: OF_ALLOCATIONS } : tool;
  const fixed = { script, folder, fleet };
  const isWhole = options.submit.some((word) => word.includes("{count}"));
  let number = 0;

  const submitOne = async (workers: number): Promise<SubmittedJob> => {
    number += 1;
    // Names made from it differ from those of an earlier coordinator of the same fleet.
    const values = { ...fixed, count: String(workers), number: `${Date.now().toString(36)}${number}` };
    const printed = await runBatchTool(fillWords(options.submit, values), submitting);
    const found = new RegExp(options.id, "m").exec(printed);
    const id = found?.[1] ?? found?.[0];
    if (id !== undefined && id !== "") return { id, workers };
    throw new CurvewiseError(
      "BATCH_REFUSED",
      `${program} printed no job id, but: ${printed.trim().slice(0, 300)}`,
      {
        hint: `The job id is matched by ${options.id}.`,
      },
    );
  };

  return {
    name: program,
    settling: 15,
    submit: async (count) => {
      await mkdir(join(folder, "workers"), { recursive: true });
      const { job, directives } = options;
      const lines = fillWords(directives, fixed);
      await writeFile(script, workerScript({ worker, directives: lines, job }), { mode: 0o700 });
      if (isWhole) return [await submitOne(count)];
      const jobs: SubmittedJob[] = [];
      for (let index = 0; index < count; index++) jobs.push(await submitOne(1));
      return jobs;
    },
    list: async (ids) => {
      const isEach = options.list.some((word) => word.includes("{id}"));
      const wanted = new Set(ids);
      const jobs: BatchJob[] = [];
      for (const id of isEach ? ids : [""]) {
        const argv = fillWords(options.list, { ...fixed, id });
        // Most batch systems fail for a job that they no longer know, which answers the question.
        const printed = await runBatchTool(argv, tool).catch((error: unknown) => {
          if (isEach && error instanceof CurvewiseError && error.code === "BATCH_REFUSED") return "";
          throw error;
        });
        jobs.push(...readJobLines(printed, options));
      }
      return jobs.filter(({ id }) => wanted.has(id));
    },
    cancel: async (ids) => {
      for (const id of ids) {
        await runBatchTool(fillWords(options.cancel, { ...fixed, id }), tool).catch((error: unknown) => {
          // A job that has ended cannot be cancelled; one that still exists will appear in the list.
          if (!(error instanceof CurvewiseError && error.code === "BATCH_REFUSED")) throw error;
        });
      }
    },
    logOf: () => undefined,
  };
}
