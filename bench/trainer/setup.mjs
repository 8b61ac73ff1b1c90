// What the contenders of bench/trainer.mjs share.

export const BATCH = 32;
export const BATCHES = 64;
export const RATE = 0.01;
export const MOMENTUM = 0.9;

/** The first batches, prepared: pixels as numbers in [0, 1], and labels. */
export function batchesOf(data) {
  const { images, labels, inputs } = data.train;
  return Array.from({ length: BATCHES }, (_, b) => ({
    pixels: Float32Array.from(
      images.subarray(b * BATCH * inputs, (b + 1) * BATCH * inputs),
      (byte) => byte / 255,
    ),
    labels: Int32Array.from(labels.subarray(b * BATCH, (b + 1) * BATCH)),
  }));
}

/** Draws first weights, the same for all peers: so many numbers, uniform within a bound. */
export function uniformWithin() {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return (count, bound) => Float32Array.from({ length: count }, () => (2 * uniform() - 1) * bound);
}
