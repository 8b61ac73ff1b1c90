/** A piece of text in one style. */
export interface Run {
  readonly text: string;
  readonly isBold: boolean;
  readonly isItalic: boolean;
}

/** The pieces of one line. */
export type Line = readonly Run[];

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
    if (typeof name === "string") return ENTITIES[name.toLowerCase()] ?? whole;
    const code = typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/**
 * Reads Plotly's pseudo-HTML: `<b>`, `<i>`, `<br>` and entities. All other tags are text like any other, so whatever a
 * name contains is shown, and nothing of it is ever markup.
 */
export function parseText(source: string): Line[] {
  const lines: Run[][] = [[]];
  let isBold = false;
  let isItalic = false;
  for (const part of source.split(/(<\/?[bi]>|<br ?\/?>)/i)) {
    const tag = part.toLowerCase();
    if (tag.startsWith("<br") && tag.endsWith(">") && tag.length <= 6) lines.push([]);
    else if (tag === "<b>" || tag === "</b>") isBold = tag === "<b>";
    else if (tag === "<i>" || tag === "</i>") isItalic = tag === "<i>";
    else if (part !== "") lines.at(-1)?.push({ text: decoded(part), isBold, isItalic });
  }
  return lines;
}

/** The text of some pseudo-HTML without any style. */
export function plainText(source: string, between = ", "): string {
  return parseText(source)
    .map((line) => line.map(({ text }) => text).join(""))
    .filter((line) => line !== "")
    .join(between);
}

/** What a hover template can name. */
export interface HoverValues {
  /** As they are written without a format. */
  readonly texts: Readonly<Record<string, string>>;
  /** For `%{y:.1%}`. */
  readonly numbers: Readonly<Record<string, number>>;
}

/**
 * Fills in a hover template of Plotly's, such as `%{text}<br>step %{x}: <b>%{y:.1%}</b><extra></extra>`.
 *
 * @returns pseudo-HTML; `hasExtra`: whether the template says itself what to show as the name
 */
export function fillTemplate(
  template: string,
  { texts, numbers }: HoverValues,
): { readonly text: string; readonly hasExtra: boolean } {
  const body = template.replace(/<extra>.*?<\/extra>/g, "");
  const text = body.replace(/%\{(\w+)(?::\.(\d)%)?\}/g, (_, name: string, digits: string | undefined) => {
    const number = numbers[name];
    if (digits === undefined || number === undefined) return texts[name] ?? "";
    return `${(100 * number).toFixed(Number(digits))} %`;
  });
  return { text, hasExtra: body !== template };
}
