import type { Figure } from "../../plots/figure.js";
import { colourBarWidth, drawColourBar } from "./colour-bar.js";
import { svg, svgText, type Theme } from "./dom.js";
import type { Drawing, FigureOptions } from "./drawing.js";
import { hoverText } from "./hover-text.js";
import { createLegend, type LegendEntry } from "./legend.js";
import { type Places, paintTrace } from "./paint-traces.js";
import { canvasPen, svgPen } from "./pen.js";
import { createPickGrid, type PickGrid } from "./pick-grid.js";
import { clipped, pictureOf, pngOf } from "./picture.js";
import { Plane } from "./plane.js";
import { parseText } from "./rich-text.js";
import { groupOf, isLine, isSurface, mainColour, type Scene, type SceneTrace, sceneOf } from "./scene.js";
import { createStage } from "./stage.js";

/** How far from the pointer a point is found, in pixels. */
const REACH = 40;

/** A point of a scene. */
interface ScenePoint {
  readonly trace: SceneTrace;
  readonly point: number;
}

function legendEntries({ data, layout }: Figure): LegendEntry[] {
  const entries = data.flatMap((trace, index): LegendEntry[] => {
    if ((trace.type !== "scatter" && trace.type !== "scattergl") || trace.showlegend === false) return [];
    const { dash = "solid", width = 2 } = trace.line ?? {};
    const { symbol = "circle", line } = trace.marker ?? {};
    const outline = line?.color === undefined ? {} : { outline: line.color };
    const look = isLine(trace) ? { dash, width } : { symbol, ...outline };
    return [{ group: groupOf(trace, index), name: trace.name, colour: mainColour(trace), ...look }];
  });
  const isShown = layout.showlegend ?? entries.length > 1;
  return isShown ? entries : [];
}

/** The text beside bars. */
function barTexts(scene: Scene, plane: Plane, theme: Theme): SVGGElement {
  const group = svg("g", { "font-family": theme.font, "font-size": 11.5, fill: theme.soft });
  for (const { source, x, y } of scene.traces) {
    if (source.type !== "bar") continue;
    for (const [point, text] of source.text.entries()) {
      const place = { x: plane.xAt(x[point] ?? 0) + 6, y: plane.yAt(y[point] ?? 0) + 4 };
      if (plane.isInside(plane.box.left, place.y)) group.append(svgText(parseText(text), place));
    }
  }
  return group;
}

const canHover = ({ source }: SceneTrace): boolean => source.type === "bar" || source.hoverinfo !== "skip";

/** Draws a figure of the plane into an element. */
export function drawPlane(element: HTMLElement, first: Figure, firstOptions: FigureOptions): Drawing {
  let figure = first;
  let options = firstOptions;
  let scene = sceneOf(figure, new Set(), options.smoothing ?? 0);
  let grid: PickGrid | undefined;
  let gridPoints: ScenePoint[] = [];
  let at: ScenePoint | undefined;
  const stage = createStage(element, options, () => paint());
  const ring = svg("circle", { class: "draw-ring", r: 6, visibility: "hidden" });
  const texts = svg("g");
  const legend = createLegend(stage.legend, () => refresh());
  const plane = new Plane(stage, scene.axes, {
    selects: () => false,
    beside: () => (scene.colours === undefined ? 0 : colourBarWidth(scene.colours, stage.theme().font)),
    hover: (x, y) => pointTo(x, y),
    leave: () => leave(),
    click: (x, y) => choose(pointTo(x, y)),
    choose: () => choose(at),
    escape: () => leave(),
    walk: (along, across) => walk(along, across),
  });
  stage.front.append(texts, ring);
  stage.front.prepend(texts);

  function refresh(): void {
    scene = sceneOf(figure, legend.hidden, options.smoothing ?? 0);
    leave();
    plane.setAxes(scene.axes, scene.room);
  }

  /** Where data can be seen: dots at an end of an axis are seen whole, lines end there. */
  function areaOf(): { left: number; top: number; width: number; height: number } {
    const hasLines = scene.traces.some(({ source }) => !isSurface(source) && isLine(source));
    const rim = hasLines ? 1 : 7;
    const { left, top, width, height } = plane.box;
    return { left: left - rim, top: top - rim, width: width + 2 * rim, height: height + 2 * rim };
  }

  function placesFor(finer: number): Places {
    return {
      xAt: (value) => plane.xAt(value),
      yAt: (value) => plane.yAt(value),
      width: plane.box.width,
      finer,
    };
  }

  function paint(): void {
    const theme = stage.theme();
    const axes = plane.drawAxes(theme);
    const { box } = plane;
    const bar =
      scene.colours === undefined
        ? []
        : [drawColourBar(scene.colours, box, stage.size().width - box.left - box.width, theme)];
    stage.back.replaceChildren(axes, ...bar);
    texts.replaceChildren(barTexts(scene, plane, theme));
    grid = undefined;
    const context = stage.clearCanvas();
    if (context === undefined) return;
    context.save();
    context.beginPath();
    const { left, top, width, height } = areaOf();
    context.rect(left, top, width, height);
    context.clip();
    const pen = canvasPen(context);
    for (const trace of scene.traces) paintTrace(pen, trace, placesFor(4));
    context.restore();
  }

  function pointAt(x: number, y: number): ScenePoint | undefined {
    stage.flush();
    const bar = barAt(x, y);
    if (bar !== undefined) return bar;
    if (grid === undefined) {
      gridPoints = [];
      const [xs, ys]: [number[], number[]] = [[], []];
      for (const trace of scene.traces) {
        if (!canHover(trace)) continue;
        for (let point = 0; point < trace.x.length; point++) {
          const place = placeOf({ trace, point });
          if (!(Number.isFinite(place[0]) && Number.isFinite(place[1]))) continue;
          gridPoints.push({ trace, point });
          xs.push(place[0]);
          ys.push(place[1]);
        }
      }
      const { width, height } = stage.size();
      grid = createPickGrid(xs, ys, { width, height });
    }
    return gridPoints[grid.nearest(x, y, REACH)];
  }

  function pointTo(x: number, y: number): ScenePoint | undefined {
    const found = plane.isInside(x, y) ? pointAt(x, y) : undefined;
    if (found === undefined) leave();
    else show(found, [x, y]);
    return found;
  }

  function barAt(x: number, y: number): ScenePoint | undefined {
    for (const trace of scene.traces) {
      if (trace.source.type !== "bar" || !plane.isInside(x, y)) continue;
      const point = trace.y.indexOf(Math.round(plane.unitsAt(x, y)[1]));
      if (point >= 0) return { trace, point };
    }
    return undefined;
  }

  function placeOf({ trace, point }: ScenePoint): readonly [number, number] {
    const y = (trace.smooth ?? trace.y)[point] ?? Number.NaN;
    return [plane.xAt(trace.x[point] ?? Number.NaN), plane.yAt(y)];
  }

  function show(found: ScenePoint, pointer?: readonly [number, number]): void {
    const [x, y] = placeOf(found);
    at = found;
    const colour = found.trace.colourOf(found.point);
    const isBar = found.trace.source.type === "bar";
    ring.setAttribute("cx", String(x));
    ring.setAttribute("cy", String(y));
    ring.setAttribute("stroke", colour);
    ring.setAttribute("visibility", isBar || !plane.isInside(x, y) ? "hidden" : "visible");
    const [tipX, tipY] = isBar && pointer !== undefined ? pointer : [x, y];
    stage.tooltip.show(hoverText(found.trace, found.point), tipX, tipY, colour);
    stage.plot.classList.toggle("draw-can-pick", options.onPick !== undefined);
  }

  function leave(): void {
    ring.setAttribute("visibility", "hidden");
    stage.tooltip.hide();
    stage.plot.classList.remove("draw-can-pick");
  }

  function choose(found: ScenePoint | undefined): void {
    if (found === undefined) return;
    const trace = figure.data.indexOf(found.trace.source);
    options.onPick?.({ trace, point: found.point, text: hoverText(found.trace, found.point) });
  }

  function walk(along: number, across: number): void {
    stage.flush();
    const traces = scene.traces.filter(
      (trace) => canHover(trace) && trace.x.some((_, point) => isPlaced(trace, point)),
    );
    const now = at;
    const place = now === undefined ? -1 : traces.indexOf(now.trace);
    const trace = traces[place < 0 ? 0 : (place + across + traces.length) % traces.length];
    if (trace === undefined) return;
    const isStart = now === undefined || place < 0;
    // Bars are walked by either pair of keys, upwards as they are drawn.
    const by = along + (traces.length === 1 ? -across : 0);
    let point = isStart ? (by < 0 ? trace.x.length : -1) : now.trace === trace ? now.point : -1;
    const step = by === 0 ? 1 : by;
    if (isStart || now.trace !== trace || by !== 0) {
      do point += step;
      while (point >= 0 && point < trace.x.length && !isPlaced(trace, point));
    }
    if (point < 0 || point >= trace.x.length) return;
    show({ trace, point });
    stage.announce(hoverText(trace, point));
  }

  function isPlaced(trace: SceneTrace, point: number): boolean {
    const [x, y] = placeOf({ trace, point });
    return Number.isFinite(x) && Number.isFinite(y) && (trace.source.type === "bar" || plane.isInside(x, y));
  }

  function toSvg(): string {
    stage.flush();
    const theme = stage.theme();
    const { width, height } = stage.size();
    const data = svg("g");
    for (const trace of scene.traces) paintTrace(svgPen(data), trace, placesFor(2));
    const layers = [
      plane.drawAxes(theme),
      ...(scene.colours === undefined
        ? []
        : [drawColourBar(scene.colours, plane.box, width - plane.box.left - plane.box.width, theme)]),
      clipped(data, areaOf()),
      barTexts(scene, plane, theme),
    ];
    const entries = legendEntries(figure).filter(({ group }) => !legend.hidden.has(group));
    return pictureOf({ width, height, theme, label: options.label, legend: entries, layers });
  }

  legend.show(legendEntries(figure));
  plane.setAxes(scene.axes, scene.room);
  return {
    update(next, changes) {
      const before = at;
      const place = before === undefined ? -1 : figure.data.indexOf(before.trace.source);
      const wasShown = !stage.tooltip.element.hidden;
      figure = next;
      options = changes ?? options;
      stage.setLabel(options.label);
      legend.show(legendEntries(figure));
      refresh();
      // Whoever has walked to a point stays there when more data arrives.
      const trace = scene.traces.find(({ source }) => source === figure.data[place]);
      const isThere = trace !== undefined && before !== undefined && before.point < trace.x.length;
      at = isThere ? { trace, point: before.point } : undefined;
      if (at === undefined || !wasShown) return;
      stage.flush();
      show(at);
    },
    theme: () => stage.request(),
    destroy() {
      plane.destroy();
      stage.destroy();
    },
    toSvg,
    toPng: () => pngOf(toSvg()),
  };
}
