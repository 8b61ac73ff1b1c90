/** What of an axis is brushed, in its own units, the lower end first. */
export type Brush = readonly [number, number];

/**
 * The lines that are inside every brush.
 *
 * @param columns the values of all lines, by axis
 * @returns undefined if nothing is brushed
 */
export function brushedLines(
  columns: readonly (readonly number[])[],
  brushes: ReadonlyMap<number, Brush>,
  lines: number,
): number[] | undefined {
  if (brushes.size === 0) return undefined;
  return Array.from({ length: lines }, (_, line) => line).filter((line) =>
    [...brushes].every(([axis, [low, high]]) => {
      const value = columns[axis]?.[line] ?? Number.NaN;
      return value >= low && value <= high;
    }),
  );
}

const KEY_STEP = 0.05;

/**
 * What a key makes of a brush: arrows move it by a twentieth of the axis, with Shift they move its upper end only; the
 * first one brushes the upper or the lower half.
 *
 * @param up 1 upwards, -1 downwards
 */
export function steppedBrush(
  brush: Brush | undefined,
  [from, to]: readonly [number, number],
  up: 1 | -1,
  isShift: boolean,
): Brush {
  const width = to - from;
  const by = up * KEY_STEP * width;
  if (brush === undefined) return up > 0 ? [from + width / 2, to] : [from, from + width / 2];
  const [low, high] = brush;
  if (isShift) return [low, Math.max(low + KEY_STEP * width, Math.min(to, high + by))];
  const moved = Math.max(from - low, Math.min(to - high, by));
  return [low + moved, high + moved];
}

/**
 * The line nearest to a point between two axes, by its distance upright.
 *
 * @param left the heights of all lines on the axis to the left, in pixels
 * @param share how far to the right the point is, from 0 to 1
 * @param isShown whether a line counts
 * @returns -1 if none is within `reach`
 */
export function nearestLine(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  share: number,
  y: number,
  reach: number,
  isShown: (line: number) => boolean,
): number {
  let best = -1;
  let least = reach;
  for (let line = 0; line < left.length; line++) {
    const from = left[line] ?? Number.NaN;
    const distance = Math.abs(from + share * ((right[line] ?? Number.NaN) - from) - y);
    if (distance <= least && isShown(line)) {
      least = distance;
      best = line;
    }
  }
  return best;
}
