/** The learning rate: the same throughout, decaying, or any function of the iteration (from 0). */
export type LearningRate =
  | { readonly initial: number; readonly decay?: ExponentialDecay }
  | ((iteration: number) => number);

/** The rate is multiplied by `factor` (> 0) after each `every` (>= 1) iterations. */
export interface ExponentialDecay {
  readonly factor: number;
  readonly every: number;
}

/**
 * `base` to a non-negative integer power, by squaring: unlike Math.pow, whose last bits may differ between
 * versions of the engine, the same everywhere.
 */
export function integerPower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** The rate at an iteration: `initial * factor ^ floor(iteration / every)`, or what the function says. */
export function rateAt(rate: LearningRate, iteration: number): number {
  if (typeof rate === "function") return rate(iteration);
  if (rate.decay === undefined) return rate.initial;
  return rate.initial * integerPower(rate.decay.factor, Math.floor(iteration / rate.decay.every));
}
