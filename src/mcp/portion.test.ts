import { describe, expect, it } from "vitest";
import { bounded, MOST_BYTES } from "./portion.js";

const sizeOf = (data: unknown): number => Buffer.byteLength(JSON.stringify(data));

describe("an answer", () => {
  it("is whole if it fits", () => {
    const data = bounded(({ first, last }) => ({ a: first([1, 2], "a", "Ask"), b: last([3], "b", "Ask") }));
    expect(data).toEqual({ a: [1, 2], b: [3] });
  });

  it("is cut to size, and says what it lacks", () => {
    const items = Array.from({ length: 900 }, (_, index) => ({ index, text: "漢".repeat(30) }));
    const data = bounded(({ first, last }) => ({
      first: first(items, "items", "Go on with `offset`"),
      last: last(items, "items", "Ask again"),
      few: first([1, 2, 3], "numbers", "Ask"),
    }));
    const size = sizeOf(data);
    expect(size).toBeLessThanOrEqual(MOST_BYTES);
    expect(size).toBeGreaterThan(MOST_BYTES / 2);
    const { first, last, omitted, few } = data;
    if (!Array.isArray(first) || !Array.isArray(last)) throw new Error("not lists");
    expect(first[0]).toEqual(items[0]);
    expect(last.at(-1)).toEqual(items.at(-1));
    expect(few).toEqual([1, 2, 3]);
    expect(omitted).toEqual([
      `Only the first ${first.length} of 900 items are here. Go on with \`offset\`.`,
      `Only the last ${last.length} of 900 items are here. Ask again.`,
    ]);
  });

  it("is refused if it cannot be cut", () => {
    expect(() => bounded(() => ({ text: "x".repeat(MOST_BYTES) }))).toThrow(
      expect.objectContaining({ code: "ANSWER_TOO_LARGE" }),
    );
  });
});
