import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { CurvewiseError, messageOf } from "../core/errors.js";
import { FilePresent, writeWhole } from "./whole-file.js";

/** How much text is gathered before it is written, in characters. */
const CHUNK = 1 << 16;

async function writeLines(stream: NodeJS.WritableStream, lines: Iterable<string>): Promise<void> {
  let text = "";
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < CHUNK) continue;
    if (!stream.write(text)) await once(stream, "drain");
    text = "";
  }
  if (text !== "") stream.write(text);
}

/** Writes a text to a file, whole or not at all. @throws CurvewiseError `OUTPUT_FAILED` */
export async function outputText(text: string, file: string): Promise<void> {
  await outputFile(file, (path) => writeFile(path, text));
}

/**
 * Has a file written whole or not at all.
 *
 * @param write writes everything to the path that it is given
 * @param kept why a file that is there is not replaced, and what to do then; undefined: it is replaced
 * @throws CurvewiseError `OUTPUT_FAILED`, `FILE_EXISTS`
 */
export async function outputFile(
  file: string,
  write: (path: string) => Promise<void>,
  kept?: string,
): Promise<void> {
  try {
    await writeWhole(file, write, kept === undefined);
  } catch (cause) {
    if (kept === undefined || !(cause instanceof FilePresent)) throw outputFailed(file, cause);
    throw new CurvewiseError("FILE_EXISTS", `${file} would be overwritten`, { hint: kept, cause });
  }
}

/**
 * Writes lines to a file, whole or not at all, or to standard output if there is no file.
 *
 * @param kept as in {@link outputFile}
 * @throws CurvewiseError `OUTPUT_FAILED`, `FILE_EXISTS`
 */
export async function outputLines(
  lines: Iterable<string>,
  file: string | undefined,
  kept?: string,
): Promise<void> {
  if (file === undefined) {
    await writeLines(process.stdout, lines);
    return;
  }
  const write = async (path: string): Promise<void> => {
    const stream = createWriteStream(path);
    const ended = finished(stream);
    await Promise.all([writeLines(stream, lines).finally(() => stream.end()), ended]);
  };
  await outputFile(file, write, kept);
}

/** The error for a file that cannot be written. */
function outputFailed(file: string, cause: unknown): CurvewiseError {
  return new CurvewiseError("OUTPUT_FAILED", `${file} cannot be written: ${messageOf(cause)}`, {
    hint: "Name a file in a folder that exists and that you may write to.",
    cause,
  });
}
