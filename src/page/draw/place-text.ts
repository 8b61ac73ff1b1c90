/** Ticks with places and plain texts, as an axis of parallel coordinates has them. */
interface NamedTicks {
  readonly tickvals: readonly number[];
  readonly ticktext: readonly string[];
}

const isNear = (a: number, b: number): boolean =>
  Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));

/**
 * What a place on an axis stands for, as its ticks tell: a number where they are numbers at their own places or at their
 * logarithms, and else the text of the tick at the place.
 */
export function valueAtPlace({ tickvals, ticktext }: NamedTicks, place: number): number | string {
  const own = tickvals.findIndex((tick) => isNear(tick, place));
  const numbered = tickvals.flatMap((at, index) => {
    const value = Number(ticktext[index] || Number.NaN);
    return Number.isFinite(value) ? [{ at, value }] : [];
  });
  const text = ticktext[own];
  if (text !== undefined && !Number.isFinite(Number(text || Number.NaN))) return text;
  const rounded = (value: number): number => Number(value.toPrecision(6));
  // Ticks are rounded to five digits, so that their logarithms are a little off.
  if (
    numbered.length > 0 &&
    numbered.every(({ at, value }) => Math.abs(at - value) <= 1e-4 * Math.abs(value))
  ) {
    return rounded(place);
  }
  const isLog = numbered.every(({ at, value }) => value > 0 && Math.abs(at - Math.log10(value)) < 1e-4);
  if (numbered.length > 0 && isLog) return rounded(10 ** place);
  return text ?? rounded(place);
}
