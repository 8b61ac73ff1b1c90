import type { StudyInput } from "./study-schema.js";
import type { Problem, YamlSource } from "./yaml-source.js";

/** Checks that the command has the form that `shell` requires. */
export function checkCommandForm(input: StudyInput, source: YamlSource): Problem[] {
  const { command, shell } = input;
  if (typeof command === "string" && !shell) {
    return [
      {
        position: source.valueAt(["command"]),
        message: "`command` must be a list of the program and its arguments",
        hint: 'Write it as a list, such as [python3, train.py, "--lr={lr}"], or add `shell: true`.',
      },
    ];
  }
  if (typeof command !== "string" && shell && command.length > 1) {
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
