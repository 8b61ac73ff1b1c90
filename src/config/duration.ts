const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** What {@link parseDuration} reads: a number with a unit, or several such as `1h30m`. */
export const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d)\s*)+$/;

/** Seconds of a duration such as `4h`, `90m`, `1h30m` or `0.5s`; undefined if the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    seconds += Number(amount) * (UNITS[unit] ?? 0);
  }
  return seconds;
}

/** The seconds of a duration that was checked: a number, or a text such as `1h30m`. */
export const secondsOf = (duration: number | string): number =>
  typeof duration === "number" ? duration : (parseDuration(duration) ?? Number.NaN);
