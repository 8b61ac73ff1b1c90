/** A place in the kernel's memory, in bytes from its start. */
export type Address = number;

/**
 * The exports of kernel/*.c; the C files say what each function does. All matrices are in panels, see
 * panels.ts.
 */
export type KernelFunctions = {
  readonly memory: WebAssembly.Memory;
  gatherBytes(
    samples: Address,
    indices: Address,
    output: Address,
    count: number,
    rows: number,
    inputs: number,
    scale: number,
    shift: number,
  ): void;
  denseForward(
    input: Address,
    weights: Address,
    bias: Address,
    output: Address,
    rows: number,
    inputs: number,
    outputs: number,
    activation: number,
  ): void;
  denseInputDelta(
    delta: Address,
    transposed: Address,
    input: Address,
    inputDelta: Address,
    rows: number,
    inputs: number,
    outputs: number,
    activation: number,
  ): void;
  transpose(weights: Address, transposed: Address, inputs: number, outputs: number): void;
  crossEntropy(
    logits: Address,
    labels: Address,
    indices: Address,
    delta: Address,
    count: number,
    rows: number,
    classes: number,
  ): number;
  countRight(
    logits: Address,
    labels: Address,
    indices: Address,
    count: number,
    rows: number,
    classes: number,
  ): number;
  sgdStep(
    input: Address,
    delta: Address,
    weights: Address,
    bias: Address,
    velocity: Address,
    biasVelocity: Address,
    rows: number,
    inputs: number,
    outputs: number,
    rate: number,
    momentum: number,
    l2: number,
  ): void;
  adamStep(
    input: Address,
    delta: Address,
    weights: Address,
    bias: Address,
    first: Address,
    biasFirst: Address,
    second: Address,
    biasSecond: Address,
    rows: number,
    inputs: number,
    outputs: number,
    step: number,
    correction: number,
    beta1: number,
    beta2: number,
    rest1: number,
    rest2: number,
    epsilon: number,
    l2: number,
  ): void;
  gatherImages(
    samples: Address,
    indices: Address,
    output: Address,
    count: number,
    rows: number,
    pixels: number,
    channels: number,
    scale: number,
  ): void;
  imagesToSteps(
    images: Address,
    steps: Address,
    rows: number,
    height: number,
    width: number,
    channels: number,
  ): void;
  stepsToImages(
    steps: Address,
    images: Address,
    rows: number,
    height: number,
    width: number,
    channels: number,
  ): void;
  windowColumns(
    image: Address,
    columns: Address,
    images: number,
    height: number,
    width: number,
    channels: number,
    size: number,
    stride: number,
    padding: number,
  ): void;
  addWindowColumns(
    columns: Address,
    image: Address,
    images: number,
    height: number,
    width: number,
    channels: number,
    size: number,
    stride: number,
    padding: number,
  ): void;
  maxPool(
    image: Address,
    output: Address,
    chosen: Address,
    images: number,
    height: number,
    width: number,
    channels: number,
    size: number,
    stride: number,
  ): void;
  maxPoolDelta(
    delta: Address,
    chosen: Address,
    imageDelta: Address,
    images: number,
    height: number,
    width: number,
    channels: number,
    size: number,
    stride: number,
  ): void;
  dropout(
    input: Address,
    output: Address,
    rows: number,
    columns: number,
    first: number,
    second: number,
    threshold: number,
    scale: number,
  ): void;
  deactivate(delta: Address, output: Address, count: number, activation: number): void;
  normalizeBatch(
    input: Address,
    scale: Address,
    shift: Address,
    mean: Address,
    spread: Address,
    runningMean: Address,
    runningVariance: Address,
    output: Address,
    count: number,
    rows: number,
    columns: number,
    epsilon: number,
    momentum: number,
    activation: number,
  ): void;
  normalizeByRunning(
    input: Address,
    scale: Address,
    shift: Address,
    spread: Address,
    runningMean: Address,
    runningVariance: Address,
    output: Address,
    rows: number,
    columns: number,
    epsilon: number,
    activation: number,
  ): void;
  normalizeDelta(
    input: Address,
    delta: Address,
    scale: Address,
    mean: Address,
    spread: Address,
    scaleGradient: Address,
    shiftGradient: Address,
    inputDelta: Address,
    count: number,
    rows: number,
    columns: number,
  ): void;
  gruForward(
    gates: Address,
    weights: Address,
    bias: Address,
    before: Address,
    candidate: Address,
    state: Address,
    output: Address,
    rows: number,
    steps: number,
    units: number,
  ): void;
  gruBackward(
    gates: Address,
    transposed: Address,
    before: Address,
    candidate: Address,
    delta: Address,
    inputDelta: Address,
    stateDelta: Address,
    rows: number,
    steps: number,
    units: number,
  ): void;
  sgdNumbers(
    gradient: Address,
    numbers: Address,
    velocity: Address,
    count: number,
    rate: number,
    momentum: number,
  ): void;
  adamNumbers(
    gradient: Address,
    numbers: Address,
    first: Address,
    second: Address,
    count: number,
    step: number,
    correction: number,
    beta1: number,
    beta2: number,
    rest1: number,
    rest2: number,
    epsilon: number,
  ): void;
};

const FUNCTION_NAMES = [
  "gatherBytes",
  "denseForward",
  "denseInputDelta",
  "transpose",
  "crossEntropy",
  "countRight",
  "sgdStep",
  "adamStep",
  "gatherImages",
  "imagesToSteps",
  "stepsToImages",
  "windowColumns",
  "addWindowColumns",
  "maxPool",
  "maxPoolDelta",
  "dropout",
  "deactivate",
  "normalizeBatch",
  "normalizeByRunning",
  "normalizeDelta",
  "gruForward",
  "gruBackward",
  "sgdNumbers",
  "adamNumbers",
] as const;

/** Whether a module exports all of them. */
export function isKernel(exports: WebAssembly.Exports): exports is KernelFunctions {
  return (
    exports["memory"] instanceof WebAssembly.Memory &&
    FUNCTION_NAMES.every((name) => typeof exports[name] === "function")
  );
}
