import { rm } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { CurvewiseError } from "../../core/errors.js";
import { isHolderGone } from "../../engine/process-identity.js";
import { readStudy } from "../../engine/read-study.js";
import { addFilesOption, addStorageOption, pickStudy, studyFolder, withDatabase } from "../database.js";
import { tell } from "../output.js";
import { counted } from "../wording.js";

interface DeleteOptions {
  readonly storage: string;
  readonly yes?: boolean;
  readonly files?: string;
  readonly keepFiles?: boolean;
}

async function confirm(question: string): Promise<boolean> {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await dialogue.question(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    dialogue.close();
  }
}

/** `curvewise delete <study>` */
export function addDeleteCommand(program: Command): void {
  addFilesOption(addStorageOption(program.command("delete")))
    .argument("<study>", "the study's name")
    .option("--yes", "do not ask; needed where there is no terminal")
    .option("--keep-files", "leave the trials' folders (snapshots, outputs) where they are")
    .summary("remove a study and its files")
    .description(
      "Removes a study from the database, and its trials' folders with snapshots and outputs. It cannot be undone.",
    )
    .addHelpText(
      "after",
      `
A study that is running is refused (STUDY_OWNED). Exit code 0 also when you answer no.

Examples:
  curvewise export mnist-mlp --output mnist-mlp.jsonl && curvewise delete mnist-mlp
  curvewise delete mnist-mlp --yes`,
    )
    .action(async (name: string, options: DeleteOptions) => {
      const { trials } = await withDatabase(options.storage, "read", async (storage) => {
        const summary = await pickStudy(storage, name);
        return readStudy(storage, summary.name);
      });
      if (options.yes !== true) {
        if (!process.stdin.isTTY) {
          throw new CurvewiseError("CONFIRMATION_NEEDED", `deleting study "${name}" needs your consent`, {
            hint: "Give --yes: there is no terminal to ask on.",
          });
        }
        if (!(await confirm(`Delete study "${name}" with ${counted(trials.length, "trial")}?`))) {
          tell("Nothing was deleted.");
          return;
        }
      }
      await withDatabase(options.storage, "write", async (storage) => {
        await storage.deleteStudy(name, { now: Date.now(), isGone: isHolderGone });
        if (options.keepFiles !== true) {
          await rm(studyFolder(storage, name, options.files), { recursive: true, force: true });
        }
      });
      tell(`Study "${name}" is deleted.`);
    });
}
