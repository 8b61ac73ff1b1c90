import { type Attributes, svgText, widthOf } from "./dom.js";
import { parseText, plainText } from "./rich-text.js";

/** Which end of a text is at its place. */
export type Anchor = "start" | "middle" | "end";

/** Where a text is, by its anchor and its baseline, and the height of its letters, in pixels. */
export interface LabelPlace {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly anchor: Anchor;
}

/** Writes texts that do not touch each other. */
export interface LabelWriter {
  /** Writes a text, in pseudo-HTML, unless it would touch an earlier one. */
  write(text: string, place: LabelPlace, style?: Attributes): void;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Pixels between two texts. */
const GAP = 2;

const touches = (a: Box, b: Box): boolean =>
  a.left < b.right + GAP && b.left < a.right + GAP && a.top < b.bottom && b.top < a.bottom;

/**
 * Creates a writer into a group.
 *
 * @param room the width, from 0, beyond which texts would be cut off
 */
export function createLabelWriter(group: SVGGElement, font: string, room: number): LabelWriter {
  const taken: Box[] = [];
  return {
    write(text, { x, y, size, anchor }, style = {}) {
      const width = widthOf(plainText(text), size, font);
      const wanted = x - { start: 0, middle: width / 2, end: width }[anchor];
      const left = Math.max(0, Math.min(wanted, room - width));
      const at = x + left - wanted;
      const box = { left, right: left + width, top: y - size, bottom: y };
      if (taken.some((other) => touches(box, other))) return;
      taken.push(box);
      group.append(
        svgText(parseText(text), { x: at, y, "font-size": size, "text-anchor": anchor, ...style }),
      );
    },
  };
}
