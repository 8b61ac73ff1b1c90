import { TrainerError } from "./errors.js";

/** Labelled samples of bytes, such as grey images: what a network is trained and tested on. */
export interface ImageSet {
  /** How many samples there are. */
  readonly count: number;
  /** Bytes of a sample (784 for 28 x 28 pixels). */
  readonly inputs: number;
  /** Lines and pixels of each, if the samples are images of one channel. */
  readonly size?: { readonly height: number; readonly width: number };
  /** All samples, one after another: count * inputs bytes. A byte b enters a network as b / 255. */
  readonly images: Uint8Array;
  /** The class of each sample, from 0. */
  readonly labels: Uint8Array;
}

/**
 * Checks that a set fits a network of `inputs` inputs and `classes` outputs.
 *
 * @throws TrainerError DATA_INVALID
 */
export function checkImageSet(set: ImageSet, what: string, inputs: number, classes: number): void {
  const fail = (message: string, hint: string): never => {
    throw new TrainerError("DATA_INVALID", `the ${what} set ${message}`, hint);
  };
  if (set.count < 1) fail("is empty", "Give at least one sample.");
  if (set.inputs !== inputs) {
    fail(
      `has samples of ${set.inputs} bytes, but the network has ${inputs} inputs`,
      `Make ${set.inputs} the first entry of layers.`,
    );
  }
  if (set.images.length !== set.count * inputs) {
    fail(`has ${set.images.length} bytes, not ${set.count} x ${inputs}`, "Give every sample in full.");
  }
  if (set.labels.length !== set.count) {
    fail(`has ${set.count} samples but ${set.labels.length} labels`, "Give one label for each sample.");
  }
  const largest = set.labels.reduce((most, label) => Math.max(most, label), 0);
  if (largest >= classes) {
    fail(
      `has a label ${largest}, but the network has ${classes} classes (0 to ${classes - 1})`,
      `Make the last entry of layers at least ${largest + 1}.`,
    );
  }
}
