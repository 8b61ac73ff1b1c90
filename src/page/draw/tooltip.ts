import { besidePoint } from "./beside-point.js";
import { html, htmlText } from "./dom.js";
import { parseText, plainText } from "./rich-text.js";

/** A box of text beside a point. */
export interface Tooltip {
  readonly element: HTMLElement;
  /** Shows pseudo-HTML beside a point of the plot, always within the window. */
  show(text: string, x: number, y: number, colour: string): void;
  hide(): void;
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
