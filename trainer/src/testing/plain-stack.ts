import type { NetworkPlan } from "../layer-plan.js";
import { arraysOf, at, type Passed, pass, type Training, type Values } from "./plain-layers.js";
import type { PlainBatch, PlainParameters } from "./plain-network.js";

/** A batch's mean cross-entropy, and what follows from it. */
export interface PlainOutcome {
  readonly loss: number;
  /** The arrays afterwards: those of {@link PlainParameters}, but running statistics may have moved. */
  readonly arrays: PlainParameters;
  /** The gradient, plus `l2` times each weight. */
  gradient(l2: number): PlainParameters;
}

/** Which arrays of each kind of layer are weights, to which L2 applies. */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = { dense: [0], conv2d: [0], gru: [0, 2] };

/** Sends a batch through the layers of {@link pass} and a softmax cross-entropy. */
export function plainOutcome(
  plan: NetworkPlan,
  parameters: PlainParameters,
  batch: PlainBatch,
  training: Training | undefined,
): PlainOutcome {
  const passed: Passed[] = [];
  const groups: number[][][] = [];
  let values: Values = batch.inputs;
  let first = 0;
  plan.layers.forEach((layer, index) => {
    const arrays = parameters.slice(first, first + arraysOf(layer));
    first += arrays.length;
    const through = pass(layer, index, arrays, values, training);
    groups.push(arrays);
    passed.push(through);
    values = through.output;
  });
  const shares = values.map((logits) => {
    const most = Math.max(...logits);
    const powers = logits.map((z) => Math.exp(z - most));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  });
  const count = batch.labels.length;
  return {
    loss: shares.reduce((sum, share, s) => sum - Math.log(at(share, at(batch.labels, s))), 0) / count,
    arrays: passed.flatMap((through) => through.arrays.map((array) => [...array])),
    gradient: (l2) => {
      let delta: Values = shares.map((share, s) =>
        share.map((p, c) => (p - (c === batch.labels[s] ? 1 : 0)) / count),
      );
      const gradients: number[][][] = [];
      for (const [i, through] of [...passed.entries()].reverse()) {
        const { input, arrays } = through.back(delta);
        const weights = WEIGHTS[plan.layers[i]?.layer.kind ?? ""] ?? [];
        gradients.unshift(
          arrays.map((array, k) =>
            weights.includes(k) ? array.map((g, j) => g + l2 * at(groups[i]?.[k], j)) : array,
          ),
        );
        delta = input;
      }
      return gradients.flat();
    },
  };
}
