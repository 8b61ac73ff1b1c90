import type { Assignment } from "../core/launcher.js";
import type { Params, Space } from "../core/param.js";
import { textOfValue } from "../core/param-value.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { quoteFor, splitShellLine } from "./shell-line.js";
import {
  ALL,
  checkPieces,
  fillPieces,
  type Piece,
  type PredefinedValues,
  parsePieces,
  placeholderValues,
  refuse,
} from "./template-text.js";

/** The predefined values of an attempt. */
export const predefinedValues = ({
  trial,
  seed,
  maxSteps,
  folder,
  resume,
}: Pick<Assignment, "trial" | "seed" | "maxSteps" | "folder" | "resume">): PredefinedValues => ({
  trial,
  seed,
  max_steps: maxSteps,
  dir: folder,
  resume: resume?.path,
});

type Argument =
  /** Arguments that are left out together; for most, a single one. */
  | { readonly kind: "group"; readonly members: readonly (readonly Piece[])[] }
  /** `${args}`: all params. */
  | { readonly kind: "all" };

/** A parsed command. */
export interface CommandTemplate {
  readonly shell: boolean;
  /** Arguments; for a shell's line, also the spaces between its words. */
  readonly parts: readonly Argument[];
}

type Command = Pick<ProgramDefinition, "command" | "shell">;

/**
 * Reads a command: `{name}` is a placeholder, `{name?yes:no}` is one of two texts, `{{` and `}}` are braces, `${args}`
 * alone stands for all params; a list among the arguments is left out as a whole.
 *
 * @throws CurvewiseError `COMMAND_INVALID`
 */
export function parseCommand({ command, shell }: Command): CommandTemplate {
  const [first] = command;
  if (typeof first === "object") {
    refuse(
      "the command begins with a group of arguments",
      "Begin with the program; write groups behind it, as in [python3, train.py, [--momentum, '{momentum}']].",
    );
  }
  if (first === undefined || first.trim() === "") {
    refuse("the command is empty", "Give the program and its arguments, as in [python3, train.py].");
  }
  const texts = command.flat();
  if (texts.some((argument) => argument.includes("\0"))) {
    refuse("the command contains a zero byte", "Remove it.");
  }
  if (!shell) {
    const piecesOf = (argument: string): Piece[] =>
      parsePieces(argument, JSON.stringify(argument), undefined);
    const parts = command.map((argument): Argument => {
      if (argument === ALL) return { kind: "all" };
      const members = typeof argument === "string" ? [argument] : argument;
      return { kind: "group", members: members.map(piecesOf) };
    });
    return { shell, parts };
  }
  const parts = splitShellLine(texts.join(" ")).map((word): Argument => {
    if (word.map(({ text }) => text).join("") === ALL) return { kind: "all" };
    const pieces = word.flatMap(({ text, quoting }) => parsePieces(text, JSON.stringify(text), quoting));
    return { kind: "group", members: [pieces] };
  });
  return { shell, parts };
}

/**
 * Checks a command against a search space, before anything runs; see {@link checkPieces}.
 *
 * @param what how messages call it
 * @param others further names that may be used
 * @throws CurvewiseError `COMMAND_INVALID`
 */
export function checkCommand(
  program: Command,
  space: Space,
  what = "the command",
  others: readonly string[] = [],
): void {
  for (const part of parseCommand(program).parts) {
    if (part.kind === "group") checkPieces(part.members.flat(), space, what, others);
  }
}

/**
 * Puts values into a command: strings as they are, any others as JSON. An argument (in a shell's line: a word) that
 * names a param which this trial does not have, or says nothing of one that is false, is left out entirely, and so is
 * the whole group that it is in.
 *
 * @returns the program and its arguments; for a shell's line `/bin/sh -c` and the line
 */
export function fillCommand(
  template: CommandTemplate,
  params: Params,
  predefined: PredefinedValues,
): readonly string[] {
  const { shell, parts } = template;
  const values = placeholderValues(params, predefined);
  const all = Object.entries(params).map(([name, value]) => `--${name}=${textOfValue(value)}`);
  const filled = parts.flatMap((part): readonly string[] => {
    if (part.kind === "all") return shell ? [all.map((each) => quoteFor("none", each)).join(" ")] : all;
    const texts = part.members.map((pieces) => fillPieces(pieces, values, shell));
    const present = texts.filter((text) => text !== undefined);
    return present.length === texts.length ? present : [];
  });
  return shell ? ["/bin/sh", "-c", filled.join("")] : filled;
}

/** The program's name, unless it depends on a param; for a shell's line, the shell. */
export function programName(template: CommandTemplate): string | undefined {
  if (template.shell) return "/bin/sh";
  const [first] = template.parts;
  if (first?.kind !== "group") return undefined;
  return fillPieces(first.members.flat(), new Map());
}

/** The program of a trial and its arguments, as they would be started. @throws CurvewiseError `COMMAND_INVALID` */
export const commandOf = (
  program: Command,
  params: Params,
  attempt: Parameters<typeof predefinedValues>[0],
): readonly string[] => fillCommand(parseCommand(program), params, predefinedValues(attempt));

/** The path of a file as a command of one argument, in which it is filled in the same way. */
export const fileCommand = (file: string): Command => ({ command: [file], shell: false });
