/**
 * Trains small dense, convolutional and recurrent networks on images, in WebAssembly SIMD: what the demo tunes.
 *
 * @module
 */
export { TrainerError } from "./errors.js";
export { encodeIdx, type IdxArray, parseIdx } from "./idx.js";
export { loadImageFolder } from "./image-folder.js";
export type { ImageSet } from "./image-set.js";
export type { Simd } from "./kernel.js";
export {
  ACTIVATIONS,
  type Activation,
  type BatchNorm,
  type Conv2d,
  type Dense,
  type Dropout,
  type Gru,
  type ImageInput,
  type Layer,
  type LayerActivation,
  type LayerOption,
  type MaxPool,
} from "./layer-options.js";
export type { LearningRate } from "./learning-rate.js";
export { createTrainer, type Evaluation, type Trainer, type TrainerData } from "./trainer.js";
export type { Optimizer, TrainerOptions } from "./trainer-options.js";
