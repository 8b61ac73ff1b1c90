import type { Random } from "./random.js";

/**
 * One extremely randomised regression tree (Geurts, Ernst, Wehenkel, "Extremely randomized trees", Machine Learning 2006):
 * at every node each feature gets one random cut, and the best of those cuts is taken.
 */
export interface ExtraTree {
  readonly nodes: TreeNodes;
  /** The leaf that a row falls into: a whole number that no other leaf of the tree has. */
  leafOf(row: Float64Array): number;
  /** The mean target of the leaf that a row falls into. */
  predict(row: Float64Array): number;
}

/** A binary tree by node, of which 0 is the root: rows whose feature is at most the cut go left, all others right. */
export interface TreeNodes {
  /** -1: a leaf. */
  readonly feature: Int32Array;
  readonly cut: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** The mean target of a node's samples. */
  readonly mean: Float64Array;
}

/** Samples by feature, so that a pass over one feature reads memory in order. */
export interface FeatureColumns {
  readonly count: number;
  readonly columns: readonly Float64Array[];
}

/** Turns rows of equal length into columns. */
export function columnsOf(rows: readonly Float64Array[]): FeatureColumns {
  const features = rows[0]?.length ?? 0;
  const columns = Array.from({ length: features }, () => new Float64Array(rows.length));
  for (const [place, row] of rows.entries())
    for (const [feature, column] of columns.entries()) column[place] = row[feature] ?? 0;
  return { count: rows.length, columns };
}

const LEAST_GAIN = 1e-12;

/**
 * Grows a tree.
 *
 * @param samples the features of each sample
 * @param targets one per sample
 * @param leafSize the minimum number of samples in a leaf
 * @param among the samples to learn from, by their places; by default all
 */
export function growExtraTree(
  samples: FeatureColumns,
  targets: Float64Array,
  leafSize: number,
  random: Random,
  among?: Int32Array,
): ExtraTree {
  const { columns } = samples;
  const members =
    among === undefined ? Int32Array.from({ length: samples.count }, (_, index) => index) : among.slice();
  const count = members.length;
  const capacity = 2 * Math.max(1, count);
  const feature = new Int32Array(capacity).fill(-1);
  const cut = new Float64Array(capacity);
  const left = new Int32Array(capacity);
  const right = new Int32Array(capacity);
  const mean = new Float64Array(capacity);
  let nodes = 1;
  const open: { readonly node: number; readonly from: number; readonly to: number }[] = [
    { node: 0, from: 0, to: count },
  ];
  for (let task = open.pop(); task !== undefined; task = open.pop()) {
    const { node, from, to } = task;
    const size = to - from;
    let total = 0;
    for (let place = from; place < to; place++) total += targets[members[place] ?? 0] ?? 0;
    mean[node] = total / Math.max(1, size);
    if (size < 2 * leafSize) continue;
    let bestFeature = -1;
    let bestCut = 0;
    let bestGain = LEAST_GAIN;
    for (let each = 0; each < columns.length; each++) {
      const column = columns[each];
      if (column === undefined) continue;
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let place = from; place < to; place++) {
        const value = column[members[place] ?? 0] ?? 0;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (!(high > low)) continue;
      const at = low + random.uniform() * (high - low);
      let below = 0;
      let belowTotal = 0;
      for (let place = from; place < to; place++) {
        const member = members[place] ?? 0;
        if ((column[member] ?? 0) > at) continue;
        below += 1;
        belowTotal += targets[member] ?? 0;
      }
      const above = size - below;
      if (below < leafSize || above < leafSize) continue;
      const aboveTotal = total - belowTotal;
      const gain =
        (belowTotal * belowTotal) / below + (aboveTotal * aboveTotal) / above - (total * total) / size;
      if (gain > bestGain) {
        bestGain = gain;
        bestFeature = each;
        bestCut = at;
      }
    }
    const column = columns[bestFeature];
    if (column === undefined) continue;
    let front = from;
    let back = to - 1;
    while (front <= back) {
      const member = members[front] ?? 0;
      if ((column[member] ?? 0) <= bestCut) front += 1;
      else {
        members[front] = members[back] ?? 0;
        members[back] = member;
        back -= 1;
      }
    }
    feature[node] = bestFeature;
    cut[node] = bestCut;
    left[node] = nodes;
    right[node] = nodes + 1;
    open.push({ node: nodes, from, to: front }, { node: nodes + 1, from: front, to });
    nodes += 2;
  }
  const leafOf = (row: Float64Array): number => {
    let node = 0;
    for (;;) {
      const compared = feature[node] ?? -1;
      if (compared < 0) return node;
      node = ((row[compared] ?? 0) <= (cut[node] ?? 0) ? left[node] : right[node]) ?? 0;
    }
  };
  return { nodes: { feature, cut, left, right, mean }, leafOf, predict: (row) => mean[leafOf(row)] ?? 0 };
}
