import type { Axis, Figure, Scatter3dTrace } from "../../plots/figure.js";
import { colourBarWidth, drawColourBar } from "./colour-bar.js";
import { colourAt } from "./colours.js";
import { svg, type Theme } from "./dom.js";
import type { Drawing, FigureOptions } from "./drawing.js";
import { type Anchor, createLabelWriter, type LabelWriter } from "./label-writer.js";
import { canvasPen, type Pen, svgPen } from "./pen.js";
import { pictureOf, pngOf } from "./picture.js";
import { type ColourLegend, colourLegend, shareOf } from "./scene.js";
import { type Camera, type Place, projected, type SpaceAxis, spaceAxes, turned } from "./space.js";
import { createStage } from "./stage.js";

const START: Camera = { yaw: 0.65, pitch: 0.42 };
/** Radians per pixel that is dragged, and per key. */
const PER_PIXEL = 0.008;
const PER_KEY = 0.12;
const REACH = 12;
const SIZE = 11;
/** Half a side of the box, as a share of the plot's width and of its height: its labels need room too. */
const FILL = { width: 0.27, height: 0.27 };
/** The middle of the box, as a share of the plot's height: below it are the labels of two axes. */
const MIDDLE = 0.46;
const NO_AXIS: Axis = { title: { text: "" } };

/** An edge of the box with an axis. @param out how far from the middle, where the edge is at 1 */
interface Edge {
  readonly axis: SpaceAxis;
  readonly placeAt: (at: number, out: number) => Place;
}

/** Draws points in space into an element; dragging, or Shift and arrows, turn it. */
export function drawSpace(element: HTMLElement, first: Figure, firstOptions: FigureOptions): Drawing {
  let options = firstOptions;
  let figure = first;
  let content = contentOf(first);
  let camera = START;
  let hovered = -1;
  let dragged: { readonly x: number; readonly y: number } | undefined;
  /** Whether the click that comes next ends a turn. */
  let hasTurned = false;
  const stage = createStage(element, options, () => paint());
  const control = new AbortController();
  const { signal } = control;

  const barWidth = (theme: Theme): number =>
    content.legend === undefined ? 0 : colourBarWidth(content.legend, theme.font);
  /** Where a place is in the plot, in pixels, and how near it is. */
  function pixelOf(place: Place, theme: Theme): Place {
    const { width, height } = stage.size();
    const room = width - barWidth(theme);
    const half = Math.min(FILL.width * room, FILL.height * height);
    const [x, y, near] = projected(place, camera);
    return [room / 2 + x * half, MIDDLE * height - y * half, near];
  }

  function pointsIn(
    theme: Theme,
  ): { readonly point: number; readonly x: number; readonly y: number; near: number }[] {
    const [xs, ys, zs] = content.axes;
    return (content.trace?.text ?? [])
      .map((_, point) => {
        const place: Place = [xs?.places[point] ?? NaN, ys?.places[point] ?? NaN, zs?.places[point] ?? NaN];
        const [x, y, near] = pixelOf(place, theme);
        return { point, x, y, near };
      })
      .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
      .sort((a, b) => a.near - b.near);
  }

  function paintPoints(pen: Pen, theme: Theme): void {
    const { size = 5, opacity = 1 } = content.trace?.marker ?? {};
    for (const { point, x, y, near } of pointsIn(theme)) {
      const outline = {
        colour: point === hovered ? theme.ink : theme.paper,
        width: point === hovered ? 2 : 0.7,
      };
      const grown = size * (1.15 + 0.18 * near) * (point === hovered ? 1.4 : 1);
      pen.dot(x, y, { symbol: "circle", size: grown, fill: content.colourOf(point), outline, opacity });
    }
  }

  const path = (places: readonly Place[], theme: Theme): string =>
    places
      .map((place) => pixelOf(place, theme))
      .map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`)
      .join("");

  /** The floor, the two walls behind the points with their grids, and the labels on the edges in front. */
  function boxPicture(theme: Theme): SVGGElement {
    const group = svg("g", { "font-family": theme.font, "font-size": SIZE, fill: theme.soft });
    const [xs, ys, zs] = content.axes;
    if (xs === undefined || ys === undefined || zs === undefined) return group;
    // The walls are on the sides that are farther away.
    const [, , nearX] = projected([1, 0, 0], camera);
    const [, , nearY] = projected([0, 1, 0], camera);
    const [backX, backY] = [nearX > 0 ? -1 : 1, nearY > 0 ? -1 : 1];
    const line = (places: readonly Place[], isEdge = false): void => {
      const style = {
        fill: "none",
        stroke: isEdge ? theme.soft : theme.line,
        "stroke-opacity": isEdge ? 0.6 : 1,
      };
      group.append(svg("path", { d: path(places, theme), ...style }));
    };
    for (const { at } of xs.ticks)
      line([
        [at, -backY, -1],
        [at, backY, -1],
        [at, backY, 1],
      ]);
    for (const { at } of ys.ticks)
      line([
        [-backX, at, -1],
        [backX, at, -1],
        [backX, at, 1],
      ]);
    for (const { at } of zs.ticks)
      line([
        [-backX, backY, at],
        [backX, backY, at],
        [backX, -backY, at],
      ]);
    line(
      [
        [-backX, backY, -1],
        [backX, backY, -1],
        [backX, -backY, -1],
      ],
      true,
    );
    line(
      [
        [backX, backY, -1],
        [backX, backY, 1],
      ],
      true,
    );
    line(
      [
        [-backX, backY, -1],
        [-backX, -backY, -1],
        [backX, -backY, -1],
      ],
      true,
    );
    line(
      [
        [-backX, backY, -1],
        [-backX, backY, 1],
      ],
      true,
    );
    const edges: readonly Edge[] = [
      { axis: xs, placeAt: (at, out) => [at, -backY * out, -1] },
      { axis: ys, placeAt: (at, out) => [-backX * out, at, -1] },
      { axis: zs, placeAt: (at, out) => [-backX * out, backY * (2 - out), at] },
    ];
    // Where there is no room for all, titles are more telling than ticks.
    const writer = createLabelWriter(group, theme.font, stage.size().width - barWidth(theme));
    for (const edge of edges) addTitle(writer, edge, theme);
    for (const edge of edges) addTicks(writer, edge, theme);
    return group;
  }

  /** On which side of an edge its texts are. */
  function anchorOf({ placeAt }: Edge, theme: Theme): Anchor {
    const [cx] = pixelOf(placeAt(0, 1), theme);
    const [ox] = pixelOf(placeAt(0, 1.2), theme);
    if (Math.abs(ox - cx) < 4) return "middle";
    return ox > cx ? "start" : "end";
  }

  function addTitle(writer: LabelWriter, edge: Edge, theme: Theme): void {
    const [x, y] = pixelOf(edge.placeAt(0, 1.42), theme);
    const style = { fill: theme.ink, "font-weight": 500 };
    writer.write(edge.axis.title, { x, y: y + 8, size: 12, anchor: anchorOf(edge, theme) }, style);
  }

  function addTicks(writer: LabelWriter, edge: Edge, theme: Theme): void {
    const anchor = anchorOf(edge, theme);
    for (const { at, text } of edge.axis.ticks) {
      const [x, y] = pixelOf(edge.placeAt(at, 1.09), theme);
      writer.write(text, { x, y: y + 4, size: SIZE, anchor });
    }
  }

  function legendPicture(theme: Theme): SVGGElement | undefined {
    const { legend } = content;
    if (legend === undefined) return undefined;
    const { width, height } = stage.size();
    const room = barWidth(theme);
    return drawColourBar(legend, { left: 0, top: 40, width: width - room, height: height - 70 }, room, theme);
  }

  const placeOf = (event: MouseEvent): readonly [number, number] => {
    const box = stage.plot.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const textOf = (point: number): string => content.trace?.text[point] ?? "";

  function pointAt(x: number, y: number): number {
    let found = -1;
    let least = REACH;
    for (const each of pointsIn(stage.theme())) {
      const distance = Math.hypot(each.x - x, each.y - y);
      if (distance > least) continue;
      least = distance;
      found = each.point;
    }
    return found;
  }

  function show(point: number): void {
    hovered = point;
    stage.request();
    const drawn = pointsIn(stage.theme()).find((each) => each.point === point);
    if (drawn === undefined) stage.tooltip.hide();
    else stage.tooltip.show(textOf(point), drawn.x, drawn.y, content.colourOf(point));
  }

  function turn(across: number, up: number): void {
    camera = turned(camera, across, up);
    stage.request();
  }

  function moved(event: PointerEvent): void {
    const [x, y] = placeOf(event);
    if (dragged === undefined) {
      const point = pointAt(x, y);
      if (point !== hovered) show(point);
      return;
    }
    hasTurned ||= Math.hypot(x - dragged.x, y - dragged.y) > 2;
    turn((x - dragged.x) * PER_PIXEL, (y - dragged.y) * PER_PIXEL);
    dragged = { x, y };
  }

  function keyed(event: KeyboardEvent): void {
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key] ?? 0;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "0") {
      camera = START;
      stage.request();
    } else if (event.key === "Enter" && hovered >= 0) pick(hovered);
    else if (across === 0 && up === 0) return;
    else if (event.shiftKey) turn(across * PER_KEY, up * PER_KEY);
    else {
      const count = content.trace?.text.length ?? 0;
      if (count === 0) return;
      show((hovered + (across || -up) + count) % count);
      stage.announce(textOf(hovered));
    }
    event.preventDefault();
  }

  const pick = (point: number): void => options.onPick?.({ trace: 0, point, text: textOf(point) });

  function paint(): void {
    const theme = stage.theme();
    const context = stage.clearCanvas();
    if (context !== undefined) paintPoints(canvasPen(context), theme);
    stage.back.replaceChildren(boxPicture(theme));
    const legend = legendPicture(theme);
    stage.front.replaceChildren(...(legend === undefined ? [] : [legend]));
  }

  const { plot } = stage;
  plot.addEventListener(
    "pointerdown",
    (event) => {
      const [x, y] = placeOf(event);
      dragged = { x, y };
      hasTurned = false;
      plot.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  plot.addEventListener("pointermove", moved, { signal });
  const released = (): void => {
    dragged = undefined;
  };
  plot.addEventListener("pointerup", released, { signal });
  plot.addEventListener("pointercancel", released, { signal });
  plot.addEventListener("pointerleave", () => show(-1), { signal });
  plot.addEventListener("keydown", keyed, { signal });
  plot.addEventListener(
    "click",
    (event) => {
      const point = hasTurned ? -1 : pointAt(...placeOf(event));
      if (point >= 0) pick(point);
    },
    { signal },
  );
  stage.request();

  function toSvg(): string {
    const theme = stage.theme();
    const data = svg("g");
    paintPoints(svgPen(data), theme);
    const legend = legendPicture(theme);
    const layers = [boxPicture(theme), data, ...(legend === undefined ? [] : [legend])];
    return pictureOf({ ...stage.size(), theme, label: options.label, legend: [], layers });
  }

  return {
    update(next, changes) {
      figure = next;
      content = contentOf(figure);
      options = changes ?? options;
      stage.setLabel(options.label);
      show(-1);
    },
    theme: () => stage.request(),
    destroy() {
      control.abort();
      stage.destroy();
    },
    toSvg,
    toPng: () => pngOf(toSvg()),
  };
}

/** What is drawn of a figure. */
interface Content {
  readonly trace: Scatter3dTrace | undefined;
  readonly axes: readonly SpaceAxis[];
  readonly legend: ColourLegend | undefined;
  readonly colourOf: (point: number) => string;
}

function contentOf({ data, layout }: Figure): Content {
  const trace = data.find((each) => each.type === "scatter3d");
  const { xaxis = NO_AXIS, yaxis = NO_AXIS, zaxis = NO_AXIS } = layout.scene ?? {};
  const { color, colorscale = [], cmin = 0, cmax = 1 } = trace?.marker ?? {};
  return {
    trace,
    axes: trace === undefined ? [] : spaceAxes(trace, [xaxis, yaxis, zaxis]),
    legend: data.map(colourLegend).find((legend) => legend !== undefined),
    colourOf: (point) =>
      typeof color === "object"
        ? colourAt(colorscale, shareOf(color[point] ?? cmin, cmin, cmax))
        : (color ?? "#1f6fe5"),
  };
}
