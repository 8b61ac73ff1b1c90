import { type Command, InvalidArgumentError, Option } from "commander";
import type { LauncherPlan } from "../config/launcher-section.js";
import { positiveInteger } from "./arguments.js";

/** Where workers run, and what the batch system is told about them. */
export interface LauncherOptions {
  readonly launcher?: LauncherPlan["kind"];
  readonly workerSlots?: number;
  readonly partition?: string;
  readonly account?: string;
  readonly gres?: string;
  readonly time?: string;
  readonly cpus?: number;
  readonly sbatchFlag?: readonly string[];
  readonly mpi?: string;
  readonly mpiFlag?: readonly string[];
}

function flag(text: string, earlier: readonly string[] | undefined): readonly string[] {
  if (!text.startsWith("-"))
    throw new InvalidArgumentError("It must begin with -, as in --sbatch-flag=--exclusive.");
  return [...(earlier ?? []), text];
}

const word = (text: string, earlier: readonly string[] | undefined): readonly string[] => [
  ...(earlier ?? []),
  text,
];

/** Adds the options for `sbatch`. */
export function addSlurmOptions(command: Command): Command {
  return command
    .option("--partition <name>", "Slurm: the partition")
    .option("--account <name>", "Slurm: the account")
    .option("--gres <resources>", "Slurm: generic resources of each worker, such as gpu:1")
    .option("--time <limit>", "Slurm: a job's time limit, in sbatch's format; workers continue after it")
    .option("--cpus <n>", "Slurm: processor cores of each worker", positiveInteger)
    .addOption(
      new Option(
        "--sbatch-flag <flag>",
        "Slurm: any other flag, such as --sbatch-flag=--exclusive; repeatable",
      ).argParser(flag),
    );
}

/** Adds the choice of a launcher, with its options. */
export function addLauncherOptions(command: Command): Command {
  command.addOption(
    new Option("--launcher <launcher>", "where workers run (default: the file's, or local)").choices([
      "local",
      "slurm",
      "mpi",
      "command",
    ]),
  );
  return addSlurmOptions(command)
    .option("--mpi <program>", "MPI: the program that starts workers: mpirun, mpiexec, srun, or a path")
    .addOption(
      new Option(
        "--mpi-flag <word>",
        "MPI: an argument for that program, such as --mpi-flag=--oversubscribe; repeatable",
      ).argParser(word),
    )
    .option(
      "--worker-slots <n>",
      "trainings at the same time in each worker of a batch system",
      positiveInteger,
    );
}
