import { integerPower } from "./integer-power.js";
import type { Address, Kernel } from "./kernel.js";
import { type DenseLayer, layerParameters, type Network, type Parameter } from "./network.js";
import { PANEL, panelFloats, roundUp } from "./panels.js";
import type { Optimizer } from "./trainer-options.js";

/** An optimizer with its averages in the kernel's memory. */
export interface OptimizerState {
  /** The averages, in a fixed order, as in snapshots. */
  readonly parameters: readonly Parameter[];
  /**
   * Returns the function that updates one layer in iteration `iteration` (from 0) at learning rate `rate`,
   * given the address of its input; for `backward`.
   */
  updater(
    iteration: number,
    rate: number,
    rows: number,
  ): (layer: DenseLayer, index: number, input: Address) => void;
}

interface Averages {
  readonly weights: Address;
  readonly bias: Address;
}

function reserveAverages(kernel: Kernel, network: Network): Averages[] {
  return network.layers.map(({ inputs, outputs }) => ({
    weights: kernel.reserve(panelFloats(roundUp(inputs, PANEL), outputs) * Float32Array.BYTES_PER_ELEMENT),
    bias: kernel.reserve(roundUp(outputs, PANEL) * Float32Array.BYTES_PER_ELEMENT),
  }));
}

function parametersOf(network: Network, averages: readonly Averages[]): Parameter[] {
  return network.layers.flatMap((layer, i) => {
    const of = averages[i];
    return of === undefined ? [] : layerParameters(layer, of.weights, of.bias);
  });
}

function momentumDescent(kernel: Kernel, network: Network, momentum: number, l2: number): OptimizerState {
  const velocities = reserveAverages(kernel, network);
  return {
    parameters: parametersOf(network, velocities),
    updater: (_iteration, rate, rows) => (layer, index, input) => {
      const velocity = velocities[index];
      if (velocity === undefined) return;
      const { delta, weights, bias, inputs, outputs } = layer;
      kernel.call.sgdStep(
        input,
        delta,
        weights,
        bias,
        velocity.weights,
        velocity.bias,
        rows,
        inputs,
        outputs,
        rate,
        momentum,
        l2,
      );
    },
  };
}

function adam(
  kernel: Kernel,
  network: Network,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: Extract<Optimizer, { kind: "adam" }>,
  l2: number,
): OptimizerState {
  const firsts = reserveAverages(kernel, network);
  const seconds = reserveAverages(kernel, network);
  return {
    parameters: [...parametersOf(network, firsts), ...parametersOf(network, seconds)],
    updater: (iteration, rate, rows) => {
      const step = rate / (1 - integerPower(beta1, iteration + 1));
      const correction = 1 / Math.sqrt(1 - integerPower(beta2, iteration + 1));
      return (layer, index, input) => {
        const first = firsts[index];
        const second = seconds[index];
        if (first === undefined || second === undefined) return;
        const { delta, weights, bias, inputs, outputs } = layer;
        kernel.call.adamStep(
          input,
          delta,
          weights,
          bias,
          first.weights,
          first.bias,
          second.weights,
          second.bias,
          rows,
          inputs,
          outputs,
          step,
          correction,
          beta1,
          beta2,
          1 - beta1,
          1 - beta2,
          epsilon,
          l2,
        );
      };
    },
  };
}

/** Reserves the averages of an optimizer for a network, all zero. */
export function reserveOptimizer(
  kernel: Kernel,
  network: Network,
  optimizer: Optimizer,
  l2: number,
): OptimizerState {
  return optimizer.kind === "sgd"
    ? momentumDescent(kernel, network, optimizer.momentum ?? 0, l2)
    : adam(kernel, network, optimizer, l2);
}
