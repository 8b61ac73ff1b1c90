import type { Dimension, Figure } from "../../plots/figure.js";
import { plotText } from "../../plots/trial-text.js";
import { axisNames, inOrder, movedTo } from "./axis-order.js";
import { axisTitles } from "./axis-titles.js";
import { labelStride } from "./axis-view.js";
import { type Brush, brushedLines, nearestLine, steppedBrush } from "./brushes.js";
import { colourAt } from "./colours.js";
import { svg, svgText, type Theme, widthOf } from "./dom.js";
import type { Drawing, FigureOptions } from "./drawing.js";
import { parallelTraceOf as traceOf } from "./parallel-trace.js";
import { canvasPen, type Pen, svgPen } from "./pen.js";
import { pictureOf, pngOf } from "./picture.js";
import { valueAtPlace } from "./place-text.js";
import { plainText } from "./rich-text.js";
import { shareOf } from "./scene.js";
import { createStage } from "./stage.js";
import { ownLines } from "./table.js";
import { plainNumber } from "./ticks.js";

/** Narrower, the ticks of axes run into each other; the plot scrolls instead. */
const LEAST_GAP = 92;
const HANDLE = 28;
const TOP = 40;
const BOTTOM = 16;
const SIDE = 56;
const SIZE = 11;
const REACH = 14;

const textAt = (dimension: Dimension, place: number): string => {
  const value = valueAtPlace(dimension, place);
  return typeof value === "number" ? plainNumber(value) : value;
};

/** Draws parallel coordinates into an element. */
export function drawParallel(element: HTMLElement, first: Figure, firstOptions: FigureOptions): Drawing {
  let options = firstOptions;
  /** The names of the axes in the order that was chosen; empty: as the figure has them. */
  let order: readonly string[] = [];
  let trace = traceOf(first);
  const brushes = new Map<number, Brush>();
  let brushed: readonly number[] | undefined;
  let hovered = -1;
  /** The axis that is being brushed, and where that began. */
  let dragging: { readonly axis: number; readonly from: number } | undefined;
  /** The axis that is being moved by its title. */
  let moving: number | undefined;
  /** Whether the click that comes next ends a brush, or an axis's way. */
  let hasBrushed = false;
  const stage = createStage(element, options, () => paint());
  const handles = svg("g");
  const [axes, titles] = [svg("g"), svg("g")];
  stage.front.append(axes, titles, handles);
  stage.front.removeAttribute("aria-hidden");
  stage.frame.classList.add("draw-frame-scrolls");
  const control = new AbortController();
  const { signal } = control;

  const heightOf = (): number => stage.size().height - TOP - BOTTOM;
  const xOf = (axis: number): number => {
    const { length } = trace.dimensions;
    const { width } = stage.size();
    return length < 2 ? width / 2 : SIDE + (axis * (width - 2 * SIDE)) / (length - 1);
  };
  const yOf = ({ range }: Dimension, value: number): number =>
    TOP + heightOf() * (1 - shareOf(value, range[0], range[1]));
  const valueOf = ({ range }: Dimension, y: number): number =>
    Math.max(range[0], Math.min(range[1], range[0] + (1 - (y - TOP) / heightOf()) * (range[1] - range[0])));
  const columns = (): (readonly number[])[] => trace.dimensions.map(({ values }) => values);

  function rebrush(): void {
    brushed = brushedLines(columns(), brushes, trace.line.color.length);
    const own = ownLines(trace);
    options.onBrush?.(brushed?.filter((line) => line < own));
    stage.request();
  }

  function setBrush(axis: number, brush: Brush | undefined): void {
    if (brush === undefined) brushes.delete(axis);
    else brushes.set(axis, brush);
    rebrush();
    const dimension = trace.dimensions[axis];
    if (dimension === undefined) return;
    const name = plainText(dimension.label);
    const own = ownLines(trace);
    const count = brushed?.filter((line) => line < own).length ?? own;
    const range = brush === undefined ? "all" : textOfBrush(dimension, brush);
    stage.announce(plotText(`${name}: ${range}, ${count} of ${own} lines`));
  }

  function moveAxis(from: number, to: number): void {
    const names = axisNames(trace.dimensions);
    const kept = new Map([...brushes].map(([axis, brush]) => [names[axis], brush]));
    order = movedTo(names, from, to);
    trace = { ...trace, dimensions: inOrder(trace.dimensions, order) };
    brushes.clear();
    for (const [axis, name] of order.entries()) {
      const brush = kept.get(name);
      if (brush !== undefined) brushes.set(axis, brush);
    }
    stage.request();
    const { length } = trace.dimensions;
    stage.announce(`${trace.dimensions[to]?.label ?? ""}: axis ${to + 1} of ${length}`);
  }

  const textOfBrush = (dimension: Dimension, [low, high]: Brush): string =>
    `${textAt(dimension, low)} to ${textAt(dimension, high)}`;

  function colourOf(line: number): string {
    const { color, colorscale, cmin, cmax } = trace.line;
    return colourAt(colorscale, shareOf(color[line] ?? cmin, cmin, cmax));
  }

  function paintLines(pen: Pen, theme: Theme): void {
    const { color } = trace.line;
    const order = Array.from(color, (_, line) => line).sort((a, b) => (color[a] ?? 0) - (color[b] ?? 0));
    const kept = brushed === undefined ? undefined : new Set(brushed);
    const count = kept?.size ?? color.length;
    const opacity = Math.max(0.08, Math.min(0.85, 12 / Math.sqrt(Math.max(1, count))));
    const pixelsOf = (line: number): number[] =>
      trace.dimensions.flatMap((dimension, axis) => [
        xOf(axis),
        yOf(dimension, dimension.values[line] ?? Number.NaN),
      ]);
    if (kept !== undefined) {
      const faint = Math.max(0.03, Math.min(0.16, 4 / Math.sqrt(color.length)));
      for (const line of order) {
        if (!kept.has(line)) pen.line(pixelsOf(line), { colour: theme.soft, width: 1 }, faint);
      }
    }
    const top = order.at(-1);
    for (const line of order) {
      if (kept !== undefined && !kept.has(line)) continue;
      const isTop = color[line] === color[top ?? 0];
      pen.line(pixelsOf(line), { colour: colourOf(line), width: 1.2 }, isTop ? 0.95 : opacity);
    }
    if (hovered >= 0) {
      pen.line(pixelsOf(hovered), { colour: theme.paper, width: 6 }, 0.8);
      pen.line(pixelsOf(hovered), { colour: colourOf(hovered), width: 2.5 }, 1);
    }
  }

  function axisPicture(theme: Theme): SVGGElement {
    const group = svg("g", { "font-family": theme.font, "font-size": SIZE, fill: theme.soft });
    const bottom = TOP + heightOf();
    for (const [axis, dimension] of trace.dimensions.entries()) {
      const x = Math.round(xOf(axis)) + 0.5;
      group.append(svg("path", { d: `M${x} ${TOP}V${bottom}`, stroke: theme.soft, "stroke-opacity": 0.6 }));
      const ys = dimension.tickvals.map((value) => yOf(dimension, value));
      const stride = labelStride(
        ys.map((y) => [y - SIZE / 2, y + SIZE / 2] as const),
        2,
      );
      for (const [index, y] of ys.entries()) {
        group.append(
          svg("path", { d: `M${x - 4} ${Math.round(y) + 0.5}h4`, stroke: theme.soft, "stroke-opacity": 0.6 }),
        );
        if (index % stride !== 0) continue;
        // Labels are read over the lines: a rim in the colour of the paper keeps them apart.
        const rim = {
          stroke: theme.paper,
          "stroke-width": 3,
          "stroke-linejoin": "round",
          "paint-order": "stroke",
        };
        const text = dimension.ticktext[index] ?? "";
        group.append(svg("text", { ...rim, x: x - 7, y: y + 4, "text-anchor": "end" }, [text]));
      }
      const most = trace.dimensions.length < 2 ? 200 : Math.min(0.95 * (xOf(1) - xOf(0)), 2 * SIDE - 6);
      let label = plainText(dimension.label);
      const whole = label;
      while (label.length > 2 && widthOf(label, 12, theme.font) > most) label = `${label.slice(0, -2)}…`;
      const title = {
        x,
        y: 16,
        fill: theme.ink,
        "font-size": 12,
        "font-weight": 500,
        "text-anchor": "middle",
      };
      const text = svgText([[{ text: label, isBold: false, isItalic: false }]], title);
      if (label !== whole) text.append(svg("title", {}, [whole]));
      group.append(text);
    }
    return group;
  }

  function drawHandles(): void {
    for (const [axis, dimension] of trace.dimensions.entries()) {
      const group = handleOf(axis);
      const x = xOf(axis) - HANDLE / 2;
      const brush = brushes.get(axis);
      const area = svg("rect", { x, y: TOP - 6, width: HANDLE, height: heightOf() + 12 });
      group.replaceChildren(area);
      if (brush !== undefined) {
        const top = yOf(dimension, brush[1]);
        const height = Math.max(2, yOf(dimension, brush[0]) - top);
        group.append(
          svg("rect", { class: "draw-brush", x: x + 6, y: top, width: HANDLE - 12, height, rx: 2 }),
        );
      }
      const state = brush === undefined ? "all" : textOfBrush(dimension, brush);
      group.setAttribute(
        "aria-label",
        `${plainText(dimension.label)}: ${state}. Up and down arrows brush this axis, Escape clears it, left and right arrows move it.`,
      );
    }
    while (handles.childElementCount > trace.dimensions.length) handles.lastElementChild?.remove();
  }

  function handleOf(axis: number): SVGElement {
    const found = handles.children.item(axis);
    if (found instanceof SVGElement) return found;
    const made = svg("g", { class: "draw-axis-handle", tabindex: 0, role: "group" });
    made.addEventListener("keydown", (event) => keyed(event, axis), { signal });
    made.addEventListener(
      "pointerdown",
      (event) => {
        if (event.button !== 0) return;
        dragging = { axis, from: placeOf(event)[1] };
        stage.plot.setPointerCapture(event.pointerId);
        made.focus();
        event.preventDefault();
      },
      { signal },
    );
    made.style.pointerEvents = "all";
    handles.append(made);
    return made;
  }

  function keyed(event: KeyboardEvent, axis: number): void {
    const dimension = trace.dimensions[axis];
    if (dimension === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const up = event.key === "ArrowUp" ? 1 : -1;
      setBrush(axis, steppedBrush(brushes.get(axis), dimension.range, up, event.shiftKey));
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const to = axis + (event.key === "ArrowRight" ? 1 : -1);
      if (trace.dimensions[to] !== undefined) {
        moveAxis(axis, to);
        handleOf(to).focus();
      }
    } else if (event.key === "Escape" || event.key === "Backspace" || event.key === "Delete")
      setBrush(axis, undefined);
    else if (event.key === "0") clear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function clear(): void {
    brushes.clear();
    rebrush();
  }

  const placeOf = (event: MouseEvent): readonly [number, number] => {
    const box = stage.plot.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  function moved(event: MouseEvent): void {
    const [x, y] = placeOf(event);
    if (moving !== undefined) {
      const from = moving;
      const places = trace.dimensions.map((_, axis) => Math.abs(xOf(axis) - x));
      const to = places.indexOf(Math.min(...places));
      if (to !== from) moveAxis(from, to);
      moving = to;
      return;
    }
    if (dragging !== undefined) {
      const dimension = trace.dimensions[dragging.axis];
      if (dimension === undefined || Math.abs(y - dragging.from) < 3) return;
      const ends = [valueOf(dimension, dragging.from), valueOf(dimension, y)].sort((a, b) => a - b);
      brushes.set(dragging.axis, [ends[0] ?? 0, ends[1] ?? 0]);
      rebrush();
      return;
    }
    const line = lineAt(x, y);
    if (line !== hovered) stage.request();
    hovered = line;
    if (line < 0) stage.tooltip.hide();
    else stage.tooltip.show(textOf(line), x, y, colourOf(line));
  }

  function released(event: PointerEvent): void {
    if (moving !== undefined) {
      handleOf(moving).focus();
      moving = undefined;
      hasBrushed = true;
      return;
    }
    if (dragging === undefined) return;
    const { axis, from } = dragging;
    dragging = undefined;
    hasBrushed = true;
    setBrush(axis, Math.abs(placeOf(event)[1] - from) < 3 ? undefined : brushes.get(axis));
  }

  function lineAt(x: number, y: number): number {
    const left = trace.dimensions.findLastIndex((_, axis) => xOf(axis) <= x);
    const [from, to] = [trace.dimensions[left], trace.dimensions[left + 1]];
    if (from === undefined || to === undefined) return -1;
    const kept = brushed === undefined ? undefined : new Set(brushed);
    const own = ownLines(trace);
    const heights = (dimension: Dimension): Float64Array =>
      Float64Array.from(dimension.values, (value) => yOf(dimension, value));
    const share = (x - xOf(left)) / (xOf(left + 1) - xOf(left));
    return nearestLine(
      heights(from),
      heights(to),
      share,
      y,
      REACH,
      (line) => line < own && (kept?.has(line) ?? true),
    );
  }

  const textOf = (line: number): string =>
    trace.dimensions
      .map((dimension) => {
        const value = textAt(dimension, dimension.values[line] ?? Number.NaN);
        return `${dimension.label}: <b>${plotText(value)}</b>`;
      })
      .join("<br>");

  function walkKey(event: KeyboardEvent): void {
    if (event.target !== stage.plot) return;
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const last = trace.dimensions.at(-1);
    if (event.key === "0") clear();
    else if (event.key === "Enter" && hovered >= 0) pick(hovered);
    else if (by === undefined || last === undefined) return;
    else {
      const own = ownLines(trace);
      const shown = (brushed ?? Array.from({ length: own }, (_, line) => line)).filter((line) => line < own);
      const place = shown.indexOf(hovered);
      hovered = shown[place < 0 ? 0 : (place + by + shown.length) % shown.length] ?? -1;
      if (hovered < 0) return;
      stage.tooltip.show(
        textOf(hovered),
        xOf(trace.dimensions.length - 1),
        yOf(last, last.values[hovered] ?? 0),
        colourOf(hovered),
      );
      stage.announce(textOf(hovered));
      stage.request();
    }
    event.preventDefault();
  }

  const pick = (line: number): void => options.onPick?.({ trace: 0, point: line, text: textOf(line) });

  function paint(): void {
    stage.plot.style.minWidth = `${2 * SIDE + LEAST_GAP * Math.max(0, trace.dimensions.length - 1)}px`;
    const theme = stage.theme();
    const context = stage.clearCanvas();
    if (context !== undefined) paintLines(canvasPen(context), theme);
    axes.replaceChildren(axisPicture(theme));
    const places = trace.dimensions.map((_, axis) => xOf(axis));
    titles.replaceChildren(
      ...axisTitles(places, SIDE, (axis, pointer) => {
        moving = axis;
        stage.plot.setPointerCapture(pointer);
      }),
    );
    drawHandles();
  }

  function leave(): void {
    if (hovered >= 0) stage.request();
    hovered = -1;
    stage.tooltip.hide();
  }

  const { plot } = stage;
  plot.addEventListener("pointermove", moved, { signal });
  plot.addEventListener("pointerup", released, { signal });
  const left = ({ pointerType }: PointerEvent): void => {
    if (pointerType !== "touch") leave();
  };
  plot.addEventListener("pointerleave", left, { signal });
  plot.addEventListener("dblclick", clear, { signal });
  plot.addEventListener("keydown", walkKey, { signal });
  const clicked = (event: MouseEvent): void => {
    const isBrush = hasBrushed;
    hasBrushed = false;
    if (isBrush) return;
    moved(event);
    if (hovered >= 0) pick(hovered);
  };
  plot.addEventListener("click", clicked, { signal });
  stage.request();

  function toSvg(): string {
    const theme = stage.theme();
    const { width, height } = stage.size();
    const data = svg("g");
    paintLines(svgPen(data), theme);
    return pictureOf({
      width,
      height,
      theme,
      label: options.label,
      legend: [],
      layers: [data, axisPicture(theme)],
    });
  }

  return {
    update(figure, changes) {
      const before = axisNames(trace.dimensions).join("\n");
      const next = traceOf(figure);
      trace = { ...next, dimensions: inOrder(next.dimensions, order) };
      options = changes ?? options;
      stage.setLabel(options.label);
      if (axisNames(trace.dimensions).join("\n") !== before) brushes.clear();
      brushed = brushedLines(columns(), brushes, trace.line.color.length);
      leave();
      stage.request();
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
