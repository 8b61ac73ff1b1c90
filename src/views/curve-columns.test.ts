import { describe, expect, it } from "vitest";
import { type CurveColumns, decodeCurves, encodeCurves } from "./curve-columns.js";

const columns: CurveColumns = {
  events: 7,
  trials: new Uint32Array([3, 5]),
  offsets: new Uint32Array([0, 2, 3]),
  steps: new Float32Array([1, 2, 1]),
  values: new Float32Array([0.5, Number.NaN, -3]),
  states: new Uint8Array([1, 4]),
};

describe("curves as bytes", () => {
  it("are read as they were written", () => {
    expect(decodeCurves(encodeCurves(columns).buffer)).toEqual(columns);
  });

  it("are little-endian numbers after four letters", () => {
    const bytes = encodeCurves(columns);
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe("CWC1");
    expect([...bytes.subarray(4, 24)]).toEqual([7, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0]);
    // IEEE 754: 0.5 is 0x3f000000.
    expect([...bytes.subarray(48, 52)]).toEqual([0, 0, 0, 0x3f]);
    expect(bytes.length).toBe(16 + 4 * (2 + 3 + 3 + 3) + 2);
  });

  it.each([
    ["other bytes", new ArrayBuffer(64)],
    ["nothing", new ArrayBuffer(0)],
    ["less than was written", encodeCurves(columns).buffer.slice(0, 50)],
  ])("are not read from %s", (_, buffer) => {
    expect(() => decodeCurves(buffer)).toThrow(/curves/);
  });
});
