// What experiments compare and how they word it.
import { meanInterval, wilcoxonSignedRank } from "../dist/analysis/index.js";
import { createRandom } from "../dist/math/random.js";

/** Formats a share with four decimals, which is finer than any test set here. */
export const share = (value) => value.toFixed(4);

/** Formats a rate. */
export const rateText = (rate) => String(Number(rate.toPrecision(3)));

/** Formats a p-value. */
export const pText = (value) => (value < 0.001 ? "< 0.001" : String(Number(value.toPrecision(2))));

/** The mean of values. */
export const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The standard deviation of a sample. */
export function deviationOf(values) {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** The middle of values. */
export function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The mean of values with its 95 % interval, as text. */
export function intervalText(values) {
  const { mean, low, high } = meanInterval(values);
  return `${share(mean)} [${share(low)}, ${share(high)}]`;
}

/** The mean of paired differences with its 95 % interval and Wilcoxon's signed-rank test. */
export function compare(values, others) {
  // Accuracies are counts of images, so a difference is exact once it is rounded.
  const differences = values.map((value, index) => Number((value - others[index]).toFixed(9)));
  const { pValue } = wilcoxonSignedRank(differences);
  return { ...meanInterval(differences), pValue, pairs: differences.length };
}

/** Formats a difference of shares with its sign. */
export const signed = (value) => `${value < 0 ? "-" : "+"}${share(Math.abs(value))}`;

/** The outcome of a comparison, as a sentence that claims no more than the interval and the test allow. */
export function verdict(name, other, { mean, low, high, pValue, pairs }) {
  const numbers = `${signed(mean)} [${signed(low)}, ${signed(high)}], p = ${pValue.toPrecision(2)}, ${pairs} pairs`;
  if ((low <= 0 && high >= 0) || pValue >= 0.05)
    return `${name} and ${other} cannot be told apart: ${numbers}.`;
  return `${name} ${mean > 0 ? "beats" : "loses to"} ${other}: ${numbers}.`;
}

/** The same text with a capital letter. */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The lowest and the highest of values, as columns of a row. */
export const endsOf = (values) => ({ lowest: Math.min(...values), highest: Math.max(...values) });

/** A row of a summary: the mean of values with its interval. */
export function meanRow(quantity, values, more = {}) {
  const { mean, low, high } = meanInterval(values);
  return { quantity, mean, low, high, n: values.length, ...more };
}

/** A row of a summary: a comparison. */
export const comparisonRow = (quantity, { mean, low, high, pValue, pairs }, more = {}) => ({
  quantity,
  mean,
  low,
  high,
  p: pValue,
  n: pairs,
  ...more,
});

/** How far values are from their median (Brown and Forsythe, "Robust tests for the equality of variances", 1974). */
const spreadsOf = (values) => {
  const middle = medianOf(values);
  return values.map((value) => Math.abs(value - middle));
};

const PERMUTATIONS = 10_000;

/**
 * Whether one rule's results are closer together than another's, seed by seed: the mean difference of the distances from
 * each rule's median (as in the test of Brown and Forsythe), with a two-sided permutation test that swaps the rules
 * within seeds, since both ran with the same ones. 10,000 swaps are drawn with a fixed seed.
 *
 * @returns the ratio of the standard deviations, the mean difference of distances and its p-value
 */
export function compareSpread(values, others) {
  const [own, theirs] = [spreadsOf(values), spreadsOf(others)];
  const differences = own.map((spread, index) => spread - theirs[index]);
  const observed = Math.abs(differences.reduce((sum, each) => sum + each, 0));
  const random = createRandom(0, values.length, 1);
  let extreme = 0;
  for (let permutation = 0; permutation < PERMUTATIONS; permutation++) {
    let sum = 0;
    for (const each of differences) sum += random.integer(0, 1) === 0 ? each : -each;
    if (Math.abs(sum) >= observed - 1e-12) extreme += 1;
  }
  return {
    ratio: deviationOf(values) / deviationOf(others),
    mean: meanOf(differences),
    pValue: (extreme + 1) / (PERMUTATIONS + 1),
  };
}
