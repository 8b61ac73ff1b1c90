/**
 * `base` to a non-negative integer power, by squaring. The result is the same everywhere, unlike Math.pow's,
 * whose last bits may differ between versions of the engine.
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
