import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeHtml, html, scriptJson, scriptSource, trusted } from "./html.js";

describe("html", () => {
  it("escapes what is inserted, and only that", () => {
    const name = `<script>alert("1")</script> & 'x'`;
    expect(html`<p title="${name}">${trusted("<b>yes</b>")}${3}</p>`.html).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;"><b>yes</b>3</p>',
    );
  });

  it("leaves no character that HTML reads, in any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("<", ">", '"', "'", "&", "a", ";") }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
        expect(escapeHtml(text).replaceAll(/&(amp|lt|gt|quot|#39);/g, "")).not.toContain("&");
      }),
    );
  });

  it("writes JSON that cannot end its element and reads back as it was", () => {
    const odd = fc.constantFrom("</script", "<!--", "<script", "]]>", "\u2028", "\u2029", "\\", '"', "x");
    fc.assert(
      fc.property(fc.array(odd), (parts) => {
        const text = scriptJson({ [parts.join("")]: parts }).html;
        expect(text).not.toMatch(/[<\u2028\u2029]/);
        expect(JSON.parse(text)).toEqual({ [parts.join("")]: parts });
      }),
    );
  });

  it("writes scripts that cannot end their element and mean the same", () => {
    const source = `const text = "</script><!--</SCRIPT>";\n//# sourceMappingURL=x.js.map`;
    const safe = scriptSource(source).html;
    expect(safe).not.toMatch(/<\/script|<!--|sourceMappingURL/i);
    expect(safe).toContain(String.raw`"<\/script><\!--<\/SCRIPT>"`);
  });
});
