/**
 * Directions that cover the goals evenly: all points whose coordinates are multiples of `1 / divisions` and sum up to 1
 * (Das and Dennis, "Normal-boundary intersection", SIAM Journal on Optimization 1998). There are
 * `choose(goals + divisions - 1, divisions)` of them.
 */
export function referenceDirections(goals: number, divisions: number): number[][] {
  const directions: number[][] = [];
  const extend = (begun: readonly number[], left: number): void => {
    if (begun.length === goals - 1) {
      directions.push([...begun, left / divisions]);
      return;
    }
    for (let part = 0; part <= left; part++) extend([...begun, part / divisions], left - part);
  };
  extend([], divisions);
  return directions;
}

/** The most divisions with which there are at most so many directions; at least 1. */
export function divisionsFor(goals: number, most: number): number {
  if (goals === 1) return 1;
  let divisions = 1;
  // Going up by one division multiplies the number of directions by (goals + divisions) / (divisions + 1).
  let count = goals;
  while ((count * (goals + divisions)) / (divisions + 1) <= most) {
    count = (count * (goals + divisions)) / (divisions + 1);
    divisions += 1;
  }
  return divisions;
}
