import { columnsOf, type ExtraTree, growExtraTree } from "../../math/extra-trees.js";
import { logImprovement } from "../../math/log-expected-improvement.js";
import type { Random } from "../../math/random.js";
import { logCostsOf } from "./log-costs.js";

/** What is known, or expected, of a trial. */
export interface Lesson {
  /** Its params as features. */
  readonly row: Float64Array;
  /** Infinite if it failed or diverged. */
  readonly cost: number;
  /** Of a cost that is a forecast, else 0. */
  readonly deviation: number;
}

/** Judges params by what trees have learnt. */
export interface ForestModel {
  /** The logarithm of how much better than the best trial params are expected to be; more is better. */
  promiseOf(row: Float64Array): number;
}

const LEAF_SIZE = 1;
/** How many trials a tree learns from at most; the best fifth of those is the same for all trees. */
const MOST_LESSONS = 500;
const ALWAYS = MOST_LESSONS / 5;
/** Below this a deviation counts as this, which keeps logarithms finite. */
const LEAST_DEVIATION = 1e-6;

/** A tree in which trials that are under way have the costs that all trees together expect of them. */
interface BelievingTree {
  readonly tree: ExtraTree;
  readonly believed: Map<number, number>;
}

function predict({ tree, believed }: BelievingTree, row: Float64Array): number {
  if (believed.size === 0) return tree.predict(row);
  return believed.get(tree.leafOf(row)) ?? tree.predict(row);
}

/** The places of one tree's lessons, best first: all or, of too many, the best ones and others drawn at random. */
function lessonsOf(ranked: Int32Array, random: Random): Int32Array {
  if (ranked.length <= MOST_LESSONS) return ranked;
  const drawn = ranked.slice();
  for (let place = ALWAYS; place < MOST_LESSONS; place++) {
    const other = random.integer(place, drawn.length - 1);
    const here = drawn[place] ?? 0;
    drawn[place] = drawn[other] ?? 0;
    drawn[other] = here;
  }
  return drawn.subarray(0, MOST_LESSONS);
}

/**
 * Grows a forest of extremely randomised trees, each from its own draw of the forecasts among the lessons. Where trees
 * disagree, little is known; the promise of params is the logarithm of the improvement that is expected of a normal
 * distribution with the trees' mean and deviation.
 *
 * @param lessons at least one with a finite cost
 * @param underWay the params of trials of which nothing is known yet: the leaves that they fall into predict what the
 *   whole forest expects of them, so that nothing is left to be found out there
 */
export function growForest(
  lessons: readonly Lesson[],
  underWay: readonly Float64Array[],
  trees: number,
  random: Random,
): ForestModel {
  const logs = logCostsOf(lessons.map(({ cost }) => cost));
  const samples = columnsOf(lessons.map(({ row }) => row));
  const known = Float64Array.from(lessons, ({ cost }) => logs.of(cost));
  const ranked = Int32Array.from(lessons, (_, place) => place).toSorted(
    (a, b) => (known[a] ?? 0) - (known[b] ?? 0) || a - b,
  );
  const uncertain = lessons.flatMap(({ cost, deviation }, place) =>
    deviation === 0 ? [] : [{ place, cost, deviation }],
  );
  const forest = Array.from({ length: trees }, (): BelievingTree => {
    const targets = uncertain.length === 0 ? known : Float64Array.from(known);
    for (const { place, cost, deviation } of uncertain)
      targets[place] = logs.of(cost + deviation * random.normal());
    const among = lessonsOf(ranked, random);
    return { tree: growExtraTree(samples, targets, LEAF_SIZE, random, among), believed: new Map() };
  });
  for (const row of underWay) {
    const mean = forest.reduce((sum, tree) => sum + predict(tree, row), 0) / trees;
    for (const { tree, believed } of forest) believed.set(tree.leafOf(row), mean);
  }
  return {
    promiseOf: (row) => {
      let [sum, squares] = [0, 0];
      for (const tree of forest) {
        const value = predict(tree, row);
        sum += value;
        squares += value * value;
      }
      const mean = sum / trees;
      const deviation = Math.max(LEAST_DEVIATION, Math.sqrt(Math.max(0, squares / trees - mean * mean)));
      return logImprovement((logs.best - mean) / deviation).value + Math.log(deviation);
    },
  };
}
