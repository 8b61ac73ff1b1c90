import type { Params } from "../../core/param.js";
import { type Distribution, dimensionsOf, type Judged, type Point } from "./distribution.js";
import type { Ended } from "./ended-trials.js";
import { afterBatch, type Search, type Terms } from "./restarts.js";

/** Costs closer than this share of them are equal. */
const ROUNDING = 1e-12;
/** How many numbers the distributions that are kept may have together. */
const MOST_NUMBERS = 4e6;

const searchesKept = (dimensions: number): number =>
  Math.max(8, Math.ceil(MOST_NUMBERS / (2 * dimensions ** 2 + 8 * dimensions + 64)));

/** What trials teach. */
export interface Lessons {
  /** The outcome of a trial, by number. */
  of(trial: number): Ended | undefined;
  /** Where a trial lies that had these params and may have been drawn from a distribution. */
  pointOf(trial: number, params: Params, distribution: Distribution): Point;
}

/** The searches of a study, by the batches of trials that they learnt from. */
export interface Batches {
  /** What is known before the batch that a trial belongs to: from this it is drawn. */
  searchOf(trial: number): Search;
  /** Takes in that the outcomes of trials are others than before. */
  changed(trials: readonly number[]): void;
}

/** Trials with consecutive numbers that the distribution learns from together. */
interface Batch {
  readonly from: number;
  readonly size: number;
  /** What is known before it; only of the newest batches, and of the first. */
  search: Search | undefined;
  /** By place: what the batch after it was made from. */
  taught: readonly (Ranked | undefined)[] | undefined;
}

interface Ranked {
  readonly params: Params;
  /** How many of the batch are better; infinite if it failed. */
  readonly rank: number;
}

function rankedOf(ended: readonly (Ended | undefined)[]): (Ranked | undefined)[] {
  const ascending = ended
    .flatMap((each) => (each !== undefined && each.cost < Number.POSITIVE_INFINITY ? [each.cost] : []))
    .sort((a, b) => a - b);
  const ranks = new Map<number, number>();
  let rank = 0;
  for (const [place, cost] of ascending.entries()) {
    const before = ascending[place - 1] ?? cost;
    if (cost - before > ROUNDING * Math.max(Math.abs(cost), Math.abs(before))) rank = place;
    ranks.set(cost, rank);
  }
  return ended.map(
    (each) => each && { params: each.params, rank: ranks.get(each.cost) ?? Number.POSITIVE_INFINITY },
  );
}

const areSame = (a: readonly (Ranked | undefined)[], b: readonly (Ranked | undefined)[]): boolean =>
  a.every((each, place) => each?.params === b[place]?.params && each?.rank === b[place]?.rank);

/**
 * Cuts the trials of a study into batches by their numbers alone, so that what is learnt does not depend on who ended
 * first. A batch counts as soon as half of its trials have ended; the others join it when they end, as if they had been
 * there from the beginning. So no batch waits for a trial that never ends, and a study that is opened again comes to the
 * same distributions.
 *
 * Of costs, only their ranks in the batch count: nothing has to be learnt again when forecasts change a little.
 *
 * @param first the number of the first trial of the first batch
 * @param kept of how many of the newest batches the searches are kept; others are computed again when they are needed
 */
export function createBatches(
  terms: Terms,
  first: number,
  start: Search,
  lessons: Lessons,
  kept = searchesKept(dimensionsOf(terms.ground)),
): Batches {
  const begin: Batch = { from: first, size: start.run.size, search: start, taught: undefined };
  let batches: Batch[] = [begin];

  const lessonsOf = ({ from, size }: Batch): (Ranked | undefined)[] =>
    rankedOf(Array.from({ length: size }, (_, place) => lessons.of(from + place)));

  const after = (batch: Batch, search: Search): Batch => {
    const { from, size } = batch;
    const taught = lessonsOf(batch);
    batch.taught = taught;
    const judged = taught.flatMap((each, place): Judged[] => {
      if (each === undefined) return [];
      const point = lessons.pointOf(from + place, each.params, search.run.distribution);
      return [{ point, cost: each.rank }];
    });
    const isEnough = 2 * judged.length >= size && judged.length > 1;
    const next = isEnough ? afterBatch(search, judged, terms) : search;
    return { from: from + size, size: next.run.size, search: next, taught: undefined };
  };

  /** The place of the batch of a trial, among those that there are. */
  const placeOf = (trial: number): number => {
    let low = 0;
    let high = batches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((batches[middle]?.from ?? 0) <= trial) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  /** Forgets all batches after one of which the search is still known. */
  const returnTo = (place: number): void => {
    const isKnown = batches[place]?.search !== undefined;
    batches = isKnown ? batches.slice(0, place + 1) : [begin];
  };

  return {
    searchOf: (trial) => {
      const known = batches[placeOf(trial)];
      if (known?.search === undefined) returnTo(0);
      let last = batches.at(-1) ?? begin;
      while (trial >= last.from + last.size) {
        last = after(last, last.search ?? start);
        batches.push(last);
        const old = batches.length - 1 - kept;
        const dropped = batches[old];
        if (old > 0 && dropped !== undefined) dropped.search = undefined;
      }
      return batches[placeOf(trial)]?.search ?? start;
    },
    changed: (trials) => {
      const touched = new Set(trials.map(placeOf));
      let lowest: number | undefined;
      for (const place of touched) {
        const batch = batches[place];
        if (batch?.taught === undefined || areSame(batch.taught, lessonsOf(batch))) continue;
        if (lowest === undefined || place < lowest) lowest = place;
      }
      if (lowest !== undefined) returnTo(lowest);
    },
  };
}
