import type { Line } from "./rich-text.js";

const SVG = "http://www.w3.org/2000/svg";

/** Attributes of an element. */
export type Attributes = Readonly<Record<string, string | number>>;

function fill(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** Makes an SVG element. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  children: readonly (Node | string)[] = [],
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(SVG, name);
  fill(element, attributes);
  element.append(...children);
  return element;
}

/** Makes an HTML element. */
export function html<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  fill(element, attributes);
  element.append(...children);
  return element;
}

/** The runs of some text as SVG, in one line. */
export function svgText(lines: readonly Line[], attributes: Attributes): SVGTextElement {
  const runs = lines.flatMap((line, index) =>
    index === 0 ? line : [{ text: " ", isBold: false, isItalic: false }, ...line],
  );
  const [only] = runs;
  if (runs.length === 1 && only !== undefined && !only.isBold && !only.isItalic) {
    return svg("text", attributes, [only.text]);
  }
  return svg(
    "text",
    attributes,
    runs.map(({ text, isBold, isItalic }) =>
      svg(
        "tspan",
        { ...(isBold ? { "font-weight": 600 } : {}), ...(isItalic ? { "font-style": "italic" } : {}) },
        [text],
      ),
    ),
  );
}

/** Text as HTML elements: lines end with `br`, nothing of the text is ever parsed as markup. */
export function htmlText(lines: readonly Line[]): Node[] {
  return lines.flatMap((line, index): Node[] => [
    ...(index === 0 ? [] : [document.createElement("br")]),
    ...line.map(({ text, isBold, isItalic }): Node => {
      const node = document.createTextNode(text);
      if (!isBold && !isItalic) return node;
      return html(isBold ? "b" : "i", {}, isBold && isItalic ? [html("i", {}, [node])] : [node]);
    }),
  ]);
}

/** The colours and the font that everything is drawn with, read from the element's custom properties. */
export interface Theme {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly paper: string;
  readonly accent: string;
  readonly font: string;
}

/** Reads the theme of an element as it is now. */
export function themeOf(element: Element): Theme {
  const style = getComputedStyle(element);
  const read = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
  const ink = read("--ink", "#1b1f24");
  return {
    ink,
    soft: read("--ink-soft", ink),
    line: read("--line", "#e4e7ea"),
    paper: read("--paper", "#ffffff"),
    accent: read("--accent", "#1f6fe5"),
    font: style.fontFamily || "system-ui, sans-serif",
  };
}

let gauge: CanvasRenderingContext2D | null | undefined;

/** The width of some text in pixels. */
export function widthOf(text: string, size: number, font: string): number {
  gauge ??= document.createElement("canvas").getContext("2d");
  if (gauge === null) return text.length * size * 0.6;
  gauge.font = `${size}px ${font}`;
  return gauge.measureText(text).width;
}
