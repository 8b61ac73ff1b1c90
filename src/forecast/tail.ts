/** The shape of a tail, within what curves of trainings show: bounded, down to slightly heavier than exponential. */
const SHAPES = [-1, 0.1] as const;

/** The least scale of what lies beyond a threshold, as a share of that of the tail. */
const LEAST_SCALE = 0.05;

/** How far the best of many costs may lie below a threshold: a generalised Pareto distribution. */
export interface Tail {
  /** The cost below which the tail begins. */
  readonly threshold: number;
  /** The share of costs that lie in the tail. */
  readonly share: number;
  readonly shape: number;
  readonly scale: number;
}

/**
 * Fits the tail of the lowest costs by probability-weighted moments (Hosking and Wallis, "Parameter and quantile estimation
 * for the generalized Pareto distribution", Technometrics 1987), which does well with few of them. Undefined if they are
 * all equal.
 *
 * @param ascending at least two finite costs
 * @param count how many of them form the tail; fewer than there are
 */
export function fitTail(ascending: readonly number[], count: number): Tail | undefined {
  const threshold = ascending[count] ?? Number.NaN;
  // From the threshold downwards, so that the distances ascend.
  const distances = ascending
    .slice(0, count)
    .map((cost) => threshold - cost)
    .reverse();
  const mean = distances.reduce((sum, each) => sum + each, 0) / count;
  if (!(mean > 0)) return undefined;
  const weighted =
    distances.reduce((sum, each, index) => sum + each * (1 - (index + 0.65) / count), 0) / count;
  const shape = Math.min(SHAPES[1], Math.max(SHAPES[0], 2 - mean / (mean - 2 * weighted)));
  return { threshold, share: count / ascending.length, shape, scale: mean * (1 - shape) };
}

/**
 * The tail beyond a lower threshold, which is one of the same shape. Where the fit has no room left beyond it, the scale is
 * a part of that of the whole tail.
 */
export function tailBeyond(tail: Tail, threshold: number): Omit<Tail, "share"> {
  const { shape, scale } = tail;
  const beyond = scale + shape * (tail.threshold - threshold);
  return { threshold, shape, scale: Math.max(beyond, LEAST_SCALE * scale) };
}

/** A cost in the tail. @param uniform drawn from (0, 1) */
export function tailCost({ threshold, shape, scale }: Omit<Tail, "share">, uniform: number): number {
  const distance =
    Math.abs(shape) < 1e-9 ? -scale * Math.log(uniform) : (scale / shape) * (uniform ** -shape - 1);
  return threshold - distance;
}
