import type { Kernel } from "./kernel.js";
import type { Address } from "./kernel-functions.js";
import type { LayerPlan, NetworkPlan } from "./layer-plan.js";
import { reserveBatchNorm } from "./layers/batch-norm.js";
import { reserveConv2d } from "./layers/conv2d.js";
import { reserveDense } from "./layers/dense.js";
import { reserveDropout } from "./layers/dropout.js";
import { reserveFlatten } from "./layers/flatten.js";
import { reserveGru } from "./layers/gru.js";
import { CODES, type NetworkLayer, type Pass, pixelsOf, type Updates, type Values } from "./layers/layer.js";
import { reserveMaxPool } from "./layers/maxpool.js";
import { panelFloats } from "./panels.js";
import { type Parameter, reserveFloats, type TrainedGroup } from "./parameters.js";
import { PURPOSE, randomStream } from "./random.js";

/** A network and one batch of values, in the memory of a kernel. */
export interface Network {
  readonly layers: readonly NetworkLayer[];
  /** Inputs of the batch. */
  readonly input: Address;
  /** The last layer's output and delta. */
  readonly logits: Address;
  readonly logitsDelta: Address;
  /** Everything that evaluation needs, layer by layer: what is trained, then running statistics. */
  readonly parameters: readonly Parameter[];
  /** Everything that is trained, layer by layer. */
  readonly groups: readonly TrainedGroup[];
}

function reserveLayer(
  kernel: Kernel,
  plan: LayerPlan,
  before: Values,
  capacity: number,
  key: { readonly seed: number; readonly index: number },
): NetworkLayer {
  const { layer } = plan;
  switch (layer.kind) {
    case "dense":
      return reserveDense(kernel, plan, layer.activation, before, capacity);
    case "conv2d":
      return reserveConv2d(kernel, plan, layer, before, capacity);
    case "maxpool":
      return reserveMaxPool(kernel, plan, layer, before, capacity);
    case "dropout":
      return reserveDropout(kernel, plan, layer, before, capacity, key);
    case "batchNorm":
      return reserveBatchNorm(kernel, plan, layer, before, capacity);
    case "gru":
      return reserveGru(kernel, plan, before, capacity);
    case "flatten":
      return reserveFlatten(kernel, plan, before, capacity);
  }
}

/**
 * Reserves a network whose batch buffers hold `capacity` samples (a multiple of 4). Its first numbers are drawn: weights
 * by {@link drawWeights}, biases 0, scales 1.
 */
export function reserveNetwork(
  kernel: Kernel,
  { input: shape, layers: plans }: NetworkPlan,
  capacity: number,
  seed: number,
): Network {
  const input = reserveFloats(kernel, panelFloats(capacity * pixelsOf(shape), shape.channels));
  const layers: NetworkLayer[] = [];
  let before: Values = { shape, output: input, delta: 0, activation: CODES.linear };
  plans.forEach((plan, index) => {
    const layer = reserveLayer(kernel, plan, before, capacity, { seed, index });
    layer.initialize(randomStream(seed, PURPOSE.initialization, index));
    layers.push(layer);
    before = layer;
  });
  return {
    layers,
    input,
    logits: before.output,
    logitsDelta: before.delta,
    parameters: layers.flatMap((layer) => [
      ...layer.groups.flatMap((group) => group.parameters),
      ...layer.statistics,
    ]),
    groups: layers.flatMap((layer) => layer.groups),
  };
}

/** Computes all layers' outputs from `network.input`. */
export function forward(network: Network, pass: Pass): void {
  for (const layer of network.layers) layer.forward(pass);
}

/**
 * Goes back through the network, from the delta that the loss left in the last layer, and updates each layer, the last
 * one first, once its old weights are no longer needed.
 */
export function backward(network: Network, pass: Pass, updates: Updates): void {
  for (const layer of network.layers.toReversed()) layer.backward(pass, updates);
}
