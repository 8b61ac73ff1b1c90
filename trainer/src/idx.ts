import { TrainerError } from "./errors.js";

/** The contents of an IDX file of unsigned bytes. */
export interface IdxArray {
  /** Sizes from the slowest dimension to the fastest: `[60000, 28, 28]`. */
  readonly shape: readonly number[];
  /** All elements in order; a view of the given bytes. */
  readonly values: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
const TYPES: Readonly<Record<number, string>> = {
  9: "signed bytes",
  11: "16-bit integers",
  12: "32-bit integers",
  13: "floats",
  14: "doubles",
};
const HINT = "Give an IDX file like those of MNIST and Fashion-MNIST, gzipped or not.";

/**
 * Reads an IDX file of unsigned bytes, uncompressed (LeCun, "The MNIST database", section "file formats").
 *
 * @param name of the file, for messages
 * @throws TrainerError IDX_MAGIC, IDX_TYPE, IDX_TRUNCATED, IDX_LONG
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4)
    throw new TrainerError("IDX_TRUNCATED", `${name} has only ${bytes.length} bytes`, HINT);
  const magic = view.getUint32(0);
  const type = view.getUint8(2);
  const dimensions = view.getUint8(3);
  if (view.getUint16(0) !== 0 || (type !== UNSIGNED_BYTE && TYPES[type] === undefined) || dimensions === 0) {
    const shown = magic.toString(16).padStart(8, "0");
    throw new TrainerError("IDX_MAGIC", `${name} is not an IDX file: it begins with 0x${shown}`, HINT);
  }
  if (type !== UNSIGNED_BYTE) {
    throw new TrainerError("IDX_TYPE", `${name} holds ${TYPES[type]}, not unsigned bytes`, HINT);
  }
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) throw new TrainerError("IDX_TRUNCATED", `${name} ends within its header`, HINT);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const wanted = shape.reduce((product, size) => product * size, 1);
  const found = bytes.length - start;
  if (found !== wanted) {
    const message = `${name} should hold ${shape.join(" x ")} = ${wanted} bytes, but holds ${found}`;
    throw found < wanted
      ? new TrainerError("IDX_TRUNCATED", message, "The file is truncated: download it again.")
      : new TrainerError("IDX_LONG", message, HINT);
  }
  return { shape, values: bytes.subarray(start) };
}

/** Writes an IDX file of unsigned bytes, uncompressed. */
export function encodeIdx({ shape, values }: IdxArray): Uint8Array {
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(2, UNSIGNED_BYTE);
  view.setUint8(3, shape.length);
  shape.forEach((size, i) => {
    view.setUint32(4 + 4 * i, size);
  });
  bytes.set(values, start);
  return bytes;
}
