import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TrainerError } from "./errors.js";
import { encodeIdx, parseIdx } from "./idx.js";

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof TrainerError) return error.code;
    throw error;
  }
  return "none";
}

describe("IDX files", () => {
  it("are read by shape and bytes", () => {
    const bytes = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
    expect(parseIdx(bytes, "x")).toEqual({ shape: [2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  });

  it("come back as they were written", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }), fc.nat(255), (shape, byte) => {
        const values = new Uint8Array(shape.reduce((product, size) => product * size, 1)).fill(byte);
        expect(parseIdx(encodeIdx({ shape, values }), "x")).toEqual({ shape, values });
      }),
    );
  });

  const good = encodeIdx({ shape: [3, 2], values: new Uint8Array(6) });
  const cases: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
    ["empty", new Uint8Array(), "IDX_TRUNCATED", /only 0 bytes/],
    ["of another kind", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0), "IDX_MAGIC", /begins with 0x89504e47/],
    ["without dimensions", Uint8Array.of(0, 0, 8, 0), "IDX_MAGIC", /0x00000800/],
    ["of floats", Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 1, 0, 0, 0, 0), "IDX_TYPE", /floats/],
    ["cut off in the header", good.subarray(0, 9), "IDX_TRUNCATED", /within its header/],
    ["cut off", good.subarray(0, good.length - 1), "IDX_TRUNCATED", /3 x 2 = 6 bytes, but holds 5/],
    ["too long", Uint8Array.of(...good, 0), "IDX_LONG", /holds 7/],
  ];
  for (const [what, bytes, code, message] of cases) {
    it(`are refused when ${what}`, () => {
      expect(codeOf(() => parseIdx(bytes, "some.idx"))).toBe(code);
      expect(() => parseIdx(bytes, "some.idx")).toThrow(message);
    });
  }
});
