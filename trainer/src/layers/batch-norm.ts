import type { Kernel } from "../kernel.js";
import type { BatchNorm } from "../layer-options.js";
import type { LayerPlan } from "../layer-plan.js";
import { type NumberGroup, reserveRow, writeParameter } from "../parameters.js";
import { deactivate, type NetworkLayer, pixelsOf, reserveValues, type Values } from "./layer.js";

/** Batch normalization of each channel, followed by an activation. */
export function reserveBatchNorm(
  kernel: Kernel,
  { output }: LayerPlan,
  { momentum, epsilon, activation }: Required<BatchNorm>,
  before: Values,
  capacity: number,
): NetworkLayer {
  const { channels } = output;
  const pixels = pixelsOf(output);
  const values = reserveValues(kernel, output, activation, capacity);
  const row = () => reserveRow(kernel, channels);
  const [scale, shift, runningMean, runningVariance] = [row(), row(), row(), row()];
  const [mean, spread, scaleGradient, shiftGradient] = [row().at, row().at, row().at, row().at];
  const group: NumberGroup = {
    kind: "numbers",
    parameters: [scale, shift],
    gradients: [scaleGradient, shiftGradient],
  };
  return {
    ...values,
    groups: [group],
    statistics: [runningMean, runningVariance],
    initialize: () => {
      const ones = new Float32Array(channels).fill(1);
      writeParameter(kernel, scale, ones);
      writeParameter(kernel, runningVariance, ones);
    },
    forward: ({ rows, count, iteration }) => {
      if (iteration === undefined) {
        kernel.call.normalizeByRunning(
          before.output,
          scale.at,
          shift.at,
          spread,
          runningMean.at,
          runningVariance.at,
          values.output,
          rows * pixels,
          channels,
          epsilon,
          values.activation,
        );
        return;
      }
      kernel.call.normalizeBatch(
        before.output,
        scale.at,
        shift.at,
        mean,
        spread,
        runningMean.at,
        runningVariance.at,
        values.output,
        count * pixels,
        rows * pixels,
        channels,
        epsilon,
        momentum,
        values.activation,
      );
    },
    backward: ({ rows, count }, updates) => {
      kernel.call.normalizeDelta(
        before.output,
        values.delta,
        scale.at,
        mean,
        spread,
        scaleGradient,
        shiftGradient,
        before.delta,
        count * pixels,
        rows * pixels,
        channels,
      );
      if (before.delta !== 0) deactivate(kernel, before, rows);
      updates.numbers(group);
    },
  };
}
