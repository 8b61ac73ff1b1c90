/**
 * The least and the greatest of numbers, Infinity and -Infinity without any. `Math.min(...numbers)` overflows the stack
 * with more than some 100,000.
 */
export function extentOf(numbers: Iterable<number>): { readonly low: number; readonly high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const number of numbers) {
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  return { low, high };
}
