import { CurvewiseError } from "../core/errors.js";
import { nearestName } from "../core/nearest.js";
import type { Space } from "../core/param.js";
import { type ParamValue, textOfValue } from "../core/param-value.js";
import { type Quoting, quoteFor } from "./shell-line.js";
import { FORMATS, fits, parseFormat, type ValueFormat } from "./value-format.js";

/** The placeholders that every template may use besides the params; a param of the same name takes precedence. */
export const PREDEFINED_PLACEHOLDERS = ["trial", "seed", "max_steps", "dir", "resume"] as const;

/** Values of {@link PREDEFINED_PLACEHOLDERS}; those without a value count as absent. */
export type PredefinedValues = Readonly<
  Record<(typeof PREDEFINED_PLACEHOLDERS)[number], string | number | undefined>
>;

/** A piece of a text in which values are put. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "placeholder";
      readonly name: string;
      readonly format: ValueFormat | undefined;
      /** The whole of it, for messages. */
      readonly token: string;
      readonly quoting: Quoting;
    }
  /** A text where a param is true or there is something to resume from, and otherwise another or (undefined) nothing. */
  | {
      readonly kind: "test";
      readonly name: string;
      readonly yes: string;
      readonly no: string | undefined;
      readonly quoting: Quoting;
    };

/** Throws `COMMAND_INVALID`. */
export function refuse(message: string, hint: string): never {
  throw new CurvewiseError("COMMAND_INVALID", message, { hint });
}

const NAME = String.raw`[A-Za-z_][A-Za-z0-9_.-]*`;
/** What follows a name: a test, or a format. */
const REST = String.raw`(?:\?([^{}:]*)(?::([^{}]*))?|:([^{}]*))?`;
const TOKEN = new RegExp(String.raw`\{\{|\}\}|\{(${NAME})${REST}\}|\$\{(?!\{)[^}]*\}|[{}]`, "g");
/** In files, of which many are full of braces. */
const FILE_TOKEN = new RegExp(String.raw`\{\{[ \t]*(${NAME})${REST}[ \t]*\}\}`, "g");

/** `${args}`: all params, as an argument of its own. */
export const ALL = "${args}";

/** The piece that a match of one of the expressions stands for. */
function pieceOf(match: RegExpMatchArray, where: string, quoting: Quoting): Piece {
  const [token, name = "", yes, no, format] = match;
  if (yes !== undefined) {
    if (yes === "" && (no ?? "") === "") {
      refuse(`${token} in ${where} says nothing`, `Write {${name}?--${name}} or {${name}?--yes:--no}.`);
    }
    return { kind: "test", name, yes, no, quoting };
  }
  if (format === undefined) return { kind: "placeholder", name, format, token, quoting };
  const parsed = parseFormat(format.trim());
  if (parsed === undefined) {
    refuse(`${token} in ${where} has the unknown format "${format}"`, `Formats are ${FORMATS}.`);
  }
  return { kind: "placeholder", name, format: parsed, token, quoting };
}

/**
 * Reads a text in which `{name}` is a placeholder, `{name:format}` one with a {@link ValueFormat}, `{name?yes:no}` one of
 * two texts, and `{{` and `}}` are braces.
 *
 * @param where the text as messages show it
 * @param quoting within a shell's line, the quotes around the text; undefined outside of shells
 * @throws CurvewiseError `COMMAND_INVALID`
 */
export function parsePieces(text: string, where: string, quoting: Quoting | undefined): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const add = (piece: string): void => {
    if (piece !== "") pieces.push({ kind: "text", text: piece });
  };
  for (const match of text.matchAll(TOKEN)) {
    const [token, name] = match;
    add(text.slice(from, match.index));
    from = match.index + token.length;
    if (token === "{{") add("{");
    else if (token === "}}") add("}");
    else if (name !== undefined) pieces.push(pieceOf(match, where, quoting ?? "none"));
    else if (token === ALL) {
      refuse(`${ALL} must be a separate argument, but is part of ${where}`, `Write ${ALL} alone.`);
    } else if (token.startsWith("$")) {
      if (quoting !== undefined) add(token);
      else {
        refuse(
          `${token} in ${where} needs a shell, but the command is run without one`,
          `Write ${token.slice(1)} for a param, $${token.slice(1).replace("{", "{{").replace("}", "}}")} for the text itself, or set shell: true.`,
        );
      }
    } else {
      refuse(
        `a single ${token} in ${where}`,
        `Write {name} for a param, and ${token}${token} for the character itself.`,
      );
    }
  }
  add(text.slice(from));
  return pieces;
}

/**
 * Reads a line of a file, in which placeholders have two braces on either side, as in `{{lr}}` and `{{amp:json}}`, and
 * everything else stands for itself.
 *
 * @param where the file as messages call it
 * @throws CurvewiseError `COMMAND_INVALID`
 */
export function parseFileLine(line: string, where: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of line.matchAll(FILE_TOKEN)) {
    if (match.index > from) pieces.push({ kind: "text", text: line.slice(from, match.index) });
    pieces.push(pieceOf(match, where, "none"));
    from = match.index + match[0].length;
  }
  if (from < line.length) pieces.push({ kind: "text", text: line.slice(from) });
  return pieces;
}

/** Whether there is such a param, and all its values are booleans. */
function isBoolean(space: Space, name: string): boolean {
  const param = Object.hasOwn(space, name) ? space[name] : undefined;
  if (param === undefined || param.kind === "float" || param.kind === "int") return false;
  const values = param.kind === "fixed" ? [param.value] : param.options;
  return values.every((value) => typeof value === "boolean");
}

function refuseUnknown(name: string, what: string, known: readonly string[]): never {
  const nearest = nearestName(name, known);
  refuse(
    `${what} names {${name}}, which is not a param`,
    nearest === undefined
      ? `Known: ${known.map((other) => `{${other}}`).join(" ")}`
      : `Did you mean {${nearest}}?`,
  );
}

/**
 * Checks pieces against a search space.
 *
 * @param what how messages call the text
 * @param others further names that may be used
 * @throws CurvewiseError `COMMAND_INVALID`, naming the nearest param if a placeholder is unknown; also where
 *   `{name?yes:no}` names anything but `resume` or a param whose values are booleans, and where a format cannot write
 *   every value of its param
 */
export function checkPieces(
  pieces: readonly Piece[],
  space: Space,
  what: string,
  others: readonly string[] = [],
): void {
  const known = [...Object.keys(space), ...PREDEFINED_PLACEHOLDERS, ...others];
  for (const piece of pieces) {
    if (piece.kind === "text") continue;
    const { name } = piece;
    if (!known.includes(name)) refuseUnknown(name, what, known);
    const param = Object.hasOwn(space, name) ? space[name] : undefined;
    if (piece.kind === "test" && !isBoolean(space, name) && (name !== "resume" || param !== undefined)) {
      refuse(
        `{${name}?...} in ${what} asks whether ${name} is true, but ${name} is not only true or false`,
        `Write {${name}} for its value, or make it { choice: [true, false] }.`,
      );
    }
    if (piece.kind === "test" || piece.format === undefined) continue;
    const { format, token } = piece;
    const isText = name === "dir" || name === "resume";
    if (param === undefined ? !format.accepts(isText ? "" : 1) : !fits(format, param)) {
      refuse(
        `${token} in ${what} wants a param that ${format.wants}, but ${name} is not always`,
        `Write {${name}}, or another format: ${FORMATS}.`,
      );
    }
  }
}

/** The values of an attempt by their placeholders. */
export function placeholderValues(
  params: Readonly<Record<string, ParamValue>>,
  predefined: PredefinedValues,
): ReadonlyMap<string, ParamValue> {
  const values = new Map<string, ParamValue>();
  for (const name of PREDEFINED_PLACEHOLDERS) {
    const value = predefined[name];
    if (value !== undefined) values.set(name, value);
  }
  for (const [name, value] of Object.entries(params)) values.set(name, value);
  return values;
}

function textOf(piece: Exclude<Piece, { kind: "text" }>, value: ParamValue | undefined): string | undefined {
  if (piece.kind === "test") {
    const { name, yes, no } = piece;
    // A path to resume from is as good as true, and its absence as good as false.
    const isTrue = value === true || (name === "resume" && typeof value === "string");
    if (value === undefined && name !== "resume") return undefined;
    return isTrue ? yes : no;
  }
  if (value === undefined) return undefined;
  return piece.format === undefined ? textOfValue(value) : piece.format.write(value, piece.name);
}

/**
 * Puts values into a text: strings as they are, any others as JSON.
 *
 * @returns undefined if the text names a param which this trial does not have, or says nothing of one that is false
 */
export function fillPieces(
  pieces: readonly Piece[],
  values: ReadonlyMap<string, ParamValue>,
  shell = false,
): string | undefined {
  let filled = "";
  for (const piece of pieces) {
    if (piece.kind === "text") {
      filled += piece.text;
      continue;
    }
    const text = textOf(piece, values.get(piece.name));
    if (text === undefined) return undefined;
    filled += shell ? quoteFor(piece.quoting, text) : text;
  }
  return filled;
}
