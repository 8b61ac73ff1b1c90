import { createInterface } from "node:readline/promises";
import { CurvewiseError, isCurvewiseError } from "../../core/errors.js";
import { deleteStudy as deleteWithFiles, finishDeletion } from "../../engine/delete-study.js";
import { readStudy } from "../../engine/read-study.js";
import { killStudyAttempts } from "../../launchers/attempt-processes.js";
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

/** Finishes an earlier deletion that was killed. @returns whether there was one to finish */
async function finishEarlier(name: string, { storage: location, files, keepFiles }: DeleteOptions) {
  if (keepFiles === true) return false;
  // Opened to write, so that the storage removes the rows that were left.
  return withDatabase(location, "write", (storage) =>
    finishDeletion({ storage, study: name, folder: studyFolder(storage, name, files) }),
  );
}

/**
 * Removes a study and its files.
 *
 * @throws CurvewiseError `STUDY_OWNED`, `CONFIRMATION_NEEDED`, `FILES_NOT_DELETED`
 */
export async function deleteStudy(name: string, options: DeleteOptions): Promise<void> {
  const found = await withDatabase(options.storage, "read", async (storage) => {
    const summary = await pickStudy(storage, name);
    return readStudy(storage, summary.name);
  }).catch(async (error: unknown) => {
    const isGone = isCurvewiseError(error) && error.code === "STUDY_NOT_FOUND";
    if (isGone && (await finishEarlier(name, options))) return undefined;
    throw error;
  });
  if (found === undefined) {
    tell(`Removed what an earlier deletion of study "${name}" had left.`);
    return;
  }
  if (options.yes !== true) {
    if (!process.stdin.isTTY) {
      throw new CurvewiseError("CONFIRMATION_NEEDED", `deleting study "${name}" needs confirmation`, {
        hint: "Give --yes: there is no terminal to ask on.",
      });
    }
    if (!(await confirm(`Delete study "${name}" with ${counted(found.trials.length, "trial")}?`))) {
      tell("Nothing was deleted.");
      return;
    }
  }
  await withDatabase(options.storage, "write", async (storage) => {
    const folder = options.keepFiles === true ? undefined : studyFolder(storage, name, options.files);
    await deleteWithFiles({ storage, study: name, folder, reap: killStudyAttempts });
  });
  tell(`Deleted study "${name}".`);
}
