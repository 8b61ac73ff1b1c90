import { readFileSync } from "node:fs";
import { TrainerError } from "./errors.js";

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

/** One instance of the kernel, with its own memory. */
export interface Kernel {
  readonly call: KernelFunctions;
  /**
   * Reserves zeroed memory for good, aligned to a cache line.
   *
   * @throws TrainerError TRAINER_MEMORY if the network and its data do not fit in 4 GiB
   */
  reserve(bytes: number): Address;
  /** A window on `length` floats of the memory; not valid after the next {@link reserve}. */
  floats(at: Address, length: number): Float32Array;
  bytes(at: Address, length: number): Uint8Array;
  words(at: Address, length: number): Uint32Array;
}

const PAGE_BYTES = 65536;
const LINE_BYTES = 64;
const MOST_BYTES = 2 ** 32 - PAGE_BYTES;

let compiled: WebAssembly.Module | undefined;

function isKernel(exports: WebAssembly.Exports): exports is KernelFunctions {
  return (
    exports["memory"] instanceof WebAssembly.Memory &&
    FUNCTION_NAMES.every((name) => typeof exports[name] === "function")
  );
}

/**
 * Loads the kernel (the file is read and compiled once per process) and returns an instance with empty
 * memory.
 */
export function openKernel(): Kernel {
  compiled ??= new WebAssembly.Module(readFileSync(new URL("../kernel/kernel.wasm", import.meta.url)));
  const { exports } = new WebAssembly.Instance(compiled);
  const heap = exports["__heap_base"];
  if (!isKernel(exports) || !(heap instanceof WebAssembly.Global)) {
    throw new TrainerError(
      "KERNEL_INVALID",
      "kernel.wasm does not export what the trainer calls",
      "Rebuild it with scripts/build-kernel.sh.",
    );
  }
  const { memory } = exports;
  let top = Number(heap.value);

  const reserve = (bytes: number): Address => {
    const at = Math.ceil(top / LINE_BYTES) * LINE_BYTES;
    const end = at + bytes;
    const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE_BYTES);
    try {
      if (end > MOST_BYTES) throw new RangeError("beyond 4 GiB");
      if (missing > 0) memory.grow(missing);
    } catch (error) {
      throw new TrainerError(
        "TRAINER_MEMORY",
        `the network and its data need more memory than is available (${Math.ceil(end / 2 ** 20)} MiB so far)`,
        "Use narrower layers, a smaller batch or fewer images; a trainer can have at most 4 GiB.",
        { cause: error },
      );
    }
    top = end;
    return at;
  };
  return {
    call: exports,
    reserve,
    floats: (at, length) => new Float32Array(memory.buffer, at, length),
    bytes: (at, length) => new Uint8Array(memory.buffer, at, length),
    words: (at, length) => new Uint32Array(memory.buffer, at, length),
  };
}
