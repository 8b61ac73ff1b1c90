/**
 * Adjusts the p-values of several tests so that the probability of any false finding is the same as for one test (Holm,
 * "A simple sequentially rejective multiple test procedure", 1979).
 *
 * @returns the adjusted p-values in the given order, at most 1
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
  const adjusted = pValues.map(() => 1);
  let largest = 0;
  for (const [place, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - place) * (pValues[index] ?? 1)));
    adjusted[index] = largest;
  }
  return adjusted;
}
