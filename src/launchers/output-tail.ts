import type { Line } from "./line-splitter.js";

/** Lines that are kept for a failure. */
export const TAIL_LINES = 100;
/** Characters that are kept of each of them. */
const TAIL_CHARACTERS = 1000;

/** The last lines of output, as a terminal would show them. */
export interface OutputTail {
  /** @param stream after a carriage return, lines overwrite each other within a stream, not across streams */
  push(stream: string, line: Line): void;
  lines(): readonly string[];
}

/** Creates an empty {@link OutputTail}. */
export function createOutputTail(): OutputTail {
  const entries: { text: string }[] = [];
  const open = new Map<string, { text: string }>();
  const push = (stream: string, { text, cut, end }: Line): void => {
    const isLong = cut || text.length > TAIL_CHARACTERS;
    const shown = isLong ? `${text.slice(0, TAIL_CHARACTERS)}...` : text;
    const overwritten = open.get(stream);
    open.delete(stream);
    let entry = overwritten;
    if (entry === undefined || !entries.includes(entry)) {
      entry = { text: shown };
      entries.push(entry);
      if (entries.length > TAIL_LINES) entries.shift();
    } else if (shown !== "") entry.text = shown;
    if (end === "return") open.set(stream, entry);
  };
  return { push, lines: () => entries.map(({ text }) => text) };
}
