import type { TreeNodes } from "../../math/extra-trees.js";

/** Which share of a feature's distribution is at most a cut; 0 at -Infinity, 1 at Infinity, and never falling. */
export type MassBelow = (feature: number, cut: number) => number;

/** How the variance of what a tree predicts is divided among its features, under independent distributions of these. */
export interface TreeVariance {
  readonly total: number;
  /** By feature: the variance of the prediction's mean, given the feature's value. */
  readonly single: Float64Array;
  /** What two features explain together beyond what each does alone; not below 0. */
  pair(first: number, second: number): number;
}

/** Boxes that are narrower in a feature count for nothing there: dividing by their width would be all rounding. */
const LEAST_MASS = 1e-12;

/** A feature's axis, divided at the cuts of a tree. */
interface FeatureAxis {
  /** The place of each cut among the intervals: that of the one above it. */
  readonly places: ReadonlyMap<number, number>;
  /** The mass of each interval, ascending. */
  readonly masses: Float64Array;
  /** Sums of the masses: that of all intervals below a place. */
  readonly below: Float64Array;
}

function axisOf({ feature, cut }: TreeNodes, wanted: number, massBelow: MassBelow): FeatureAxis {
  const cuts: number[] = [];
  for (const [node, each] of feature.entries()) if (each === wanted) cuts.push(cut[node] ?? 0);
  const sorted = [...new Set(cuts)].sort((a, b) => a - b);
  const below = Float64Array.of(0, ...sorted.map((each) => massBelow(wanted, each)), 1);
  return {
    places: new Map(sorted.map((each, index) => [each, index + 1])),
    masses: Float64Array.from(
      { length: sorted.length + 1 },
      (_, at) => (below[at + 1] ?? 1) - (below[at] ?? 0),
    ),
    below,
  };
}

/** A tree's leaves as boxes: of each leaf and feature, the places of its first interval and of the one after its last. */
interface Leaves {
  readonly count: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly mean: Float64Array;
  /** The mass of the box. */
  readonly mass: Float64Array;
}

function leavesOf(nodes: TreeNodes, axes: readonly FeatureAxis[]): Leaves {
  const size = axes.length;
  const whole = { from: new Int32Array(size), to: Int32Array.from(axes, ({ masses }) => masses.length) };
  const [from, to, mean, mass]: [number[], number[], number[], number[]] = [[], [], [], []];
  const open = [{ node: 0, box: whole }];
  for (let task = open.pop(); task !== undefined; task = open.pop()) {
    const { node, box } = task;
    const feature = nodes.feature[node] ?? -1;
    if (feature < 0) {
      from.push(...box.from);
      to.push(...box.to);
      mean.push(nodes.mean[node] ?? 0);
      mass.push(
        axes.reduce(
          (product, { below }, at) =>
            product * ((below[box.to[at] ?? 0] ?? 0) - (below[box.from[at] ?? 0] ?? 0)),
          1,
        ),
      );
      continue;
    }
    const place = axes[feature]?.places.get(nodes.cut[node] ?? 0) ?? 0;
    const left = { from: box.from, to: box.to.with(feature, Math.min(place, box.to[feature] ?? 0)) };
    const right = { from: box.from.with(feature, Math.max(place, box.from[feature] ?? 0)), to: box.to };
    open.push({ node: nodes.left[node] ?? 0, box: left }, { node: nodes.right[node] ?? 0, box: right });
  }
  return {
    count: mean.length,
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    mean: Float64Array.from(mean),
    mass: Float64Array.from(mass),
  };
}

/**
 * Divides the variance of a tree's predictions exactly, leaf by leaf (Hutter, Hoos and Leyton-Brown, "An efficient
 * approach for assessing hyperparameter importance", ICML 2014, section 4). The marginal of a feature is constant between
 * two cuts, so each leaf adds to it once where its box begins and once where it ends: the time is proportional to the
 * leaves times the features, and for a pair to the leaves plus the product of both numbers of cuts.
 *
 * @param features how many there are
 */
export function treeVariance(nodes: TreeNodes, features: number, massBelow: MassBelow): TreeVariance {
  const axes = Array.from({ length: features }, (_, feature) => axisOf(nodes, feature, massBelow));
  const { count, from, to, mean, mass } = leavesOf(nodes, axes);
  const average = mean.reduce((sum, each, leaf) => sum + each * (mass[leaf] ?? 0), 0);
  const total = mean.reduce((sum, each, leaf) => sum + (each - average) ** 2 * (mass[leaf] ?? 0), 0);
  const start = (leaf: number, feature: number): number => from[leaf * features + feature] ?? 0;
  const end = (leaf: number, feature: number): number => to[leaf * features + feature] ?? 0;
  const extent = (leaf: number, feature: number): number =>
    (axes[feature]?.below[end(leaf, feature)] ?? 0) - (axes[feature]?.below[start(leaf, feature)] ?? 0);

  const varianceOf = (feature: number): number => {
    const masses = axes[feature]?.masses ?? new Float64Array(0);
    const changes = new Float64Array(masses.length + 1);
    for (let leaf = 0; leaf < count; leaf++) {
      const wide = extent(leaf, feature);
      if (wide < LEAST_MASS) continue;
      const part = (((mean[leaf] ?? 0) - average) * (mass[leaf] ?? 0)) / wide;
      const [first, last] = [start(leaf, feature), end(leaf, feature)];
      changes[first] = (changes[first] ?? 0) + part;
      changes[last] = (changes[last] ?? 0) - part;
    }
    let marginal = 0;
    return masses.reduce((sum, each, place) => {
      marginal += changes[place] ?? 0;
      return sum + each * marginal ** 2;
    }, 0);
  };
  const single = Float64Array.from({ length: features }, (_, feature) => varianceOf(feature));

  const jointVariance = (first: number, second: number): number => {
    const [rows, columns] = [axes[first]?.masses ?? [], axes[second]?.masses ?? []];
    const width = columns.length + 1;
    const changes = new Float64Array((rows.length + 1) * width);
    for (let leaf = 0; leaf < count; leaf++) {
      const wide = extent(leaf, first) * extent(leaf, second);
      if (wide < LEAST_MASS) continue;
      const part = (((mean[leaf] ?? 0) - average) * (mass[leaf] ?? 0)) / wide;
      const [top, bottom] = [start(leaf, first) * width, end(leaf, first) * width];
      const [left, right] = [start(leaf, second), end(leaf, second)];
      for (const [at, change] of [
        [top + left, part],
        [top + right, -part],
        [bottom + left, -part],
        [bottom + right, part],
      ] as const)
        changes[at] = (changes[at] ?? 0) + change;
    }
    const above = new Float64Array(width);
    let sum = 0;
    for (let row = 0; row < rows.length; row++) {
      let marginal = 0;
      for (let column = 0; column < columns.length; column++) {
        above[column] = (above[column] ?? 0) + (changes[row * width + column] ?? 0);
        marginal += above[column] ?? 0;
        sum += (rows[row] ?? 0) * (columns[column] ?? 0) * marginal ** 2;
      }
    }
    return sum;
  };
  return {
    total,
    single,
    pair: (first, second) =>
      Math.max(0, jointVariance(first, second) - (single[first] ?? 0) - (single[second] ?? 0)),
  };
}
