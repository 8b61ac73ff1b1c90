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
