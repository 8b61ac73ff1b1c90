/**
 * What a terminal shows after some output: of its control sequences, those that write lines over (carriage return,
 * erasing to the right or all, going to a place, saving and restoring the cursor) and those that change to the alternate
 * screen and back have their effect, and colours have none.
 *
 * @returns the lines, without spaces at their ends
 */
export function screenOf(output: string, columns: number): string[] {
  let lines: string[][] = [[]];
  let main: { readonly lines: string[][]; readonly place: readonly [number, number] } | undefined;
  let [row, column] = [0, 0];
  let saved: readonly [number, number] = [0, 0];
  const goDown = (): void => {
    row += 1;
    while (lines.length <= row) lines.push([]);
  };
  // oxlint-disable-next-line no-control-regex -- these are what a terminal acts on
  for (const [part] of output.matchAll(/\u001b\[\??[\d;]*[A-Za-z]|\u001b[78]|[^]/gu)) {
    if (part === "\r") column = 0;
    else if (part === "\n") goDown();
    else if (part === "\u001b7") saved = [row, column];
    else if (part === "\u001b8") [row, column] = saved;
    // After a letter in the last column the cursor is still on it.
    else if (/\[0?K$/.test(part)) lines[row]?.splice(Math.min(column, columns - 1));
    else if (part.endsWith("[2K")) lines[row]?.splice(0);
    else if (part.endsWith("[2J")) lines = [[]];
    else if (part.endsWith("[?1049h")) {
      main = { lines, place: [row, column] };
      lines = [[]];
    } else if (part.endsWith("[?1049l") && main !== undefined) {
      ({ lines } = main);
      [row, column] = main.place;
    } else if (part.endsWith("H")) {
      const [toRow = 1, toColumn = 1] = part.slice(2, -1).split(";").map(Number);
      [row, column] = [toRow - 1, toColumn - 1];
      while (lines.length <= row) lines.push([]);
    } else if (part.endsWith("G")) column = Number(part.slice(2, -1) || 1) - 1;
    else if (!part.startsWith("\u001b")) {
      if (column === columns) {
        goDown();
        column = 0;
      }
      const line = lines[row] ?? [];
      while (line.length < column) line.push(" ");
      line[column] = part;
      column += 1;
    }
  }
  return lines.map((line) => line.join("").trimEnd());
}
