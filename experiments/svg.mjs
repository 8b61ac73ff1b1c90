// Plotly figures as SVG without a browser: lines, filled outlines and points in the plane, drawn by Vega.
import { parse, View } from "vega";

const WIDTH = 720;
const HEIGHT = 360;
const SYMBOLS = { circle: "circle", diamond: "diamond", star: "triangle-up", x: "cross" };
const DASHES = { solid: [], dot: [2, 3], dash: [7, 4], dashdot: [7, 3, 2, 3] };

const isLog = (axis) => axis?.type === "log";

/** The ends of an axis: as given, or those of the data with a margin. */
function domainOf(axis, values) {
  const log = isLog(axis);
  if (axis?.range !== undefined) return log ? axis.range.map((power) => 10 ** power) : axis.range;
  const seen = values.filter((value) => value !== null && Number.isFinite(value) && (!log || value > 0));
  if (seen.length === 0) return log ? [0.1, 1] : [0, 1];
  const scaled = log ? seen.map(Math.log10) : seen;
  const [low, high] = scaled.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [scaled[0], scaled[0]]);
  const room = (high - low || 1) * 0.04;
  return [low - room, high + room].map((end) => (log ? 10 ** end : end));
}

/** The ticks given by a figure that are within the axis; on a long log axis, only the powers of ten. */
function ticksOf(axis, [low, high]) {
  const all = axis.tickvals
    .map((value, index) => ({ value, text: axis.ticktext?.[index] ?? String(value) }))
    .filter(({ value }) => value >= low && value <= high);
  const tens = all.filter(({ value }) => Number.isInteger(Math.log10(value)));
  return isLog(axis) && tens.length >= 3 ? tens : all;
}

function axisOf(orient, scale, axis, domain) {
  const place = { orient, scale, title: axis?.title?.text ?? "", format: "~r", labelOverlap: true };
  if (axis?.tickvals === undefined) return { ...place, tickCount: orient === "bottom" ? 8 : 6 };
  const ticks = ticksOf(axis, domain);
  const texts = JSON.stringify(Object.fromEntries(ticks.map(({ value, text }) => [value, text])));
  return {
    ...place,
    labelOverlap: false,
    values: ticks.map(({ value }) => value),
    encode: { labels: { update: { text: { signal: `${texts}[datum.value]` } } } },
  };
}

const rowsOf = ({ x, y }) =>
  x.map((value, index) => ({
    x: value,
    y: y[index],
    ok: value !== null && y[index] !== null && Number.isFinite(y[index]),
  }));

const place = { x: { scale: "x", field: "x" }, y: { scale: "y", field: "y" } };

function markOf(trace, index) {
  const from = { data: `trace${index}` };
  const opacity = { value: trace.opacity ?? trace.marker?.opacity ?? 1 };
  if (trace.mode === "markers") {
    const { color, size = 7, symbol = "circle" } = trace.marker ?? {};
    const encode = {
      ...place,
      fill: { value: color },
      size: { value: size ** 2 },
      shape: { value: SYMBOLS[symbol] ?? "circle" },
      opacity,
    };
    return { type: "symbol", from, clip: true, encode: { enter: encode } };
  }
  const { color, width = 2, dash = "solid", shape = "linear" } = trace.line ?? {};
  const encode = {
    ...place,
    defined: { field: "ok" },
    opacity,
    ...(trace.fill === "toself" ? { fill: { value: trace.fillcolor } } : {}),
    ...(width > 0
      ? { stroke: { value: color }, strokeWidth: { value: width }, strokeDash: { value: DASHES[dash] ?? [] } }
      : {}),
    interpolate: { value: shape === "hv" ? "step-after" : "linear" },
    strokeJoin: { value: "round" },
  };
  return { type: "line", from, clip: true, encode: { enter: encode } };
}

/** The legend's entries: the first trace of each name that wants one. */
function legendOf(data) {
  const entries = new Map();
  for (const { name, showlegend, line, marker } of data) {
    if (showlegend !== false && !entries.has(name)) entries.set(name, line?.color ?? marker?.color);
  }
  return entries;
}

/** A figure as the text of an SVG file. */
export async function renderSvg({ data, layout }) {
  const legend = legendOf(data);
  const x = domainOf(
    layout.xaxis,
    data.flatMap((trace) => trace.x),
  );
  const y = domainOf(
    layout.yaxis,
    data.flatMap((trace) => trace.y),
  );
  const scale = (name, axis, domain, range) => ({
    name,
    type: isLog(axis) ? "log" : "linear",
    domain,
    range,
    zero: false,
    nice: false,
  });
  const view = new View(
    parse({
      $schema: "https://vega.github.io/schema/vega/v6.json",
      width: WIDTH,
      height: HEIGHT,
      padding: 12,
      background: "white",
      config: {
        axis: {
          labelFont: "sans-serif",
          titleFont: "sans-serif",
          titleFontWeight: "normal",
          labelLimit: 200,
          labelFontSize: 11,
          titleFontSize: 12,
          titlePadding: 8,
          labelColor: "#4b535d",
          titleColor: "#4b535d",
          domainColor: "#c9ced4",
          tickColor: "#c9ced4",
          grid: true,
          gridColor: "#e9ecef",
        },
        legend: { labelFont: "sans-serif", labelFontSize: 12, labelColor: "#23282f", labelLimit: 400 },
      },
      data: data.map((trace, index) => ({ name: `trace${index}`, values: rowsOf(trace) })),
      scales: [
        scale("x", layout.xaxis, x, "width"),
        scale("y", layout.yaxis, y, "height"),
        { name: "series", type: "ordinal", domain: [...legend.keys()], range: [...legend.values()] },
      ],
      axes: [axisOf("bottom", "x", layout.xaxis, x), axisOf("left", "y", layout.yaxis, y)],
      legends: (layout.showlegend === false ? [] : ["top"]).map((orient) => ({
        stroke: "series",
        symbolType: "stroke",
        symbolStrokeWidth: 3,
        orient,
        direction: "horizontal",
        columns: legend.size > 3 ? 2 : legend.size,
        columnPadding: 18,
        offset: 10,
      })),
      marks: data.map(markOf),
    }),
    { renderer: "none" },
  );
  const svg = await view.toSVG();
  view.finalize();
  // One decimal is enough for pixels; texts stay as they are.
  const short = (attribute) =>
    attribute.replaceAll(/-?\d+\.\d{2,}/g, (number) => String(Number(Number(number).toFixed(1))));
  return `${svg.replaceAll(/ (?:d|transform|x|x2|y|y2|width|height)="[^"]*"/g, short)}\n`;
}
