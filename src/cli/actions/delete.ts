import { rm } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { CurvewiseError } from "../../core/errors.js";
import { isHolderGone } from "../../engine/process-identity.js";
import { readStudy } from "../../engine/read-study.js";
import { pickStudy, studyFolder, withDatabase } from "../database.js";
import { tell } from "../output.js";
import { counted } from "../wording.js";

/** Options of `curvewise delete`. */
export interface DeleteOptions {
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

/** Removes a study and its files. @throws CurvewiseError `STUDY_OWNED`, `CONFIRMATION_NEEDED` */
export async function deleteStudy(name: string, options: DeleteOptions): Promise<void> {
  const { trials } = await withDatabase(options.storage, "read", async (storage) => {
    const summary = await pickStudy(storage, name);
    return readStudy(storage, summary.name);
  });
  if (options.yes !== true) {
    if (!process.stdin.isTTY) {
      throw new CurvewiseError("CONFIRMATION_NEEDED", `deleting study "${name}" needs confirmation`, {
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
  tell(`Deleted study "${name}".`);
}
