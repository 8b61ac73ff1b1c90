import { createRandom, PURPOSE, philox } from "../../math/random.js";

/** A shuffled order of 0, 1, .., size - 1 that needs no table. */
export interface Permutation {
  /** Which number stands at a place. */
  at(place: number): number;
  /** The place at which a number stands: the inverse of {@link Permutation.at}. */
  placeOf(number: number): number;
}

const ROUNDS = 8;

/**
 * A pseudo-random permutation of [0, size) in constant memory: a generalised Feistel network over Z_a x Z_b with a * b
 * >= size, iterated until it lands inside (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002).
 * Since a * b - size < a, it hardly ever iterates. The round function is Philox under a key drawn from the seed.
 *
 * @param size from 1 to 2^52
 */
export function createPermutation(size: number, seed: number): Permutation {
  const a = Math.ceil(Math.sqrt(size));
  const b = Math.ceil(size / a);
  const random = createRandom(seed, 0, PURPOSE.sampler);
  const key = [random.uint32(), random.uint32()] as const;
  const round = (half: number, number: number): number => philox([half, number, 0, 0], key)[0];

  const forward = (value: number): number => {
    let left = Math.floor(value / b);
    let right = value % b;
    for (let number = 0; number < ROUNDS; number += 2) {
      left = (left + round(right, number)) % a;
      right = (right + round(left, number + 1)) % b;
    }
    return left * b + right;
  };
  const backward = (value: number): number => {
    let left = Math.floor(value / b);
    let right = value % b;
    for (let number = ROUNDS - 2; number >= 0; number -= 2) {
      right = (right + b - (round(left, number + 1) % b)) % b;
      left = (left + a - (round(right, number) % a)) % a;
    }
    return left * b + right;
  };
  const walk = (step: (value: number) => number, start: number): number => {
    let value = step(start);
    while (value >= size) value = step(value);
    return value;
  };
  return { at: (place) => walk(forward, place), placeOf: (number) => walk(backward, number) };
}
