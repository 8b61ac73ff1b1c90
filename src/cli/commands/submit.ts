import { type Command, Option } from "commander";
import type { SubmitOptions } from "../actions/submit.js";
import { positiveInteger, wholeNumber, workerCount } from "../arguments.js";
import { addSlurmOptions } from "../launcher-options.js";
import { addFilesOption, addStorageOption } from "../options.js";

/** `curvewise submit <file>` */
export function addSubmitCommand(program: Command): void {
  addSlurmOptions(addFilesOption(addStorageOption(program.command("submit"))))
    .argument("<file>", "the study, such as study.yaml")
    .addOption(new Option("--launcher <launcher>", "the batch system").choices(["slurm"]).default("slurm"))
    .option("--workers <n>", "workers, each a task of the job (default: the file's)", workerCount)
    .option("--worker-slots <n>", "trainings at the same time in each worker", workerCount)
    .option("--trials <n>", "the budget of trials, instead of the file's", positiveInteger)
    .option("--seed <n>", "the seed, instead of the file's", wholeNumber)
    .option("--extend", "accept a larger budget for an existing study")
    .option("--change", "accept a changed definition, as `curvewise run --change`")
    .option(
      "--accept-changed-algorithm",
      "continue although the code of your own sampler or scheduler has changed",
    )
    .option("--json", "print the job as JSON")
    .summary("run a study as one job of a batch system")
    .description(
      "Submits one job whose first node coordinates the study and whose tasks are its workers. Nothing runs on this host, so you can log out at once.",
    )
    .addHelpText(
      "after",
      `
Before its time limit, the job has its trainings save and is requeued; it then continues where it left off. The job's
first node must be able to reach the database: a file on a shared file system with locks, or PostgreSQL.

With --json: {"study", "job", "cluster", "workers", "output"}; "cluster" is null unless Slurm had a choice of clusters.

Examples:
  curvewise submit study.yaml --workers 64 --partition gpu --time 12:00:00
  curvewise submit study.yaml --workers 8 --sbatch-flag=--gpus-per-task=1`,
    )
    .action(async (file: string, options: SubmitOptions) => {
      const { submit } = await import("../actions/submit.js");
      await submit(file, options);
    });
}
