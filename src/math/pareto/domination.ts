/** The costs of one candidate by goal: lower is better. All candidates have equally many. */
export type Costs = readonly number[];

/** Whether `a` is at least as good as `b` in every goal, and better in one. */
export function dominates(a: Costs, b: Costs): boolean {
  let isBetter = false;
  for (let goal = 0; goal < a.length; goal++) {
    const [own = 0, other = 0] = [a[goal], b[goal]];
    if (own > other) return false;
    if (own < other) isBetter = true;
  }
  return isBetter;
}

/** Orders costs by the first goal, ties by the second, and so on. */
export function compareCosts(a: Costs, b: Costs): number {
  for (let goal = 0; goal < a.length; goal++) {
    const [own = 0, other = 0] = [a[goal], b[goal]];
    if (own !== other) return own < other ? -1 : 1;
  }
  return 0;
}
