import Table from "cli-table3";
import stringWidth from "string-width";
import { styled, terminalWidth } from "./output.js";
import { withoutControls } from "./unseen.js";

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers are aligned at the right. */
  readonly align?: "left" | "right";
}

const BARE = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

const clean = (text: string): string => withoutControls(text).replaceAll("\n", " ");

/** A line, cut at the terminal's width. */
function cut(line: string, width: number): string {
  if (stringWidth(line) <= width) return line;
  let kept = "";
  for (const letter of line) {
    if (stringWidth(kept + letter) > width - 1) break;
    kept += letter;
  }
  return `${kept}…`;
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
  const table = new Table({
    head: columns.map(({ title }) => clean(title)),
    colAligns: columns.map(({ align = "left" }) => align),
    chars: BARE,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  table.push(...rows.map((row) => row.map(clean)));
  return table
    .toString()
    .split("\n")
    .map((line, index) => {
      const shown = cut(line.trimEnd(), width);
      return index === 0 ? styled("bold", shown) : shown;
    })
    .join("\n");
}

/** Lines of `name value`, with the values aligned. */
export function factsText(facts: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `${styled("dim", name.padEnd(width))}  ${value}`).join("\n");
}
