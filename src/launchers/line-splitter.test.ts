import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLineSplitter } from "./line-splitter.js";

/** Splits a text that arrives in pieces of the given lengths. */
function split(text: string, sizes: readonly number[], limit = 1000, returns = false) {
  const bytes = Buffer.from(text);
  const splitter = createLineSplitter({ limit, returns });
  const lines = [];
  let from = 0;
  for (const size of [...sizes, bytes.length]) {
    lines.push(...splitter.push(bytes.subarray(from, from + size)));
    from += size;
  }
  return [...lines, ...splitter.end()];
}

describe("createLineSplitter", () => {
  it("gives the same lines however the bytes are cut, multi-byte characters included", () => {
    const text = fc.array(fc.constantFrom("a", "é", "漢", "🙂", "\n", " "), { maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(5), { maxLength: 200 }), (characters, sizes) => {
        const whole = characters.join("");
        const expected = whole.split("\n");
        if (expected.at(-1) === "") expected.pop();
        expect(split(whole, sizes).map((line) => line.text)).toEqual(expected);
      }),
    );
  });

  it("counts carriage returns as ends where it is told to", () => {
    expect(split("a\r\nb\rc", [2], 1000, true)).toEqual([
      { text: "a", cut: false, end: "return" },
      { text: "", cut: false, end: "newline" },
      { text: "b", cut: false, end: "return" },
      { text: "c", cut: false, end: "none" },
    ]);
    expect(split("a\r\nb", []).map((line) => line.text)).toEqual(["a\r", "b"]);
  });

  it("cuts lines at the limit, and only those", () => {
    expect(split("1234567\n12345\n123456", [3, 3, 3], 5)).toEqual([
      { text: "12345", cut: true, end: "newline" },
      { text: "12345", cut: false, end: "newline" },
      { text: "12345", cut: true, end: "none" },
    ]);
  });
});
