import type { Random } from "../math/random.js";
import { fitTail, tailBeyond, tailCost } from "./tail.js";

/** How many futures are drawn. */
const FUTURES = 400;
/** The share of trials that tells how good the best of them can be, and the least number. */
const TAIL_SHARE = 0.25;
const SHORTEST_TAIL = 5;
/** The bounds of the interval, as shares. */
const INTERVAL = [0.1, 0.9] as const;
/** The prior of how often there are new best ones, as if so many had been seen where as many were expected. */
const PRIOR = 2;
/** Fewer complete trainings say nothing about what others will bring. */
const FEWEST_COMPLETE = 3;
/** More new best ones than these add next to nothing. */
const MOST_RECORDS = 50;

/** What is known of a study when it is asked what going on is worth. */
export interface WorthInput {
  /** The costs of complete trainings in the order in which they ended; infinite for those that diverged. */
  readonly completed: readonly number[];
  /** The costs with which all trials ended or are forecast to end; finite. */
  readonly ends: readonly number[];
  /** Steps spent so far, and the further ones that the question is about. */
  readonly steps: number;
  readonly further: number;
  /** The lowest cost that there can be, such as 0 for a loss that was never negative. */
  readonly floor: number;
}

/** What further steps are expected to bring. */
export interface Gain {
  /** By how much the best cost falls: its mean, and an interval that holds it in 80 % of all cases. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** The probability that it falls at all. */
  readonly chance: number;
}

/** How often a complete training was better than all before it, and how often that is expected if all are alike. */
function recordsOf(completed: readonly number[]): { readonly seen: number; readonly expected: number } {
  let best = completed[0] ?? Number.POSITIVE_INFINITY;
  let seen = 0;
  let expected = 0;
  for (const [index, cost] of completed.entries()) {
    if (index === 0) continue;
    expected += 1 / (index + 1);
    if (cost >= best) continue;
    seen += 1;
    best = cost;
  }
  return { seen, expected };
}

/** How many of a mean number of independent things happen: a Poisson deviate. */
function poisson(mean: number, random: Random): number {
  if (mean > 500) return Math.round(mean);
  let happened = 0;
  for (let left = mean + logUniform(random); left > 0; happened++) left += logUniform(random);
  return happened;
}

const logUniform = (random: Random): number => Math.log(random.uniform() || Number.MIN_VALUE);

/** A deviate of the gamma distribution with a whole shape and rate 1: a sum of exponential ones. */
function gamma(shape: number, random: Random): number {
  let sum = 0;
  for (let each = 0; each < shape; each++) sum -= logUniform(random);
  return sum;
}

/**
 * What further steps buy: how much lower the best cost is expected to be after them. The best costs of complete trainings
 * are a sequence of records. If all trainings are alike, the c-th is a record with probability 1 / c, so that the chance of
 * one among m more after n is m / (n + m). How much more or less often records happen here (since the sampler learns, or
 * because all of a small space was tried) is learned from those so far: a gamma distribution, with a prior of two records
 * where two were expected. How much better a record is follows from the distribution of the best quarter of all ends,
 * forecast ones included (see `fitTail`). As many trainings are completed for each step as so far. Undefined while fewer
 * than three are complete.
 *
 * Records: Arnold, Balakrishnan and Nagaraja, "Records", Wiley 1998.
 *
 * @param random a stream of its own: the same stream gives the same answer
 */
export function worthOf(input: WorthInput, random: Random): Gain | undefined {
  const { completed, ends, steps, further, floor } = input;
  const best = completed.reduce((least, cost) => Math.min(least, cost), Number.POSITIVE_INFINITY);
  if (completed.length < FEWEST_COMPLETE || !Number.isFinite(best) || steps <= 0) return undefined;
  const ascending = ends.toSorted((a, b) => a - b);
  const length = Math.min(
    ascending.length - 1,
    Math.max(SHORTEST_TAIL, Math.round(TAIL_SHARE * ascending.length)),
  );
  const tail = length < 1 ? undefined : fitTail(ascending, length);
  const { seen, expected } = recordsOf(completed);
  const more = (completed.length * further) / steps;
  // The sum of 1 / c over those to come.
  const exposure = Math.log((completed.length + more + 0.5) / (completed.length + 0.5));

  const futureGain = (): number => {
    const rate = gamma(PRIOR + seen, random) / (PRIOR + expected);
    const records = Math.min(MOST_RECORDS, poisson(rate * exposure, random));
    if (tail === undefined) return 0;
    let lowest = best;
    for (let record = 0; record < records; record++)
      lowest = tailCost(tailBeyond(tail, lowest), random.uniform() || Number.MIN_VALUE);
    return best - Math.max(Math.min(floor, best), lowest);
  };
  const gains = Array.from({ length: FUTURES }, futureGain).sort((a, b) => a - b);
  const at = (share: number): number => gains[Math.round(share * (FUTURES - 1))] ?? 0;
  return {
    mean: gains.reduce((sum, gain) => sum + gain, 0) / FUTURES,
    low: at(INTERVAL[0]),
    high: at(INTERVAL[1]),
    chance: gains.filter((gain) => gain > 0).length / FUTURES,
  };
}
