/** A function's value at a point, and its derivatives. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** A box that a point is kept in. */
export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** When to stop. */
export interface MinimizeLimits {
  /** How often the function is evaluated at most. */
  readonly evaluations: number;
  /** The size of each derivative, of those that the box lets act, at which the point is good enough. */
  readonly tolerance: number;
  /** Ends when a step improves the value by less than this. */
  readonly gain: number;
}

/** The best point found. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
}

/** How many pairs of steps and changes of the gradient are remembered. */
const MEMORY = 10;
const ARMIJO = 1e-4;
const SHRINK = 0.3;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
};

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly product: number;
}

/** The two-loop recursion: an approximate inverse Hessian times a vector, which is overwritten. */
function applyInverse(pairs: readonly Pair[], vector: Float64Array): void {
  const shares: number[] = [];
  for (const { step, change, product } of pairs.toReversed()) {
    const share = dot(step, vector) / product;
    shares.push(share);
    for (let index = 0; index < vector.length; index++)
      vector[index] = (vector[index] ?? 0) - share * (change[index] ?? 0);
  }
  const last = pairs.at(-1);
  const scale = last === undefined ? 1 : last.product / dot(last.change, last.change);
  for (let index = 0; index < vector.length; index++) vector[index] = scale * (vector[index] ?? 0);
  for (const { step, change, product } of pairs) {
    const share = (shares.pop() ?? 0) - dot(change, vector) / product;
    for (let index = 0; index < vector.length; index++)
      vector[index] = (vector[index] ?? 0) + share * (step[index] ?? 0);
  }
}

/**
 * Minimises a smooth function within a box: L-BFGS (Liu and Nocedal, "On the limited memory BFGS method for large scale
 * optimization", 1989) on the coordinates that are inside or whose derivative leads inside, with steps that are projected
 * onto the box and shortened until they improve the value enough (Bertsekas, "Projected Newton methods for optimization
 * problems with simple constraints", 1982).
 *
 * @param evaluate a value that is not finite counts as worse than any other; undefined does as well
 * @param start inside the box
 */
export function minimize(
  evaluate: (point: Float64Array) => Evaluation | undefined,
  start: Float64Array,
  { low, high }: Bounds,
  limits: MinimizeLimits,
): Minimum {
  let point = start.slice();
  const first = evaluate(point);
  if (first === undefined || !Number.isFinite(first.value)) return { point, value: Number.POSITIVE_INFINITY };
  let present: Evaluation = first;
  let pairs: Pair[] = [];
  let used = 1;

  const isBlocked = (index: number): boolean => {
    const slope = present.gradient[index] ?? 0;
    const at = point[index] ?? 0;
    return (slope > 0 && at <= (low[index] ?? 0)) || (slope < 0 && at >= (high[index] ?? 0));
  };
  while (used < limits.evaluations) {
    const free = present.gradient.map((slope, index) => (isBlocked(index) ? 0 : slope));
    if (free.every((slope) => Math.abs(slope) <= limits.tolerance)) break;
    const direction = free.slice();
    applyInverse(pairs, direction);
    for (let index = 0; index < direction.length; index++) {
      direction[index] = free[index] === 0 && isBlocked(index) ? 0 : -(direction[index] ?? 0);
    }
    let descent = dot(direction, free);
    if (!(descent < 0)) {
      pairs = [];
      for (const [index, slope] of free.entries()) direction[index] = -slope;
      descent = -dot(free, free);
    }
    // Without a memory the gradient's size says nothing about how far to go.
    const longest = direction.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    let length = pairs.length === 0 ? Math.min(1, 0.3 / longest) : 1;
    let next: Evaluation | undefined;
    let moved = point;
    while (used < limits.evaluations) {
      moved = point.map((at, index) =>
        Math.min(high[index] ?? at, Math.max(low[index] ?? at, at + length * (direction[index] ?? 0))),
      );
      const tried = evaluate(moved);
      used += 1;
      let expected = 0;
      for (const [index, slope] of present.gradient.entries())
        expected += slope * ((moved[index] ?? 0) - (point[index] ?? 0));
      if (tried !== undefined && tried.value <= present.value + ARMIJO * Math.min(0, expected)) {
        next = tried;
        break;
      }
      length *= SHRINK;
      if (length * longest < 1e-10) break;
    }
    if (next === undefined) {
      if (pairs.length === 0) break;
      pairs = [];
      continue;
    }
    const { gradient } = next;
    const step = moved.map((at, index) => at - (point[index] ?? 0));
    const change = gradient.map((slope, index) => slope - (present.gradient[index] ?? 0));
    const product = dot(step, change);
    if (product > 1e-12 * dot(change, change)) pairs = [...pairs, { step, change, product }].slice(-MEMORY);
    const gained = present.value - next.value;
    point = moved;
    present = next;
    if (gained < limits.gain) break;
  }
  return { point, value: present.value };
}
