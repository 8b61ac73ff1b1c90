import type { Box } from "./axes.js";
import { labelStride } from "./axis-view.js";
import { colourAt } from "./colours.js";
import { svg, svgText, type Theme, widthOf } from "./dom.js";
import { parseText, plainText } from "./rich-text.js";
import { type ColourLegend, shareOf } from "./scene.js";

const THICKNESS = 12;
const STEPS = 48;
const SIZE = 11.5;

/** The room that a colour bar needs beside the plot, in pixels. */
export function colourBarWidth({ ticks, title }: ColourLegend, font: string): number {
  const widest = ticks.reduce((most, { text }) => Math.max(most, widthOf(plainText(text), SIZE, font)), 0);
  const heading = Math.min(90, widthOf(plainText(title), SIZE, font));
  return Math.ceil(Math.max(THICKNESS + 8 + widest, heading) + 14);
}

/** Draws a colour bar right of a box. */
export function drawColourBar(legend: ColourLegend, box: Box, width: number, theme: Theme): SVGGElement {
  const left = box.left + box.width + Math.max(16, width - colourBarWidth(legend, theme.font) + 16);
  const { top, height } = box;
  const strips = Array.from({ length: STEPS }, (_, index) => {
    const y = top + (height * index) / STEPS;
    const fill = colourAt(legend.stops, 1 - (index + 0.5) / STEPS);
    return svg("rect", { x: left, y, width: THICKNESS, height: height / STEPS + 0.6, fill });
  });
  const places = legend.ticks
    .map(({ at, text }) => ({ text, y: top + height * (1 - shareOf(at, legend.low, legend.high)) }))
    .filter(({ y }) => y >= top - 1 && y <= top + height + 1)
    .sort((a, b) => a.y - b.y);
  const stride = labelStride(
    places.map(({ y }) => [y - SIZE / 2, y + SIZE / 2] as const),
    2,
  );
  const texts = places
    .filter((_, index) => index % stride === 0)
    .map(({ text, y }) => svgText(parseText(text), { x: left + THICKNESS + 6, y: y + 4 }));
  return svg("g", { "font-family": theme.font, "font-size": SIZE, fill: theme.soft }, [
    ...strips,
    ...texts,
    svgText(parseText(legend.title), {
      x: box.left + box.width + width - 4,
      y: top - 12,
      fill: theme.ink,
      "font-weight": 500,
      "text-anchor": "end",
    }),
  ]);
}
