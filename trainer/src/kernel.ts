import { readFileSync } from "node:fs";
import { TrainerError } from "./errors.js";
import { type Address, isKernel, type KernelFunctions } from "./kernel-functions.js";

/** One instance of the kernel, with its own memory. */
export interface Kernel {
  readonly call: KernelFunctions;
  readonly simd: Simd;
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

/**
 * Which instructions multiply: `plain` ones round each product and each sum, and give the same bits everywhere;
 * `relaxed` ones round once where the processor can, which is quicker. They differ in the last bits.
 */
export type Simd = "relaxed" | "plain";

/** Both, the quicker one first. */
export const SIMD: readonly Simd[] = ["relaxed", "plain"];

const FILES: Readonly<Record<Simd, URL>> = {
  relaxed: new URL("../kernel/kernel-relaxed.wasm", import.meta.url),
  plain: new URL("../kernel/kernel.wasm", import.meta.url),
};

const compiled = new Map<Simd, WebAssembly.Module | undefined>();

/** The compiled kernel; undefined if the engine lacks what it uses. Files are read and compiled once per process. */
function compile(simd: Simd): WebAssembly.Module | undefined {
  if (!compiled.has(simd)) {
    const bytes = readFileSync(FILES[simd]);
    compiled.set(simd, WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined);
  }
  return compiled.get(simd);
}

/**
 * Returns an instance of the kernel with empty memory.
 *
 * @param wanted the instructions; by default `relaxed` ones where the engine has them, otherwise `plain` ones
 * @throws TrainerError SIMD_MISSING if the engine lacks the ones wanted
 */
export function openKernel(wanted?: Simd): Kernel {
  const simd = wanted ?? (compile("relaxed") === undefined ? "plain" : "relaxed");
  const code = compile(simd);
  if (code === undefined) {
    throw new TrainerError(
      "SIMD_MISSING",
      `this engine (Node ${process.versions.node}) has no ${simd} WebAssembly SIMD`,
      simd === "relaxed"
        ? "Use Node 21 or newer, start Node 20 with --experimental-wasm-relaxed-simd, or take plain."
        : "Use Node 20.19 or newer.",
    );
  }
  const { exports } = new WebAssembly.Instance(code);
  const heap = exports["__heap_base"];
  if (!isKernel(exports) || !(heap instanceof WebAssembly.Global)) {
    throw new TrainerError(
      "KERNEL_INVALID",
      "the kernel does not export what the trainer calls",
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
    simd,
    reserve,
    floats: (at, length) => new Float32Array(memory.buffer, at, length),
    bytes: (at, length) => new Uint8Array(memory.buffer, at, length),
    words: (at, length) => new Uint32Array(memory.buffer, at, length),
  };
}
