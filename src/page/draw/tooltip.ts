import { html, htmlText } from "./dom.js";
import { parseText, plainText } from "./rich-text.js";

/** A box of text beside a point. */
export interface Tooltip {
  readonly element: HTMLElement;
  /** Shows pseudo-HTML beside a point of the plot, always within the window. */
  show(text: string, x: number, y: number, colour: string): void;
  hide(): void;
}

/** How far beside the point it is. */
const GAP = 14;
const EDGE = 4;

/**
 * Where a box goes beside a point: right of it and above, or on the other side where there is no room. All in pixels.
 *
 * @param most the size of the window
 */
export function besidePoint(
  point: readonly [number, number],
  size: readonly [number, number],
  most: readonly [number, number],
): readonly [number, number] {
  const [x, y] = point;
  const [width, height] = size;
  const left = x + GAP + width + EDGE <= most[0] ? x + GAP : x - GAP - width;
  const top = y - GAP - height >= EDGE ? y - GAP - height : y + GAP;
  const within = (at: number, length: number, end: number): number =>
    Math.max(EDGE, Math.min(at, end - length - EDGE));
  return [within(left, width, most[0]), within(top, height, most[1])];
}

/** Makes a tooltip, to be put into the plot. */
export function createTooltip(plot: HTMLElement): Tooltip {
  const element = html("div", { class: "draw-tooltip", role: "tooltip", hidden: "" });
  return {
    element,
    show(text, x, y, colour) {
      element.replaceChildren(...htmlText(parseText(text)));
      element.style.borderLeftColor = colour;
      element.hidden = false;
      const frame = plot.getBoundingClientRect();
      const box = element.getBoundingClientRect();
      const { clientWidth, clientHeight } = document.documentElement;
      const [left, top] = besidePoint(
        [frame.left + x, frame.top + y],
        [box.width, box.height],
        [clientWidth, clientHeight],
      );
      element.style.left = `${left - frame.left}px`;
      element.style.top = `${top - frame.top}px`;
    },
    hide() {
      element.hidden = true;
    },
  };
}

/** What a screen reader says for a hover text. */
export const spoken = (text: string): string => plainText(text, "; ");
