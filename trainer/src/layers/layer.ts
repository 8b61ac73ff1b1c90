import type { Kernel } from "../kernel.js";
import type { Address } from "../kernel-functions.js";
import type { LayerActivation } from "../layer-options.js";
import type { Shape } from "../layer-plan.js";
import { panelFloats } from "../panels.js";
import {
  type NumberGroup,
  type Parameter,
  reserveFloats,
  type TrainedGroup,
  type WeightGroup,
  writeParameter,
} from "../parameters.js";
import type { RandomStream } from "../random.js";

/** Codes of the activations in kernel/activation.h. */
export const CODES: Readonly<Record<LayerActivation, number>> = { linear: 0, relu: 1, tanh: 2, sigmoid: 3 };

/** One batch on its way through a network. */
export interface Pass {
  /** Samples in the buffers, a multiple of 4. */
  readonly rows: number;
  /** Those of them that are samples; the rest is filled up. */
  readonly count: number;
  /** The iteration in training, undefined in evaluation. */
  readonly iteration: number | undefined;
}

/** Values of a batch in the kernel's memory: a row for each pixel of each sample, a column for each channel. */
export interface Values {
  readonly shape: Shape;
  readonly output: Address;
  /** The derivative of the loss with respect to the input of the activation; 0 if nobody needs it. */
  readonly delta: Address;
  /** The code of the activation that made the output. */
  readonly activation: number;
}

/** How the optimizer updates what a layer has trained; given by {@link NetworkLayer.backward}'s caller. */
export interface Updates {
  /** From the input and the delta of the product, of `rows` rows each. */
  weights(group: WeightGroup, input: Address, delta: Address, rows: number): void;
  /** From the gradients in memory. */
  numbers(group: NumberGroup): void;
}

/** A layer of a network, in the kernel's memory. */
export interface NetworkLayer extends Values {
  /** What is trained, in the order of its parameters. */
  readonly groups: readonly TrainedGroup[];
  /** What else evaluation needs: running means and variances. */
  readonly statistics: readonly Parameter[];
  /** Writes the first numbers. */
  initialize(random: RandomStream): void;
  /** Computes the output from that of the layer before. */
  forward(pass: Pass): void;
  /** From its delta, computes that of the layer before, and then updates what it has trained. */
  backward(pass: Pass, updates: Updates): void;
}

/** Rows of one sample in its matrix. */
export function pixelsOf({ height, width }: Shape): number {
  return height * width;
}

/** Reserves a layer's output and delta for `capacity` samples. */
export function reserveValues(
  kernel: Kernel,
  shape: Shape,
  activation: LayerActivation,
  capacity: number,
): Values {
  const size = panelFloats(capacity * pixelsOf(shape), shape.channels);
  return {
    shape,
    output: reserveFloats(kernel, size),
    delta: reserveFloats(kernel, size),
    activation: CODES[activation],
  };
}

/** Multiplies the delta of `values`, as far as it is filled, by the derivative of their activation. */
export function deactivate(kernel: Kernel, { shape, output, delta, activation }: Values, rows: number): void {
  kernel.call.deactivate(delta, output, panelFloats(rows * pixelsOf(shape), shape.channels), activation);
}

/**
 * Draws weights uniformly within a bound: sqrt(6 / inputs) for rectified layers (He et al. 2015), otherwise
 * sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010).
 *
 * @param inputs how many numbers each output depends on; `outputs`: how many outputs each input has a part in
 */
export function drawWeights(
  kernel: Kernel,
  parameter: Parameter,
  drawnFor: LayerActivation,
  [inputs, outputs]: readonly [number, number],
  random: RandomStream,
): void {
  const bound = Math.sqrt(6 / (drawnFor === "relu" ? inputs : inputs + outputs));
  const { rows, columns } = parameter;
  const plain = Float32Array.from({ length: rows * columns }, () => (2 * random.uniform() - 1) * bound);
  writeParameter(kernel, parameter, plain);
}
