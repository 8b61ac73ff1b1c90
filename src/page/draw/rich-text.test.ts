import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plotText } from "../../plots/trial-text.js";
import { fillTemplate, parseText, plainText } from "./rich-text.js";

describe("pseudo-HTML", () => {
  it("has lines, bold and italic text, and entities", () => {
    expect(parseText("a <b>b</b><br>c &lt;d&gt; &amp; <i>e</i> &#39;&#x41;")).toEqual([
      [
        { text: "a ", isBold: false, isItalic: false },
        { text: "b", isBold: true, isItalic: false },
      ],
      [
        { text: "c <d> & ", isBold: false, isItalic: false },
        { text: "e", isBold: false, isItalic: true },
        { text: " 'A", isBold: false, isItalic: false },
      ],
    ]);
  });

  it("shows all other tags and entities as they are written", () => {
    const source = "<img src=x onerror=alert(1)> &nonsense; &#0; <b class=x> <script>";
    expect(plainText(source)).toBe(source);
  });

  it("is decoded only once", () => {
    expect(plainText("&amp;lt;b&amp;gt;")).toBe("&lt;b&gt;");
  });

  it("gives back any text that was escaped", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(plainText(plotText(text))).toBe(text);
      }),
    );
  });
});

describe("a hover template", () => {
  const values = { texts: { text: "<b>trial 3</b>", x: "12", y: "0.5" }, numbers: { x: 12, y: 0.5 } };

  it("names texts and percentages", () => {
    const template = "%{text}<br>step %{x}: <b>%{y:.1%}</b><extra></extra>";
    expect(fillTemplate(template, values)).toEqual({
      text: "<b>trial 3</b><br>step 12: <b>50.0 %</b>",
      hasExtra: true,
    });
  });

  it("leaves out what it does not know, and says that the name is wanted", () => {
    expect(fillTemplate("%{z}%{y}", values)).toEqual({ text: "0.5", hasExtra: false });
  });
});
