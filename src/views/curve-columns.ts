/**
 * Learning curves as columns of binary numbers, little-endian: what is drawn of 10,000 trials with 100 points each is
 * 8 MB, a tenth of its JSON.
 *
 * | bytes | contents                                                              |
 * | ----- | --------------------------------------------------------------------- |
 * | 4     | `CWC1`                                                                |
 * | 4 x 3 | Uint32: events that this reflects, curves `n`, points `m` in total    |
 * | 4 n   | Uint32: the trials' numbers, ascending                                |
 * | 4 n+4 | Uint32: where each curve's points begin; last, `m`                    |
 * | 4 m   | Float32: steps                                                        |
 * | 4 m   | Float32: values; NaN where a value is missing or diverged             |
 * | n     | Uint8: the trials' states, as places in `TRIAL_STATES`                  |
 */

/** Curves, one after the other. */
export interface CurveColumns {
  /** How many events of the study these reflect. */
  readonly events: number;
  readonly trials: Uint32Array;
  /** One longer than `trials`. */
  readonly offsets: Uint32Array;
  readonly steps: Float32Array;
  readonly values: Float32Array;
  readonly states: Uint8Array;
}

const MAGIC = 0x31435743;
const HEAD = 16;

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Swaps the bytes of every 4-byte number, on the rare machine that needs it. */
function inFileOrder<Bytes extends Uint8Array>(bytes: Bytes, end: number): Bytes {
  if (isLittleEndian) return bytes;
  for (let at = 0; at + 4 <= end; at += 4) bytes.subarray(at, at + 4).reverse();
  return bytes;
}

/** Writes curves. */
export function encodeCurves(columns: CurveColumns): Uint8Array<ArrayBuffer> {
  const { events, trials, offsets, steps, values, states } = columns;
  const numbers = HEAD + 4 * (trials.length + offsets.length + steps.length + values.length);
  const bytes = new Uint8Array(numbers + states.length);
  new Uint32Array(bytes.buffer, 0, 4).set([MAGIC, events, trials.length, steps.length]);
  let at = HEAD;
  for (const column of [trials, offsets, steps, values]) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  bytes.set(states, at);
  return inFileOrder(bytes, numbers);
}

/** Reads curves. The columns are views of `buffer` where the machine allows it. @throws Error if it holds no curves */
export function decodeCurves(buffer: ArrayBuffer): CurveColumns {
  const whole = buffer.byteLength - (buffer.byteLength % 4);
  const view = new DataView(buffer);
  if (buffer.byteLength < HEAD || view.getUint32(0, true) !== MAGIC)
    throw new Error("these bytes are not curves");
  const [events, curves, points] = [4, 8, 12].map((at) => view.getUint32(at, true));
  const n = curves ?? 0;
  const m = points ?? 0;
  const numbers = HEAD + 4 * (2 * n + 1 + 2 * m);
  if (numbers + n !== buffer.byteLength) throw new Error("these curves are cut off");
  inFileOrder(new Uint8Array(buffer, 0, whole), numbers);
  let at = HEAD;
  const next = (count: number): number => {
    const here = at;
    at += 4 * count;
    return here;
  };
  return {
    events: events ?? 0,
    trials: new Uint32Array(buffer, next(n), n),
    offsets: new Uint32Array(buffer, next(n + 1), n + 1),
    steps: new Float32Array(buffer, next(m), m),
    values: new Float32Array(buffer, next(m), m),
    states: new Uint8Array(buffer, numbers, n),
  };
}
