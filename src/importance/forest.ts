import { columnsOf, type ExtraTree, growExtraTree } from "../math/extra-trees.js";
import { createRandom, type Random } from "../math/random.js";

/** Trees that were each grown on a bootstrap sample of the same rows. */
export interface Forest {
  readonly trees: readonly ExtraTree[];
  /** For each row, the mean prediction of the trees that have not seen it; NaN if every tree has. */
  readonly unseen: Float64Array;
}

/** How a forest is grown. */
export interface ForestOptions {
  readonly trees: number;
  /** The minimum number of samples in a leaf. */
  readonly leafSize: number;
  /** The same rows and seed always give the same forest. */
  readonly seed: number;
}

/** As many draws with repetition as there are rows, and which rows were not drawn. */
function bootstrap(
  rows: number,
  random: Random,
): { readonly drawn: Int32Array; readonly left: readonly number[] } {
  const drawn = Int32Array.from({ length: rows }, () => random.integer(0, rows - 1));
  const seen = new Set(drawn);
  return { drawn, left: Array.from({ length: rows }, (_, row) => row).filter((row) => !seen.has(row)) };
}

const picked = (column: Float64Array, places: Int32Array): Float64Array =>
  Float64Array.from(places, (place) => column[place] ?? 0);

/**
 * Grows extremely randomised trees (see `growExtraTree`) on bootstrap samples, so that each row can be compared with what
 * trees say that have not seen it (Breiman, "Random forests", Machine Learning 2001).
 *
 * @param rows of equal length
 * @param targets one for each row
 */
export function growForest(
  rows: readonly Float64Array[],
  targets: Float64Array,
  { trees: count, leafSize, seed }: ForestOptions,
): Forest {
  const { columns } = columnsOf(rows);
  const sums = new Float64Array(rows.length);
  const counts = new Int32Array(rows.length);
  const trees = Array.from({ length: count }, (_, number) => {
    const random = createRandom(seed, number, 0);
    const { drawn, left } = bootstrap(rows.length, random);
    const sample = { count: rows.length, columns: columns.map((column) => picked(column, drawn)) };
    const tree = growExtraTree(sample, picked(targets, drawn), leafSize, random);
    for (const row of left) {
      sums[row] = (sums[row] ?? 0) + tree.predict(rows[row] ?? new Float64Array(0));
      counts[row] = (counts[row] ?? 0) + 1;
    }
    return tree;
  });
  return { trees, unseen: sums.map((sum, row) => sum / (counts[row] ?? 0)) };
}
