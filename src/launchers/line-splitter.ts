const NEWLINE = 10;
const RETURN = 13;

/** A line of text, without what ended it. */
export interface Line {
  readonly text: string;
  /** Whether it was longer than the limit, and its end was dropped. */
  readonly cut: boolean;
  /**
   * What ended it; `none` at the end of the input. On a terminal, the next line overwrites a `return` line.
   */
  readonly end: "newline" | "return" | "none";
}

/** Splits bytes that arrive in pieces into lines of UTF-8. */
export interface LineSplitter {
  /** Takes the next bytes; returns the lines that they complete. */
  push(chunk: Uint8Array): Line[];
  /** Ends the input; returns what is left as the last line, if anything is. */
  end(): Line[];
}

/** Options of {@link createLineSplitter}. */
export interface LineSplitterOptions {
  /** Bytes of a line that are kept. Memory stays below twice this, however long a line is. */
  readonly limit: number;
  /** Whether a carriage return also ends a line, as in progress bars. */
  readonly returns: boolean;
}

/**
 * Creates a {@link LineSplitter}. Bytes are decoded line by line, so that no character is split between two
 * chunks.
 */
export function createLineSplitter({ limit, returns }: LineSplitterOptions): LineSplitter {
  let held = Buffer.alloc(0);
  let length = 0;
  let cut = false;

  const keep = (piece: Uint8Array): void => {
    const kept = Math.min(piece.length, limit - length);
    if (kept < piece.length) cut = true;
    if (kept === 0) return;
    if (length + kept > held.length) {
      const larger = Buffer.allocUnsafe(Math.min(limit, Math.max(1024, 2 * (length + kept))));
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    held.set(piece.subarray(0, kept), length);
    length += kept;
  };

  const take = (end: Line["end"]): Line => {
    const line: Line = { text: held.toString("utf8", 0, length), cut, end };
    length = 0;
    cut = false;
    if (held.length > 65_536) held = Buffer.alloc(0);
    return line;
  };

  const push = (chunk: Uint8Array): Line[] => {
    const lines: Line[] = [];
    const find = (byte: number, from: number): number => {
      const found = chunk.indexOf(byte, from);
      return found < 0 ? chunk.length : found;
    };
    let newline = find(NEWLINE, 0);
    let back = returns ? find(RETURN, 0) : chunk.length;
    let from = 0;
    while (from < chunk.length) {
      const at = Math.min(newline, back);
      keep(chunk.subarray(from, at));
      if (at === chunk.length) break;
      lines.push(take(at === newline ? "newline" : "return"));
      from = at + 1;
      if (at === newline) newline = find(NEWLINE, from);
      else back = find(RETURN, from);
    }
    return lines;
  };

  return { push, end: () => (length === 0 && !cut ? [] : [take("none")]) };
}
