/** How far beside the point it is. */
const GAP = 14;
const EDGE = 4;

/**
 * Where a box goes beside a point: right of it and above, or on the other side where there is no room. All in pixels.
 *
 * @param most the size of the window
 */
export function besidePoint(
  point: readonly [number, number],
  size: readonly [number, number],
  most: readonly [number, number],
): readonly [number, number] {
  const [x, y] = point;
  const [width, height] = size;
  const left = x + GAP + width + EDGE <= most[0] ? x + GAP : x - GAP - width;
  const top = y - GAP - height >= EDGE ? y - GAP - height : y + GAP;
  const within = (at: number, length: number, end: number): number =>
    Math.max(EDGE, Math.min(at, end - length - EDGE));
  return [within(left, width, most[0]), within(top, height, most[1])];
}
