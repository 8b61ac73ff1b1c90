import type { Kernel } from "./kernel.js";
import type { Address } from "./kernel-functions.js";
import { fromPanels, PANEL, panelFloats, roundUp, toPanels } from "./panels.js";

/** One array of a network's or an optimizer's numbers, as in snapshots. */
export interface Parameter {
  readonly rows: number;
  readonly columns: number;
  /** The columns are so many equal parts, each in panels of its own: 3 in a GRU, otherwise 1. */
  readonly parts: number;
  /** Where its panels are, and the rows of each: 1 for a bias, the inputs rounded up for weights. */
  readonly at: Address;
  readonly panelRows: number;
}

/** Weights that are multiplied by a matrix of inputs, and the bias that is added: trained by `sgdStep` or `adamStep`. */
export interface WeightGroup {
  readonly kind: "weights";
  readonly inputs: number;
  /** As the kernel counts them: every part filled up to whole panels, if there are several. */
  readonly outputs: number;
  /** The weights (inputs x outputs), then the bias. */
  readonly parameters: readonly [Parameter, Parameter];
}

/** Two arrays with a number per column each, whose gradients the kernel leaves in memory. */
export interface NumberGroup {
  readonly kind: "numbers";
  readonly parameters: readonly [Parameter, Parameter];
  readonly gradients: readonly [Address, Address];
}

/** What is trained together. */
export type TrainedGroup = WeightGroup | NumberGroup;

const BYTES = Float32Array.BYTES_PER_ELEMENT;

function floatsOf({ panelRows, columns, parts }: Parameter): number {
  return parts * panelFloats(panelRows, columns / parts);
}

/** Reserves zeroed memory for floats. */
export function reserveFloats(kernel: Kernel, count: number): Address {
  return kernel.reserve(count * BYTES);
}

/** Reserves a row of numbers, one per column. */
export function reserveRow(kernel: Kernel, columns: number, parts = 1): Parameter {
  const at = reserveFloats(kernel, parts * roundUp(columns / parts, PANEL));
  return { rows: 1, columns, parts, at, panelRows: 1 };
}

/** Reserves weights and their bias; the outputs in `parts` equal parts. */
export function reserveWeights(kernel: Kernel, inputs: number, outputs: number, parts = 1): WeightGroup {
  const panelRows = roundUp(inputs, PANEL);
  const wide = parts === 1 ? outputs : parts * roundUp(outputs / parts, PANEL);
  const at = reserveFloats(kernel, panelFloats(panelRows, wide));
  const weights: Parameter = { rows: inputs, columns: outputs, parts, at, panelRows };
  return {
    kind: "weights",
    inputs,
    outputs: wide,
    parameters: [weights, reserveRow(kernel, outputs, parts)],
  };
}

/** Reserves zeroed memory for an array like this one: an optimizer's average. */
export function reserveLike(kernel: Kernel, parameter: Parameter): Parameter {
  return { ...parameter, at: reserveFloats(kernel, floatsOf(parameter)) };
}

/** Floats of a row of numbers in the kernel's memory. */
export function rowFloats({ columns, parts }: Parameter): number {
  return parts * roundUp(columns / parts, PANEL);
}

function panelsOf(kernel: Kernel, parameter: Parameter): Float32Array {
  return kernel.floats(parameter.at, floatsOf(parameter));
}

/** A copy of a parameter, row by row. */
export function readParameter(kernel: Kernel, parameter: Parameter): Float32Array {
  const { rows, columns, panelRows, parts } = parameter;
  const plain = new Float32Array(rows * columns);
  fromPanels(panelsOf(kernel, parameter), plain, rows, columns, panelRows, parts);
  return plain;
}

/** Overwrites a parameter, given row by row. What is beyond it in its panels becomes zero: it may have been NaN. */
export function writeParameter(kernel: Kernel, parameter: Parameter, plain: Float32Array): void {
  const { rows, columns, panelRows, parts } = parameter;
  toPanels(plain, panelsOf(kernel, parameter).fill(0), rows, columns, panelRows, parts);
}
