import type { ImageSet } from "../image-set.js";
import { randomStream } from "../random.js";
import type { PlainBatch } from "./plain-network.js";

/** `count` samples of random bytes (about a third of them zero, as in images) with random classes. */
export function randomImages(seed: number, count: number, inputs: number, classes: number): ImageSet {
  const random = randomStream(seed, 99, 0);
  return {
    count,
    inputs,
    images: Uint8Array.from({ length: count * inputs }, () => Math.max(0, random.below(384) - 128)),
    labels: Uint8Array.from({ length: count }, () => random.below(classes)),
  };
}

/** Samples of a set as a plain batch. */
export function plainBatch(set: ImageSet, indices: Iterable<number>): PlainBatch {
  const chosen = [...indices];
  return {
    inputs: chosen.map((index) =>
      Array.from(set.images.subarray(index * set.inputs, (index + 1) * set.inputs), (byte) => byte / 255),
    ),
    labels: chosen.map((index) => set.labels[index] ?? 0),
  };
}
