import { describe, expect, it } from "vitest";
import { cell, cutLine, lineWidth, paddedLine, span, wrapped, writtenLine } from "./spans.js";

const text = (line: readonly { text: string }[]): string => line.map((each) => each.text).join("");

describe("lines of spans", () => {
  it("are cut with an ellipsis, and never within a wide letter", () => {
    expect(text(cutLine([span("abc"), span("def")], 6))).toBe("abcdef");
    expect(text(cutLine([span("abc"), span("def")], 5))).toBe("abcd…");
    // Each of these takes two columns.
    expect(text(cutLine([span("学習曲線")], 6))).toBe("学習…");
    expect(lineWidth(cutLine([span("学習曲線")], 6))).toBe(5);
    expect(cutLine([span("abc")], 0)).toEqual([]);
  });

  it("are filled up to a width", () => {
    expect(text(paddedLine([span("学")], 4))).toBe("学  ");
    expect(cell("7", 3, "right")).toBe("  7");
    expect(cell("complete", 5)).toBe("comp…");
  });

  it("are written without what a terminal acts on", () => {
    expect(writtenLine([span("a\u001b[2Jb\nc")], true)).toBe("a [2Jb c");
    expect(writtenLine([span("▸ é 学 …")], false)).toBe("> ? ?? ~");
  });

  it("are broken at spaces, and within words that are too long", () => {
    expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapped("abcdefgh ij", 3)).toEqual(["abc", "def", "gh", "ij"]);
    expect(wrapped("", 5)).toEqual([""]);
  });
});
