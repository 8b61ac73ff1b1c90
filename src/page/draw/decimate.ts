/**
 * Leaves out the points of a line that cannot be seen: of those in one column of pixels only the first, the lowest, the
 * highest and the last are kept, in their order. The line looks the same. A pair with a NaN is a gap and is kept.
 *
 * @param points x and y in turn, in pixels, with x in ascending order between gaps; other lines keep more points
 */
export function decimated(points: ArrayLike<number>): number[] {
  const kept: number[] = [];
  let column = Number.NaN;
  let bucket: number[] = [];
  const put = (index: number): void => {
    kept.push(points[index] ?? 0, points[index + 1] ?? 0);
  };
  const flush = (): void => {
    const [first] = bucket;
    const last = bucket.at(-1);
    if (first === undefined || last === undefined) return;
    let low = first;
    let high = first;
    for (const index of bucket) {
      if ((points[index + 1] ?? 0) < (points[low + 1] ?? 0)) low = index;
      if ((points[index + 1] ?? 0) > (points[high + 1] ?? 0)) high = index;
    }
    for (const index of [...new Set([first, low, high, last])].sort((a, b) => a - b)) put(index);
    bucket = [];
  };
  for (let index = 0; index + 1 < points.length; index += 2) {
    const x = points[index] ?? 0;
    const y = points[index + 1] ?? 0;
    if (Number.isNaN(x) || Number.isNaN(y)) {
      flush();
      column = Number.NaN;
      kept.push(Number.NaN, Number.NaN);
      continue;
    }
    if (Math.floor(x) !== column) {
      flush();
      column = Math.floor(x);
    }
    bucket.push(index);
  }
  flush();
  return kept;
}
