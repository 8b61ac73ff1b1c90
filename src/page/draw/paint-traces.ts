import type { BarTrace, ScatterTrace, SurfaceTrace } from "../../plots/figure.js";
import { colourAt } from "./colours.js";
import { cellEdges, contourLines, refined } from "./contour-lines.js";
import { decimated } from "./decimate.js";
import { dashOf, type Pen } from "./pen.js";
import { isLine, isSurface, mainColour, type SceneTrace, shareOf } from "./scene.js";
import { linearTicks } from "./ticks.js";

/** Where values are in the picture. */
export interface Places {
  xAt(value: number): number;
  yAt(value: number): number;
  readonly width: number;
  /** Smooth colours are drawn in cells so many times finer. */
  readonly finer: number;
}

/** The points of a line in pixels, x and y in turn; steps of a staircase have corners. */
export function linePixels(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  isStaircase: boolean,
  { xAt, yAt }: Pick<Places, "xAt" | "yAt">,
): number[] {
  const pixels: number[] = [];
  for (let index = 0; index < x.length; index++) {
    const px = xAt(x[index] ?? Number.NaN);
    const py = yAt(y[index] ?? Number.NaN);
    if (!(Number.isFinite(px) && Number.isFinite(py))) pixels.push(Number.NaN, Number.NaN);
    else {
      const before = pixels.at(-1) ?? Number.NaN;
      if (isStaircase && !Number.isNaN(before)) pixels.push(px, before);
      pixels.push(px, py);
    }
  }
  return pixels;
}

/** Splits a line at its gaps. */
function runsOf(pixels: readonly number[]): number[][] {
  const runs: number[][] = [[]];
  for (let index = 0; index + 1 < pixels.length; index += 2) {
    const x = pixels[index] ?? Number.NaN;
    if (Number.isNaN(x)) runs.push([]);
    else runs.at(-1)?.push(x, pixels[index + 1] ?? Number.NaN);
  }
  return runs.filter((run) => run.length > 2);
}

const FAINT = 0.22;

function paintLine(pen: Pen, { x, y, smooth }: SceneTrace, source: ScatterTrace, places: Places): void {
  const { width = 1.5, dash, shape } = source.line ?? {};
  const opacity = source.opacity ?? 1;
  const parts = dashOf(dash, width);
  const stroke = { colour: mainColour(source), width, ...(parts === undefined ? {} : { dash: parts }) };
  if (source.fill === "toself") {
    pen.area(linePixels(x, y, false, places), source.fillcolor ?? mainColour(source), opacity);
  }
  if (width === 0) return;
  const draw = (values: Float64Array, alpha: number): void => {
    const pixels = linePixels(x, values, shape === "hv", places);
    const shown = pixels.length > 8 * places.width ? decimated(pixels) : pixels;
    // Lines of one path do not add up where they cross; those of a faint bundle have to.
    if (source.type === "scattergl" && alpha < 0.6) {
      for (const run of runsOf(shown)) pen.line(run, stroke, alpha);
    } else pen.line(shown, stroke, alpha);
  };
  if (smooth === undefined) draw(y, opacity);
  else {
    draw(y, opacity * FAINT);
    draw(smooth, opacity);
  }
}

function paintDots(pen: Pen, trace: SceneTrace, source: ScatterTrace, { xAt, yAt }: Places): void {
  const { size = 6, symbol = "circle", opacity = 1, line } = source.marker ?? {};
  const outline =
    line?.color === undefined ? {} : { outline: { colour: line.color, width: line.width ?? 1 } };
  for (let point = 0; point < trace.x.length; point++) {
    const x = xAt(trace.x[point] ?? Number.NaN);
    const y = yAt(trace.y[point] ?? Number.NaN);
    if (!(Number.isFinite(x) && Number.isFinite(y))) continue;
    const look = { symbol, size, fill: trace.colourOf(point), opacity: opacity * (source.opacity ?? 1) };
    pen.dot(x, y, { ...look, ...outline });
  }
}

function paintBars(pen: Pen, trace: SceneTrace, source: BarTrace, { xAt, yAt }: Places): void {
  for (let point = 0; point < trace.x.length; point++) {
    const place = trace.y[point] ?? 0;
    const thick = Math.min(26, Math.abs(yAt(place + 0.36) - yAt(place - 0.36)));
    const from = xAt(0);
    const to = xAt(trace.x[point] ?? 0);
    pen.rect(
      Math.min(from, to),
      yAt(place) - thick / 2,
      Math.max(1, Math.abs(to - from)),
      thick,
      trace.colourOf(point),
      source.marker.opacity ?? 1,
    );
  }
}

function paintCells(
  pen: Pen,
  columns: readonly number[],
  rows: readonly number[],
  z: readonly (readonly (number | null)[])[],
  source: SurfaceTrace,
): void {
  for (const [row, heights] of z.entries()) {
    const [top = 0, bottom = 0] = [rows[row] ?? 0, rows[row + 1] ?? 0].map(Math.round).sort((a, b) => a - b);
    for (const [column, height] of heights.entries()) {
      if (height === null) continue;
      const [left = 0, right = 0] = [columns[column] ?? 0, columns[column + 1] ?? 0]
        .map(Math.round)
        .sort((a, b) => a - b);
      const colour = colourAt(source.colorscale, shareOf(height, source.zmin, source.zmax));
      pen.rect(left, top, right - left, bottom - top, colour, source.opacity ?? 1);
    }
  }
}

function paintSurface(pen: Pen, source: SurfaceTrace, places: Places): void {
  const { xAt, yAt } = places;
  if (source.type === "heatmap") {
    paintCells(pen, cellEdges(source.x).map(xAt), cellEdges(source.y).map(yAt), source.z, source);
    return;
  }
  const fine = refined(source, places.finer);
  // Each cell of the finer grid has the mean colour of its corners.
  const middles = fine.y.slice(1).map((_, row) =>
    fine.x.slice(1).map((__, column) => {
      const corners = [
        fine.z[row]?.[column],
        fine.z[row]?.[column + 1],
        fine.z[row + 1]?.[column],
        fine.z[row + 1]?.[column + 1],
      ];
      const known = corners.filter((height) => typeof height === "number");
      return known.length < 4 ? null : known.reduce((sum, height) => sum + height / 4, 0);
    }),
  );
  paintCells(pen, fine.x.map(xAt), fine.y.map(yAt), middles, source);
  const { color = "#ffffff", width = 1 } = source.line ?? {};
  for (const level of linearTicks(source.zmin, source.zmax, source.ncontours ?? 8)) {
    for (const line of contourLines(source, level)) {
      const pixels = line.map((value, index) => (index % 2 === 0 ? xAt(value) : yAt(value)));
      pen.line(pixels, { colour: color, width }, 0.9);
    }
  }
}

/** Draws a trace. */
export function paintTrace(pen: Pen, trace: SceneTrace, places: Places): void {
  const { source } = trace;
  if (source.type === "bar") paintBars(pen, trace, source, places);
  else if (isSurface(source)) paintSurface(pen, source, places);
  else if (isLine(source)) paintLine(pen, trace, source, places);
  else paintDots(pen, trace, source, places);
}
