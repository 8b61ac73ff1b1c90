import type { Random } from "./random.js";

/**
 * One extremely randomised regression tree (Geurts, Ernst, Wehenkel, "Extremely randomized trees", Machine Learning 2006):
 * at every node each feature gets one random cut, and the best of those cuts is taken.
 */
export interface ExtraTree {
  /** The mean target of the leaf that a row falls into. */
  predict(row: Float64Array): number;
}

interface Node {
  /** Index of the feature that is compared; -1: a leaf. */
  feature: number;
  cut: number;
  left: number;
  right: number;
  mean: number;
}

const LEAST_GAIN = 1e-12;

interface Cut {
  readonly feature: number;
  readonly at: number;
  readonly gain: number;
}

/** What a random cut of one feature gains in squared error; undefined when it splits off too few rows. */
function randomCut(
  rows: readonly Float64Array[],
  targets: Float64Array,
  members: readonly number[],
  feature: number,
  leafSize: number,
  random: Random,
): Cut | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const member of members) {
    const value = rows[member]?.[feature] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high > low)) return undefined;
  const at = low + random.uniform() * (high - low);
  let total = 0;
  let leftTotal = 0;
  let left = 0;
  for (const member of members) {
    const target = targets[member] ?? 0;
    total += target;
    if ((rows[member]?.[feature] ?? 0) > at) continue;
    left += 1;
    leftTotal += target;
  }
  const count = members.length;
  const right = count - left;
  if (left < leafSize || right < leafSize) return undefined;
  const rightTotal = total - leftTotal;
  const gain = (leftTotal * leftTotal) / left + (rightTotal * rightTotal) / right - (total * total) / count;
  return { feature, at, gain };
}

/**
 * Grows a tree.
 *
 * @param rows the features of each sample, all of the same length
 * @param targets as many as rows
 * @param leafSize the least number of samples in a leaf
 */
export function growExtraTree(
  rows: readonly Float64Array[],
  targets: Float64Array,
  leafSize: number,
  random: Random,
): ExtraTree {
  const features = rows[0]?.length ?? 0;
  const nodes: Node[] = [];
  const grow = (members: readonly number[]): number => {
    let sum = 0;
    for (const member of members) sum += targets[member] ?? 0;
    const index = nodes.length;
    const node: Node = { feature: -1, cut: 0, left: -1, right: -1, mean: sum / Math.max(1, members.length) };
    nodes.push(node);
    if (members.length < 2 * leafSize) return index;
    let best: Cut | undefined;
    for (let feature = 0; feature < features; feature++) {
      const cut = randomCut(rows, targets, members, feature, leafSize, random);
      if (cut !== undefined && cut.gain > (best?.gain ?? LEAST_GAIN)) best = cut;
    }
    if (best === undefined) return index;
    const { feature, at } = best;
    const goesLeft = (member: number): boolean => (rows[member]?.[feature] ?? 0) <= at;
    node.feature = feature;
    node.cut = at;
    node.left = grow(members.filter(goesLeft));
    node.right = grow(members.filter((member) => !goesLeft(member)));
    return index;
  };
  grow(Array.from({ length: rows.length }, (_, index) => index));
  return {
    predict: (row) => {
      let node = nodes[0];
      while (node !== undefined && node.feature >= 0) {
        node = nodes[(row[node.feature] ?? 0) <= node.cut ? node.left : node.right];
      }
      return node?.mean ?? 0;
    },
  };
}
