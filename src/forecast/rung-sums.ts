/** Sums over the trials at a rung, from which its line follows; kept as means and squared differences from them. */
export interface RungSums {
  /** Of all trials with a value at the rung: how many, their mean value, and the sum of squared differences from it. */
  count: number;
  mean: number;
  squares: number;
  /** Of those that went deeper: how many, the means of values and gains, and the sums of products of differences. */
  deeper: number;
  value: number;
  gain: number;
  sxx: number;
  sxy: number;
  syy: number;
  /** The sum of the variances of their ends. */
  uncertainty: number;
}

/** The sums over no trials. */
export function emptySums(): RungSums {
  return {
    count: 0,
    mean: 0,
    squares: 0,
    deeper: 0,
    value: 0,
    gain: 0,
    sxx: 0,
    sxy: 0,
    syy: 0,
    uncertainty: 0,
  };
}

/** Adds a trial's value at the rung. */
export function addValue(sums: RungSums, value: number): void {
  sums.count += 1;
  const difference = value - sums.mean;
  sums.mean += difference / sums.count;
  sums.squares += difference * (value - sums.mean);
}

/**
 * Adds a trial that went deeper.
 *
 * @param value at the rung
 * @param end known or forecast, with its standard deviation
 */
export function addDeeper(sums: RungSums, value: number, end: number, deviation: number): void {
  sums.deeper += 1;
  const x = value - sums.value;
  const y = end - value - sums.gain;
  sums.value += x / sums.deeper;
  sums.gain += y / sums.deeper;
  const left = (sums.deeper - 1) / sums.deeper;
  sums.sxx += left * x * x;
  sums.sxy += left * x * y;
  sums.syy += left * y * y;
  sums.uncertainty += deviation * deviation;
}

/** Adds the sums over other trials (Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983). */
export function addSums(sums: RungSums, other: RungSums): void {
  if (other.count > 0) {
    const count = sums.count + other.count;
    const difference = other.mean - sums.mean;
    sums.squares += other.squares + (difference * difference * sums.count * other.count) / count;
    sums.mean += (difference * other.count) / count;
    sums.count = count;
  }
  if (other.deeper === 0) return;
  const deeper = sums.deeper + other.deeper;
  const x = other.value - sums.value;
  const y = other.gain - sums.gain;
  const share = (sums.deeper * other.deeper) / deeper;
  sums.sxx += other.sxx + share * x * x;
  sums.sxy += other.sxy + share * x * y;
  sums.syy += other.syy + share * y * y;
  sums.value += (x * other.deeper) / deeper;
  sums.gain += (y * other.deeper) / deeper;
  sums.uncertainty += other.uncertainty;
  sums.deeper = deeper;
}

/** Sums with what the trials that went deeper add in other sums. */
export function withDeeper({ count, mean, squares }: RungSums, other: RungSums): RungSums {
  return { ...other, count, mean, squares };
}

/** Trials whose numbers differ only in these low bits are summed together. */
const BLOCK_BITS = 8;

interface Block<Item> {
  readonly items: Item[];
  readonly sums: RungSums[];
  isFresh: boolean;
}

/**
 * Sums over many trials by rung, of which few change at a time: trials are summed in blocks of consecutive numbers, and only
 * blocks with a change are summed again. The result follows from the trials alone, not from the order of the changes.
 */
export interface BlockSums<Item> {
  add(item: Item): void;
  remove(item: Item): void;
  /** To be called when what a trial contributes has changed. */
  touch(trial: number): void;
  touchAll(): void;
  /** The sums at a rung, as a copy. */
  at(rung: number): RungSums;
}

/** @param contribute adds what an item contributes at a rung */
export function createBlockSums<Item extends { readonly trial: number }>(
  rungs: number,
  contribute: (item: Item, rung: number, sums: RungSums) => void,
): BlockSums<Item> {
  const blocks = new Map<number, Block<Item>>();
  /** In order of number; undefined: to be sorted again. */
  let ordered: Block<Item>[] | undefined;
  const blockOf = (trial: number): Block<Item> => {
    const number = Math.floor(trial / 2 ** BLOCK_BITS);
    let block = blocks.get(number);
    if (block === undefined) {
      block = { items: [], sums: [], isFresh: false };
      blocks.set(number, block);
      ordered = undefined;
    }
    return block;
  };
  const freshen = (block: Block<Item>): void => {
    if (block.isFresh) return;
    for (let rung = 0; rung < rungs; rung++) {
      const sums = emptySums();
      for (const item of block.items) contribute(item, rung, sums);
      block.sums[rung] = sums;
    }
    block.isFresh = true;
  };
  return {
    add: (item) => {
      const block = blockOf(item.trial);
      // Most trials come in order.
      const before = block.items.findLastIndex(({ trial }) => trial < item.trial);
      block.items.splice(before + 1, 0, item);
      block.isFresh = false;
    },
    remove: (item) => {
      const block = blockOf(item.trial);
      block.items.splice(block.items.indexOf(item), 1);
      block.isFresh = false;
    },
    touch: (trial) => {
      blockOf(trial).isFresh = false;
    },
    touchAll: () => {
      for (const block of blocks.values()) block.isFresh = false;
    },
    at: (rung) => {
      ordered ??= [...blocks].toSorted(([a], [b]) => a - b).map(([, block]) => block);
      const total = emptySums();
      for (const block of ordered) {
        freshen(block);
        const sums = block.sums[rung];
        if (sums !== undefined) addSums(total, sums);
      }
      return total;
    },
  };
}
