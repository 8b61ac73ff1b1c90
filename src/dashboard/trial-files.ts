import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import { trainingFolder } from "../engine/start-attempt.js";
import type { OutputView } from "../views/contract.js";
import type { TrialFiles } from "../views/trial-view.js";

/** The most bytes of output in one answer. */
const MOST_OUTPUT = 256 * 1024;

/** Where the files of studies are; undefined: they are not at hand. */
export type FolderOf = (study: string) => string | undefined;

function outputPath(folder: string, trial: Trial): string {
  return join(trainingFolder(folder, trial), `output-${trial.attempt}.log`);
}

/** The bytes of a file; undefined if there is none. */
async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}

/** What there is to see and download of a trial. */
export async function trialFiles(folderOf: FolderOf, study: Study, trial: Trial): Promise<TrialFiles> {
  const folder = folderOf(study.definition.name);
  if (folder === undefined) return { hasOutput: false, downloads: [] };
  const { name } = study.definition;
  const { snapshot } = trial;
  const bytes = snapshot === undefined ? undefined : await sizeOf(join(folder, snapshot.path));
  return {
    hasOutput: trial.attempt > 0 && (await sizeOf(outputPath(folder, trial))) !== undefined,
    downloads:
      snapshot === undefined || bytes === undefined
        ? []
        : [
            {
              label: `snapshot of step ${snapshot.step}`,
              path: `studies/${encodeURIComponent(name)}/trials/${trial.number}/snapshot`,
              bytes,
            },
          ],
  };
}

/** The path of a trial's snapshot; undefined if there is none. */
export async function snapshotPath(
  folderOf: FolderOf,
  study: Study,
  trial: Trial,
): Promise<string | undefined> {
  const folder = folderOf(study.definition.name);
  if (folder === undefined || trial.snapshot === undefined) return undefined;
  const path = join(folder, trial.snapshot.path);
  return (await sizeOf(path)) === undefined ? undefined : path;
}

/** A part of what a trial's latest attempt printed. @param from a byte; negative: so many before the end */
export async function readOutput(
  folderOf: FolderOf,
  study: Study,
  trial: Trial,
  from: number,
): Promise<OutputView | undefined> {
  const folder = folderOf(study.definition.name);
  if (folder === undefined) return undefined;
  const file = await open(outputPath(folder, trial)).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const begin = from < 0 ? Math.max(0, size + from) : Math.min(from, size);
    const { bytesRead, buffer } = await file.read({
      buffer: Buffer.alloc(Math.min(MOST_OUTPUT, size - begin)),
      position: begin,
    });
    return { from: begin, next: begin + bytesRead, text: buffer.subarray(0, bytesRead).toString("utf8") };
  } finally {
    await file.close();
  }
}
