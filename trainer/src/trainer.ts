import { TrainerError } from "./errors.js";
import { checkImageSet, type ImageSet } from "./image-set.js";
import { type Kernel, openKernel, type Simd } from "./kernel.js";
import type { Address } from "./kernel-functions.js";
import { pixelsOf } from "./layers/layer.js";
import { rateOfUpdate } from "./learning-rate.js";
import { backward, forward, reserveNetwork } from "./network.js";
import { reserveOptimizer } from "./optimizer.js";
import { PANEL, roundUp, TILE_ROWS } from "./panels.js";
import { type Parameter, readParameter, writeParameter } from "./parameters.js";
import { PURPOSE, randomStream, shuffleInto } from "./random.js";
import { decodeSnapshot, encodeSnapshot, type SnapshotNetwork } from "./snapshot.js";
import { checkOptions, type TrainerOptions } from "./trainer-options.js";

/** How well a network does on a set. */
export interface Evaluation {
  /** Mean cross-entropy, in nats. NaN or infinite if the training diverged. */
  readonly loss: number;
  /** Share of images whose most probable class is the right one; 0 if all outputs are NaN. */
  readonly accuracy: number;
}

/**
 * A training of one network. Deterministic: the same options and data give the same bits, with {@link simd} `plain` on
 * every machine, with `relaxed` on machines that multiply alike. A diverged training is not an error; its losses are NaN
 * from then on.
 */
export interface Trainer {
  /** Which instructions multiply. */
  readonly simd: Simd;
  /** Updates done so far. */
  readonly iteration: number;
  /** Complete passes over the training set so far. */
  readonly epoch: number;
  /** Images trained on so far, counting each pass. */
  readonly imagesSeen: number;
  /** The learning rate of the latest update; NaN before this trainer's first. */
  readonly learningRate: number;
  /** Does `count` updates, each with the next batch; a batch never spans two passes. */
  trainIterations(count: number): void;
  /** Trains to the end of the current pass. */
  trainEpoch(): void;
  /** The mean training loss over the images since it was last taken (each before its update); NaN with none. */
  takeTrainingLoss(): number;
  /** Loss and accuracy on the test set, or on another set of the same width. */
  evaluate(set?: ImageSet): Evaluation;
  /**
   * Copies of all arrays that evaluation needs, layer by layer, each row by row:
   *
   * - dense: weights (inputs x units), bias
   * - `conv2d`: filters (line of the window, column of the window, channel x filter), bias
   * - `batchNorm`: scale, shift, running mean, running variance
   * - `gru`: weights of the inputs (inputs x 3 units), bias, weights of the state (units x 3 units), bias; columns are
   *   those of the reset gate, then of the update gate, then of the candidate
   *
   * A dense layer behind an image has its inputs line by line, each pixel with all channels.
   */
  parameters(): Float32Array[];
  /** Replaces what {@link parameters} returns. */
  setParameters(values: readonly Float32Array[]): void;
  /** Everything needed to continue bit for bit, except the options and the data. */
  save(): Uint8Array;
  /**
   * Continues from what {@link save} returned. Layers, activation, kind of optimizer and number of training
   * images must be the same; rate, momentum, L2, batch size and seed may differ (with another seed, images
   * come in its order).
   *
   * @throws TrainerError SNAPSHOT_INVALID, SNAPSHOT_MISMATCH
   */
  load(snapshot: Uint8Array): void;
}

/** The training set, and the test set if there is one. */
export interface TrainerData {
  readonly train: ImageSet;
  readonly test?: ImageSet;
}

/** Samples in the kernel's memory. */
interface StoredSet {
  readonly images: Address;
  readonly labels: Address;
}

/** Rows evaluated at a time. */
const EVALUATION_ROWS = 64;
/** A byte of an image enters the network as a number in [0, 1]. */
const PIXEL_SCALE = 1 / 255;

/** Reserves memory for a set, and one panel more, since the kernel reads a panel at a time. */
function reserveSet(kernel: Kernel, count: number, inputs: number): StoredSet {
  return { images: kernel.reserve(count * inputs + PANEL), labels: kernel.reserve(count) };
}

/** Copies samples `first` to `first + count` of a set to the beginning of `to`. */
function copySamples(kernel: Kernel, set: ImageSet, first: number, count: number, to: StoredSet): void {
  const { inputs } = set;
  kernel.bytes(to.images, count * inputs).set(set.images.subarray(first * inputs, (first + count) * inputs));
  kernel.bytes(to.labels, count).set(set.labels.subarray(first, first + count));
}

function lossAsJson(loss: number): number | "NaN" | "Infinity" {
  if (Number.isFinite(loss)) return loss;
  return Number.isNaN(loss) ? "NaN" : "Infinity";
}

function checkMatch(saved: SnapshotNetwork, own: SnapshotNetwork): void {
  const differences = (["layers", "activation", "optimizer", "images"] as const)
    .map((key) => ({ key, saved: JSON.stringify(saved[key]), own: JSON.stringify(own[key]) }))
    .filter((entry) => entry.saved !== entry.own)
    .map((entry) => `${entry.key} ${entry.saved} (here ${entry.own})`);
  if (differences.length === 0) return;
  throw new TrainerError(
    "SNAPSHOT_MISMATCH",
    `the snapshot was saved with ${differences.join(", ")}`,
    "Resume with the options and the data that the snapshot was saved with.",
  );
}

/**
 * Creates a trainer.
 *
 * @example
 * const trainer = createTrainer(
 *   {
 *     layers: [784, 128, 64, 10],
 *     optimizer: { kind: "sgd", momentum: 0.9 },
 *     learningRate: 0.1,
 *     batchSize: 32,
 *     seed: 7,
 *   },
 *   await loadImageFolder("data/fashion-mnist"),
 * );
 * trainer.trainEpoch();
 * console.log(trainer.evaluate());
 *
 * @throws TrainerError OPTIONS_INVALID, DATA_INVALID, TRAINER_MEMORY, SIMD_MISSING
 */
export function createTrainer(options: TrainerOptions, data: TrainerData): Trainer {
  const plan = checkOptions(options);
  const { activation = "relu", optimizer: kind, learningRate, batchSize, seed } = options;
  const { inputs, input, classes } = plan;
  checkImageSet(data.train, "training", inputs, classes);
  if (data.test !== undefined) checkImageSet(data.test, "test", inputs, classes);

  const kernel = openKernel(options.simd);
  const largestBatch = roundUp(Math.min(batchSize, data.train.count), TILE_ROWS);
  const capacity = Math.max(largestBatch, EVALUATION_ROWS);
  const network = reserveNetwork(kernel, plan, capacity, seed);
  const optimizer = reserveOptimizer(kernel, network.groups, kind, options.l2 ?? 0);
  const saved: readonly Parameter[] = [...network.parameters, ...optimizer.parameters];
  const images = data.train.count;
  const train = reserveSet(kernel, images, inputs);
  const order = kernel.reserve(images * Uint32Array.BYTES_PER_ELEMENT);
  const natural = kernel.reserve(EVALUATION_ROWS * Uint32Array.BYTES_PER_ELEMENT);
  const part = reserveSet(kernel, EVALUATION_ROWS, inputs);
  copySamples(kernel, data.train, 0, images, train);
  kernel.words(natural, EVALUATION_ROWS).forEach((_, i, all) => {
    all[i] = i;
  });

  const { logits, logitsDelta } = network;
  const identity: SnapshotNetwork = {
    layers: plan.identity,
    activation,
    optimizer: kind.kind,
    images,
  };
  let iteration = 0;
  let epoch = 0;
  let position = 0;
  let recentLoss = 0;
  let recentImages = 0;
  let latestRate = Number.NaN;

  const shuffle = (): void => {
    shuffleInto(kernel.words(order, images), randomStream(seed, PURPOSE.shuffling, epoch));
  };
  shuffle();

  const gather = (set: StoredSet, indices: Address, count: number, rows: number): void => {
    if (input.isImage) {
      const pixels = pixelsOf(input);
      kernel.call.gatherImages(
        set.images,
        indices,
        network.input,
        count,
        rows,
        pixels,
        input.channels,
        PIXEL_SCALE,
      );
    } else {
      kernel.call.gatherBytes(set.images, indices, network.input, count, rows, inputs, PIXEL_SCALE, 0);
    }
  };

  const trainBatch = (): void => {
    const count = Math.min(batchSize, images - position);
    const rows = roundUp(count, TILE_ROWS);
    const indices = order + position * Uint32Array.BYTES_PER_ELEMENT;
    const pass = { rows, count, iteration };
    gather(train, indices, count, rows);
    forward(network, pass);
    recentLoss += kernel.call.crossEntropy(logits, train.labels, indices, logitsDelta, count, rows, classes);
    recentImages += count;
    latestRate = rateOfUpdate(learningRate, iteration, epoch * images + position);
    backward(network, pass, optimizer.updates(iteration, latestRate));
    iteration += 1;
    position += count;
    if (position === images) {
      epoch += 1;
      position = 0;
      shuffle();
    }
  };

  const trainIterations = (count: number): void => {
    for (let i = 0; i < count; i++) trainBatch();
  };

  const evaluate = (set: ImageSet): Evaluation => {
    let loss = 0;
    let right = 0;
    for (let first = 0; first < set.count; first += EVALUATION_ROWS) {
      const count = Math.min(EVALUATION_ROWS, set.count - first);
      const rows = roundUp(count, TILE_ROWS);
      copySamples(kernel, set, first, count, part);
      gather(part, natural, count, rows);
      forward(network, { rows, count, iteration: undefined });
      loss += kernel.call.crossEntropy(logits, part.labels, natural, 0, count, rows, classes);
      right += kernel.call.countRight(logits, part.labels, natural, count, rows, classes);
    }
    return { loss: loss / set.count, accuracy: right / set.count };
  };

  const writeAll = (parameters: readonly Parameter[], values: readonly Float32Array[]): void => {
    const fits =
      values.length === parameters.length &&
      parameters.every(({ rows, columns }, i) => values[i]?.length === rows * columns);
    if (!fits) {
      throw new TrainerError(
        "PARAMETERS_INVALID",
        `the numbers do not fit the layers ${JSON.stringify(plan.identity)}`,
        "Give arrays of the lengths that parameters() returns, in the same order.",
      );
    }
    parameters.forEach((parameter, i) => {
      writeParameter(kernel, parameter, values[i] ?? new Float32Array());
    });
  };

  return {
    simd: kernel.simd,
    get iteration() {
      return iteration;
    },
    get epoch() {
      return epoch;
    },
    get imagesSeen() {
      return epoch * images + position;
    },
    get learningRate() {
      return latestRate;
    },
    trainIterations,
    trainEpoch: () => {
      trainIterations(Math.ceil((images - position) / batchSize));
    },
    takeTrainingLoss: () => {
      const mean = recentLoss / recentImages;
      recentLoss = 0;
      recentImages = 0;
      return mean;
    },
    evaluate: (set) => {
      if (set === undefined) {
        if (data.test !== undefined) return evaluate(data.test);
        throw new TrainerError(
          "NO_TEST_SET",
          "there is no set to evaluate on",
          "Give a test set to createTrainer, or a set to evaluate.",
        );
      }
      checkImageSet(set, "given", inputs, classes);
      return evaluate(set);
    },
    parameters: () => network.parameters.map((parameter) => readParameter(kernel, parameter)),
    setParameters: (values) => {
      writeAll(network.parameters, values);
    },
    save: () => {
      const arrays = saved.map((parameter) => readParameter(kernel, parameter));
      const values = new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0));
      let at = 0;
      for (const array of arrays) {
        values.set(array, at);
        at += array.length;
      }
      const progress = { iteration, epoch, position, recentLoss: lossAsJson(recentLoss), recentImages };
      return encodeSnapshot({ network: identity, progress, values });
    },
    load: (bytes) => {
      const { network: theirs, progress, values } = decodeSnapshot(bytes);
      checkMatch(theirs, identity);
      if (progress.position >= images) {
        throw new TrainerError(
          "SNAPSHOT_INVALID",
          `the snapshot's position ${progress.position} is beyond its ${images} images`,
          "Give a file that the trainer saved; if there is none, train from scratch.",
        );
      }
      let at = 0;
      const arrays = saved.map(({ rows, columns }) => {
        const array = values.subarray(at, at + rows * columns);
        at += rows * columns;
        return array;
      });
      writeAll(saved, arrays);
      ({ iteration, epoch, position, recentImages } = progress);
      recentLoss = Number(progress.recentLoss);
      shuffle();
    },
  };
}
