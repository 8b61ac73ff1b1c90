/** Escapes text for HTML, for use between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** HTML that may be inserted as it is. */
export interface Html {
  readonly html: string;
}

/** Marks HTML from a trusted source: never text from users. */
export const trusted = (html: string): Html => ({ html });

type Part = string | number | Html | readonly Html[];

function partHtml(part: Part): string {
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return "html" in part ? part.html : part.map((inner) => inner.html).join("");
}

/** A template whose inserted strings are escaped; only {@link Html} is inserted as it is. */
export function html(fixed: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: fixed.map((text, index) => text + partHtml(parts[index] ?? "")).join("") };
}

/** JSON for a script element: nothing in it can end the element or open a comment. */
export function scriptJson(value: unknown): Html {
  const json = JSON.stringify(value);
  return {
    html: json.replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029"),
  };
}

/**
 * A script for a script element. In JavaScript `<\/script` and `<\!--` mean the same inside a string or a
 * regular expression, which is where they occur.
 */
export function scriptSource(source: string): Html {
  return {
    html: source
      .replaceAll(/<\/(script)/gi, "<\\/$1")
      .replaceAll("<!--", "<\\!--")
      .replaceAll(/^\/\/# sourceMappingURL=.*$/gm, ""),
  };
}
