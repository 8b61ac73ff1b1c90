/** The largest difference, relative to the largest expected number of its array or to `least`. */
export function deviation(
  found: readonly Float32Array[],
  expected: readonly (readonly number[])[],
  least = 1e-30,
): number {
  const differences = found.map((array, k) => {
    const wanted = expected[k] ?? [];
    const scale = Math.max(least, ...wanted.map(Math.abs));
    const largest = array.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (wanted[i] ?? Number.NaN))),
      0,
    );
    return array.length === wanted.length ? largest / scale : Number.NaN;
  });
  return found.length === expected.length ? Math.max(...differences) : Number.NaN;
}
