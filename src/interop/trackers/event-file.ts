import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ParamValue } from "../../core/param.js";
import { textOfValue } from "../../core/param-value.js";
import { record } from "../../system/index.js";

// The fields' numbers are those of TensorBoard's event.proto, summary.proto, tensor.proto and plugin_data.proto.

/** The number of `DT_FLOAT` among TensorFlow's types. */
const FLOAT = 1;
/** `DATA_CLASS_SCALAR`. */
const SCALAR = 1;

/** How a session of the HParams plugin ended. */
export const SESSION_STATUS = { success: 1, failure: 2, running: 3 } as const;
export type SessionStatus = keyof typeof SESSION_STATUS;

const field = (writer: BinaryWriter, number: number): BinaryWriter =>
  writer.tag(number, WireType.LengthDelimited);
const nested = (
  writer: BinaryWriter,
  number: number,
  write: (writer: BinaryWriter) => void,
): BinaryWriter => {
  field(writer, number).fork();
  write(writer);
  return writer.join();
};

/** An event. @param time milliseconds since 1970 */
function event(time: number, step: number, write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter().tag(1, WireType.Bit64).double(time / 1000);
  // What is zero or empty is left out, as Protobuf's own writers do.
  if (step !== 0) writer.tag(2, WireType.Varint).int64(step);
  write(writer);
  return record(writer.finish());
}

/** The first record of every file, by which readers know its kind. */
export const fileVersion = (time: number): Uint8Array =>
  event(time, 0, (writer) => field(writer, 3).string("brain.Event:2"));

/** Which plugin shows a value, and what it needs for that. */
function metadata(
  writer: BinaryWriter,
  plugin: string,
  content: Uint8Array,
  dataClass: number | undefined,
): void {
  nested(writer, 9, (inner) => {
    nested(inner, 1, (data) => {
      field(data, 1).string(plugin);
      if (content.length > 0) field(data, 2).bytes(content);
    });
    if (dataClass !== undefined) inner.tag(4, WireType.Varint).int32(dataClass);
  });
}

/**
 * A report: one scalar for each metric, in single precision, which is all that every reader of these files understands:
 * TensorBoard's own data server passes over numbers of double precision.
 */
export function scalars(time: number, step: number, metrics: Readonly<Record<string, number>>): Uint8Array {
  return event(time, step, (writer) =>
    nested(writer, 5, (summary) => {
      for (const [name, number] of Object.entries(metrics)) {
        nested(summary, 1, (value) => {
          field(value, 1).string(name);
          value.tag(2, WireType.Bit32).float(Math.fround(number));
          metadata(value, "scalars", new Uint8Array(), SCALAR);
        });
      }
    }),
  );
}

/** A summary of the HParams plugin: all of it is in the metadata, beside an empty tensor. */
function hparams(time: number, tag: string, write: (writer: BinaryWriter) => void): Uint8Array {
  const content = new BinaryWriter();
  write(content);
  const bytes = content.finish();
  return event(time, 0, (writer) =>
    nested(writer, 5, (summary) =>
      nested(summary, 1, (value) => {
        field(value, 1).string(tag);
        nested(value, 8, (tensor) => {
          tensor.tag(1, WireType.Varint).int32(FLOAT);
          // One dimension, of size 0.
          nested(tensor, 2, (shape) => nested(shape, 2, () => {}));
        });
        metadata(value, "hparams", bytes, undefined);
      }),
    ),
  );
}

/** A `google.protobuf.Value`. */
function hparamValue(writer: BinaryWriter, value: ParamValue): void {
  if (typeof value === "number") writer.tag(2, WireType.Bit64).double(value);
  else if (typeof value === "boolean") writer.tag(4, WireType.Varint).bool(value);
  else field(writer, 3).string(textOfValue(value));
}

/** A trial's params, by which the HParams plugin lists it. @param group the trial's name */
export function sessionStart(
  time: number,
  group: string,
  params: Readonly<Record<string, ParamValue>>,
): Uint8Array {
  return hparams(time, "_hparams_/session_start_info", (writer) =>
    nested(writer, 3, (start) => {
      for (const [name, value] of Object.entries(params)) {
        nested(start, 1, (entry) => {
          field(entry, 1).string(name);
          nested(entry, 2, (inner) => hparamValue(inner, value));
        });
      }
      field(start, 4).string(group);
      start.tag(5, WireType.Bit64).double(time / 1000);
    }),
  );
}

/** How a trial ended. */
export function sessionEnd(time: number, status: SessionStatus): Uint8Array {
  return hparams(time, "_hparams_/session_end_info", (writer) =>
    nested(writer, 4, (end) => {
      end.tag(1, WireType.Varint).int32(SESSION_STATUS[status]);
      end.tag(2, WireType.Bit64).double(time / 1000);
    }),
  );
}
