import { checkInteger, checkPositive, checkShare, reject } from "./checks.js";
import { SIMD, type Simd } from "./kernel.js";
import { ACTIVATIONS, type Activation, type LayerOption } from "./layer-options.js";
import { type NetworkPlan, planNetwork } from "./layer-plan.js";
import { type LearningRate, rateOfUpdate } from "./learning-rate.js";

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
  /**
   * From the inputs to the classes, two entries or more. Numbers are dense layers: `[784, 128, 64, 10]` has two hidden
   * ones. With other layers, inputs are images:
   *
   * `[{ kind: "image", height: 28, width: 28 }, { kind: "conv2d", filters: 8 }, { kind: "maxpool" }, 64, 10]`
   */
  readonly layers: readonly LayerOption[];
  /**
   * The activation of hidden layers that have none of their own. The last layer is followed by softmax and
   * cross-entropy. Default `relu`.
   */
  readonly activation?: Activation;
  readonly optimizer: Optimizer;
  readonly learningRate: LearningRate;
  /** Adds `l2 * w` to the gradient of each weight (not of biases, nor of the scales of `batchNorm`). Default 0. */
  readonly l2?: number;
  /** Images per iteration; the last batch of an epoch has the rest. */
  readonly batchSize: number;
  /** Seeds the first weights, the order of images, and dropout. A non-negative safe integer. */
  readonly seed: number;
  /**
   * Which instructions multiply. Default: `relaxed` ones where the engine has them (Node 21 and newer), otherwise `plain`
   * ones. They differ in the last bits: give `plain` for results that are the same everywhere.
   */
  readonly simd?: Simd;
}

const MOST_BATCH = 65536;

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
 * @returns the network's layers, completed
 * @throws TrainerError OPTIONS_INVALID
 */
export function checkOptions(options: TrainerOptions): NetworkPlan {
  const { layers, activation = "relu", optimizer, l2 = 0 } = options;
  if (!ACTIVATIONS.includes(activation)) {
    reject(`the activation is ${JSON.stringify(activation)}`, `Give one of ${ACTIVATIONS.join(", ")}.`);
  }
  const plan = planNetwork(layers, activation);
  if (optimizer.kind === "sgd") {
    checkShare("momentum", optimizer.momentum ?? 0);
  } else {
    checkShare("beta1", optimizer.beta1 ?? 0);
    checkShare("beta2", optimizer.beta2 ?? 0);
    checkPositive("epsilon", optimizer.epsilon ?? 1e-8, "1e-8");
  }
  checkRate(options.learningRate);
  if (!(l2 >= 0 && Number.isFinite(l2))) reject(`l2 is ${l2}`, "Give a number of 0 or more, such as 1e-4.");
  if (options.simd !== undefined && !SIMD.includes(options.simd)) {
    reject(`simd is ${JSON.stringify(options.simd)}`, `Give one of ${SIMD.join(", ")}.`);
  }
  checkInteger("the batch size", options.batchSize, 1, MOST_BATCH);
  checkInteger("the seed", options.seed, 0, Number.MAX_SAFE_INTEGER);
  return plan;
}
