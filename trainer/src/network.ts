import type { Address, Kernel } from "./kernel.js";
import { fromPanels, PANEL, panelFloats, roundUp, toPanels } from "./panels.js";
import { PURPOSE, randomStream } from "./random.js";
import type { Activation } from "./trainer-options.js";

/** Codes of the activations in kernel/dense.c. */
const CODES = { linear: 0, relu: 1, tanh: 2, sigmoid: 3 } as const;

/** The buffers of one dense layer in the kernel's memory. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** The code of its activation. */
  readonly activation: number;
  /** inputs x outputs, and the bias of outputs. */
  readonly weights: Address;
  readonly bias: Address;
  /** The transposed weights, for the backward pass; filled when needed. */
  readonly transposed: Address;
  /** Outputs of the batch, and the derivative of the loss with respect to the activation's input. */
  readonly output: Address;
  readonly delta: Address;
}

/** One array of trained numbers, as in snapshots. */
export interface Parameter {
  readonly rows: number;
  readonly columns: number;
  /** Where its panels are, and the rows of each: 1 for a bias, the inputs rounded up for weights. */
  readonly at: Address;
  readonly panelRows: number;
}

/** A dense network and one batch of activations, in the memory of a kernel. */
export interface Network {
  readonly layers: readonly DenseLayer[];
  /** Inputs of the batch, at most `capacity` rows. */
  readonly input: Address;
  /** Rows that the batch buffers can hold. */
  readonly capacity: number;
  /** The weights and biases of each layer, in order: weights, bias, weights, bias, ... */
  readonly parameters: readonly Parameter[];
}

/** Reserves a network of `widths` whose batch buffers hold `capacity` rows (a multiple of 4); all zero. */
export function reserveNetwork(
  kernel: Kernel,
  widths: readonly number[],
  activation: Activation,
  capacity: number,
): Network {
  const floats = (count: number): Address => kernel.reserve(count * Float32Array.BYTES_PER_ELEMENT);
  const layers: DenseLayer[] = [];
  const parameters: Parameter[] = [];
  for (let i = 1; i < widths.length; i++) {
    const inputs = widths[i - 1] ?? 0;
    const outputs = widths[i] ?? 0;
    const size = panelFloats(roundUp(inputs, PANEL), outputs);
    const layer: DenseLayer = {
      inputs,
      outputs,
      activation: i === widths.length - 1 ? CODES.linear : CODES[activation],
      weights: floats(size),
      bias: floats(roundUp(outputs, PANEL)),
      transposed: i === 1 ? 0 : floats(size),
      output: floats(panelFloats(capacity, outputs)),
      delta: floats(panelFloats(capacity, outputs)),
    };
    layers.push(layer);
    parameters.push(...layerParameters(layer, layer.weights, layer.bias));
  }
  return { layers, input: floats(panelFloats(capacity, widths[0] ?? 0)), capacity, parameters };
}

/**
 * Describes arrays laid out like a layer's weights and bias: these themselves, or an optimizer's averages.
 */
export function layerParameters(layer: DenseLayer, weights: Address, bias: Address): Parameter[] {
  return [
    { rows: layer.inputs, columns: layer.outputs, at: weights, panelRows: roundUp(layer.inputs, PANEL) },
    { rows: 1, columns: layer.outputs, at: bias, panelRows: 1 },
  ];
}

function panelsOf(kernel: Kernel, { at, panelRows, columns }: Parameter): Float32Array {
  return kernel.floats(at, panelFloats(panelRows, columns));
}

/** A copy of a parameter, row by row. */
export function readParameter(kernel: Kernel, parameter: Parameter): Float32Array {
  const { rows, columns, panelRows } = parameter;
  const plain = new Float32Array(rows * columns);
  fromPanels(panelsOf(kernel, parameter), plain, rows, columns, panelRows);
  return plain;
}

/** Replaces a parameter by `plain`, given row by row. */
export function writeParameter(kernel: Kernel, parameter: Parameter, plain: Float32Array): void {
  const { rows, columns, panelRows } = parameter;
  toPanels(plain, panelsOf(kernel, parameter), rows, columns, panelRows);
}

/**
 * Draws the first weights, uniform within a bound: sqrt(6 / inputs) for rectified layers (He et al. 2015),
 * otherwise sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010). Biases start at zero.
 */
export function initialize(kernel: Kernel, network: Network, seed: number): void {
  network.layers.forEach((layer, i) => {
    const { inputs, outputs, activation } = layer;
    const bound = Math.sqrt(6 / (activation === CODES.relu ? inputs : inputs + outputs));
    const random = randomStream(seed, PURPOSE.initialization, i);
    const plain = Float32Array.from({ length: inputs * outputs }, () => (2 * random.uniform() - 1) * bound);
    const [weights] = layerParameters(layer, layer.weights, layer.bias);
    if (weights !== undefined) writeParameter(kernel, weights, plain);
  });
}

/** Computes all layers' outputs from `network.input`, for a batch of `rows` (a multiple of 4). */
export function forward(kernel: Kernel, network: Network, rows: number): void {
  let input = network.input;
  for (const { weights, bias, output, inputs, outputs, activation } of network.layers) {
    kernel.call.denseForward(input, weights, bias, output, rows, inputs, outputs, activation);
    input = output;
  }
}

/**
 * Goes back through the network, from the delta that the loss left in the last layer, and calls `update` for
 * each layer, the last one first, once its old weights are no longer needed.
 */
export function backward(
  kernel: Kernel,
  network: Network,
  rows: number,
  update: (layer: DenseLayer, index: number, input: Address) => void,
): void {
  for (let i = network.layers.length - 1; i >= 0; i--) {
    const layer = network.layers[i];
    if (layer === undefined) continue;
    const { weights, transposed, delta, inputs, outputs } = layer;
    const before = network.layers[i - 1];
    if (before !== undefined) {
      kernel.call.transpose(weights, transposed, inputs, outputs);
      kernel.call.denseInputDelta(
        delta,
        transposed,
        before.output,
        before.delta,
        rows,
        inputs,
        outputs,
        before.activation,
      );
    }
    update(layer, i, before?.output ?? network.input);
  }
}
