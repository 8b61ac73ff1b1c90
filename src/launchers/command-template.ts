import { distance } from "fastest-levenshtein";
import { CurvewiseError } from "../core/errors.js";
import type { Assignment } from "../core/launcher.js";
import type { Params, ParamValue, Space } from "../core/param.js";
import { textOfValue } from "../core/param-value.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { type Quoting, quoteFor, splitShellLine } from "./shell-line.js";

/**
 * The placeholders that every command may use besides its params; a param of the same name takes precedence.
 */
export const PREDEFINED_PLACEHOLDERS = ["trial", "seed", "max_steps", "dir", "resume"] as const;

/** Values of {@link PREDEFINED_PLACEHOLDERS}; those without a value count as absent. */
export type PredefinedValues = Readonly<
  Record<(typeof PREDEFINED_PLACEHOLDERS)[number], string | number | undefined>
>;

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

type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "placeholder"; readonly name: string; readonly quoting: Quoting }
  /** A text where a param is true, and another or (undefined) no argument at all where it is false. */
  | {
      readonly kind: "test";
      readonly name: string;
      readonly yes: string;
      readonly no: string | undefined;
      readonly quoting: Quoting;
    };

type Argument =
  | { readonly kind: "pieces"; readonly pieces: readonly Piece[] }
  /** `${args}`: all params. */
  | { readonly kind: "all" };

/** A parsed command. */
export interface CommandTemplate {
  readonly shell: boolean;
  /** Arguments; for a shell's line, also the spaces between its words. */
  readonly parts: readonly Argument[];
}

type Command = Pick<ProgramDefinition, "command" | "shell">;

const ALL = "${args}";
const TOKEN =
  /\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_.-]*)(?:\?([^{}:]*)(?::([^{}]*))?)?\}|\$\{(?!\{)[^}]*\}|[{}]/g;

function refuse(message: string, hint: string): never {
  throw new CurvewiseError("COMMAND_INVALID", message, { hint });
}

function parsePieces(text: string, whole: string, quoting: Quoting | undefined): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const add = (piece: string): void => {
    if (piece !== "") pieces.push({ kind: "text", text: piece });
  };
  for (const match of text.matchAll(TOKEN)) {
    const [token, name, yes, no] = match;
    add(text.slice(from, match.index));
    from = match.index + token.length;
    if (token === "{{") add("{");
    else if (token === "}}") add("}");
    else if (name !== undefined && yes !== undefined) {
      if (yes === "" && (no ?? "") === "") {
        refuse(`${token} in ${whole} says nothing`, `Write {${name}?--${name}} or {${name}?--yes:--no}.`);
      }
      pieces.push({ kind: "test", name, yes, no, quoting: quoting ?? "none" });
    } else if (name !== undefined) pieces.push({ kind: "placeholder", name, quoting: quoting ?? "none" });
    else if (token === ALL) {
      refuse(`${ALL} must be a separate argument, but is part of ${whole}`, `Write ${ALL} alone.`);
    } else if (token.startsWith("$")) {
      if (quoting !== undefined) add(token);
      else {
        refuse(
          `${token} in ${whole} needs a shell, but the command is run without one`,
          `Write ${token.slice(1)} for a param, $${token.slice(1).replace("{", "{{").replace("}", "}}")} for the text itself, or set shell: true.`,
        );
      }
    } else {
      refuse(
        `a single ${token} in ${whole}`,
        `Write {name} for a param, and ${token}${token} for the character itself.`,
      );
    }
  }
  add(text.slice(from));
  return pieces;
}

/**
 * Reads a command: `{name}` is a placeholder, `{name?yes:no}` is one of two texts, `{{` and `}}` are braces, `${args}`
 * alone stands for all params.
 *
 * @throws CurvewiseError `COMMAND_INVALID`
 */
export function parseCommand({ command, shell }: Command): CommandTemplate {
  const [first] = command;
  if (first === undefined || first.trim() === "") {
    refuse("the command is empty", "Give the program and its arguments, as in [python3, train.py].");
  }
  const withZero = command.find((argument) => argument.includes("\0"));
  if (withZero !== undefined) refuse("the command contains a zero byte", "Remove it.");
  if (!shell) {
    const parts = command.map(
      (argument): Argument =>
        argument === ALL
          ? { kind: "all" }
          : { kind: "pieces", pieces: parsePieces(argument, JSON.stringify(argument), undefined) },
    );
    return { shell, parts };
  }
  const parts = splitShellLine(command.join(" ")).map((word): Argument => {
    if (word.map(({ text }) => text).join("") === ALL) return { kind: "all" };
    const pieces = word.flatMap(({ text, quoting }) => parsePieces(text, JSON.stringify(text), quoting));
    return { kind: "pieces", pieces };
  });
  return { shell, parts };
}

/** Whether there is such a param, and all its values are booleans. */
function isBoolean(space: Space, name: string): boolean {
  const param = Object.hasOwn(space, name) ? space[name] : undefined;
  if (param === undefined || param.kind === "float" || param.kind === "int") return false;
  const values = param.kind === "fixed" ? [param.value] : param.options;
  return values.every((value) => typeof value === "boolean");
}

/**
 * Checks a command against a search space, before anything runs.
 *
 * @param what how messages call it
 * @throws CurvewiseError `COMMAND_INVALID`, naming the nearest param if a placeholder is unknown; also where
 *   `{name?yes:no}` names anything but a param whose values are booleans
 */
export function checkCommand(program: Command, space: Space, what = "the command"): void {
  const known = [...Object.keys(space), ...PREDEFINED_PLACEHOLDERS];
  for (const part of parseCommand(program).parts) {
    if (part.kind === "all") continue;
    for (const piece of part.pieces) {
      if (piece.kind === "text") continue;
      const { name } = piece;
      if (piece.kind === "test" && known.includes(name) && !isBoolean(space, name)) {
        refuse(
          `{${name}?...} in ${what} asks whether ${name} is true, but ${name} is not only true or false`,
          `Write {${name}} for its value, or make it { choice: [true, false] }.`,
        );
      }
      if (known.includes(name)) continue;
      const apart = (other: string): number => distance(name.toLowerCase(), other.toLowerCase());
      const nearest = known.reduce((best, other) => (apart(other) < apart(best) ? other : best));
      const near = apart(nearest) <= Math.max(1, Math.ceil(name.length / 3));
      refuse(
        `${what} names {${name}}, which is not a param`,
        near ? `Did you mean {${nearest}}?` : `Known: ${known.map((other) => `{${other}}`).join(" ")}`,
      );
    }
  }
}

function fillPieces(
  pieces: readonly Piece[],
  values: ReadonlyMap<string, ParamValue>,
  shell: boolean,
): string | undefined {
  let filled = "";
  for (const piece of pieces) {
    if (piece.kind === "text") {
      filled += piece.text;
      continue;
    }
    const value = values.get(piece.name);
    if (value === undefined) return undefined;
    const text = piece.kind === "placeholder" ? textOfValue(value) : value === true ? piece.yes : piece.no;
    if (text === undefined) return undefined;
    filled += shell ? quoteFor(piece.quoting, text) : text;
  }
  return filled;
}

/**
 * Puts values into a command: strings as they are, any others as JSON. An argument (in a shell's line: a word) that
 * names a param which this trial does not have, or says nothing of one that is false, is left out entirely.
 *
 * @returns the program and its arguments; for a shell's line `/bin/sh -c` and the line
 */
export function fillCommand(
  template: CommandTemplate,
  params: Params,
  predefined: PredefinedValues,
): readonly string[] {
  const { shell, parts } = template;
  const values = new Map<string, ParamValue>();
  for (const name of PREDEFINED_PLACEHOLDERS) {
    const value = predefined[name];
    if (value !== undefined) values.set(name, value);
  }
  for (const [name, value] of Object.entries(params)) values.set(name, value);
  const all = Object.entries(params).map(([name, value]) => `--${name}=${textOfValue(value)}`);
  const filled = parts.flatMap((part): readonly string[] => {
    if (part.kind === "all") return shell ? [all.map((each) => quoteFor("none", each)).join(" ")] : all;
    const argument = fillPieces(part.pieces, values, shell);
    return argument === undefined ? [] : [argument];
  });
  return shell ? ["/bin/sh", "-c", filled.join("")] : filled;
}

/** The program's name, unless it depends on a param; for a shell's line, the shell. */
export function programName(template: CommandTemplate): string | undefined {
  if (template.shell) return "/bin/sh";
  const [first] = template.parts;
  if (first?.kind !== "pieces") return undefined;
  return fillPieces(first.pieces, new Map(), false);
}

/** The program of a trial and its arguments, as they would be started. @throws CurvewiseError `COMMAND_INVALID` */
export const commandOf = (
  program: Command,
  params: Params,
  attempt: Parameters<typeof predefinedValues>[0],
): readonly string[] => fillCommand(parseCommand(program), params, predefinedValues(attempt));

/** The path of a file as a command of one argument, in which it is filled in the same way. */
export const fileCommand = (file: string): Command => ({ command: [file], shell: false });

/**
 * Checks what of a program depends on the search space: its command, and the path of its file of metrics.
 *
 * @throws CurvewiseError `COMMAND_INVALID`
 */
export function checkProgram(
  program: Pick<ProgramDefinition, "command" | "shell" | "metrics">,
  space: Space,
): void {
  checkCommand(program, space);
  const { metrics } = program;
  if (metrics.kind === "file") checkCommand(fileCommand(metrics.file), space, "metrics.file");
}
