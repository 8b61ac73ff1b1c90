/**
 * Trains small dense networks on images, in WebAssembly SIMD: what the demo tunes.
 *
 * @module
 */
export { TrainerError } from "./errors.js";
export { encodeIdx, type IdxArray, parseIdx } from "./idx.js";
export { loadImageFolder } from "./image-folder.js";
export type { ImageSet } from "./image-set.js";
export type { LearningRate } from "./learning-rate.js";
export { createTrainer, type Evaluation, type Trainer, type TrainerData } from "./trainer.js";
export { ACTIVATIONS, type Activation, type Optimizer, type TrainerOptions } from "./trainer-options.js";
