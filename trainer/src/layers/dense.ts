import type { Kernel } from "../kernel.js";
import type { LayerActivation } from "../layer-options.js";
import type { LayerPlan } from "../layer-plan.js";
import { panelFloats } from "../panels.js";
import { reserveFloats, reserveWeights } from "../parameters.js";
import { drawWeights, type NetworkLayer, reserveValues, type Values } from "./layer.js";

/** A dense layer: activation(input x weights + bias). */
export function reserveDense(
  kernel: Kernel,
  { output, drawnFor }: LayerPlan,
  activation: LayerActivation,
  before: Values,
  capacity: number,
): NetworkLayer {
  const inputs = before.shape.channels;
  const outputs = output.channels;
  const values = reserveValues(kernel, output, activation, capacity);
  const group = reserveWeights(kernel, inputs, outputs);
  const [weights, bias] = group.parameters;
  const isFirst = before.delta === 0;
  const transposed = isFirst ? 0 : reserveFloats(kernel, panelFloats(weights.panelRows, outputs));
  return {
    ...values,
    groups: [group],
    statistics: [],
    initialize: (random) => drawWeights(kernel, weights, drawnFor, [inputs, outputs], random),
    forward: ({ rows }) => {
      kernel.call.denseForward(
        before.output,
        weights.at,
        bias.at,
        values.output,
        rows,
        inputs,
        outputs,
        values.activation,
      );
    },
    backward: ({ rows }, updates) => {
      if (!isFirst) {
        kernel.call.transpose(weights.at, transposed, inputs, outputs);
        kernel.call.denseInputDelta(
          values.delta,
          transposed,
          before.output,
          before.delta,
          rows,
          inputs,
          outputs,
          before.activation,
        );
      }
      updates.weights(group, before.output, values.delta, rows);
    },
  };
}
