import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { MAX_METRIC_NAME } from "../../core/events.js";
import { createRecordSplitter } from "../../system/index.js";
import type { Line, LineSplitter } from "../line-splitter.js";

// The fields' numbers are those of TensorBoard's event.proto, summary.proto and tensor.proto.

/** Bytes of an event that is looked at: scalars need few, images and graphs many. */
const LARGEST = 1 << 20;
/** TensorFlow's types of numbers. */
const TYPE = { float: 1, double: 2, int32: 3, int64: 9 } as const;

/** Reads a message field by field; fields that nobody takes are passed over. */
function readFields(
  bytes: Uint8Array,
  takers: Readonly<Record<number, (reader: BinaryReader, type: WireType) => void>>,
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const take = takers[number];
    if (take === undefined) reader.skip(type, number);
    else take(reader, type);
  }
}

/** The numbers of a field that may be packed. */
function numbersOf(reader: BinaryReader, type: WireType, read: (from: BinaryReader) => number): number[] {
  if (type !== WireType.LengthDelimited) return [read(reader)];
  const packed = new BinaryReader(reader.bytes());
  const numbers: number[] = [];
  while (packed.pos < packed.len) numbers.push(read(packed));
  return numbers;
}

/** The number of a tensor that is one. */
function numberOfTensor(bytes: Uint8Array): number | undefined {
  let type = 0;
  let content: Uint8Array | undefined;
  const numbers: number[] = [];
  readFields(bytes, {
    1: (reader) => {
      type = reader.int32();
    },
    4: (reader) => {
      content = reader.bytes();
    },
    5: (reader, wire) => numbers.push(...numbersOf(reader, wire, (from) => from.float())),
    6: (reader, wire) => numbers.push(...numbersOf(reader, wire, (from) => from.double())),
    7: (reader, wire) => numbers.push(...numbersOf(reader, wire, (from) => from.int32())),
    10: (reader, wire) => numbers.push(...numbersOf(reader, wire, (from) => Number(from.int64()))),
  });
  const [number, ...more] = numbers;
  if (number !== undefined) return more.length === 0 ? number : undefined;
  if (content === undefined) return undefined;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  if (type === TYPE.float && content.length === 4) return view.getFloat32(0, true);
  if (type === TYPE.double && content.length === 8) return view.getFloat64(0, true);
  if (type === TYPE.int32 && content.length === 4) return view.getInt32(0, true);
  if (type === TYPE.int64 && content.length === 8) return Number(view.getBigInt64(0, true));
  return undefined;
}

/** The name and number of a summary's value; undefined if it is a picture, a text or the like. */
function scalarOf(bytes: Uint8Array): readonly [name: string, value: number] | undefined {
  let name = "";
  let value: number | undefined;
  readFields(bytes, {
    1: (reader) => {
      name = reader.string();
    },
    2: (reader) => {
      value = reader.float();
    },
    8: (reader) => {
      value ??= numberOfTensor(reader.bytes());
    },
  });
  return value === undefined || !isMetricName(name) ? undefined : [name, value];
}

/** Whether a tag can be a metric; others must not cost the metrics beside them. `step` is the line's own. */
const isMetricName = (tag: string): boolean =>
  tag !== "" && tag.length <= MAX_METRIC_NAME && tag !== "step" && tag !== "__proto__";

/** The line with which a file ends that is broken, or not one of TensorBoard. */
export const BROKEN = "(these bytes are not an event file of TensorBoard)";

/** The scalars of an event as a line of JSON, in which NaN and the infinities may stand; undefined without any. */
function lineOf(bytes: Uint8Array): string | undefined {
  let step = 0;
  const entries: string[] = [];
  readFields(bytes, {
    2: (reader) => {
      step = Number(reader.int64());
    },
    5: (event) =>
      readFields(event.bytes(), {
        1: (reader) => {
          const scalar = scalarOf(reader.bytes());
          if (scalar !== undefined) entries.push(`${JSON.stringify(scalar[0])}: ${scalar[1]}`);
        },
      }),
  });
  return entries.length === 0 ? undefined : `{"step": ${step}, ${entries.join(", ")}}`;
}

/**
 * Reads an event file of TensorBoard as lines of JSON, one for each event that has scalars: those that PyTorch's and
 * TensorFlow's writers write. One that is broken, or another file, ends with {@link BROKEN}.
 */
export function createEventSplitter(): LineSplitter {
  const records = createRecordSplitter(LARGEST);
  let isTold = false;
  const whole = (text: string): Line => ({ text, cut: false, end: "newline" });
  return {
    push: (chunk) => {
      const lines: Line[] = [];
      for (const data of records.push(chunk)) {
        try {
          const text = lineOf(data);
          if (text !== undefined) lines.push(whole(text));
        } catch {
          // Its checksum is right, so it is not an event, or one with what nobody knew when this was written.
        }
      }
      if (records.isBroken && !isTold) {
        isTold = true;
        lines.push(whole(BROKEN));
      }
      return lines;
    },
    end: () => [],
  };
}
