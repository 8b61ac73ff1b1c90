import { symmetricEigen } from "../../math/symmetric-eigen.js";
import type { Ground, Judged, Start } from "./distribution.js";

/** The share of trials that the start is made from, and the deviation that is added to theirs. */
const SHARE = 0.1;
const DEVIATION = 0.1;

/**
 * A start from the best tenth of known points: their mean, and the covariance around it widened a little (Nomura,
 * Watanabe, Akimoto, Ozaki and Onishi, "Warm starting CMA-ES for hyperparameter optimization", AAAI 2021, with its
 * defaults gamma = alpha = 0.1). An option of a choice is the likelier the more of them have it.
 *
 * @param judged finite costs only
 * @returns undefined of fewer than ten points
 */
export function warmStart({ categories }: Ground, judged: readonly Judged[]): Start | undefined {
  const count = Math.floor(SHARE * judged.length);
  if (count < 1) return undefined;
  const best = judged
    .toSorted((a, b) => a.cost - b.cost)
    .slice(0, count)
    .map(({ point }) => point);
  const size = best[0]?.coordinates.length ?? 0;
  const mean = new Float64Array(size);
  for (const { coordinates } of best)
    for (const [place, value] of coordinates.entries()) mean[place] = (mean[place] ?? 0) + value / count;
  const wide = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    wide[row * size + row] = DEVIATION ** 2;
    for (let column = 0; column < size; column++) {
      const sum = best.reduce((total, { coordinates }) => {
        const [a, b] = [
          (coordinates[row] ?? 0) - (mean[row] ?? 0),
          (coordinates[column] ?? 0) - (mean[column] ?? 0),
        ];
        return total + a * b;
      }, 0);
      wide[row * size + column] = (wide[row * size + column] ?? 0) + sum / count;
    }
  }
  // The step size is what makes the covariance's determinant 1.
  const { values } = symmetricEigen(wide, size);
  const variance = Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / Math.max(1, size));
  return {
    mean,
    sigma: Math.sqrt(variance),
    covariance: wide.map((value) => value / variance),
    shares: categories.map((options, choice) => {
      const shares = new Float64Array(options).fill(1 / (count + options));
      for (const point of best) {
        const option = point.options[choice] ?? 0;
        shares[option] = (shares[option] ?? 0) + 1 / (count + options);
      }
      return shares;
    }),
  };
}
