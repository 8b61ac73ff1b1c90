import { logImprovement } from "../../math/log-expected-improvement.js";
import type { MaternProcess } from "../../math/process/matern-process.js";
import { type InputWarp, warpRow, warpSlopes } from "./input-warp.js";

/** How much better than the best a trial is expected to be: the logarithm of it. */
export interface Acquisition {
  /** Of many rows of coordinates. */
  values(rows: readonly Float64Array[]): Float64Array;
  /** Of one row, with its derivatives by some of the numeric coordinates. */
  slopes(
    row: Float64Array,
    columns: readonly number[],
  ): { readonly value: number; readonly gradient: Float64Array };
}

/** Below this a deviation counts as this, which keeps logarithms finite. */
const LEAST_DEVIATION = 1e-9;

/**
 * The logarithm of the expected improvement on the best value of a function that is to be minimised (Ament et al.,
 * "Unexpected improvements to expected improvement for Bayesian optimization", NeurIPS 2023).
 *
 * @param process conditioned on warped coordinates
 * @param best the value to improve on
 */
export function createAcquisition(
  process: MaternProcess,
  warp: InputWarp | undefined,
  best: number,
): Acquisition {
  const improvement = (mean: number, variance: number) => {
    const deviation = Math.max(LEAST_DEVIATION, Math.sqrt(variance));
    const z = (best - mean) / deviation;
    const { value, slope } = logImprovement(z);
    return { value: value + Math.log(deviation), slope, z, deviation };
  };
  return {
    values: (rows) => {
      const { means, variances } = process.predict(rows.map((row) => warpRow(row, warp)));
      return means.map((mean, place) => improvement(mean, variances[place] ?? 0).value);
    },
    slopes: (row, columns) => {
      const { mean, variance, meanSlopes, varianceSlopes } = process.slopes(warpRow(row, warp));
      const { value, slope, z, deviation } = improvement(mean, variance);
      const gradient = Float64Array.from(columns, (column) => {
        const byWarp =
          warp === undefined
            ? 1
            : warpSlopes(row[column] ?? 0, warp.first[column] ?? 1, warp.second[column] ?? 1).byCoordinate;
        const ofMean = meanSlopes[column] ?? 0;
        const ofDeviation = (varianceSlopes[column] ?? 0) / (2 * deviation);
        return (byWarp * (ofDeviation - slope * (ofMean + z * ofDeviation))) / deviation;
      });
      return { value, gradient };
    },
  };
}
