/** What stands where there is no value. */
export const NONE = "–";

/** A number, to five digits. */
export const numberText = (value: number | null | undefined): string =>
  value === null || value === undefined ? NONE : String(Number(value.toPrecision(5)));

/** The same text, in which no line ends between a number and its percent sign. */
export const unbroken = (text: string): string => text.replaceAll(/(\d) %/g, "$1\u00a0%");

/** A count with its noun: `1 trial`, `3 trials`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const SIZES = ["bytes", "kB", "MB", "GB"] as const;

/** A size in bytes, to three digits. */
export function bytesText(bytes: number): string {
  const power = Math.min(SIZES.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${SIZES[power] ?? ""}`;
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How long ago a moment was. @param time milliseconds since 1970 */
export function agoText(time: number, now: number): string {
  const seconds = (now - time) / 1000;
  if (seconds < 60) return "just now";
  const [unit, length] = UNITS.find((each) => seconds >= each[1]) ?? UNITS[2];
  return relative.format(-Math.round(seconds / length), unit);
}

/** A moment, to the second, where the reader is. */
export const momentText = (time: number): string =>
  new Date(time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** A name that a file may have everywhere. */
export const fileName = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => String(part).replaceAll(/[^\w.-]+/g, "-")).join("-");
