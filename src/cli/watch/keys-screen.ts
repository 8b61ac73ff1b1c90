import { cutLine, type Line, span } from "../spans.js";
import { legendLines } from "./curves-panel.js";
import { footLine, type ScreenSettings } from "./study-screen.js";
import type { WatchState } from "./watch-state.js";

const KEYS: readonly (readonly [string, string])[] = [
  ["↑ ↓ j k", "select a trial, or scroll"],
  ["page up, page down, home, end", "the same, further"],
  ["enter", "why the selected trial went as it did"],
  ["o", "list the best trials first, or the newest"],
  ["l", "the axis: what suits the values, log, linear"],
  ["m", "the next metric"],
  ["q, escape", "back, or quit"],
];
const ACTS: readonly (readonly [string, string])[] = [
  ["P R S", "pause, resume or stop the study; asks first"],
  ["p r s", "the same for the selected trial"],
];

/** What the keys do, and what the colours mean. */
export function keysScreen(state: WatchState, settings: ScreenSettings): Line[] {
  const { columns, rows, mayAct, hasFinished } = settings;
  const keys = [...KEYS, ...(mayAct && !hasFinished ? ACTS : [])];
  const width = Math.max(...keys.map(([key]) => key.length));
  const lines: Line[] = [
    [span("keys", "bold")],
    [],
    ...keys.map(([key, text]): Line => [span(`  ${key.padEnd(width)}  `, "bold"), span(text)]),
    [],
    ...legendLines(settings.isUnicode),
  ];
  const room = rows - 1;
  const blank = Array.from({ length: Math.max(0, room - lines.length) }, (): Line => []);
  return [...lines.slice(0, room).map((line) => cutLine(line, columns)), ...blank, footLine(state, settings)];
}
