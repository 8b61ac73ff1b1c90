import type { Kernel } from "../kernel.js";
import type { Address } from "../kernel-functions.js";
import type { Dropout } from "../layer-options.js";
import type { LayerPlan } from "../layer-plan.js";
import { panelFloats } from "../panels.js";
import { PURPOSE, randomStream } from "../random.js";
import { deactivate, type NetworkLayer, pixelsOf, reserveValues, type Values } from "./layer.js";

/**
 * Dropout. Which values are dropped is computed again on the way back, from two keys of the iteration, instead of
 * being stored.
 *
 * @param index the layer's number, which tells its randomness from that of other layers
 */
export function reserveDropout(
  kernel: Kernel,
  { output }: LayerPlan,
  { rate }: Required<Dropout>,
  before: Values,
  capacity: number,
  { seed, index }: { readonly seed: number; readonly index: number },
): NetworkLayer {
  const values = reserveValues(kernel, output, "linear", capacity);
  const pixels = pixelsOf(output);
  const { channels } = output;
  const threshold = Math.min(2 ** 32 - 1, Math.round(rate * 2 ** 32));
  const drop = (from: Address, to: Address, rows: number, iteration: number): void => {
    const random = randomStream(seed, PURPOSE.dropout + index, iteration);
    const first = random.uint32();
    const second = random.uint32();
    kernel.call.dropout(from, to, rows * pixels, channels, first, second, threshold, 1 / (1 - rate));
  };
  return {
    ...values,
    groups: [],
    statistics: [],
    initialize: () => {},
    forward: ({ rows, iteration }) => {
      if (iteration !== undefined) {
        drop(before.output, values.output, rows, iteration);
        return;
      }
      const floats = panelFloats(rows * pixels, channels);
      kernel.floats(values.output, floats).set(kernel.floats(before.output, floats));
    },
    backward: ({ rows, iteration }) => {
      if (before.delta === 0 || iteration === undefined) return;
      drop(values.delta, before.delta, rows, iteration);
      deactivate(kernel, before, rows);
    },
  };
}
