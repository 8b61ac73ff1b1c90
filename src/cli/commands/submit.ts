import { type Command, Option } from "commander";
import type { SubmitOptions } from "../actions/submit.js";
import { positiveInteger, wholeNumber } from "../arguments.js";
import { addSlurmOptions } from "../launcher-options.js";
import { addFilesOption, addStorageOption } from "../options.js";

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
    .action(async (file: string, options: SubmitOptions) => {
      const { submit } = await import("../actions/submit.js");
      await submit(file, options);
    });
}
