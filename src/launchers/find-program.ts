import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
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

/** The longest first line of a script that systems read. */
const FIRST_LINE = 256;

/** What the first line of a script names as its interpreter; undefined for other files. */
function interpreterOf(path: string): string | undefined {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(FIRST_LINE);
    const line = bytes.toString("latin1", 0, readSync(file, bytes)).split("\n")[0] ?? "";
    return /^#![ \t]*([^ \t]+)/.exec(line)?.[1];
  } finally {
    closeSync(file);
  }
}

/** What to do if the system may not execute a program: it names the file, relative to the working folder. */
function deniedHint(thrown: unknown, folder: string): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || thrown.code !== "EACCES") return undefined;
  const path = "path" in thrown && typeof thrown.path === "string" ? resolve(folder, thrown.path) : undefined;
  return path !== undefined && look(path) === "not executable" ? interpreterHint(path) : undefined;
}

/**
 * Why the system starts no program although a study names one: the host has no such program, or not the interpreter that
 * a script's first line names, for which the system gives the same error; or may not execute the file.
 *
 * @param thrown the system's error
 */
export function missingProgramHint(
  program: Pick<ProgramDefinition, "command" | "shell" | "folder" | "env">,
  thrown: unknown,
): string | undefined {
  const denied = deniedHint(thrown, program.folder);
  if (denied !== undefined) return denied;
  try {
    const path = resolveProgram(program);
    const interpreter = path === undefined ? undefined : interpreterOf(path);
    if (interpreter === undefined || existsSync(interpreter)) return undefined;
    // A line that ends as on Windows is seen as text with an escape.
    return `${path} is to be run by ${JSON.stringify(interpreter)}, says its first line, but this host has no such interpreter.`;
  } catch (error) {
    return isCurvewiseError(error) ? [`${error.message}.`, error.hint].join(" ") : undefined;
  }
}
