import type { Command } from "commander";
import type { DeleteOptions } from "../actions/delete.js";
import { addFilesOption, addStorageOption } from "../options.js";

/** `curvewise delete <study>` */
export function addDeleteCommand(program: Command): void {
  addFilesOption(addStorageOption(program.command("delete")))
    .argument("<study>", "the study's name")
    .option("--yes", "do not ask for confirmation; required without a terminal")
    .option("--keep-files", "leave the trials' folders (snapshots, outputs) where they are")
    .summary("remove a study and its files")
    .description(
      "Removes a study from the database, and its trials' folders with snapshots and outputs. This cannot be undone.",
    )
    .addHelpText(
      "after",
      `
A running study cannot be deleted (STUDY_OWNED). The exit code is 0 even if you answer no.

Examples:
  curvewise export mnist-mlp --output mnist-mlp.jsonl && curvewise delete mnist-mlp
  curvewise delete mnist-mlp --yes`,
    )
    .action(async (name: string, options: DeleteOptions) => {
      const { deleteStudy } = await import("../actions/delete.js");
      await deleteStudy(name, options);
    });
}
