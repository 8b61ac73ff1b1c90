import type { Kernel } from "../kernel.js";
import type { LayerPlan } from "../layer-plan.js";
import { deactivate, type NetworkLayer, pixelsOf, reserveValues, type Values } from "./layer.js";

/** Lays each image out as one row: line by line, each pixel with all its channels. */
export function reserveFlatten(
  kernel: Kernel,
  { output }: LayerPlan,
  before: Values,
  capacity: number,
): NetworkLayer {
  const pixels = pixelsOf(before.shape);
  const { channels } = before.shape;
  const values = reserveValues(kernel, output, "linear", capacity);
  return {
    ...values,
    groups: [],
    statistics: [],
    initialize: () => {},
    forward: ({ rows }) => {
      kernel.call.imagesToSteps(before.output, values.output, rows, 1, pixels, channels);
    },
    backward: ({ rows }) => {
      if (before.delta === 0) return;
      kernel.call.stepsToImages(values.delta, before.delta, rows, 1, pixels, channels);
      deactivate(kernel, before, rows);
    },
  };
}
