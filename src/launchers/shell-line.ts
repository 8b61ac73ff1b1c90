/** The quotes around a piece of a shell's line. */
export type Quoting = "none" | "single" | "double";

/** A piece of a word, all of it inside the same quotes. */
export interface ShellPiece {
  readonly text: string;
  readonly quoting: Quoting;
}

const QUOTES: Readonly<Record<string, Quoting>> = { "'": "single", '"': "double" };

/**
 * Splits a line for a POSIX shell into its words and the spaces between them; joined, the texts give the line
 * again. A word's pieces say how to quote values that are put into them.
 */
export function splitShellLine(line: string): readonly (readonly ShellPiece[])[] {
  const words: ShellPiece[][] = [];
  let word: ShellPiece[] = [];
  let text = "";
  let quoting: Quoting = "none";
  let blank = false;
  const endPiece = (): void => {
    if (text !== "") word.push({ text, quoting });
    text = "";
  };
  const endWord = (): void => {
    endPiece();
    if (word.length > 0) words.push(word);
    word = [];
  };
  for (let index = 0; index < line.length; index++) {
    const character = line.charAt(index);
    const isBlank = quoting === "none" && /\s/.test(character);
    if (isBlank !== blank) endWord();
    blank = isBlank;
    if (character === "\\" && quoting !== "single") {
      text += line.slice(index, index + 2);
      index += 1;
      continue;
    }
    const quote = QUOTES[character];
    if (quote !== undefined && (quoting === "none" || quoting === quote)) {
      // The quote itself is not part of a placeholder, so it may go on either side.
      if (quoting === "none") {
        text += character;
        endPiece();
        quoting = quote;
      } else {
        endPiece();
        quoting = "none";
        text += character;
      }
      continue;
    }
    text += character;
  }
  endWord();
  return words;
}

/** Quotes a value so that a POSIX shell takes it literally in its place. */
export function quoteFor(quoting: Quoting, value: string): string {
  switch (quoting) {
    case "none":
      return /^[A-Za-z0-9_@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
    case "single":
      return value.replaceAll("'", "'\\''");
    case "double":
      return value.replace(/["$`\\]/g, "\\$&");
  }
}
