import type { Kernel } from "../kernel.js";
import type { LayerPlan } from "../layer-plan.js";
import { PANEL, panelFloats, roundUp } from "../panels.js";
import { reserveFloats, reserveWeights } from "../parameters.js";
import { deactivate, drawWeights, type NetworkLayer, reserveValues, type Values } from "./layer.js";

/** Gates, of which each has its part of the weights' columns: reset, update, candidate. */
const GATES = 3;

/** A gated recurrent unit over the lines of an image. Its weights: those of the inputs, then those of the state. */
export function reserveGru(
  kernel: Kernel,
  { output }: LayerPlan,
  before: Values,
  capacity: number,
): NetworkLayer {
  const { height: steps, width, channels } = before.shape;
  const units = output.channels;
  const inputs = width * channels;
  const values = reserveValues(kernel, output, "linear", capacity);
  const ofInput = reserveWeights(kernel, inputs, GATES * units, GATES);
  const ofState = reserveWeights(kernel, units, GATES * units, GATES);
  const [inputWeights, inputBias] = ofInput.parameters;
  const [stateWeights, stateBias] = ofState.parameters;
  const gateColumns = ofInput.outputs;
  const isFirst = before.delta === 0;
  const floats = (count: number) => reserveFloats(kernel, count);
  const all = capacity * steps;
  const lines = floats(panelFloats(all, inputs));
  const linesDelta = isFirst ? 0 : floats(panelFloats(all, inputs));
  const gates = floats(panelFloats(all, gateColumns));
  const earlier = floats(panelFloats(all, units));
  const candidate = floats(panelFloats(all, units));
  const inputDelta = floats(panelFloats(all, gateColumns));
  const stateDelta = floats(panelFloats(all, gateColumns));
  const state = floats(panelFloats(capacity, gateColumns));
  const inputTransposed = isFirst ? 0 : floats(panelFloats(roundUp(inputs, PANEL), gateColumns));
  const stateTransposed = floats(panelFloats(roundUp(units, PANEL), gateColumns));
  return {
    ...values,
    groups: [ofInput, ofState],
    statistics: [],
    initialize: (random) => {
      drawWeights(kernel, inputWeights, "tanh", [inputs, units], random);
      drawWeights(kernel, stateWeights, "tanh", [units, units], random);
    },
    forward: ({ rows }) => {
      kernel.call.imagesToSteps(before.output, lines, rows, steps, width, channels);
      kernel.call.denseForward(
        lines,
        inputWeights.at,
        inputBias.at,
        gates,
        rows * steps,
        inputs,
        gateColumns,
        0,
      );
      kernel.call.gruForward(
        gates,
        stateWeights.at,
        stateBias.at,
        earlier,
        candidate,
        state,
        values.output,
        rows,
        steps,
        units,
      );
    },
    backward: ({ rows }, updates) => {
      kernel.call.transpose(stateWeights.at, stateTransposed, units, gateColumns);
      kernel.call.gruBackward(
        gates,
        stateTransposed,
        earlier,
        candidate,
        values.delta,
        inputDelta,
        stateDelta,
        rows,
        steps,
        units,
      );
      if (!isFirst) {
        kernel.call.transpose(inputWeights.at, inputTransposed, inputs, gateColumns);
        kernel.call.denseInputDelta(
          inputDelta,
          inputTransposed,
          lines,
          linesDelta,
          rows * steps,
          inputs,
          gateColumns,
          0,
        );
        kernel.call.stepsToImages(linesDelta, before.delta, rows, steps, width, channels);
        deactivate(kernel, before, rows);
      }
      updates.weights(ofInput, lines, inputDelta, rows * steps);
      updates.weights(ofState, earlier, stateDelta, rows * steps);
    },
  };
}
