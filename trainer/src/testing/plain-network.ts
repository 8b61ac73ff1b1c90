/**
 * The trainer's mathematics again, in plain loops and double precision, for tests to compare with: no panels,
 * no blocks, nothing shared with the kernel.
 */
import type { Activation } from "../layer-options.js";

/** Weights (inputs x outputs, row by row) and bias of each layer, in order. */
export type PlainParameters = number[][];

/** Samples as rows, each value in [0, 1], and their classes. */
export interface PlainBatch {
  readonly inputs: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** A network's shape. */
export interface PlainShape {
  readonly layers: readonly number[];
  readonly activation: Activation;
}

function value(array: readonly number[] | undefined, index: number): number {
  const found = array?.[index];
  if (found === undefined) throw new RangeError(`no element ${index}`);
  return found;
}

function activate(x: number, activation: Activation): number {
  if (activation === "relu") return x < 0 ? 0 : x;
  return activation === "tanh" ? Math.tanh(x) : 1 / (1 + Math.exp(-x));
}

function slope(y: number, activation: Activation): number {
  if (activation === "relu") return y > 0 ? 1 : 0;
  return activation === "tanh" ? 1 - y * y : y * (1 - y);
}

/** Outputs of every layer for one sample, the inputs first and the logits last. */
function outputsOf(shape: PlainShape, parameters: PlainParameters, sample: readonly number[]): number[][] {
  const outputs: number[][] = [[...sample]];
  for (let layer = 1; layer < shape.layers.length; layer++) {
    const weights = parameters[2 * layer - 2];
    const bias = parameters[2 * layer - 1];
    const before = outputs[layer - 1] ?? [];
    const width = value(shape.layers, layer);
    const isLast = layer === shape.layers.length - 1;
    outputs.push(
      Array.from({ length: width }, (_, o) => {
        let sum = value(bias, o);
        for (let i = 0; i < before.length; i++) sum += value(before, i) * value(weights, i * width + o);
        return isLast ? sum : activate(sum, shape.activation);
      }),
    );
  }
  return outputs;
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((z) => Math.exp(z - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The mean cross-entropy of a batch. */
export function plainLoss(shape: PlainShape, parameters: PlainParameters, batch: PlainBatch): number {
  let total = 0;
  batch.inputs.forEach((sample, i) => {
    const logits = outputsOf(shape, parameters, sample).at(-1) ?? [];
    const most = Math.max(...logits);
    const sum = logits.reduce((partial, z) => partial + Math.exp(z - most), 0);
    total += Math.log(sum) + most - value(logits, value(batch.labels, i));
  });
  return total / batch.inputs.length;
}

/** The gradient of {@link plainLoss}, plus `l2` times each weight. */
export function plainGradient(
  shape: PlainShape,
  parameters: PlainParameters,
  batch: PlainBatch,
  l2: number,
): PlainParameters {
  const gradient = parameters.map((array, index) =>
    array.map((weight) => (index % 2 === 0 ? l2 * weight : 0)),
  );
  batch.inputs.forEach((sample, s) => {
    const outputs = outputsOf(shape, parameters, sample);
    let delta = softmax(outputs.at(-1) ?? []).map(
      (p, o) => (p - (o === value(batch.labels, s) ? 1 : 0)) / batch.inputs.length,
    );
    for (let layer = shape.layers.length - 1; layer >= 1; layer--) {
      const before = outputs[layer - 1] ?? [];
      const weights = parameters[2 * layer - 2] ?? [];
      const weightGradient = gradient[2 * layer - 2] ?? [];
      const biasGradient = gradient[2 * layer - 1] ?? [];
      const width = delta.length;
      const next = before.map((y, i) => {
        let sum = 0;
        for (let o = 0; o < width; o++) {
          weightGradient[i * width + o] = value(weightGradient, i * width + o) + y * value(delta, o);
          sum += value(weights, i * width + o) * value(delta, o);
        }
        return sum * slope(y, shape.activation);
      });
      delta.forEach((d, o) => {
        biasGradient[o] = value(biasGradient, o) + d;
      });
      delta = next;
    }
  });
  return gradient;
}

/** Classical momentum, changing parameters and velocities in place. */
export function plainMomentumStep(
  parameters: PlainParameters,
  velocities: PlainParameters,
  gradient: PlainParameters,
  rate: number,
  momentum: number,
): void {
  parameters.forEach((array, k) => {
    const velocity = velocities[k] ?? [];
    array.forEach((weight, i) => {
      velocity[i] = momentum * value(velocity, i) - rate * value(gradient[k], i);
      array[i] = weight + value(velocity, i);
    });
  });
}

/** Adam in iteration `t` (from 1), changing parameters and averages in place. */
export function plainAdamStep(
  parameters: PlainParameters,
  firsts: PlainParameters,
  seconds: PlainParameters,
  gradient: PlainParameters,
  t: number,
  { rate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 },
): void {
  parameters.forEach((array, k) => {
    const first = firsts[k] ?? [];
    const second = seconds[k] ?? [];
    array.forEach((weight, i) => {
      const g = value(gradient[k], i);
      first[i] = beta1 * value(first, i) + (1 - beta1) * g;
      second[i] = beta2 * value(second, i) + (1 - beta2) * g * g;
      const mean = value(first, i) / (1 - beta1 ** t);
      const square = value(second, i) / (1 - beta2 ** t);
      array[i] = weight - (rate * mean) / (Math.sqrt(square) + epsilon);
    });
  });
}

/** Zeros in the form of `parameters`. */
export function plainZeros(parameters: PlainParameters): PlainParameters {
  return parameters.map((array) => array.map(() => 0));
}
