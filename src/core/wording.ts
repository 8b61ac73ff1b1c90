/** Formats a number for an explanation: four significant digits. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Formats a share as a percentage. */
export function percentage(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

/** `1 complete training`, `2 complete trainings`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
