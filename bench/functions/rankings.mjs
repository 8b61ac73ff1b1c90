// Ranks of samplers over functions, and tests of them.
import { holm, wilcoxonSignedRank } from "../../dist/analysis/index.js";
import { normalShare } from "../../dist/math/normal-distribution.js";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Ranks from 1 for the least; equal values share the mean of theirs. */
export function ranksOf(values) {
  return values.map((value) => {
    const less = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return less + (equal + 1) / 2;
  });
}

/** The best value of the first trials. */
export function bestAt({ bests }, trials) {
  let found = Number.POSITIVE_INFINITY;
  for (const [trial, value] of bests) if (trial < trials) found = value;
  return found;
}

// Quantiles of the studentised range at .95 for infinite degrees of freedom, divided by the square root of 2, for 2, 3,
// ... samplers (Demsar, "Statistical comparisons of classifiers over multiple data sets", JMLR 2006, table 5, and on).
const NEMENYI = [
  1.96, 2.343, 2.569, 2.728, 2.85, 2.949, 3.031, 3.102, 3.164, 3.219, 3.268, 3.313, 3.354, 3.391, 3.426,
  3.458, 3.489, 3.517, 3.544,
];

/** The probability that a chi-squared variable of so many degrees of freedom, a whole number, is at least x. */
function chiSquaredTail(x, degrees) {
  const half = x / 2;
  // Two more degrees of freedom add a term: of 1 or 2, the tail is that of a normal or an exponential variable.
  let order = degrees % 2 === 1 ? 0.5 : 1;
  let tail = order === 1 ? Math.exp(-half) : 2 * (1 - normalShare(Math.sqrt(x)));
  let term = order === 1 ? half * Math.exp(-half) : 2 * Math.sqrt(half / Math.PI) * Math.exp(-half);
  for (; 2 * order < degrees; order++) {
    tail += term;
    term *= half / (order + 1);
  }
  return tail;
}

/**
 * Friedman's test over functions, and Nemenyi's critical difference of mean ranks at .05.
 *
 * @param blocks by function: the rank of each sampler
 */
export function friedman(blocks) {
  const count = blocks.length;
  const samplers = blocks[0].length;
  if (samplers < 2) return { pValue: Number.NaN, criticalDifference: Number.NaN };
  const means = blocks[0].map((_, sampler) => mean(blocks.map((ranks) => ranks[sampler])));
  const between = means.reduce((sum, each) => sum + (each - (samplers + 1) / 2) ** 2, 0);
  // Ties within functions lessen the variance of ranks.
  const within = blocks.flat().reduce((sum, each) => sum + (each - (samplers + 1) / 2) ** 2, 0);
  const statistic = within === 0 ? 0 : ((samplers - 1) * count * count * between) / within;
  return {
    pValue: chiSquaredTail(statistic, samplers - 1),
    criticalDifference:
      (NEMENYI[samplers - 2] ?? Number.NaN) * Math.sqrt((samplers * (samplers + 1)) / (6 * count)),
  };
}

/**
 * Mean ranks at one budget over the pairs of function and seed that all samplers have: within a pair by the best value
 * so far, then the mean over a function's seeds, then over functions.
 *
 * @param runs {group, problem, seed, sampler, trials, bests}
 * @param baseline the sampler that others are tested against: Wilcoxon over functions, of ranks among the two of them,
 *   Holm-corrected
 * @returns undefined if there is no such pair
 */
export function rank(runs, samplers, budget, baseline) {
  const pairs = new Map();
  for (const run of runs) {
    if (run.trials < budget || !samplers.includes(run.sampler)) continue;
    const key = `${run.group} ${run.problem} ${run.seed}`;
    const pair = pairs.get(key) ?? {
      problem: `${run.group} ${run.problem}`,
      seed: run.seed,
      values: new Map(),
    };
    pair.values.set(run.sampler, bestAt(run, budget));
    pairs.set(key, pair);
  }
  const whole = [...pairs.values()].filter(({ values }) => values.size === samplers.length);
  if (whole.length === 0) return undefined;
  const problems = [...new Set(whole.map(({ problem }) => problem))];
  const ranksBy = (chosen) =>
    problems.map((problem) => {
      const seeds = whole
        .filter((pair) => pair.problem === problem)
        .map(({ values }) => ranksOf(chosen.map((sampler) => values.get(sampler))));
      return chosen.map((_, sampler) => mean(seeds.map((ranks) => ranks[sampler])));
    });
  const ranks = ranksBy(samplers);
  const others = samplers.filter((sampler) => sampler !== baseline && samplers.includes(baseline));
  const tests = others.map((other) => {
    const differences = ranksBy([baseline, other]).map(([own, its]) => own - its);
    return {
      other,
      won: differences.filter((each) => each < 0).length,
      lost: differences.filter((each) => each > 0).length,
      pValue: wilcoxonSignedRank(differences).pValue,
    };
  });
  const corrected = holm(tests.map(({ pValue }) => pValue));
  return {
    functions: problems.length,
    pairs: whole.length,
    ...friedman(ranks.map(ranksOf)),
    samplers: samplers.map((sampler, index) => {
      const test = tests.findIndex(({ other }) => other === sampler);
      return {
        sampler,
        meanRank: mean(ranks.map((each) => each[index])),
        ...(test < 0
          ? {}
          : {
              won: tests[test].won,
              lost: tests[test].lost,
              pValue: tests[test].pValue,
              holm: corrected[test],
            }),
      };
    }),
  };
}
