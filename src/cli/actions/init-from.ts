import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { loadStudy } from "../../config/load-study.js";
import { CurvewiseError, messageOf } from "../../core/errors.js";
import { createAlgorithms } from "../../engine/create-algorithms.js";
import { readSearch, type SearchTool, studyText } from "../../interop/index.js";
import { programChecks } from "../../launchers/index.js";
import { print, styledError, tell } from "../output.js";
import { checkAbsent, schemaComment, writeNew } from "./init.js";

function read(path: string, named: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new CurvewiseError(
      "IMPORT_NOT_FOUND",
      isMissing ? `there is no file ${named}` : `${named} cannot be read: ${messageOf(cause)}`,
      { hint: "Give the file in which the other tool's search is described.", cause },
    );
  }
}

/**
 * Writes the study file of a search that another tool's file describes.
 *
 * @throws CurvewiseError `IMPORT_NOT_FOUND`, `SEARCH_UNKNOWN`, `IMPORT_INVALID`, `IMPORT_UNSUPPORTED`, `FILE_EXISTS`,
 *   `INIT_FAILED`
 */
export async function initFrom(folder: string, file: string, tool: SearchTool | undefined): Promise<void> {
  const path = join(folder, "study.yaml");
  const search = readSearch(
    {
      file,
      text: read(file, file),
      readNamed: (named) => read(resolve(dirname(file), named), named),
    },
    tool,
  );
  const { text, warnings } = studyText(search, file);
  checkAbsent([path]);
  await mkdir(folder, { recursive: true });
  await writeNew([[path, `${schemaComment(folder)}${text}`]]);
  // What the file says beyond the search space may still have to be corrected.
  try {
    createAlgorithms(await loadStudy(path, programChecks));
  } catch (error) {
    tell(`${styledError("yellow", "warning")}: ${path} is not complete yet: ${messageOf(error)}`);
  }
  for (const warning of warnings) tell(`${styledError("yellow", "warning")}: ${warning}`);
  print(`Written: ${path}`);
  print("Next: check it, then curvewise run study.yaml");
}
