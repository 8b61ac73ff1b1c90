/** Steps between ticks, as factors of a power of ten, with the ratio to the next smaller one at which they are taken. */
const FACTORS: readonly (readonly [factor: number, from: number])[] = [
  [10, Math.sqrt(50)],
  [5, Math.sqrt(10)],
  [2, Math.sqrt(2)],
  [1, 0],
];

/** A tick; one without a label is a short line only. */
export interface Tick {
  readonly value: number;
  readonly isLabelled: boolean;
}

/**
 * Round numbers between two ends, 1, 2 or 5 times a power of ten apart, about as many as wanted. The step is the one
 * whose number of ticks is nearest to it as a ratio, as in d3-array's `ticks`.
 *
 * @returns ascending; empty unless `low` is below `high` and both are finite
 */
export function linearTicks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = Math.floor(Math.log10(rough));
  const ratio = rough / 10 ** power;
  const factor = FACTORS.find(([, from]) => ratio >= from)?.[0] ?? 1;
  // Below 1, dividing by a whole number gives the doubles nearest to 0.1, 0.2 and so on; multiplying by 0.1 does not.
  const isFraction = power < 0;
  const unit = isFraction ? 10 ** -power / factor : 10 ** power * factor;
  const placeOf = (value: number): number => (isFraction ? value * unit : value / unit);
  const valueAt = (place: number): number => (isFraction ? place / unit : place * unit) + 0;
  const slack = 1e-9;
  const first = Math.ceil(placeOf(low) - slack);
  const last = Math.floor(placeOf(high) + slack);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => valueAt(first + index));
}

/**
 * Ticks of a logarithmic axis: powers of ten; with 2 and 5 times them where there is room; linear ones on an axis too
 * short for these.
 *
 * @param low in powers of ten, like `high`
 * @param count about how many labels there is room for
 */
export function logTicks(low: number, high: number, count: number): Tick[] {
  const decades = high - low;
  if (!(decades > 0) || !Number.isFinite(decades)) return [];
  if (decades < 0.7) {
    return linearTicks(10 ** low, 10 ** high, count).map((value) => ({ value, isLabelled: true }));
  }
  const stride = Math.max(1, Math.ceil(decades / Math.max(1, count)));
  const isFine = stride === 1 && 3 * decades <= count + 1;
  const isMedium = stride === 1 && !isFine && 2 * decades <= count;
  const labelled = new Set(isFine ? [1, 2, 5] : isMedium ? [1, 3] : [1]);
  const ticks: Tick[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (let factor = 1; factor < 10; factor++) {
      const value = Number(`${factor}e${power}`);
      const place = Math.log10(value);
      if (place < low - 1e-9 || place > high + 1e-9) continue;
      const isLabelled = labelled.has(factor) && power % stride === 0;
      if (isLabelled || stride === 1) ticks.push({ value, isLabelled });
    }
  }
  return ticks;
}

const UNITS: readonly (readonly [unit: number, letter: string])[] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1, ""],
];

const withSigns = (text: string): string => text.replace("-", "−");

function grouped(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const digits = whole.replace("-", "");
  const parts = digits.length < 5 ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return withSigns(fraction === undefined ? parts : `${parts}.${fraction}`);
}

/** As many decimals as tell multiples of a step apart. */
function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 12; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * Math.max(1, scaled)) return decimals;
  }
  return 12;
}

/** The texts of evenly spaced ticks, with equally many decimals, and M, G or T for millions and more. */
export function linearTickTexts(values: readonly number[]): string[] {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const gap = (values[1] ?? 0) - (values[0] ?? 0);
  const step = values.length > 1 ? Math.abs(gap) : largest;
  if (largest > 0 && (largest < 1e-3 || largest >= 1e15)) return values.map(plainNumber);
  const [unit, letter] = UNITS.find(([size]) => largest >= size) ?? [1, ""];
  const decimals = decimalsOf(step / unit);
  return values.map((value) => (value === 0 ? "0" : grouped((value / unit).toFixed(decimals)) + letter));
}

/** A number for people: at most five significant digits, with an exponent where it would be long. */
export function plainNumber(value: number): string {
  const size = Math.abs(value);
  const rounded = Number(value.toPrecision(5));
  if (size === 0 || (size >= 1e-4 && size < 1e6)) return grouped(String(rounded));
  const [digits = "", exponent = "0"] = rounded.toExponential().split("e");
  return withSigns(`${digits}e${Number(exponent)}`);
}

/** The text of a tick on a logarithmic axis. */
export function logTickText(value: number): string {
  const [unit, letter] =
    value >= 1e6 && value < 1e15 ? (UNITS.find(([size]) => value >= size) ?? [1, ""]) : [1, ""];
  return plainNumber(value / unit) + letter;
}

/** The decimals of a percentage in d3's format, such as 1 in `.1%`; undefined for any other format. */
export function percentDecimals(format: string | undefined): number | undefined {
  const [, digits] = /^\.(\d)%$/.exec(format ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** The texts of ticks that are shares, with at least the decimals that tell them apart. */
export function percentTexts(values: readonly number[], decimals: number): string[] {
  const gap = values.length > 1 ? Math.abs((values[1] ?? 0) - (values[0] ?? 0)) : 0.01;
  const digits = Math.max(decimals, decimalsOf(100 * gap));
  return values.map((value) => withSigns(`${(100 * value).toFixed(digits)} %`));
}
