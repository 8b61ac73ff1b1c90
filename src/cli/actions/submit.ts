import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { loadStudy, type StudyPlan } from "../../config/load-study.js";
import { CurvewiseError, isCurvewiseError } from "../../core/errors.js";
import { createAlgorithms } from "../../engine/create-algorithms.js";
import { readTables } from "../../engine/find-earlier.js";
import { coordinatorScript, programChecks, shellWords, submitCoordinator } from "../../launchers/index.js";
import { commandMissing } from "../command-missing.js";
import { plannedFolder, withDatabase } from "../database.js";
import type { LauncherOptions } from "../launcher-options.js";
import { chosenLauncher, ownCommand } from "../launching.js";
import { print, printJson } from "../output.js";

/** Options of `curvewise submit`. */
export interface SubmitOptions extends LauncherOptions {
  readonly storage: string;
  readonly files?: string;
  readonly workers?: number;
  readonly trials?: number;
  readonly seed?: number;
  readonly extend?: boolean;
  readonly change?: boolean;
  readonly acceptChangedAlgorithm?: boolean;
  readonly json?: boolean;
}

async function hasBegun(location: string, name: string): Promise<boolean> {
  try {
    const studies = await withDatabase(location, "read", (storage) => storage.listStudies(Date.now()));
    return studies.some((study) => study.name === name);
  } catch (error) {
    if (isCurvewiseError(error) && error.code === "STORAGE_NOT_FOUND") return false;
    throw error;
  }
}

/** Finds out now what would end the job as soon as it starts; a study that has begun needs its tables no longer. */
async function checkTables(plan: StudyPlan, location: string): Promise<void> {
  if (plan.transfer === undefined || (await hasBegun(location, plan.definition.name))) return;
  await readTables(plan);
}

/** Submits a study to a batch system as one job. */
export async function submit(file: string, options: SubmitOptions): Promise<void> {
  const plan = await loadStudy(file, programChecks);
  const launcher = chosenLauncher(plan.launcher, { ...options, launcher: "slurm" });
  if (launcher.kind !== "slurm") return;
  if (plan.definition.program === undefined) throw commandMissing();
  const workers = options.workers ?? plan.workers;
  if (workers === undefined) {
    throw new CurvewiseError("WORKERS_NEEDED", "the number of workers is not given", {
      hint: "Give --workers, or set `workers` in the study file.",
    });
  }
  createAlgorithms(plan);
  await checkTables(plan, options.storage);
  const study = plan.definition.name;
  const folder = await plannedFolder(options.storage, study, options.files);
  await mkdir(join(folder, "workers"), { recursive: true });
  const { trials, seed, extend, change, acceptChangedAlgorithm, files } = options;
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
    ...(change === true ? ["--change"] : []),
    ...(acceptChangedAlgorithm === true ? ["--accept-changed-algorithm"] : []),
  ];
  const script = join(folder, "coordinator-job.sh");
  await writeFile(script, coordinatorScript(run), { mode: 0o700 });
  const submitted = await submitCoordinator({ study, script, folder, workers, options: launcher });
  const { number: job, cluster, output } = submitted;
  if (options.json === true) {
    printJson({ study, job, cluster: cluster ?? null, workers, output });
    return;
  }
  const place = cluster === undefined ? "" : ` on cluster ${cluster}`;
  const scancel = cluster === undefined ? "scancel" : `scancel --clusters=${cluster}`;
  print(
    [
      `submitted study "${study}" to Slurm as job ${job}${place}, with ${workers} workers`,
      `  tail -F ${shellWords([output])}     its output`,
      `  curvewise status ${study}     its progress`,
      `  ${scancel} --batch --signal=TERM ${job}     end it; submit it again to continue`,
    ].join("\n"),
  );
}
