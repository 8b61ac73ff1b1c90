/**
 * xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), with its state
 * filled by SplitMix32. It gives the same numbers on every machine, since it uses only 32-bit integer
 * operations.
 */

/** A stream of random numbers. */
export interface RandomStream {
  /** An integer in [0, 2^32). */
  uint32(): number;
  /** A double in [0, 1) with 32 random bits. */
  uniform(): number;
  /** An integer in [0, count), without bias; `count` at most 2^32. */
  below(count: number): number;
}

/** What a stream is for; streams of different purposes are independent. Dropout has one for each layer: 3, 4, .. */
export const PURPOSE = { initialization: 1, shuffling: 2, dropout: 3 } as const;

function rotateLeft(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** Murmur3's finalizer: every bit of the input changes every bit of the output with probability one half. */
function mix(x: number): number {
  let z = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/**
 * The stream of (seed, purpose, index). The index is the layer's number when weights are drawn, the epoch's
 * when samples are shuffled, the iteration's when units are dropped. Each is a non-negative safe integer.
 */
export function randomStream(seed: number, purpose: number, index: number): RandomStream {
  let word = 0;
  for (const part of [
    seed,
    Math.floor(seed / 0x100000000),
    purpose,
    index,
    Math.floor(index / 0x100000000),
  ]) {
    word = mix((word + 0x9e3779b9 + (part >>> 0)) >>> 0);
  }
  const next = (): number => {
    word = (word + 0x9e3779b9) >>> 0;
    return mix(word);
  };
  let [a, b, c, d] = [next(), next(), next(), next() | 1];

  const uint32 = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  const below = (count: number): number => {
    const limit = 0x100000000 - (0x100000000 % count);
    let drawn = uint32();
    while (drawn >= limit) drawn = uint32();
    return drawn % count;
  };
  return { uint32, uniform: () => uint32() / 0x100000000, below };
}

/** Fisher and Yates's shuffle of 0, 1, .., length - 1 into `into`. */
export function shuffleInto(into: Uint32Array, random: RandomStream): void {
  for (let i = 0; i < into.length; i++) {
    const j = random.below(i + 1);
    into[i] = into[j] ?? 0;
    into[j] = i;
  }
}
