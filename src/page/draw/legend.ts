import { html, svg, type Theme, widthOf } from "./dom.js";
import { dashOf, svgPen } from "./pen.js";
import { plainText } from "./rich-text.js";

/** What a legend says of one trace or state. */
export interface LegendEntry {
  /** What is shown and hidden together. */
  readonly group: string;
  /** Pseudo-HTML. */
  readonly name: string;
  readonly colour: string;
  /** Of a line; a point has a symbol instead. */
  readonly dash?: string;
  readonly width?: number;
  readonly symbol?: string;
  /** The outline of the symbol. */
  readonly outline?: string;
}

/** The legend above a plot, and what it hides. */
export interface Legend {
  readonly hidden: ReadonlySet<string>;
  show(entries: readonly LegendEntry[]): void;
}

const SAMPLE = 20;

function sampleOf({ colour, dash, width = 2, symbol, outline }: LegendEntry): SVGGElement {
  const group = svg("g");
  const pen = svgPen(group);
  if (symbol === undefined) {
    const parts = dashOf(dash, 1);
    const stroke = {
      colour,
      width: Math.max(1.5, Math.min(3, width)),
      ...(parts === undefined ? {} : { dash: parts }),
    };
    pen.line([1, 7, SAMPLE - 1, 7], stroke, 1);
  } else {
    const rim = outline === undefined ? {} : { outline: { colour: outline, width: 1 } };
    pen.dot(SAMPLE / 2, 7, { symbol, size: 8, fill: colour, opacity: 1, ...rim });
  }
  return group;
}

/**
 * A legend of buttons: a click or Enter hides a group or shows it again; a double click, or Shift and Enter, shows only
 * that group, or all again.
 *
 * @param changed is called with every change of what is hidden
 */
export function createLegend(element: HTMLElement, changed: () => void): Legend {
  const hidden = new Set<string>();
  const buttons = new Map<string, HTMLButtonElement>();
  let groups: readonly string[] = [];
  let shown = "";
  const mark = (): void => {
    for (const [group, button] of buttons) button.setAttribute("aria-pressed", String(!hidden.has(group)));
    changed();
  };
  const toggle = (group: string): void => {
    if (!hidden.delete(group)) hidden.add(group);
    mark();
  };
  const only = (group: string): void => {
    const isAlone = groups.every((each) => hidden.has(each) !== (each === group));
    hidden.clear();
    if (!isAlone) for (const each of groups) if (each !== group) hidden.add(each);
    mark();
  };
  const buttonOf = (entry: LegendEntry): HTMLButtonElement => {
    const { group, name } = entry;
    const picture = svg("svg", { width: SAMPLE, height: 14, "aria-hidden": "true" }, [sampleOf(entry)]);
    const button = html("button", { type: "button", class: "draw-legend-entry" }, [picture, plainText(name)]);
    button.setAttribute("aria-pressed", String(!hidden.has(group)));
    button.addEventListener("click", (event) => {
      // The first click of two has hidden the group; the second one shows it alone.
      if (event.detail > 1) hidden.delete(group);
      if (event.detail > 1 || event.shiftKey) only(group);
      else toggle(group);
    });
    return button;
  };
  return {
    hidden,
    show(entries) {
      const key = JSON.stringify(entries);
      if (key === shown) return;
      shown = key;
      groups = [...new Set(entries.map(({ group }) => group))];
      for (const group of hidden) if (!groups.includes(group)) hidden.delete(group);
      // A button keeps the focus when only names change, as the numbers in them do.
      const focused = [...buttons].find(([, button]) => button === document.activeElement)?.[0];
      buttons.clear();
      const list = entries.map((entry) => {
        const button = buttonOf(entry);
        if (!buttons.has(entry.group)) buttons.set(entry.group, button);
        return button;
      });
      element.replaceChildren(...list);
      if (focused !== undefined) buttons.get(focused)?.focus();
    },
  };
}

/** A legend as SVG, in as many lines as it needs, for an export. */
export function legendPicture(
  entries: readonly LegendEntry[],
  width: number,
  theme: Theme,
): { readonly group: SVGGElement; readonly height: number } {
  const group = svg("g", { "font-family": theme.font, "font-size": 12, fill: theme.ink });
  let [x, y] = [8, 8];
  for (const entry of entries) {
    const text = plainText(entry.name);
    const length = SAMPLE + 6 + widthOf(text, 12, theme.font) + 16;
    if (x > 8 && x + length > width) [x, y] = [8, y + 20];
    const sample = sampleOf(entry);
    sample.setAttribute("transform", `translate(${x} ${y})`);
    group.append(sample, svg("text", { x: x + SAMPLE + 6, y: y + 11 }, [text]));
    x += length;
  }
  return { group, height: entries.length === 0 ? 0 : y + 24 };
}
