import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { type Command, InvalidArgumentError, Option } from "commander";
import { CurvewiseError, isCurvewiseError } from "../../core/errors.js";
import { localLauncher, resolveProgram } from "../../launchers/index.js";
import { positiveInteger, wholeNumber } from "../arguments.js";
import { listenToSignals } from "../interruption.js";
import { readAuthority } from "../listening.js";
import { tell } from "../output.js";
import { counted, withoutControls } from "../wording.js";

/** What a worker is told. */
export interface WorkerCommandOptions {
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
  /** For so many seconds a note that the study is finished counts as an earlier run's. */
  readonly oldNote?: number;
}

/** What batch systems tell a process of itself, kept so that a worker can be found among a cluster's jobs. */
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

function addLabel(text: string, labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, name, value = ""] = /^([A-Za-z0-9_.-]{1,64})=(.{0,200})$/s.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("It must be name=value.");
  return { ...labels, [name]: value };
}

function workerName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/.test(text)) {
    throw new InvalidArgumentError("It has letters, digits and . _ : @ -, at most 100.");
  }
  return text;
}

/** A name that no other process has, also where process ids and job ids come again. */
function freshName(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9._-]/g, "-")
    .slice(0, 60);
  const begin = /^[A-Za-z0-9]/.test(host) ? host : `h${host}`;
  return `${begin}-${process.pid}-${randomBytes(4).toString("hex")}`;
}

/**
 * Shares the GPUs that a batch system gave to a process among its slots: each gets as many, and where there are fewer
 * than slots, one serves several.
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

/** A place that is not believed for a while when it says that the study is finished. */
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
export async function work(options: WorkerCommandOptions): Promise<void> {
  // Loaded only where it is needed, as for every command it would take time.
  const { coordinatorLocator } = await import("../../server/coordinator-address.js");
  const { runWorker } = await import("../../server/run-worker.js");
  const { givenToken } = await import("../../server/token.js");
  const { slots, name = freshName(), folder, reconnectFor, tokenFile, rendezvous, url } = options;
  const gpus = options.gpus ?? gpusOfSlots(process.env["CUDA_VISIBLE_DEVICES"], slots);
  const environmentToken = process.env["CURVEWISE_TOKEN"];
  const token =
    environmentToken === undefined || environmentToken === "" || tokenFile !== undefined
      ? undefined
      : givenToken(environmentToken, "CURVEWISE_TOKEN");
  const authority = await readAuthority(options.tlsCa);
  const found = coordinatorLocator({ rendezvous, url, tokenFile, token, authority });
  const locate = patient(found, options.oldNote ?? 0);
  const signals = listenToSignals(["SIGUSR1"]);
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
    const why = ended === "finished" ? "the study is finished" : "what was not at its end is given back";
    log(`${why}; it ran ${counted(attempts, "attempt")}`);
    if (ended === "interrupted") process.exitCode = signals.exitCode();
  } finally {
    signals.close();
  }
}

/** `curvewise worker` */
export function addWorkerCommand(program: Command): void {
  program
    .command("worker")
    .option("--rendezvous <path>", "the study's folder, where the coordinator tells its address")
    .option("--url <url>", "the coordinator's address, such as http://login1:8470")
    .option("--token-file <path>", "the token (default: as the study's folder tells; or CURVEWISE_TOKEN)")
    .option("--tls-ca <path>", "an authority to trust beside the usual ones, in PEM")
    .option("--slots <n>", "trainings at the same time", positiveInteger, 1)
    .option(
      "--gpus <list...>",
      "GPUs for the slots, as CUDA_VISIBLE_DEVICES names them (default: those that it names are shared among the slots)",
    )
    .option(
      "--name <name>",
      "how the study calls this worker (default: host, process and a random part)",
      workerName,
    )
    .addOption(
      new Option("--label <name=value>", "tell where it runs; again for more")
        .argParser(addLabel)
        .default({}, "none"),
    )
    .option("--folder <path>", "the study's folder, where it has another path on this host")
    .option("--reconnect-for <seconds>", "give up after so long without a coordinator", wholeNumber, 600)
    .option("--quiet", "tell only errors")
    .summary("train trials of a study that runs elsewhere")
    .description(
      "Takes trials from a coordinator (`curvewise run --listen`), trains them on this host with the study's program, and goes on until there are none. The study's folder must be on a file system that both hosts share.",
    )
    .addHelpText(
      "after",
      `
A connection that breaks is mended, also when the coordinator is started again elsewhere: with --rendezvous its new
address is read from the study's folder. A worker that was silent for longer than its lease has lost its trials; it
ends them and asks for others.

SIGTERM, SIGINT, SIGHUP or SIGUSR1 once: programs save and end, their trials are given back and go on elsewhere from
there. SIGTERM, SIGINT or SIGHUP after that: they are ended at once.

Exit codes: 0 the study is finished; 1 the coordinator could not be reached; 2 something in your input must be mended;
after a signal 128 and its number, such as 143 after SIGTERM and 138 after SIGUSR1.

Examples:
  curvewise worker --rendezvous /shared/tuning/curvewise-files/mnist-mlp
  curvewise worker --url http://login1:8470 --token-file ~/mnist.token --slots 4 --gpus 0 1 2 3`,
    )
    .action(work);
}
