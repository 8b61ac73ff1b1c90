import { createHash } from "node:crypto";
import { TrainerError } from "./errors.js";

/**
 * A saved training: `CWTRAIN1`, the length of a JSON header (32 bits, little-endian), the header, and all numbers
 * as little-endian 32-bit floats, weights row by row. The header holds the SHA-256 of the numbers.
 */
export interface Snapshot {
  readonly network: SnapshotNetwork;
  readonly progress: SnapshotProgress;
  /** Weights and biases, then the optimizer's averages. */
  readonly values: Float32Array;
}

/** What must be the same when a snapshot is loaded. */
export interface SnapshotNetwork {
  /** As planned: see layer-plan.ts. */
  readonly layers: readonly (number | object)[];
  readonly activation: string;
  readonly optimizer: string;
  /** Images of the training set. */
  readonly images: number;
}

/** A training's progress. */
export interface SnapshotProgress {
  /** Updates done. */
  readonly iteration: number;
  /** Complete passes over the training set. */
  readonly epoch: number;
  /** Images of the current pass that were trained on. */
  readonly position: number;
  /** The sum of the losses of `recentImages` images, since the training loss was last read. */
  readonly recentLoss: number | "NaN" | "Infinity";
  readonly recentImages: number;
}

interface Header {
  readonly network: SnapshotNetwork;
  readonly progress: SnapshotProgress;
  readonly sha256: string;
}

const MAGIC = "CWTRAIN1";
const PREFIX_BYTES = MAGIC.length + 4;

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Writes a snapshot. */
export function encodeSnapshot({ network, progress, values }: Snapshot): Uint8Array {
  const numbers = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const header: Header = { network, progress, sha256: digest(numbers) };
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, "latin1");
  prefix.writeUInt32LE(text.length, MAGIC.length);
  return Buffer.concat([prefix, text, numbers]);
}

function reject(message: string, cause?: unknown): never {
  throw new TrainerError(
    "SNAPSHOT_INVALID",
    `the snapshot ${message}`,
    "Give a complete file that the trainer saved; if there is none, train from scratch.",
    { cause },
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isLoss(value: unknown): value is number | "NaN" | "Infinity" {
  return typeof value === "number" || value === "NaN" || value === "Infinity";
}

function isHeader(value: unknown): value is Header {
  if (!isRecord(value)) return false;
  const { network, progress, sha256 } = value;
  if (!isRecord(network) || !isRecord(progress) || typeof sha256 !== "string") return false;
  const { layers, activation, optimizer, images } = network;
  return (
    Array.isArray(layers) &&
    layers.every((layer) => isCount(layer) || isRecord(layer)) &&
    typeof activation === "string" &&
    typeof optimizer === "string" &&
    isCount(images) &&
    [progress["iteration"], progress["epoch"], progress["position"], progress["recentImages"]].every(
      isCount,
    ) &&
    isLoss(progress["recentLoss"])
  );
}

/**
 * Reads a snapshot.
 *
 * @throws TrainerError SNAPSHOT_INVALID if the bytes are not a snapshot, truncated, or changed
 */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.toString("latin1", 0, MAGIC.length) !== MAGIC) reject(`does not begin with ${MAGIC}`);
  if (buffer.length < PREFIX_BYTES) reject("is truncated");
  const end = PREFIX_BYTES + buffer.readUInt32LE(MAGIC.length);
  if (buffer.length < end) reject("is truncated in its header");
  let header: unknown;
  try {
    header = JSON.parse(buffer.toString("utf8", PREFIX_BYTES, end));
  } catch (error) {
    reject("has a header that is not valid JSON", error);
  }
  if (!isHeader(header)) reject("has a header with missing entries");
  const numbers = Uint8Array.from(buffer.subarray(end));
  if (digest(numbers) !== header.sha256) reject("is truncated or was changed: its SHA-256 does not match");
  if (numbers.length % 4 !== 0) reject("ends in the middle of a number");
  return { network: header.network, progress: header.progress, values: new Float32Array(numbers.buffer) };
}
