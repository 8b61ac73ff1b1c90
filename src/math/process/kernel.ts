import { KERNEL_BYTES } from "./kernel-bytes.js";

/** A place in the kernel's memory, in bytes from its start. */
export type Address = number;

/** The exports of kernel/*.c, of which the C files say what each does. Strides count doubles. */
interface KernelFunctions {
  readonly memory: Memory;
  covariances(
    columns: Address,
    stride: number,
    count: number,
    numeric: number,
    all: number,
    weights: Address,
    point: Address,
    step: number,
    values: Address,
    slopes: Address,
  ): void;
  derivativeSums(
    columns: Address,
    stride: number,
    count: number,
    numeric: number,
    all: number,
    alpha: Address,
    inverse: Address,
    slopes: Address,
    sums: Address,
    moments: Address,
    mismatches: Address,
  ): void;
  factor(matrix: Address, stride: number, from: number, to: number): number;
  solve(lower: Address, stride: number, count: number, right: Address, rows: number): void;
  solveTransposed(lower: Address, stride: number, count: number, right: Address): void;
  invert(lower: Address, stride: number, count: number, scratch: Address, inverse: Address): void;
  moments(
    solved: Address,
    stride: number,
    rows: number,
    weights: Address,
    observed: number,
    count: number,
    means: Address,
    squares: Address,
  ): void;
}

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What every engine that runs this has, browsers as well as Node; ECMAScript's own types lack it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => { readonly exports: KernelFunctions & { readonly __heap_base: { readonly value: number } } };
};

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The bytes of a text in base64. */
function bytesOf(text: string): Uint8Array {
  const digits = text.replace(/=+$/u, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let at = 0;
  for (let place = 0; place < digits.length; place++) {
    bits = ((bits << 6) | ALPHABET.indexOf(digits.charAt(place))) & 0xffffff;
    if (place % 4 === 0) continue;
    bytes[at] = (bits >> (6 - 2 * (place % 4))) & 0xff;
    at += 1;
  }
  return bytes;
}

const PAGE_BYTES = 65_536;
const DOUBLE_BYTES = 8;

/** Doubles in the kernel's memory, at a place that changes when they must grow. */
export interface Area {
  readonly at: Address;
  /** Makes room for so many doubles; what the area holds is lost if it moves. Returns whether it moved. */
  reserve(length: number): boolean;
  /** A window on the doubles; not valid after the next `reserve` of any area. */
  view(): Float64Array;
}

/** An instance of the kernel, with memory of its own. */
export interface ProcessKernel {
  readonly call: KernelFunctions;
  area(): Area;
}

let compiled: object | undefined;

/** Opens an instance; the kernel is compiled once, at the first call. */
export function openProcessKernel(): ProcessKernel {
  compiled ??= new WebAssembly.Module(bytesOf(KERNEL_BYTES));
  const { exports } = new WebAssembly.Instance(compiled);
  const { memory, __heap_base: heap } = exports;
  let top = Math.ceil(heap.value / 16) * 16;

  const area = (): Area => {
    let at = top;
    let capacity = 0;
    return {
      get at() {
        return at;
      },
      reserve: (length) => {
        if (length <= capacity) return false;
        // Areas only grow, to twice what they had at least, so that what they leave behind is less than what they have.
        capacity = Math.max(2 * Math.ceil(length / 2), 2 * capacity);
        at = top;
        top += capacity * DOUBLE_BYTES;
        const missing = Math.ceil((top - memory.buffer.byteLength) / PAGE_BYTES);
        if (missing > 0) memory.grow(missing);
        return true;
      },
      view: () => new Float64Array(memory.buffer, at, capacity),
    };
  };
  return { call: exports, area };
}
