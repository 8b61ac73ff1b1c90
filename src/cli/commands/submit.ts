import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { loadStudy } from "../../config/load-study.js";
import { CurvewiseError } from "../../core/errors.js";
import { checkCommand, coordinatorScript, submitCoordinator } from "../../launchers/index.js";
import { positiveInteger, wholeNumber } from "../arguments.js";
import { addFilesOption, addStorageOption, plannedFolder } from "../database.js";
import { addSlurmOptions, chosenLauncher, type LauncherOptions, ownCommand } from "../launching.js";
import { print, printJson } from "../output.js";

interface SubmitOptions extends LauncherOptions {
  readonly storage: string;
  readonly files?: string;
  readonly workers?: number;
  readonly trials?: number;
  readonly seed?: number;
  readonly extend?: boolean;
  readonly acceptChangedAlgorithm?: boolean;
  readonly json?: boolean;
}

async function submit(file: string, options: SubmitOptions): Promise<void> {
  const plan = await loadStudy(file, { checkCommand });
  const launcher = chosenLauncher(plan.launcher, { ...options, launcher: "slurm" });
  if (launcher.kind !== "slurm") return;
  const workers = options.workers ?? plan.workers;
  if (workers === undefined) {
    throw new CurvewiseError("WORKERS_NEEDED", "it is not said how many workers there should be", {
      hint: "Give --workers, or write `workers` into the study's file.",
    });
  }
  const study = plan.definition.name;
  const folder = await plannedFolder(options.storage, study, options.files);
  await mkdir(join(folder, "workers"), { recursive: true });
  const { trials, seed, extend, acceptChangedAlgorithm, files } = options;
  const run = [
    ...ownCommand(),
    "run",
    resolve(file),
    "--storage",
    options.storage,
    ...(files === undefined ? [] : ["--files", files]),
    "--launcher",
    "mpi",
    "--mpi",
    "srun",
    ...(launcher.cpus === undefined ? [] : [`--mpi-flag=--cpus-per-task=${launcher.cpus}`]),
    "--workers",
    String(workers),
    "--worker-slots",
    String(launcher.slots),
    ...(trials === undefined ? [] : ["--trials", String(trials)]),
    ...(seed === undefined ? [] : ["--seed", String(seed)]),
    ...(extend === true ? ["--extend"] : []),
    ...(acceptChangedAlgorithm === true ? ["--accept-changed-algorithm"] : []),
  ];
  const script = join(folder, "coordinator-job.sh");
  await writeFile(script, coordinatorScript(run), { mode: 0o700 });
  const log = join(folder, "coordinator-%j.log");
  const job = await submitCoordinator({ study, script, log, workers, options: launcher });
  const output = log.replace("%j", job);
  if (options.json === true) {
    printJson({ study, job, workers, output });
    return;
  }
  print(
    [
      `study "${study}" was handed to Slurm as job ${job}, with ${workers} workers`,
      `  tail -F ${output}     what it tells`,
      `  curvewise status ${study}     how far it is`,
      `  scancel --batch --signal=TERM ${job}     end it; submit it again to go on`,
    ].join("\n"),
  );
}

/** `curvewise submit <file>` */
export function addSubmitCommand(program: Command): void {
  addSlurmOptions(addFilesOption(addStorageOption(program.command("submit"))))
    .argument("<file>", "the study, such as study.yaml")
    .addOption(new Option("--launcher <launcher>", "the batch system").choices(["slurm"]).default("slurm"))
    .option("--workers <n>", "workers, each a task of the job (default: the file's)", positiveInteger)
    .option("--worker-slots <n>", "trainings at the same time in each worker", positiveInteger)
    .option("--trials <n>", "the budget of trials, in place of the file's", positiveInteger)
    .option("--seed <n>", "the seed, in place of the file's", wholeNumber)
    .option("--extend", "agree to a larger budget for a study that exists")
    .option(
      "--accept-changed-algorithm",
      "go on although the code of the study's sampler or scheduler, from a module of yours, has changed",
    )
    .option("--json", "print the job as JSON")
    .summary("run a study as one job of a batch system")
    .description(
      "Hands in one job whose first node coordinates the study, and whose tasks are its workers. Nothing of it runs on this host, which may be left at once.",
    )
    .addHelpText(
      "after",
      `
Before its time limit the job has its trainings saved, and is requeued; it goes on where it was. The database must be
where the job's first node can reach it: a file on a shared file system that can lock, or PostgreSQL.

With --json: {"study", "job", "workers", "output"}.

Examples:
  curvewise submit study.yaml --workers 64 --partition gpu --time 12:00:00
  curvewise submit study.yaml --workers 8 --sbatch-flag=--gpus-per-task=1`,
    )
    .action(submit);
}
