import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";
import { processStart } from "../system/process-start.js";
import type { BatchSystem, WorkerFleetJob } from "./batch-system.js";
import { runBatchTool } from "./batch-tool.js";

/** How MPI starts workers. */
export interface MpiOptions {
  /** The program that starts them: `mpirun`, `mpiexec`, `srun`, or a path. */
  readonly starter: string;
  /** Arguments for it: `--hostfile`, `hosts`. */
  readonly flags?: readonly string[] | undefined;
}

/** A process's rank in an MPI run. */
export interface MpiRank {
  readonly rank: number;
  readonly size: number;
}

/**
 * This process's rank under Open MPI, MPICH and their relatives; undefined outside of them.
 *
 * @param environment the process's variables
 */
export function mpiRank(environment: NodeJS.ProcessEnv): MpiRank | undefined {
  for (const [rankName, sizeName] of [
    ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"],
    ["PMI_RANK", "PMI_SIZE"],
  ] as const) {
    const [rank, size] = [Number(environment[rankName] ?? "x"), Number(environment[sizeName] ?? "x")];
    if (Number.isInteger(rank) && Number.isInteger(size) && rank >= 0 && rank < size) return { rank, size };
  }
  return undefined;
}

/**
 * The command that starts this many workers, if possible such that the end of one does not end the others.
 */
export function mpiArguments(
  { starter, flags = [] }: MpiOptions,
  version: string,
  count: number,
  isRoot: boolean,
): string[] {
  if (/\bsrun\b|^slurm/m.test(version)) {
    return [starter, `--ntasks=${count}`, "--kill-on-bad-exit=0", "--wait=0", ...flags];
  }
  if (/Open MPI|OpenRTE|PRRTE/i.test(version)) {
    const major = Number(/\b(\d+)\.\d+/.exec(version)?.[1] ?? "4");
    return [
      starter,
      "-np",
      String(count),
      ...(isRoot ? ["--allow-run-as-root"] : []),
      "--enable-recovery",
      ...(major < 5 ? ["--mca", "orte_abort_on_non_zero_status", "0"] : []),
      ...flags,
    ];
  }
  return [starter, "-np", String(count), ...flags];
}

const startedSchema = z.object({ pid: z.int().positive(), start: z.string(), host: z.string() });

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has already ended.
  }
}

/**
 * Workers as the ranks of `mpirun`, which places and starts them; they talk to the coordinator through its
 * own channel. One `mpirun` is one job: its workers start and are cancelled together, and a lost one is not
 * replaced until all are.
 */
export function mpiBatch({ fleet, folder, worker }: WorkerFleetJob, options: MpiOptions): BatchSystem {
  const logs = join(folder, "workers");
  const noteOf = (id: string): string => join(logs, `${id}.json`);
  const logOf = (id: string): string => join(logs, `${id}.log`);
  const tool = { system: options.starter, unreachable: /(?!)/ };
  let version: Promise<string> | undefined;

  /** The process of a job, if it still runs. */
  const processOf = async (id: string): Promise<number | undefined> => {
    try {
      const { pid, start, host } = startedSchema.parse(JSON.parse(await readFile(noteOf(id), "utf8")));
      if (host !== hostname()) {
        throw new CurvewiseError("BATCH_REFUSED", `${options.starter} of job ${id} was started on ${host}`, {
          hint: "Start the coordinator there, or kill that process and delete fleet.json in the study's folder.",
        });
      }
      return processStart(pid) === start ? pid : undefined;
    } catch (error) {
      if (isCurvewiseError(error)) throw error;
      return undefined;
    }
  };

  return {
    name: options.starter,
    settling: 0,
    submit: async (count) => {
      version ??= runBatchTool([options.starter, "--version"], tool);
      const argv = mpiArguments(options, await version, count, process.getuid?.() === 0);
      await mkdir(logs, { recursive: true });
      const id = `${fleet}-${randomBytes(3).toString("hex")}`;
      const log = await open(logOf(id), "a", 0o600);
      try {
        const [program, ...words] = [...argv, ...worker, "--label", `job=${id}`];
        // It leads its own group, so that a terminal's Ctrl-C reaches its workers only through the
        // coordinator.
        const child = spawn(program, words, { detached: true, stdio: ["ignore", log.fd, log.fd] });
        await new Promise<void>((resolve, reject) => {
          child.once("spawn", resolve);
          child.once("error", reject);
        });
        child.unref();
        const { pid = 0 } = child;
        await writeFile(
          noteOf(id),
          JSON.stringify({ pid, start: processStart(pid) ?? "", host: hostname() }),
        );
      } catch (cause) {
        throw new CurvewiseError("BATCH_NOT_FOUND", `${options.starter}: ${messageOf(cause)}`, {
          hint: "Give the path of the program with --mpi.",
          cause,
        });
      } finally {
        await log.close();
      }
      return [{ id, workers: count }];
    },
    list: async (ids) => {
      const found = await Promise.all(ids.map(async (id) => ({ id, pid: await processOf(id) })));
      return found.flatMap(({ id, pid }) => (pid === undefined ? [] : [{ id, state: "running" as const }]));
    },
    cancel: async (ids) => {
      for (const id of ids) {
        const pid = await processOf(id);
        // MPI starters pass it on to their processes, and kill those that take too long.
        if (pid !== undefined) signal(pid, "SIGTERM");
      }
    },
    logOf,
  };
}
