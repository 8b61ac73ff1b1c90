import stringWidth from "string-width";
import { type Style, styled } from "./output.js";
import { withoutControls } from "./unseen.js";

/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly style?: Style | undefined;
}

/** A line of a screen, from left to right. */
export type Line = readonly Span[];

/** Creates a span. */
export const span = (text: string, style?: Style): Span => ({ text, style });

/** Text as it is shown on one line: nothing that a terminal would act on, and no line ends. */
const onOneLine = (text: string): string => withoutControls(text).replaceAll("\n", " ");

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Columns that text takes; most of it is plain ASCII, which is as wide as it is long. */
export const widthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : stringWidth(text));

/** As much of a text as fits. */
function beginning(text: string, width: number): string {
  let kept = "";
  let taken = 0;
  for (const { segment } of letters.segment(text)) {
    taken += widthOf(segment);
    if (taken > width) break;
    kept += segment;
  }
  return kept;
}

/** A text that takes no more columns than there are; where it was cut, an ellipsis says so. */
export const cutText = (text: string, width: number): string =>
  widthOf(text) <= width ? text : `${beginning(text, width - 1)}…`;

/** The columns that a line takes. */
export const lineWidth = (line: Line): number =>
  line.reduce((sum, { text }) => sum + widthOf(onOneLine(text)), 0);

/** A line that takes no more columns than there are; where it was cut, an ellipsis says so. */
export function cutLine(line: Line, width: number): Line {
  if (width <= 0) return [];
  const fits = lineWidth(line) <= width;
  let left = fits ? width : width - 1;
  const kept: Span[] = [];
  for (const { text, style } of line) {
    const shown = beginning(onOneLine(text), left);
    if (shown !== "") kept.push(span(shown, style));
    left -= widthOf(shown);
    if (shown !== onOneLine(text)) break;
  }
  return fits ? kept : [...kept, span("…")];
}

/** A line that takes exactly this many columns. */
export function paddedLine(line: Line, width: number): Line {
  const cut = cutLine(line, width);
  const space = width - lineWidth(cut);
  return space > 0 ? [...cut, span(" ".repeat(space))] : cut;
}

/** A text in columns, at the right or the left, cut if it is too wide. */
export function cell(text: string, width: number, align: "left" | "right" = "left"): string {
  const shown = cutLine([span(text)], width)
    .map((each) => each.text)
    .join("");
  const space = " ".repeat(Math.max(0, width - widthOf(shown)));
  return align === "left" ? shown + space : space + shown;
}

/** Text in lines that are not wider than this, broken at spaces where there are any. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of onOneLine(text).split(" ")) {
    let rest = word;
    if (line !== "" && widthOf(line) + 1 + widthOf(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== "") lines.push(line);
    while (widthOf(rest) > width) {
      const part = beginning(rest, width);
      if (part === "") break;
      lines.push(part);
      rest = rest.slice(part.length);
    }
    line = rest;
  }
  return [...lines, line];
}

/** What is shown for signs of ours without Unicode; everything else beyond ASCII becomes question marks. */
const PLAIN_SIGNS: Readonly<Record<string, string>> = {
  "…": "~",
  "·": "-",
  "█": "#",
  "░": ".",
  "●": "*",
  "◆": "+",
  "─": "-",
  "│": "|",
  "▸": ">",
  "↑": "^",
  "↓": "v",
};

const inAscii = (text: string): string =>
  text.replaceAll(/[^\n -~]/gu, (letter) => PLAIN_SIGNS[letter] ?? "?".repeat(widthOf(letter)));

/** A line as it is written to standard output, in colours if they are wanted there. */
export function writtenLine(line: Line, isUnicode: boolean): string {
  return line
    .map(({ text, style }) => {
      const shown = isUnicode ? onOneLine(text) : inAscii(onOneLine(text));
      return style === undefined ? shown : styled(style, shown);
    })
    .join("");
}
