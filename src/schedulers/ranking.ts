/** Trials ordered by cost, lowest first; on ties, the lower trial number comes first. */
export interface Ranking {
  readonly size: number;
  /** Adds a trial, at most once. Its cost may be infinite, but not NaN. */
  add(trial: number, cost: number): void;
  /** Removes a trial added with this cost; does nothing if it is not there. */
  remove(trial: number, cost: number): void;
  /** The first trial; undefined if there is none. */
  first(): TrialCost | undefined;
  /** How many come before this trial with this cost, whether or not it is in the ranking. */
  rankOf(trial: number, cost: number): number;
  /** How many have a strictly lower cost. */
  countBelow(cost: number): number;
  /** The cost at a rank, from 0; undefined beyond the end. */
  costAt(rank: number): number | undefined;
}

/** A trial in a {@link Ranking}, with the cost that gives it its place. */
export interface TrialCost {
  readonly trial: number;
  readonly cost: number;
}

/** A block that grows beyond this is halved, which limits how many entries an insertion moves. */
const BLOCK = 512;

/** Whether a trial comes before another in a {@link Ranking}: by cost, then by number. */
export const isBefore = (a: TrialCost, b: TrialCost): boolean =>
  a.cost < b.cost || (a.cost === b.cost && a.trial < b.trial);

/** The first index at which a condition holds that stays true from then on. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** From this many trials added in a row, they are sorted in together. */
const MANY = 256;

const compare = (a: TrialCost, b: TrialCost): number => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0);

/**
 * An empty {@link Ranking}. Adding takes constant time; the next query does the ordering, in about the square root of
 * the size for each trial added.
 */
export function createRanking(): Ranking {
  let blocks: TrialCost[][] = [];
  let added: TrialCost[] = [];
  let size = 0;

  /** The first block whose last trial does not come before this one. */
  const blockOf = (wanted: TrialCost): number =>
    firstIndex(blocks.length, (index) => {
      const last = blocks[index]?.at(-1);
      return last === undefined || !isBefore(last, wanted);
    });

  const countBefore = (wanted: TrialCost): number => {
    settle();
    const block = blockOf(wanted);
    let before = 0;
    for (let index = 0; index < block; index++) before += blocks[index]?.length ?? 0;
    const within = blocks[block] ?? [];
    return before + firstIndex(within.length, (index) => !isBefore(within[index] ?? wanted, wanted));
  };

  const insert = (ranked: TrialCost): void => {
    const number = Math.min(blockOf(ranked), blocks.length - 1);
    const block = blocks[number];
    if (block === undefined) {
      blocks.push([ranked]);
      return;
    }
    const place = firstIndex(block.length, (index) => !isBefore(block[index] ?? ranked, ranked));
    block.splice(place, 0, ranked);
    if (block.length > BLOCK) blocks.splice(number + 1, 0, block.splice(BLOCK >> 1));
  };

  /** Puts trials added since the last query in their places. */
  const settle = (): void => {
    if (added.length === 0) return;
    if (added.length < MANY) for (const ranked of added) insert(ranked);
    else {
      const all = blocks.flat().concat(added).sort(compare);
      blocks = [];
      for (let start = 0; start < all.length; start += BLOCK >> 1)
        blocks.push(all.slice(start, start + (BLOCK >> 1)));
    }
    added = [];
  };

  return {
    get size() {
      return size;
    },
    add: (trial, cost) => {
      added.push({ trial, cost });
      size += 1;
    },
    remove: (trial, cost) => {
      settle();
      const removed = { trial, cost };
      const number = blockOf(removed);
      const block = blocks[number] ?? [];
      const place = firstIndex(block.length, (index) => !isBefore(block[index] ?? removed, removed));
      const found = block[place];
      if (found?.trial !== trial || found.cost !== cost) return;
      block.splice(place, 1);
      if (block.length === 0) blocks.splice(number, 1);
      size -= 1;
    },
    first: () => {
      settle();
      return blocks[0]?.[0];
    },
    rankOf: (trial, cost) => countBefore({ trial, cost }),
    countBelow: (cost) => countBefore({ trial: -1, cost }),
    costAt: (rank) => {
      settle();
      let left = rank;
      for (const block of blocks) {
        if (left < block.length) return block[left]?.cost;
        left -= block.length;
      }
      return undefined;
    },
  };
}
