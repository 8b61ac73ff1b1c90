import { TrainerError } from "./errors.js";
import { type LearningRate, rateOfUpdate } from "./learning-rate.js";

/** The function of a hidden layer's units. */
export type Activation = "relu" | "tanh" | "sigmoid";

/** The activations of hidden layers. */
export const ACTIVATIONS: readonly Activation[] = ["relu", "tanh", "sigmoid"];

/**
 * How weights follow from gradients.
 *
 * - `sgd`: classical momentum (Sutskever et al. 2013): v = momentum v - rate g; w = w + v. The default momentum is 0.
 * - `adam`: Kingma and Ba 2015, algorithm 1. Defaults: beta1 0.9, beta2 0.999, epsilon 1e-8.
 */
export type Optimizer =
  | { readonly kind: "sgd"; readonly momentum?: number }
  | { readonly kind: "adam"; readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number };

/** Options of a trainer. */
export interface TrainerOptions {
  /** Widths from the inputs to the classes: `[784, 128, 64, 10]` has two hidden layers. Two entries or more. */
  readonly layers: readonly number[];
  /**
   * The activation of all hidden layers. The last layer is followed by softmax and cross-entropy. Default
   * `relu`.
   */
  readonly activation?: Activation;
  readonly optimizer: Optimizer;
  readonly learningRate: LearningRate;
  /** Adds `l2 * w` to the gradient of each weight (not of biases). Default 0. */
  readonly l2?: number;
  /** Images per iteration; the last batch of an epoch has the rest. */
  readonly batchSize: number;
  /** Seeds the first weights and the order of images. A non-negative safe integer. */
  readonly seed: number;
}

const MOST_BATCH = 65536;
const MOST_WIDTH = 65536;

function reject(message: string, hint: string): never {
  throw new TrainerError("OPTIONS_INVALID", message, hint);
}

function checkInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    reject(`${name} is ${value}`, `Give an integer from ${low} to ${high}.`);
  }
}

function checkShare(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) reject(`${name} is ${value}`, "Give a number of at least 0 and below 1.");
}

function checkRate(rate: LearningRate): void {
  if (typeof rate === "number") {
    if (!(rate >= 0 && Number.isFinite(rate))) {
      reject(`the learning rate is ${rate}`, "Give a number of 0 or more, such as 0.1.");
    }
  } else if (typeof rateOfUpdate(rate, 0, 0) !== "number") {
    reject(
      "the learning rate at iteration 0 is not a number",
      "Give a function from an iteration to a rate.",
    );
  }
}

/**
 * Checks options.
 *
 * @throws TrainerError OPTIONS_INVALID
 */
export function checkOptions(options: TrainerOptions): void {
  const { layers, activation, optimizer, l2 = 0 } = options;
  if (layers.length < 2) {
    reject(
      `layers has ${layers.length} entries`,
      "Give the number of inputs, the hidden widths, and the number of classes.",
    );
  }
  layers.forEach((width, i) => {
    checkInteger(`the width of layer ${i}`, width, 1, MOST_WIDTH);
  });
  checkInteger("the number of classes", layers.at(-1) ?? 0, 1, 256);
  if (activation !== undefined && !ACTIVATIONS.includes(activation)) {
    reject(`the activation is ${JSON.stringify(activation)}`, `Give one of ${ACTIVATIONS.join(", ")}.`);
  }
  if (optimizer.kind === "sgd") {
    checkShare("momentum", optimizer.momentum ?? 0);
  } else {
    checkShare("beta1", optimizer.beta1 ?? 0);
    checkShare("beta2", optimizer.beta2 ?? 0);
    const { epsilon = 1e-8 } = optimizer;
    if (!(Math.fround(epsilon) > 0)) reject(`epsilon is ${epsilon}`, "Give a number above 0, such as 1e-8.");
  }
  checkRate(options.learningRate);
  if (!(l2 >= 0 && Number.isFinite(l2))) reject(`l2 is ${l2}`, "Give a number of 0 or more, such as 1e-4.");
  checkInteger("the batch size", options.batchSize, 1, MOST_BATCH);
  checkInteger("the seed", options.seed, 0, Number.MAX_SAFE_INTEGER);
}
