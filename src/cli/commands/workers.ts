import type { Command } from "commander";
import type { WorkersOptions } from "../actions/workers.js";
import { wholeNumber } from "../arguments.js";
import { addFilesOption, addReadOptions } from "../options.js";

/** `curvewise workers [study]` */
export function addWorkersCommand(program: Command): void {
  addFilesOption(addReadOptions(program.command("workers")))
    .argument("[study]", "the study's name; may be left out when there is only one")
    .option("--scale <n>", "have the launcher of the running study keep so many workers", wholeNumber)
    .option("--all", "show every worker that went, not only the last ones")
    .summary("show the workers of a study")
    .description(
      "Shows who trains a study's trials: where, which ones, since when; then the workers that went, the last one first, and why. Disturbs no running study.",
    )
    .addHelpText(
      "after",
      `
A worker is "lost" when nothing was heard of it for as long as its lease; its trials were given to others.

With --json: {"study", "workers": [{"name", "state": "present"|"left"|"silent"|"coordinator-ended", "host", "pid",
"slots", "gpus", "labels", "trials", "joinedAt": null for slots of the coordinator itself, "goneAt", "message"}]}.
Moments are milliseconds since 1970. Where a launcher started them, each has its "job", and "jobs" are those of which
no worker has joined: {"id", "state": "pending"|"running", "workers", "reason", "host", "submittedAt"}.

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
