/** What is shown on the terminal's last line, until it is replaced; undefined: nothing. */
let shown: string | undefined;

const ERASE = "\r\u001b[K";

/** Whether a status is shown. */
export const hasStatus = (): boolean => shown !== undefined;

/** Puts a status on the terminal's last line, in place of the one before. */
export function showStatus(text: string): void {
  shown = text;
  process.stderr.write(`${ERASE}${text}`);
}

/** Lets something write lines above the status, also over what the terminal echoed into it, such as `^C`. */
export function aboveStatus(write: () => void): void {
  if (shown === undefined) return write();
  process.stderr.write(ERASE);
  write();
  process.stderr.write(shown);
}

/** Ends the status: what was shown last stays. */
export function leaveStatus(): void {
  if (shown !== undefined) process.stderr.write("\n");
  shown = undefined;
}

/** Ends the status, and leaves nothing of it. */
export function eraseStatus(): void {
  if (shown !== undefined) process.stderr.write(ERASE);
  shown = undefined;
}

/** How many columns a status has. Some terminals do not say. */
export function statusWidth(): number {
  const { columns } = process.stderr;
  return columns > 0 ? columns : 80;
}

const BAR_WIDTH = 12;

/** A bar for a share from 0 to 1: `████████░░░░`. */
export function barText(share: number): string {
  const full = Math.floor(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
}

/**
 * As many parts as fit on one line, from the first one on. A bar is left out if not even the first part fits beside it.
 *
 * @param columns how wide the terminal is; its last column stays free, where some terminals would wrap
 */
export function fittingText(bar: string | undefined, parts: readonly string[], columns: number): string {
  const [first = "", ...others] = parts;
  const room = columns - 1;
  let text = bar === undefined || bar.length + 1 + first.length > room ? first : `${bar} ${first}`;
  for (const part of others) {
    const longer = `${text} · ${part}`;
    if (longer.length > room) break;
    text = longer;
  }
  return text.slice(0, Math.max(0, room));
}
