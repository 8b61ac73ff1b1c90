import type { Params, ParamValue } from "../core/param.js";
import { sameValue, textOfValue } from "../core/param-value.js";
import type { Trial } from "../core/trial.js";

/** A number for people: at most five significant digits. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(5)));
}

/** A param's value for people. */
export function shortValue(value: ParamValue): string {
  return typeof value === "number" ? shortNumber(value) : textOfValue(value);
}

/** Escapes text from users for Plotly, which interprets `<b>`, `<a>` and entities in every label. */
export function plotText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** What {@link changesText} says if nothing changed. */
export const NO_CHANGES = "the same params";

/** The params that differ, such as `lr 0.1 -> 0.08, momentum 0.9 -> off`. */
export function changesText(before: Params, after: Params): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const shown = (value: ParamValue | undefined): string => (value === undefined ? "off" : shortValue(value));
  const changes = names
    .filter((name) => !sameValue(before[name], after[name]))
    .map((name) => `${name} ${shown(before[name])} -> ${shown(after[name])}`);
  return changes.length === 0 ? NO_CHANGES : changes.join(", ");
}

/** How many params a hover text names before it only counts the rest. */
const MAX_PARAMS = 12;
const MAX_LENGTH = 60;

function clipped(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 1)}…`;
}

/** The hover text for a trial: its number, state and params, one per line, escaped for Plotly. */
export function trialText(trial: Trial): string {
  const entries = Object.entries(trial.params);
  const lines = entries
    .slice(0, MAX_PARAMS)
    .map(([name, value]) => plotText(`${clipped(name)} = ${clipped(shortValue(value))}`));
  if (entries.length > MAX_PARAMS) lines.push(`and ${entries.length - MAX_PARAMS} more`);
  return [`<b>trial ${trial.number}</b> (${trial.state})`, ...lines].join("<br>");
}
