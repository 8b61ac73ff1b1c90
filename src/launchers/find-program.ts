import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { CurvewiseError } from "../core/errors.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { parseCommand, programName } from "./command-template.js";

/** Where to look for programs if PATH is not set. */
const USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

type Found = "missing" | "not executable" | "executable";

function look(path: string): Found {
  try {
    if (!statSync(path).isFile()) return "missing";
  } catch {
    return "missing";
  }
  try {
    accessSync(path, constants.X_OK);
    return "executable";
  } catch {
    return "not executable";
  }
}

function interpreterHint(path: string): string {
  if (path.endsWith(".py")) return `Run it with its interpreter, as in [python3, ${path}].`;
  if (/\.[cm]?js$/.test(path)) return `Run it with its interpreter, as in [node, ${path}].`;
  return `Make it executable: chmod +x ${path}.`;
}

/**
 * Finds the program that a definition starts, so that a mistake is reported before anything is recorded.
 *
 * @returns its absolute path; undefined if the program's name depends on a param
 * @throws CurvewiseError `FOLDER_NOT_FOUND` if the working folder is missing; `COMMAND_NOT_FOUND` if the
 *   program is missing or cannot be executed; `COMMAND_INVALID`
 */
export function resolveProgram(
  program: Pick<ProgramDefinition, "command" | "shell" | "folder" | "env">,
): string | undefined {
  const { folder } = program;
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CurvewiseError("FOLDER_NOT_FOUND", `the program's working folder does not exist: ${folder}`, {
      hint: "Create the folder, or name another one.",
    });
  }
  const name = programName(parseCommand(program));
  if (name === undefined) return undefined;
  const hasPath = name.includes("/");
  const folders = hasPath
    ? [isAbsolute(name) ? "/" : folder]
    : (program.env["PATH"] ?? process.env["PATH"] ?? USUAL_PATH)
        .split(":")
        .map((part) => resolve(folder, part));
  const candidates = folders.map((place) => (hasPath ? resolve(place, name) : join(place, name)));
  const executable = candidates.find((path) => look(path) === "executable");
  if (executable !== undefined) return executable;

  const blocked = candidates.find((path) => look(path) === "not executable");
  if (blocked !== undefined) {
    throw new CurvewiseError("COMMAND_NOT_FOUND", `${blocked} is not executable`, {
      hint: interpreterHint(blocked),
    });
  }
  if (hasPath) {
    throw new CurvewiseError("COMMAND_NOT_FOUND", `there is no program ${candidates.join(", ")}`, {
      hint: `Paths are relative to the working folder, ${folder}.`,
    });
  }
  const isBeside = look(join(folder, name)) !== "missing";
  throw new CurvewiseError(
    "COMMAND_NOT_FOUND",
    `there is no program "${name}" in PATH (${folders.join(":")})`,
    {
      hint: isBeside
        ? `There is a file with that name in ${folder}: write ./${name} if you mean it.`
        : "Install it, correct its name, or give its full path.",
    },
  );
}
