import type { Kernel } from "../kernel.js";
import type { MaxPool } from "../layer-options.js";
import type { LayerPlan } from "../layer-plan.js";
import { panelFloats } from "../panels.js";
import { reserveFloats } from "../parameters.js";
import { deactivate, type NetworkLayer, pixelsOf, reserveValues, type Values } from "./layer.js";

/** The largest value of each window; its delta goes back to where that was. */
export function reserveMaxPool(
  kernel: Kernel,
  { output }: LayerPlan,
  { size, stride }: Required<MaxPool>,
  before: Values,
  capacity: number,
): NetworkLayer {
  const { height, width, channels } = before.shape;
  const values = reserveValues(kernel, output, "linear", capacity);
  const chosen = reserveFloats(kernel, panelFloats(capacity * pixelsOf(output), channels));
  return {
    ...values,
    groups: [],
    statistics: [],
    initialize: () => {},
    forward: ({ rows }) => {
      kernel.call.maxPool(before.output, values.output, chosen, rows, height, width, channels, size, stride);
    },
    backward: ({ rows }) => {
      if (before.delta === 0) return;
      kernel.call.maxPoolDelta(
        values.delta,
        chosen,
        before.delta,
        rows,
        height,
        width,
        channels,
        size,
        stride,
      );
      deactivate(kernel, before, rows);
    },
  };
}
