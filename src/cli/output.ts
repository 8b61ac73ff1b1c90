import { styleText } from "node:util";
import type { Json } from "../core/json.js";
import { aboveStatus } from "./status-line.js";
import { escapedJson, withoutControls, withoutForeignControls } from "./unseen.js";

/** Text of this program, in which text from outside may be, as it may be written. */
const harmless = (text: string, stream: NodeJS.WriteStream): string =>
  wantsColour(stream) ? withoutForeignControls(text) : withoutControls(text);

/** Writes results: standard output holds nothing else. Nothing in them moves the cursor or turns the text. */
export function print(text: string): void {
  aboveStatus(() => process.stdout.write(`${harmless(text, process.stdout)}\n`));
}

/** Writes what people should see besides the results: progress, notes, questions. */
export function tell(text: string): void {
  aboveStatus(() => process.stderr.write(`${harmless(text, process.stderr)}\n`));
}

/** Writes a result for programs. */
export function printJson(value: Json): void {
  print(escapedJson(JSON.stringify(value, undefined, 2)));
}

/** Whether to use colours on a stream, by `NO_COLOR`, `FORCE_COLOR` and `TERM`. */
function wantsColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR: noColour, FORCE_COLOR: forced } = process.env;
  if (noColour !== undefined && noColour !== "") return false;
  if (forced !== undefined && forced !== "0" && forced !== "false") return true;
  return stream.isTTY && stream.hasColors();
}

/** The columns of the terminal that results go to; infinite if they go elsewhere. */
export function terminalWidth(): number {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? columns : Number.POSITIVE_INFINITY;
}

/**
 * Whether the locale uses Unicode, by `LC_ALL`, `LC_CTYPE` and `LANG` in POSIX's order. If none is set, as
 * usual on Windows and macOS, it does there.
 */
export function isUnicodeLocale(): boolean {
  const { LC_ALL: all, LC_CTYPE: letters, LANG: language } = process.env;
  const locale = [all, letters, language].find((value) => value !== undefined && value !== "");
  if (locale !== undefined) return /utf-?8/i.test(locale);
  return process.platform === "win32" || process.platform === "darwin";
}

/** Ways to highlight text. */
export type Style =
  | "bold"
  | "dim"
  | "inverse"
  | "red"
  | "green"
  | "yellow"
  | "blue"
  | "cyan"
  | "magenta"
  | "gray";

/** Highlights text for standard output; plain if colours are not wanted. */
export function styled(style: Style, text: string): string {
  return wantsColour(process.stdout) ? styleText(style, text) : text;
}

/** The same for standard error. */
export function styledError(style: Style, text: string): string {
  return wantsColour(process.stderr) ? styleText(style, text) : text;
}
