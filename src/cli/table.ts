import { styled, terminalWidth } from "./output.js";
import { cutText, widthOf } from "./spans.js";
import { withoutControls } from "./unseen.js";

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers are aligned at the right. */
  readonly align?: "left" | "right";
}

const APART = "  ";

/** The letters of a cell that are shown; a table for people is not where more are read. */
const MOST_LETTERS = 1000;

const clean = (text: string): string => {
  const short = text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text;
  return withoutControls(short).replaceAll("\n", " ");
};

function padded(text: string, width: number, align: Column["align"] = "left"): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? text + space : space + text;
}

/**
 * A table for people: columns two spaces apart, no rules, each row on one line.
 *
 * @param width columns at which lines are cut; by default the terminal's width, and none without a terminal
 */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = terminalWidth(),
): string {
  const lines = [columns.map(({ title }) => clean(title)), ...rows.map((row) => row.map(clean))];
  const widths = columns.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, widthOf(line[column] ?? "")), 0),
  );
  return lines
    .map((line, index) => {
      const cells = columns.map(({ align }, column) =>
        padded(line[column] ?? "", widths[column] ?? 0, align),
      );
      const shown = cutText(cells.join(APART).trimEnd(), width);
      return index === 0 ? styled("bold", shown) : shown;
    })
    .join("\n");
}

/** Lines of `name value`, with the values aligned. */
export function factsText(facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${styled("dim", name.padEnd(width))}  ${value}`).join("\n");
}
