import type { Kernel } from "../kernel.js";
import type { Conv2d } from "../layer-options.js";
import type { LayerPlan } from "../layer-plan.js";
import { PANEL, panelFloats, roundUp } from "../panels.js";
import { reserveFloats, reserveWeights } from "../parameters.js";
import { deactivate, drawWeights, type NetworkLayer, pixelsOf, reserveValues, type Values } from "./layer.js";

/** A convolution: what the windows see becomes the rows of a matrix, which is multiplied by the filters. */
export function reserveConv2d(
  kernel: Kernel,
  { output, drawnFor }: LayerPlan,
  { filters, size, stride, padding, activation }: Required<Conv2d>,
  before: Values,
  capacity: number,
): NetworkLayer {
  const { height, width, channels } = before.shape;
  const inputs = size * size * channels;
  const pixels = pixelsOf(output);
  const values = reserveValues(kernel, output, activation, capacity);
  const group = reserveWeights(kernel, inputs, filters);
  const [weights, bias] = group.parameters;
  const isFirst = before.delta === 0;
  const floats = panelFloats(capacity * pixels, inputs);
  // A window of one pixel sees what the image is.
  const isImage = size === 1 && stride === 1;
  const columns = isImage ? before.output : reserveFloats(kernel, floats);
  const columnsDelta = isFirst || isImage ? before.delta : reserveFloats(kernel, floats);
  const transposed = isFirst ? 0 : reserveFloats(kernel, panelFloats(roundUp(inputs, PANEL), filters));
  return {
    ...values,
    groups: [group],
    statistics: [],
    initialize: (random) => drawWeights(kernel, weights, drawnFor, [inputs, size * size * filters], random),
    forward: ({ rows }) => {
      if (!isImage) {
        kernel.call.windowColumns(
          before.output,
          columns,
          rows,
          height,
          width,
          channels,
          size,
          stride,
          padding,
        );
      }
      kernel.call.denseForward(
        columns,
        weights.at,
        bias.at,
        values.output,
        rows * pixels,
        inputs,
        filters,
        values.activation,
      );
    },
    backward: ({ rows }, updates) => {
      if (!isFirst) {
        kernel.call.transpose(weights.at, transposed, inputs, filters);
        kernel.call.denseInputDelta(
          values.delta,
          transposed,
          columns,
          columnsDelta,
          rows * pixels,
          inputs,
          filters,
          0,
        );
        if (!isImage) {
          kernel.call.addWindowColumns(
            columnsDelta,
            before.delta,
            rows,
            height,
            width,
            channels,
            size,
            stride,
            padding,
          );
        }
        deactivate(kernel, before, rows);
      }
      updates.weights(group, columns, values.delta, rows * pixels);
    },
  };
}
