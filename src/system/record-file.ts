import crc32c from "crc-32/crc32c.js";

// TFRecord files, as TensorFlow's docs describe them: length, its checksum, data, its checksum.

const HEAD = 12;
const FOOT = 4;

/** A checksum as record files have it, so that the checksum of data with checksums in it is good too. */
function maskedChecksum(data: Uint8Array): number {
  const sum = crc32c.buf(data) >>> 0;
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

/** A record of a TFRecord file. */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD + data.length + FOOT);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(bytes.subarray(0, 8)), true);
  bytes.set(data, HEAD);
  view.setUint32(HEAD + data.length, maskedChecksum(data), true);
  return bytes;
}

/** Takes the data out of a TFRecord file whose bytes arrive in pieces. */
export interface RecordSplitter {
  /** Takes the next bytes; returns the data of the records that they complete. Nothing more comes of a broken file. */
  push(chunk: Uint8Array): Uint8Array[];
  /** Whether the bytes are not a TFRecord file, or a broken one. */
  readonly isBroken: boolean;
}

/** Creates a {@link RecordSplitter}. @param limit bytes of a record; larger ones, such as images, are passed over */
export function createRecordSplitter(limit: number): RecordSplitter {
  let held = new Uint8Array(0);
  let skipped = 0;
  let isBroken = false;

  /** How long the record is that begins here: all of it, in bytes; undefined if more bytes must come. */
  const lengthAt = (view: DataView, at: number): number | undefined => {
    if (view.byteLength - at < HEAD) return undefined;
    const head = new Uint8Array(view.buffer, view.byteOffset + at, 8);
    const length = view.getBigUint64(at, true);
    if (maskedChecksum(head) !== view.getUint32(at + 8, true) || length > Number.MAX_SAFE_INTEGER) {
      isBroken = true;
      return undefined;
    }
    return HEAD + Number(length) + FOOT;
  };

  const push = (chunk: Uint8Array): Uint8Array[] => {
    if (isBroken) return [];
    const rest = chunk.subarray(skipped);
    skipped = Math.max(0, skipped - chunk.length);
    const bytes = new Uint8Array(held.length + rest.length);
    bytes.set(held);
    bytes.set(rest, held.length);
    const view = new DataView(bytes.buffer);
    const found: Uint8Array[] = [];
    let at = 0;
    for (;;) {
      const whole = lengthAt(view, at);
      if (whole === undefined) break;
      const end = at + whole;
      if (whole > limit) {
        skipped = Math.max(0, end - bytes.length);
        at = Math.min(end, bytes.length);
        continue;
      }
      if (end > bytes.length) break;
      const data = bytes.subarray(at + HEAD, end - FOOT);
      if (maskedChecksum(data) !== view.getUint32(end - FOOT, true)) {
        isBroken = true;
        break;
      }
      found.push(data);
      at = end;
    }
    held = isBroken ? new Uint8Array(0) : bytes.slice(at);
    return found;
  };

  return {
    push,
    get isBroken() {
      return isBroken;
    },
  };
}
