/** A number as an explanation's sentence shows it: four significant digits. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A share as a percentage. */
export function percentage(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}

/** `1 complete training`, `2 complete trainings`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
