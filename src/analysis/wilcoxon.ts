/** What {@link wilcoxonSignedRank} found. */
export interface SignedRank {
  /** The sum of the ranks of the positive differences. */
  readonly positive: number;
  /** The sum of the ranks of the negative differences. */
  readonly negative: number;
  /** Differences that are not zero. */
  readonly count: number;
  /** Two-sided: the probability of sums at least this unequal if the differences are symmetric about zero. */
  readonly pValue: number;
}

/** Twice the ranks of the differences by size, ties sharing the mean rank; doubling makes them whole. */
function doubledRanks(sizes: readonly number[]): number[] {
  const order = sizes.map((_, index) => index).sort((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0));
  const ranks = sizes.map(() => 0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && sizes[order[to + 1] ?? 0] === sizes[order[from] ?? 0]) to += 1;
    for (let place = from; place <= to; place++) ranks[order[place] ?? 0] = from + to + 2;
    from = to + 1;
  }
  return ranks;
}

/**
 * Wilcoxon's signed-rank test of paired differences (Wilcoxon, "Individual comparisons by ranking methods", 1945),
 * two-sided and exact: the rank sums under all 2^n signs are counted, even if differences are tied. Differences of zero
 * are left out. The work grows as n^3; a thousand pairs are fine.
 *
 * @param differences of the pairs; NaN is not allowed
 */
export function wilcoxonSignedRank(differences: readonly number[]): SignedRank {
  const present = differences.filter((difference) => difference !== 0);
  const ranks = doubledRanks(present.map(Math.abs));
  let total = 0;
  let positive = 0;
  for (const [index, rank] of ranks.entries()) {
    total += rank;
    if ((present[index] ?? 0) > 0) positive += rank;
  }
  const lesser = Math.min(positive, total - positive);
  // By sum of positive ranks: its probability if every sign is a fair coin toss.
  let probabilities = Float64Array.of(1);
  for (const rank of ranks) {
    const next = new Float64Array(probabilities.length + rank);
    for (let sum = 0; sum < probabilities.length; sum++) {
      const half = (probabilities[sum] ?? 0) / 2;
      next[sum] = (next[sum] ?? 0) + half;
      next[sum + rank] = (next[sum + rank] ?? 0) + half;
    }
    probabilities = next;
  }
  let tail = 0;
  for (let sum = 0; sum <= lesser; sum++) tail += probabilities[sum] ?? 0;
  return {
    positive: positive / 2,
    negative: (total - positive) / 2,
    count: present.length,
    pValue: Math.min(1, 2 * tail),
  };
}
