import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Params } from "../core/param.js";
import type { ParamValue } from "../core/param-value.js";
import type { ProgramDefinition, ProgramFile } from "../core/study-definition.js";
import {
  fillPieces,
  type PredefinedValues,
  parseFileLine,
  parsePieces,
  placeholderValues,
} from "./template-text.js";

/** How messages call a file of a definition. */
export const fileName = ({ path }: ProgramFile): string => `the file ${path}`;

/** A text, in which lines that name an absent param are left out. */
function fillText(file: ProgramFile, values: ReadonlyMap<string, ParamValue>): string {
  return file.text
    .split(/(?<=\n)/)
    .map((line) => fillPieces(parseFileLine(line, fileName(file)), values) ?? "")
    .join("");
}

/** What of a program is filled in besides its command. */
type Filled = Pick<ProgramDefinition, "env" | "files">;

/**
 * Writes a program's files for an attempt. One whose path names a param that this trial does not have is left out.
 *
 * @param folder the trial's, absolute
 */
export async function writeProgramFiles(
  { files = [] }: Pick<Filled, "files">,
  params: Params,
  predefined: PredefinedValues,
  folder: string,
): Promise<void> {
  const values = placeholderValues(params, predefined);
  for (const file of files) {
    const path = fillPieces(parsePieces(file.path, fileName(file), undefined), values);
    if (path === undefined) continue;
    const target = resolve(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, fillText(file, values));
  }
}

/** How messages call a variable of a definition. */
export const variableName = (name: string): string => `the variable ${name} in env`;

/** A program's own environment variables for an attempt; those that name an absent param are not set. */
export function programVariables(
  { env }: Pick<Filled, "env">,
  params: Params,
  predefined: PredefinedValues,
): Readonly<Record<string, string>> {
  const values = placeholderValues(params, predefined);
  const filled = Object.entries(env).map(
    ([name, text]) => [name, fillPieces(parsePieces(text, variableName(name), undefined), values)] as const,
  );
  return Object.fromEntries(filled.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}
