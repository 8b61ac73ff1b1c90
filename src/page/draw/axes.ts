import { type AxisView, axisTicks, labelStride, type PlacedTick, pixelOf } from "./axis-view.js";
import { svg, svgText, type Theme, widthOf } from "./dom.js";
import { parseText, plainText } from "./rich-text.js";

/** The part of a plot that data is drawn in, in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Two axes with their names on a category axis. */
export interface Axes {
  readonly x: AxisView;
  readonly y: AxisView;
  readonly xNames: readonly string[];
  readonly yNames: readonly string[];
}

/** Where everything of a pair of axes goes. */
export interface AxesPlan {
  readonly box: Box;
  readonly xTicks: readonly PlacedTick[];
  readonly yTicks: readonly PlacedTick[];
}

export const LABEL_SIZE = 11.5;
export const TITLE_SIZE = 12;
const LABEL_GAP = 8;

const labelWidth = (text: string, font: string): number => widthOf(plainText(text), LABEL_SIZE, font);

/** Text cut to a width in pixels. */
function cut(text: string, most: number, font: string): string {
  if (labelWidth(text, font) <= most) return plainText(text);
  let plain = plainText(text);
  while (plain.length > 1 && widthOf(`${plain}…`, LABEL_SIZE, font) > most) plain = plain.slice(0, -1);
  return `${plain}…`;
}

/**
 * Plans the axes of a plot: as much room for labels as they need.
 *
 * @param beside how much room something else needs on the right
 */
export function planAxes(
  axes: Axes,
  size: { readonly width: number; readonly height: number },
  beside: number,
  font: string,
): AxesPlan {
  const top = axes.y.spec.title.text === "" ? 10 : 30;
  const bottom = axes.x.spec.title.text === "" ? 26 : 46;
  const height = Math.max(20, size.height - top - bottom);
  const yRoom = Math.max(2, Math.floor(height / 46));
  const yTicks = axisTicks(axes.y, yRoom, axes.yNames);
  const widest = yTicks.reduce((most, { text }) => Math.max(most, labelWidth(text, font)), 0);
  const left = Math.ceil(Math.min(0.42 * size.width, widest + LABEL_GAP + 6));
  const guess = Math.max(20, size.width - left - beside - 16);
  const xTicks = axisTicks(axes.x, Math.max(2, Math.floor(guess / 84)), axes.xNames);
  const last = xTicks.reduce((most, { text, place }) => {
    const over = pixelOf(axes.x, place, guess) + labelWidth(text, font) / 2 - guess;
    return Math.max(most, over + 2);
  }, 12);
  const right = beside + Math.min(60, last);
  return { box: { left, top, width: Math.max(20, size.width - left - right), height }, xTicks, yTicks };
}

/** The texts among ticks that fit without touching; the others become empty. */
function spaced(
  ticks: readonly PlacedTick[],
  pixel: (tick: PlacedTick) => number,
  lengthOf: (tick: PlacedTick) => number,
  gap: number,
): PlacedTick[] {
  const labelled = ticks.filter(({ text }) => text !== "");
  const ends = labelled.map((tick): readonly [number, number] => {
    const half = lengthOf(tick) / 2;
    return [pixel(tick) - half, pixel(tick) + half];
  });
  const stride = labelStride(ends, gap);
  const kept = new Set(labelled.filter((_, index) => index % stride === 0));
  return ticks.map((tick) => (kept.has(tick) ? tick : { ...tick, text: "" }));
}

const crisp = (value: number): number => Math.round(value) + 0.5;

/** Draws grid, ticks, labels and titles. */
export function drawAxes(axes: Axes, { box, xTicks, yTicks }: AxesPlan, theme: Theme): SVGGElement {
  const { left, top, width, height } = box;
  const { font } = theme;
  const bottom = top + height;
  const label = { fill: theme.soft, "font-size": LABEL_SIZE };
  const grid = svg("g", { stroke: theme.line, "stroke-width": 1, "shape-rendering": "crispEdges" });
  const marks = svg("g", { stroke: theme.soft, "stroke-width": 1, "stroke-opacity": 0.45 });
  const texts = svg("g", label);
  const xAt = ({ place }: PlacedTick): number => left + pixelOf(axes.x, place, width);
  const yAt = ({ place }: PlacedTick): number => bottom - pixelOf(axes.y, place, height);
  for (const tick of spaced(xTicks, xAt, ({ text }) => labelWidth(text, font), 10)) {
    const x = crisp(xAt(tick));
    const hasText = tick.text !== "";
    if (hasText) grid.append(svg("path", { d: `M${x} ${top}V${bottom}` }));
    marks.append(svg("path", { d: `M${x} ${bottom}v${hasText ? 5 : 3}` }));
    if (hasText) {
      texts.append(svgText(parseText(tick.text), { x, y: bottom + 18, "text-anchor": "middle" }));
    }
  }
  const isNamed = axes.y.kind === "category";
  for (const tick of spaced(yTicks, yAt, () => LABEL_SIZE, 3)) {
    const y = crisp(yAt(tick));
    const hasText = tick.text !== "";
    if (hasText && !isNamed) grid.append(svg("path", { d: `M${left} ${y}h${width}` }));
    if (!hasText && !isNamed) marks.append(svg("path", { d: `M${left} ${y}h-3` }));
    if (hasText) {
      const text = cut(tick.text, left - LABEL_GAP, font);
      texts.append(svg("text", { x: left - LABEL_GAP, y: y + 4, "text-anchor": "end" }, [text]));
    }
  }
  marks.append(svg("path", { d: `M${left} ${bottom + 0.5}h${width}`, "shape-rendering": "crispEdges" }));
  const title = { fill: theme.ink, "font-size": TITLE_SIZE, "font-weight": 500 };
  return svg("g", { "font-family": font, "font-variant-numeric": "tabular-nums" }, [
    grid,
    marks,
    texts,
    svgText(parseText(axes.y.spec.title.text), { ...title, x: 6, y: 15 }),
    svgText(parseText(axes.x.spec.title.text), {
      ...title,
      x: left + width / 2,
      y: bottom + 38,
      "text-anchor": "middle",
    }),
  ]);
}
