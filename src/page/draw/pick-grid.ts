/** Points in the plane, sorted into square cells, so that the nearest one is found among few. */
export interface PickGrid {
  /** The place of the nearest point that is no further away than `reach`; -1 if there is none. */
  nearest(x: number, y: number, reach: number): number;
}

/**
 * Sorts points into cells. Points that are outside, or not finite, are left out.
 *
 * @param xs in pixels, like `ys`; both may be overwritten afterwards
 */
export function createPickGrid(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  { width, height, cell = 16 }: { readonly width: number; readonly height: number; readonly cell?: number },
): PickGrid {
  const columns = Math.max(1, Math.ceil(width / cell));
  const rows = Math.max(1, Math.ceil(height / cell));
  const x = Float64Array.from(xs);
  const y = Float64Array.from(ys);
  const cellOf = (index: number): number => {
    const px = x[index] ?? Number.NaN;
    const py = y[index] ?? Number.NaN;
    if (!(px >= 0 && px <= width && py >= 0 && py <= height)) return -1;
    return Math.min(rows - 1, Math.floor(py / cell)) * columns + Math.min(columns - 1, Math.floor(px / cell));
  };
  const starts = new Uint32Array(columns * rows + 1);
  const cells = Int32Array.from(x, (_, index) => cellOf(index));
  for (const each of cells) if (each >= 0) starts[each + 1] = (starts[each + 1] ?? 0) + 1;
  for (let each = 0; each < columns * rows; each++)
    starts[each + 1] = (starts[each + 1] ?? 0) + (starts[each] ?? 0);
  const order = new Uint32Array(starts[columns * rows] ?? 0);
  const next = starts.slice();
  for (const [index, each] of cells.entries()) {
    if (each < 0) continue;
    const at = next[each] ?? 0;
    order[at] = index;
    next[each] = at + 1;
  }
  const nearest = (px: number, py: number, reach: number): number => {
    let best = -1;
    let least = reach * reach;
    const clamp = (value: number, most: number): number =>
      Math.max(0, Math.min(most - 1, Math.floor(value / cell)));
    for (let row = clamp(py - reach, rows); row <= clamp(py + reach, rows); row++) {
      const from = starts[row * columns + clamp(px - reach, columns)] ?? 0;
      const to = starts[row * columns + clamp(px + reach, columns) + 1] ?? 0;
      for (let at = from; at < to; at++) {
        const index = order[at] ?? 0;
        const distance = ((x[index] ?? 0) - px) ** 2 + ((y[index] ?? 0) - py) ** 2;
        // Of equals the last one, which is drawn on top.
        if (distance < least || (distance === least && index > best)) {
          least = distance;
          best = index;
        }
      }
    }
    return best;
  };
  return { nearest };
}
