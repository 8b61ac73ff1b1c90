import type { Axis, BarTrace, Cell, Figure, ScatterTrace, SurfaceTrace, Trace } from "../../plots/figure.js";
import type { Axes } from "./axes.js";
import { axisView, type Extent, extended, NO_EXTENT } from "./axis-view.js";
import { type ColourStops, colourAt } from "./colours.js";
import { cellEdges } from "./contour-lines.js";
import { smoothedRuns } from "./smooth.js";

/** A trace of the plane as it is drawn, with its values as numbers; a gap is NaN. */
export interface SceneTrace {
  /** Traces of one group are shown and hidden together. */
  readonly group: string;
  readonly source: ScatterTrace | SurfaceTrace | BarTrace;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Smoothed, in place of `y`, which is drawn faint. */
  readonly smooth: Float64Array | undefined;
  /** Of each point, or of all. */
  colourOf(point: number): string;
}

/** A colour scale beside the plot. */
export interface ColourLegend {
  readonly title: string;
  readonly stops: ColourStops;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

/** A figure in the plane, ready to be drawn. */
export interface Scene {
  readonly traces: readonly SceneTrace[];
  readonly axes: Axes;
  /** The room at the ends of both axes, as a share of the data's extent. */
  readonly room: readonly [number, number];
  readonly colours: ColourLegend | undefined;
}

const NO_AXIS: Axis = { title: { text: "" } };
const DEFAULT_COLOUR = "#1f6fe5";

/** The colour of a line or of points without colours of their own. */
export function mainColour(trace: ScatterTrace | BarTrace): string {
  const own = trace.marker?.color;
  const line = trace.type === "bar" ? undefined : trace.line?.color;
  const dots = typeof own === "string" ? own : undefined;
  return (isLine(trace) ? (line ?? dots) : (dots ?? line)) ?? DEFAULT_COLOUR;
}

export const isLine = (trace: ScatterTrace | BarTrace): boolean =>
  trace.type !== "bar" && trace.mode === "lines";

/** Whether a trace is numbers over the plane. */
export const isSurface = (trace: Trace): trace is SurfaceTrace =>
  trace.type === "heatmap" || trace.type === "contour";

/** The place of a number in a colour scale, from 0 to 1. */
export const shareOf = (value: number, low: number, high: number): number =>
  high > low ? (value - low) / (high - low) : 0.5;

function colourOfPoints(trace: ScatterTrace | BarTrace): (point: number) => string {
  const { color, colorscale, cmin = 0, cmax = 1 } = trace.marker ?? {};
  const main = mainColour(trace);
  if (typeof color !== "object" || colorscale === undefined) return () => main;
  return (point) => colourAt(colorscale, shareOf(color[point] ?? cmin, cmin, cmax));
}

const numbers = (cells: readonly Cell[]): Float64Array =>
  Float64Array.from(cells, (cell) => cell ?? Number.NaN);

function colourLegend(trace: Trace): ColourLegend | undefined {
  if (trace.type === "parcoords" || trace.type === "scatter3d") return undefined;
  const scale = isSurface(trace) ? trace : trace.marker;
  if (scale?.showscale !== true || scale.colorscale === undefined || scale.colorbar === undefined)
    return undefined;
  const [low, high] = isSurface(trace)
    ? [trace.zmin, trace.zmax]
    : [trace.marker?.cmin ?? 0, trace.marker?.cmax ?? 1];
  const { title, tickvals, ticktext } = scale.colorbar;
  const ticks = tickvals.map((at, index) => ({ at, text: ticktext[index] ?? "" }));
  return { title: title.text, stops: scale.colorscale, low, high, ticks };
}

/** The names on a category axis: those given, then those of bars. */
function namesOf(axis: Axis, data: readonly Trace[]): readonly string[] {
  if (axis.type !== "category") return [];
  const bars = data.flatMap((trace) => (trace.type === "bar" ? trace.y : []));
  return [...new Set([...(axis.categoryarray ?? []), ...bars])];
}

/** Which group a trace belongs to. */
export function groupOf(trace: Trace, index: number): string {
  const isScatter = trace.type === "scatter" || trace.type === "scattergl";
  return (isScatter ? trace.legendgroup : undefined) ?? `#${index}`;
}

/**
 * Prepares a figure of the plane; traces of other kinds are left out.
 *
 * @param hidden groups that are not drawn, and do not count for the axes
 * @param smoothing the weight of what came before, from 0 to below 1
 */
export function sceneOf(figure: Figure, hidden: ReadonlySet<string>, smoothing: number): Scene {
  const { data, layout } = figure;
  const { xaxis = NO_AXIS, yaxis = NO_AXIS } = layout;
  const yNames = namesOf(yaxis, data);
  let xExtent: Extent = NO_EXTENT;
  let yExtent: Extent = NO_EXTENT;
  const traces: SceneTrace[] = [];
  for (const [index, source] of data.entries()) {
    const group = groupOf(source, index);
    if (hidden.has(group) || source.type === "parcoords" || source.type === "scatter3d") continue;
    if (isSurface(source)) {
      const [x, y] = [numbers(source.x), numbers(source.y)];
      traces.push({ group, source, x, y, smooth: undefined, colourOf: () => DEFAULT_COLOUR });
      const isSmooth = source.type === "contour";
      xExtent = extended(xExtent, isSmooth ? x : cellEdges(source.x));
      yExtent = extended(yExtent, isSmooth ? y : cellEdges(source.y));
      continue;
    }
    const x = numbers(source.x);
    const y =
      source.type === "bar" ? Float64Array.from(source.y, (name) => yNames.indexOf(name)) : numbers(source.y);
    const canSmooth = smoothing > 0 && isLine(source) && source.type !== "bar" && source.line?.shape !== "hv";
    const smooth = canSmooth ? smoothedRuns(y, smoothing) : undefined;
    traces.push({ group, source, x, y, smooth, colourOf: colourOfPoints(source) });
    xExtent = extended(source.type === "bar" ? extended(xExtent, [0]) : xExtent, x);
    yExtent = extended(yExtent, y);
  }
  const hasSurface = traces.some(({ source }) => isSurface(source));
  const hasDots = traces.some(({ source }) => !isSurface(source) && source.type !== "bar" && !isLine(source));
  const room: readonly [number, number] = hasSurface ? [0, 0] : [hasDots ? 0.04 : 0.015, 0.05];
  return {
    traces,
    room,
    axes: {
      x: axisView(xaxis, xExtent, room[0]),
      y: axisView(yaxis, yExtent, room[1]),
      xNames: namesOf(xaxis, data),
      yNames,
    },
    colours: data.map(colourLegend).find((legend) => legend !== undefined),
  };
}
