import { type Attributes, svg } from "./dom.js";
import { type Shape, shapeOf } from "./symbols.js";

/** How a line looks; widths in pixels. */
export interface Stroke {
  readonly colour: string;
  readonly width: number;
  readonly dash?: readonly number[];
}

/** How points look. */
export interface Dot {
  readonly symbol: string;
  readonly size: number;
  readonly fill: string;
  readonly outline?: Stroke;
  readonly opacity: number;
}

/** Draws data, on a canvas or as SVG, so that a picture and its export come from the same code. */
export interface Pen {
  /** @param points x and y in turn; a NaN ends a line, and the next point begins another */
  line(points: ArrayLike<number>, stroke: Stroke, opacity: number): void;
  /** The inside of an outline; x and y in turn. */
  area(points: ArrayLike<number>, fill: string, opacity: number): void;
  dot(x: number, y: number, dot: Dot): void;
  rect(x: number, y: number, width: number, height: number, fill: string, opacity: number): void;
}

const DASHES: Readonly<Record<string, readonly number[]>> = {
  dot: [1.5, 3],
  dash: [6, 4],
  dashdot: [7, 3, 1.5, 3],
};

/** The lengths of a dash's parts, for a line of a width; undefined for a solid line. */
export function dashOf(name: string | undefined, width: number): readonly number[] | undefined {
  return DASHES[name ?? "solid"]?.map((length) => length * Math.max(1, width * 0.75));
}

/** A pen on a canvas, whose units are CSS pixels. */
export function canvasPen(context: CanvasRenderingContext2D): Pen {
  const apply = ({ colour, width, dash = [] }: Stroke): void => {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash([...dash]);
  };
  context.lineJoin = "round";
  context.lineCap = "butt";
  const trace = (points: ArrayLike<number>): void => {
    context.beginPath();
    let isOpen = false;
    for (let index = 0; index + 1 < points.length; index += 2) {
      const x = points[index] ?? Number.NaN;
      const y = points[index + 1] ?? Number.NaN;
      const isPoint = Number.isFinite(x) && Number.isFinite(y);
      if (isPoint && isOpen) context.lineTo(x, y);
      else if (isPoint) context.moveTo(x, y);
      isOpen = isPoint;
    }
  };
  return {
    line(points, stroke, opacity) {
      apply(stroke);
      context.globalAlpha = opacity;
      trace(points);
      context.stroke();
    },
    area(points, fill, opacity) {
      context.globalAlpha = opacity;
      context.fillStyle = fill;
      trace(points);
      context.fill();
    },
    dot(x, y, { symbol, size, fill, outline, opacity }) {
      const shape = shapeOf(symbol, size / 2);
      context.globalAlpha = opacity;
      context.beginPath();
      if (shape.radius > 0) context.arc(x, y, shape.radius, 0, 2 * Math.PI);
      for (const part of shape.parts) {
        for (let index = 0; index + 1 < part.length; index += 2) {
          const px = x + (part[index] ?? 0);
          const py = y + (part[index + 1] ?? 0);
          if (index === 0) context.moveTo(px, py);
          else context.lineTo(px, py);
        }
        if (shape.isClosed) context.closePath();
      }
      context.fillStyle = fill;
      if (!shape.isOpen) context.fill();
      const stroke = shape.isOpen ? { colour: fill, width: 1.4 } : outline;
      if (stroke === undefined) return;
      apply(stroke);
      context.stroke();
    },
    rect(x, y, width, height, fill, opacity) {
      context.globalAlpha = opacity;
      context.fillStyle = fill;
      context.fillRect(x, y, width, height);
    },
  };
}

const short = (value: number): string => String(Math.round(value * 10) / 10);

/** The commands of a path through points, as `d` of an SVG path. */
export function pathData(points: ArrayLike<number>): string {
  let data = "";
  let isOpen = false;
  for (let index = 0; index + 1 < points.length; index += 2) {
    const x = points[index] ?? Number.NaN;
    const y = points[index + 1] ?? Number.NaN;
    const isPoint = Number.isFinite(x) && Number.isFinite(y);
    if (isPoint) data += `${isOpen ? "L" : "M"}${short(x)} ${short(y)}`;
    isOpen = isPoint;
  }
  return data;
}

function shapeData({ parts, radius, isClosed }: Shape, x: number, y: number): string {
  if (radius > 0) {
    const [r, left] = [short(radius), short(x - radius)];
    const turn = `a${r} ${r} 0 1 0`;
    return `M${left} ${short(y)}${turn} ${short(2 * radius)} 0${turn} ${short(-2 * radius)} 0Z`;
  }
  const end = isClosed ? "Z" : "";
  return parts
    .map((part) => pathData(part.map((value, index) => value + (index % 2 === 0 ? x : y))) + end)
    .join("");
}

function strokeAttributes({ colour, width, dash }: Stroke): Attributes {
  return {
    stroke: colour,
    "stroke-width": width,
    ...(dash === undefined ? {} : { "stroke-dasharray": dash.join(" ") }),
  };
}

/** A pen that adds paths to a group. */
export function svgPen(group: SVGGElement): Pen {
  return {
    line(points, stroke, opacity) {
      const d = pathData(points);
      if (d === "") return;
      const style = { fill: "none", "stroke-linejoin": "round", "stroke-opacity": opacity };
      group.append(svg("path", { d, ...style, ...strokeAttributes(stroke) }));
    },
    area(points, fill, opacity) {
      const d = pathData(points);
      if (d !== "") group.append(svg("path", { d: `${d}Z`, fill, "fill-opacity": opacity, stroke: "none" }));
    },
    dot(x, y, { symbol, size, fill, outline, opacity }) {
      if (!(Number.isFinite(x) && Number.isFinite(y))) return;
      const shape = shapeOf(symbol, size / 2);
      const stroke = shape.isOpen ? { colour: fill, width: 1.4 } : outline;
      const style = { fill: shape.isOpen ? "none" : fill, opacity };
      const d = shapeData(shape, x, y);
      group.append(svg("path", { d, ...style, ...(stroke === undefined ? {} : strokeAttributes(stroke)) }));
    },
    rect(x, y, width, height, fill, opacity) {
      const place = { x: short(x), y: short(y), width: short(width), height: short(height) };
      group.append(svg("rect", { ...place, fill, "fill-opacity": opacity, "shape-rendering": "crispEdges" }));
    },
  };
}
