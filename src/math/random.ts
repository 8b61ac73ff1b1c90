/**
 * Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2,
 * 3", SC 2011). The key is the study's seed and the counter holds the trial and the purpose, so that every (seed,
 * trial, purpose) has its own stream, which nothing drawn elsewhere can shift.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const cross = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/** Four unsigned 32-bit words. */
export type Block = readonly [number, number, number, number];

/** One Philox4x32-10 block: 128 random bits for a 128-bit counter and a 64-bit key (both as 32-bit words). */
export function philox(counter: Block, key: readonly [number, number]): Block {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** A stream of random numbers. Drawing from one stream never changes another. */
export interface Random {
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** A double in [0, 1) with 53 random bits. */
  uniform(): number;
  /** An integer in [low, high], both included; exact (by rejection) for spans below 2^32, else from 53 bits. */
  integer(low: number, high: number): number;
  /** A standard normal deviate (Box-Muller). */
  normal(): number;
}

/** Keeps the streams of one trial apart. */
export const PURPOSE = { params: 0, trialSeed: 1, sampler: 2, scheduler: 3, population: 4 } as const;

/**
 * The stream of (seed, stream, purpose).
 *
 * @param seed a non-negative safe integer; all its bits count
 * @param stream a non-negative safe integer, such as a trial's number
 * @param purpose what the numbers are for, below 2^16; see {@link PURPOSE}
 */
export function createRandom(seed: number, stream: number, purpose: number): Random {
  const key: readonly [number, number] = [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0];
  const streamLow = stream >>> 0;
  const streamHigh = Math.floor(stream / 0x100000000) & 0xffff;
  const third = ((purpose << 16) | streamHigh) >>> 0;
  let block: Block = [0, 0, 0, 0];
  let blockNumber = 0;
  let used = 4;

  const uint32 = (): number => {
    if (used === 4) {
      block = philox([blockNumber, streamLow, third, 0], key);
      blockNumber += 1;
      used = 0;
    }
    const word = block[used] ?? 0;
    used += 1;
    return word;
  };
  const uniform = (): number => {
    const high = uint32() >>> 5;
    const low = uint32() >>> 6;
    return (high * 0x4000000 + low) / 0x20000000000000;
  };
  const integer = (low: number, high: number): number => {
    const span = high - low + 1;
    if (span > 0x100000000) return low + Math.floor(uniform() * span);
    const limit = 0x100000000 - (0x100000000 % span);
    let word = uint32();
    while (word >= limit) word = uint32();
    return low + (word % span);
  };
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uint32, uniform, integer, normal };
}
