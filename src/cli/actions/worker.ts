import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { CurvewiseError, isCurvewiseError } from "../../core/errors.js";
import { localLauncher, resolveProgram } from "../../launchers/index.js";
import { locatorOf } from "../coordinator-place.js";
import { listenToSignals } from "../interruption.js";
import { tell } from "../output.js";
import { withoutControls } from "../unseen.js";
import { counted } from "../wording.js";

/** Options of `curvewise worker`. */
export interface WorkerOptions {
  readonly rendezvous?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly tlsCa?: string;
  readonly slots: number;
  readonly gpus?: readonly string[];
  readonly name?: string;
  readonly label: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly reconnectFor: number;
  readonly quiet?: boolean;
  /** Seconds for which a note that the study is finished counts as an earlier run's. */
  readonly oldNote?: number;
}

/**
 * Variables by which batch systems identify a process. They become labels, so that a worker can be found
 * among a cluster's jobs.
 */
const TELLING = [
  "SLURM_JOB_ID",
  "SLURM_ARRAY_JOB_ID",
  "SLURM_ARRAY_TASK_ID",
  "SLURM_PROCID",
  "SLURMD_NODENAME",
  "SLURM_RESTART_COUNT",
  "OMPI_COMM_WORLD_RANK",
  "PMI_RANK",
  "PBS_JOBID",
  "LSB_JOBID",
] as const;

function labelsOfHost(): Record<string, string> {
  return Object.fromEntries(
    TELLING.flatMap((name) => {
      const value = process.env[name];
      return value === undefined || value === "" ? [] : [[name, value.slice(0, 200)] as const];
    }),
  );
}

/** A name that no other process has, even where process ids and job ids are reused. */
function freshName(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .slice(0, 60);
  const begin = /^[A-Za-z0-9]/.test(host) ? host : `h${host}`;
  return `${begin}-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/**
 * Divides the GPUs that a batch system gave to a process among its slots. If there are fewer GPUs than slots,
 * several slots share one.
 *
 * @param visible what `CUDA_VISIBLE_DEVICES` says
 */
export function gpusOfSlots(visible: string | undefined, slots: number): readonly string[] {
  const all = (visible ?? "").split(",").map((gpu) => gpu.trim());
  const gpus = all.filter((gpu) => gpu !== "" && gpu !== "NoDevFiles");
  if (gpus.length <= slots) return gpus;
  return Array.from({ length: slots }, (_, slot) =>
    gpus.filter((_gpu, index) => index % slots === slot).join(","),
  );
}

/** For the given time, takes a finished study for one that has not begun yet. */
function patient<Place>(locate: () => Promise<Place>, seconds: number): () => Promise<Place> {
  const until = performance.now() + seconds * 1000;
  return async () => {
    try {
      return await locate();
    } catch (error) {
      if (!isCurvewiseError(error) || error.code !== "STUDY_FINISHED" || performance.now() > until)
        throw error;
      throw new CurvewiseError("RENDEZVOUS_NOT_FOUND", "the coordinator has not begun yet", { cause: error });
    }
  };
}

/** Takes trials until there are none. @throws CurvewiseError those of `runWorker` */
export async function work(options: WorkerOptions): Promise<void> {
  // Loaded only here, since it would slow down every other command.
  const { runWorker } = await import("../../server/run-worker.js");
  const { slots, name = freshName(), folder, reconnectFor } = options;
  const gpus = options.gpus ?? gpusOfSlots(process.env["CUDA_VISIBLE_DEVICES"], slots);
  const found = await locatorOf(options);
  const locate = patient(found, options.oldNote ?? 0);
  const signals = listenToSignals({ more: ["SIGUSR1"] });
  const log = (message: string): void => {
    if (options.quiet !== true) tell(`${name}: ${withoutControls(message)}`);
  };
  try {
    const { ended, attempts } = await runWorker({
      name,
      host: hostname(),
      pid: process.pid,
      slots,
      gpus,
      labels: { ...labelsOfHost(), ...options.label },
      locate,
      makeLauncher: (program, count) => {
        resolveProgram(program);
        return localLauncher({ program, slots: count, gpus });
      },
      folder,
      interrupt: signals.interrupt,
      kill: signals.kill,
      reconnectFor,
      log,
    });
    const why = ended === "finished" ? "the study is finished" : "unfinished trials are given back";
    log(`${why}; it ran ${counted(attempts, "attempt")}`);
    if (ended === "interrupted") process.exitCode = signals.exitCode();
  } finally {
    signals.close();
  }
}
