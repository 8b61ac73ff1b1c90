/** Trials in the order of their costs, lowest first; of equal costs the lower trial number comes first. */
export interface Ranking {
  readonly size: number;
  /** Each trial once. A cost may be infinite, but not NaN. */
  add(trial: number, cost: number): void;
  /** Takes out what was added with this cost; nothing happens if it is not there. */
  remove(trial: number, cost: number): void;
  /** The first of all; undefined when there is none. */
  first(): RankedTrial | undefined;
  /** How many come before this trial with this cost, whether it is one of them or not. */
  rankOf(trial: number, cost: number): number;
  /** How many cost strictly less. */
  countBelow(cost: number): number;
  /** The cost of the one with so many before it; undefined beyond the end. */
  costAt(rank: number): number | undefined;
}

/** A trial in a {@link Ranking}. */
export interface RankedTrial {
  readonly trial: number;
  readonly cost: number;
}

/** A block that grows beyond this is halved: inserting moves at most so many. */
const BLOCK = 512;

const isBefore = (a: RankedTrial, b: RankedTrial): boolean =>
  a.cost < b.cost || (a.cost === b.cost && a.trial < b.trial);

/** The first index from which on a condition holds that holds from some index on. */
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

/** An empty {@link Ranking}: every call takes time in the order of the square root of its size. */
export function createRanking(): Ranking {
  const blocks: RankedTrial[][] = [];
  let size = 0;

  /** The first block whose last trial does not come before this one. */
  const blockOf = (wanted: RankedTrial): number =>
    firstIndex(blocks.length, (index) => {
      const last = blocks[index]?.at(-1);
      return last === undefined || !isBefore(last, wanted);
    });

  const countBefore = (wanted: RankedTrial): number => {
    const block = blockOf(wanted);
    let before = 0;
    for (let index = 0; index < block; index++) before += blocks[index]?.length ?? 0;
    const within = blocks[block] ?? [];
    return before + firstIndex(within.length, (index) => !isBefore(within[index] ?? wanted, wanted));
  };

  return {
    get size() {
      return size;
    },
    add: (trial, cost) => {
      const added = { trial, cost };
      size += 1;
      const number = Math.min(blockOf(added), blocks.length - 1);
      const block = blocks[number];
      if (block === undefined) {
        blocks.push([added]);
        return;
      }
      const place = firstIndex(block.length, (index) => !isBefore(block[index] ?? added, added));
      block.splice(place, 0, added);
      if (block.length > BLOCK) blocks.splice(number + 1, 0, block.splice(BLOCK >> 1));
    },
    remove: (trial, cost) => {
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
    first: () => blocks[0]?.[0],
    rankOf: (trial, cost) => countBefore({ trial, cost }),
    countBelow: (cost) => countBefore({ trial: -1, cost }),
    costAt: (rank) => {
      let left = rank;
      for (const block of blocks) {
        if (left < block.length) return block[left]?.cost;
        left -= block.length;
      }
      return undefined;
    },
  };
}
