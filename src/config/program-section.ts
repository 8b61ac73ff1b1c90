import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf } from "../core/errors.js";
import { ofFields } from "../core/fields.js";
import type { Space } from "../core/param.js";
import type { ProgramDefinition, ProgramFile } from "../core/study-definition.js";
import { secondsOf } from "./duration.js";
import { checkMetrics, metricsOf } from "./metrics-section.js";
import { collectProblem } from "./problems.js";
import type { StudyInput } from "./study-schema.js";
import type { Problem, YamlSource } from "./yaml-source.js";

/**
 * Checks that another layer makes, by the keys of the file, so that its errors are shown with their place. Each throws a
 * CurvewiseError.
 */
export type ProgramChecks = {
  readonly [Key in "command" | "metrics" | "env" | "files" | "snapshot"]?: (
    program: ProgramDefinition,
    params: Space,
  ) => void;
};

/** The most bytes of a file that is written for each trial. */
const LARGEST_FILE = 1_000_000;

/** Keys that say how a command is run. */
const COMMAND_KEYS = ["shell", "metrics", "buffering", "env", "files", "snapshot", "folder"] as const;

/** Without a command, whatever is said about one would be passed over. */
function checkNoCommand(source: YamlSource): Problem[] {
  const { value } = source;
  const given = typeof value === "object" && value !== null ? value : {};
  return COMMAND_KEYS.filter((key) => Object.hasOwn(given, key)).map((key) => ({
    position: source.keyAt([key]),
    message: `\`${key}\` is about the command, but the study names none`,
    hint: "Add `command`, such as [python3, train.py]; without one, workers of your own train the trials.",
  }));
}

/** Checks that the command has the form that `shell` requires. */
function checkCommandForm({ command, shell }: StudyInput, source: YamlSource): Problem[] {
  if (typeof command === "string" && !shell) {
    return [
      {
        position: source.valueAt(["command"]),
        message: "`command` must be a list of the program and its arguments",
        hint: 'Write it as a list, such as [python3, train.py, "--lr={lr}"], or add `shell: true`.',
      },
    ];
  }
  if (typeof command === "object" && shell && (command.length > 1 || Array.isArray(command[0]))) {
    return [
      {
        position: source.valueAt(["command"]),
        message: "`command` must be one line of text with `shell: true`",
        hint: "Write the whole line as one string, or leave out `shell`.",
      },
    ];
  }
  return [];
}

/** The files that are written for each trial, with the texts of their templates. */
function filesOf(
  { files }: StudyInput,
  folder: string,
  source: YamlSource,
  problems: Problem[],
): readonly ProgramFile[] | undefined {
  const entries = Object.entries(files).map(([path, file]): ProgramFile => {
    if (typeof file !== "string") return { path, text: file.text };
    let text = "";
    try {
      text = readFileSync(resolve(folder, file), "utf8");
    } catch (cause) {
      problems.push({
        position: source.valueAt(["files", path]),
        message: `the template ${file} cannot be read: ${messageOf(cause)}`,
        hint: "Its path is relative to this file; or give the text itself: { text: .. }.",
      });
    }
    if (Buffer.byteLength(text) > LARGEST_FILE) {
      problems.push({
        position: source.valueAt(["files", path]),
        message: `the template ${file} has more than ${LARGEST_FILE} bytes`,
        hint: "Keep data outside of it, and name the data's path in it.",
      });
    }
    return { path, text };
  });
  return entries.length === 0 ? undefined : entries;
}

/**
 * Reads how the training program is started; undefined if the study leaves that to its workers.
 *
 * @param folder the study file's, absolute
 */
export function readProgram(
  input: StudyInput,
  folder: string,
  source: YamlSource,
  problems: Problem[],
): ProgramDefinition | undefined {
  if (input.command === undefined) {
    problems.push(...checkNoCommand(source));
    return undefined;
  }
  problems.push(...checkCommandForm(input, source), ...checkMetrics(input, source));
  const { command, shell, env, metrics, killAfter, firstStep, park, buffering, snapshot } = input;
  return ofFields<ProgramDefinition>({
    command:
      typeof command === "string"
        ? [command]
        : command.map((argument) => (Array.isArray(argument) ? argument.map(String) : String(argument))),
    shell,
    folder: resolve(folder, input.folder),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
    metrics: metricsOf(metrics),
    killAfter: secondsOf(killAfter),
    park: park === "auto" ? undefined : park,
    firstStep: firstStep === 0 ? firstStep : undefined,
    buffering: buffering === "none-of-ours" ? buffering : undefined,
    files: filesOf(input, folder, source, problems),
    snapshot: snapshot && { path: snapshot.path, wait: secondsOf(snapshot.wait) },
  });
}

/** Lets another layer check the program against the params. */
export function checkProgram(
  program: ProgramDefinition,
  params: Space,
  checks: ProgramChecks,
  source: YamlSource,
  problems: Problem[],
): void {
  for (const [key, check] of Object.entries(checks)) {
    collectProblem(problems, source, [key], "", () => check(program, params));
  }
}
