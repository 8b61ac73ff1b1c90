import { styleText } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapedJson, withoutControls, withoutForeignControls } from "./unseen.js";

/** What must not reach a terminal, by its Unicode category and properties: controls, and marks of direction. */
const ACTED_ON = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

describe("text from outside", () => {
  it("cannot move the cursor", () => {
    expect(withoutControls("a\u001b[2Jb\tc\u009bd\ne")).toBe("a [2Jb c d\ne");
  });

  it("cannot read differently from what it says", () => {
    expect(withoutControls("loss\u202e5.0\u2066\u200fx")).toBe("loss 5.0  x");
  });

  it("has nothing that a terminal acts on, whatever it is", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, (each) => {
        expect(withoutControls(each).replaceAll("\n", "")).not.toMatch(ACTED_ON);
        expect(withoutForeignControls(each).replaceAll(/[\n\t]/g, "")).not.toMatch(ACTED_ON);
      }),
      { numRuns: 500, examples: [["\u001b]0;title\u0007"], ["\u200e\u061c\u2069\u202a"]] },
    );
  });

  it("keeps this program's own colours", () => {
    const red = styleText("red", "worse", { validateStream: false });
    expect(withoutForeignControls(`${red}\u001b[2J`)).toBe(`${red} [2J`);
  });

  it("means the same as JSON, with escapes", () => {
    const value = { "a\u202e": ["\u009b", "\u2028", "ä"] };
    const written = escapedJson(JSON.stringify(value, undefined, 2));
    expect(JSON.parse(written)).toEqual(value);
    expect(written.replaceAll("\n", "")).not.toMatch(ACTED_ON);
    expect(written).toContain("ä");
  });
});
