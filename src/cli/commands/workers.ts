import type { Command } from "commander";
import type { WorkersOptions } from "../actions/workers.js";
import { wholeNumber } from "../arguments.js";
import { addFilesOption, addReadOptions } from "../options.js";

/** `curvewise workers [study]` */
export function addWorkersCommand(program: Command): void {
  addFilesOption(addReadOptions(program.command("workers")))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .option("--scale <n>", "have the running study's launcher keep n workers", wholeNumber)
    .option("--all", "show all workers that have gone, not only the latest")
    .summary("show the workers of a study")
    .description(
      "Shows a study's workers: where they run, which trials they train, since when; then those that have gone, latest first, and why. Running studies are not disturbed.",
    )
    .addHelpText(
      "after",
      `
A worker is "lost" if nothing was heard from it for the length of its lease; its trials were given to others.

With --json: {"study", "workers": [{"name", "state": "present"|"left"|"silent"|"coordinator-ended", "host", "pid",
"slots", "gpus", "labels", "trials", "joinedAt": null for slots of the coordinator itself, "goneAt", "message"}]}.
Times are milliseconds since 1970. If a launcher started them, each has its "job", and "jobs" are those from which no
worker has joined: {"id", "state": "pending"|"running", "workers", "reason", "host", "submittedAt"}.

Examples:
  curvewise workers
  curvewise workers mnist-mlp --scale 32
  curvewise workers mnist-mlp --json | jq '.workers[] | select(.state == "silent")'`,
    )
    .action(async (name: string | undefined, options: WorkersOptions) => {
      const { showWorkers } = await import("../actions/workers.js");
      await showWorkers(name, options);
    });
}
