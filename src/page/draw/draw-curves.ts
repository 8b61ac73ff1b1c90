import { BEST_COLOUR } from "../../plots/fate.js";
import { plotText } from "../../plots/trial-text.js";
import { BulkLayer } from "./bulk-layer.js";
import { parseColour } from "./colours.js";
import { CURVE_ROOM, curveAxes } from "./curve-axes.js";
import { groupCurves, opacityOf } from "./curve-groups.js";
import { BEST_GROUP, bestSlot, curveLegend } from "./curve-legend.js";
import { type CurveColumns, CurveStore, type StoreChange } from "./curve-store.js";
import { CurvesGl } from "./curves-gl.js";
import type { CurvePoint, CurvesDrawing, CurvesOptions } from "./curves-options.js";
import { html, svg, type Theme } from "./dom.js";
import { createLegend } from "./legend.js";
import { curvesInBox, nearestCurve, type Projection, project } from "./nearest-curve.js";
import {
  type CurvesPicture,
  FADED_SHARE,
  paintCurve,
  paintCurves,
  paintDensity,
  RAW_SHARE,
  stateOf,
} from "./paint-curves.js";
import { canvasPen, type Pen, svgPen } from "./pen.js";
import { clipped, pictureOf, pngOf } from "./picture.js";
import { Plane } from "./plane.js";
import { createStage, fitCanvas } from "./stage.js";
import { plainNumber } from "./ticks.js";

/** Up to these, curves are drawn one by one on a canvas, with dashes and any width. */
const FEW_CURVES = 400;
const FEW_POINTS = 40_000;
/** Without a graphics card, more curves are drawn as a density. */
const SOME_CURVES = 1500;
const REACH = 24;
/** Selected curves that are drawn one by one on top. */
const MOST_ON_TOP = 300;

/** What a click or a key points at. */
interface Place {
  readonly slot: number;
  readonly index: number;
}

/**
 * Draws the learning curves of a study into an element, whose size it takes: thousands with WebGL 2 in a few calls, or
 * without a graphics card as a density. What people can do is what `drawFigure` says, and with Alt (or by the option
 * `drag`) a dragged box selects the trials that pass through it; arrows up and down walk from curve to curve.
 */
export function drawCurves(
  element: HTMLElement,
  first: CurveColumns,
  firstOptions: CurvesOptions,
): CurvesDrawing {
  let options = firstOptions;
  const store = new CurveStore();
  let change: StoreChange = store.update(first);
  let isGrouped = false;
  let isSmoothSent = false;
  let selected: ReadonlySet<number> = new Set();
  let hovered: Place | undefined;
  let renderer: CurvesDrawing["renderer"] = "canvas";
  let gl: CurvesGl | undefined;
  let glCanvas: HTMLCanvasElement | undefined;
  let hasTriedGl = false;
  /** What a drawing with WebGL depends on besides the data; it is not repeated for a hovered curve. */
  let glKey = "";
  /** Counts changes of the curves. */
  let version = 0;

  const stage = createStage(element, options, () => paint());
  const bulk = new BulkLayer(() => stage.request());
  const ring = svg("circle", { class: "draw-ring", r: 5, visibility: "hidden" });
  const legend = createLegend(stage.legend, () => {
    refit();
    stage.request();
  });
  /** The best curve, unless it is hidden; it is drawn although its state is. */
  const bestOnTop = (): number | undefined =>
    legend.hidden.has(BEST_GROUP) ? undefined : bestSlot(store, options.best);
  const isShown = (slot: number): boolean =>
    (store.lengths[slot] ?? 0) > 0 &&
    (slot === bestOnTop() || !legend.hidden.has(stateOf({ store, states: options.states }, slot).label));
  const plane = new Plane(stage, curveAxes(store, options, isShown), {
    selects: () => options.onBrush !== undefined && options.drag === "select",
    beside: () => 0,
    select: (from, to) => {
      const found = curvesInBox(store, projection(), from, to, isShown);
      select(found);
      const trials = found.map((slot) => store.trials[slot] ?? 0).sort((a, b) => a - b);
      stage.announce(`${trials.length} trials selected`);
      options.onBrush?.(trials);
    },
    hover: (x, y) => pointTo(x, y),
    leave: () => leave(),
    click: (x, y) => {
      pointTo(x, y);
      choose();
    },
    choose: () => choose(),
    escape: () => {
      leave();
      if (selected.size === 0) return;
      select([]);
      options.onBrush?.(undefined);
    },
    walk: (along, across) => walk(along, across),
  });
  stage.front.append(ring);

  function pointTo(x: number, y: number): void {
    stage.flush();
    // While something is selected, only that can be pointed at.
    const counts = (slot: number): boolean => isShown(slot) && (selected.size === 0 || selected.has(slot));
    const found = plane.isInside(x, y) ? nearestCurve(store, projection(), [x, y], REACH, counts) : undefined;
    if (found === undefined) leave();
    else show(found);
  }

  function select(slots: readonly number[]): void {
    selected = new Set(slots);
    isGrouped = false;
    stage.request();
  }

  function selectTrials(trials: readonly number[] = []): void {
    select(trials.flatMap((trial) => store.slotOf(trial) ?? []));
  }

  function projection(): readonly [Projection, Projection] {
    const { x, y } = plane.axes;
    const { left, top, width, height } = plane.box;
    const across = width / (x.range[1] - x.range[0]);
    const up = height / (y.range[1] - y.range[0]);
    return [
      { isLog: x.kind === "log", scale: across, offset: left - x.range[0] * across },
      { isLog: y.kind === "log", scale: -up, offset: top + height + y.range[0] * up },
    ];
  }

  function pictureOfCurves(): CurvesPicture {
    const slots = Array.from({ length: store.count }, (_, slot) => slot).filter(isShown);
    const placeOf = (slot: number): number => store.states[slot] ?? 0;
    slots.sort((a, b) => placeOf(a) - placeOf(b) || a - b);
    return {
      store,
      states: options.states,
      projection: projection(),
      smoothing: options.smoothing ?? 0,
      slots,
      selected,
      width: plane.box.width,
    };
  }

  function refit(): void {
    plane.setAxes(curveAxes(store, options, isShown), CURVE_ROOM);
    leave();
  }

  /** What the picture of all curves depends on besides the curves and what is in view. */
  const lookKey = (): string =>
    JSON.stringify([
      plane.axes.x.kind,
      plane.axes.y.kind,
      plane.box,
      stage.size(),
      [...legend.hidden],
      options.smoothing ?? 0,
      options.states,
      [...selected],
    ]);

  function paint(): void {
    const theme = stage.theme();
    stage.back.replaceChildren(plane.drawAxes(theme));
    const { box } = plane;
    const { renderer: wanted = "auto" } = options;
    const isFew = store.count <= FEW_CURVES && store.vertices.length / 2 <= FEW_POINTS;
    const drawn = wanted === "webgl" || (wanted === "auto" && !isFew) ? paintGl() : "none";
    const context = stage.clearCanvas();
    if (drawn !== "drawn") {
      if (glCanvas !== undefined) glCanvas.hidden = true;
      glKey = "";
    }
    if (context === undefined) return;
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.width, box.height);
    context.clip();
    const picture = pictureOfCurves();
    if (drawn === "drawn") renderer = "webgl";
    else {
      const isDense = wanted === "density" || (wanted !== "canvas" && store.count > SOME_CURVES);
      renderer = isDense ? "density" : "canvas";
      const { x, y } = plane.axes;
      const view = {
        box,
        ratio: stage.size().ratio,
        x: x.range,
        y: y.range,
        key: `${renderer} ${version} ${lookKey()}`,
      };
      bulk.paint(context, view, (to) => {
        if (isDense) paintDensity(to, picture, box);
        else paintCurves(canvasPen(to), picture);
      });
    }
    paintTop(canvasPen(context), picture, theme, renderer !== "canvas");
    context.restore();
  }

  /** Draws what must be seen: selected curves if they are few, the best one, and the one pointed at. */
  function paintTop(pen: Pen, picture: CurvesPicture, theme: Theme, isBulk: boolean): void {
    if (isBulk && selected.size <= MOST_ON_TOP) {
      for (const slot of selected)
        if (isShown(slot))
          paintCurve(pen, picture, slot, { width: 1.6, opacity: Math.max(0.3, opacityOf(selected.size)) });
    }
    const best = bestOnTop();
    if (best !== undefined) {
      paintCurve(pen, picture, best, { width: 5, opacity: 0.85, colour: theme.paper });
      paintCurve(pen, picture, best, { width: 2.8, opacity: 1, colour: BEST_COLOUR });
    }
    if (hovered === undefined || !isShown(hovered.slot)) return;
    paintCurve(pen, picture, hovered.slot, { width: 5.5, opacity: 0.9, colour: theme.paper });
    paintCurve(pen, picture, hovered.slot, {
      width: 2.6,
      opacity: 1,
      ...(hovered.slot === best ? { colour: BEST_COLOUR } : {}),
    });
  }

  function paintGl(): "drawn" | "none" {
    if (!hasTriedGl) {
      hasTriedGl = true;
      glCanvas = html("canvas", { class: "draw-layer", "aria-hidden": "true" });
      stage.plot.insertBefore(glCanvas, stage.canvas);
      const lost = (): void => {
        glKey = "";
        stage.request();
      };
      gl = CurvesGl.on(glCanvas, lost, options.renderer === "webgl");
      if (gl === undefined) glCanvas.remove();
    }
    if (gl === undefined || glCanvas === undefined) return "none";
    const state = gl.prepare();
    if (state === "lost") return "none";
    const smoothing = options.smoothing ?? 0;
    const dirty = state === "empty" || change.isRebuilt ? undefined : change.dirty;
    if (dirty === undefined || dirty.length > 0) gl.send("raw", store.vertices, dirty);
    const needsSmooth = smoothing > 0 && (!isSmoothSent || dirty === undefined || dirty.length > 0);
    if (needsSmooth) gl.send("smooth", store.smoothedVertices(smoothing), isSmoothSent ? dirty : undefined);
    isSmoothSent = smoothing > 0;
    if (state === "empty" || change.isRegrouped || !isGrouped) {
      gl.sendGroups(groupCurves(store, options.states.length, selected));
    }
    isGrouped = true;
    const isChanged = dirty === undefined || dirty.length > 0 || change.isRegrouped;
    change = { isRebuilt: false, isRegrouped: false, dirty: [] };
    drawGl(gl, glCanvas, smoothing, isChanged);
    return "drawn";
  }

  function drawGl(to: CurvesGl, canvas: HTMLCanvasElement, smoothing: number, isChanged: boolean): void {
    const { x, y } = plane.axes;
    const { left, top, width, height } = plane.box;
    const size = stage.size();
    const { ratio } = size;
    const key = JSON.stringify([x.range, y.range, lookKey()]);
    canvas.hidden = false;
    if (key === glKey && !isChanged) return;
    glKey = key;
    fitCanvas(canvas, size);
    to.clear();
    const view = {
      low: [x.range[0], y.range[0]],
      high: [x.range[1], y.range[1]],
      isLog: [x.kind === "log", y.kind === "log"],
      viewport: [left * ratio, (size.height - top - height) * ratio, width * ratio, height * ratio],
      ratio,
    } as const;
    const opacity = opacityOf(store.count);
    const draw = (which: "raw" | "smooth", share: number): void =>
      to.draw(which, view, ({ state, isSelected }) => {
        const look = options.states[state];
        if (look === undefined || legend.hidden.has(look.label)) return undefined;
        const faded = selected.size > 0 ? FADED_SHARE : 1;
        const strength = isSelected ? opacityOf(selected.size) : opacity * faded;
        return { colour: parseColour(look.colour), opacity: strength * share };
      });
    if (smoothing > 0) draw("raw", RAW_SHARE);
    draw(smoothing > 0 ? "smooth" : "raw", 1);
  }

  function pointOf({ slot, index }: Place): CurvePoint {
    return {
      trial: store.trials[slot] ?? 0,
      step: store.stepAt(slot, index),
      value: store.valueAt(slot, index),
      state: stateOf({ store, states: options.states }, slot),
    };
  }

  function textOf(place: Place): string {
    const point = pointOf(place);
    if (options.textOf !== undefined) return options.textOf(point);
    const { trial, step, value, state } = point;
    const name = `<b>trial ${trial}</b> (${plotText(state.label)})`;
    return `${name}<br>step ${plainNumber(step)}: <b>${plainNumber(value)}</b>`;
  }

  function show(place: Place): void {
    if (hovered?.slot !== place.slot) stage.request();
    hovered = place;
    const { step, value, state } = pointOf(place);
    const [xs, ys] = projection();
    const [x, y] = [project(xs, step), project(ys, value)];
    ring.setAttribute("visibility", plane.isInside(x, y) ? "visible" : "hidden");
    if (!Number.isFinite(x + y)) return;
    ring.setAttribute("cx", String(x));
    ring.setAttribute("cy", String(y));
    ring.setAttribute("stroke", state.colour);
    stage.tooltip.show(textOf(place), x, y, state.colour);
    stage.plot.classList.toggle("draw-can-pick", options.onPick !== undefined);
  }

  function leave(): void {
    if (hovered !== undefined) stage.request();
    hovered = undefined;
    ring.setAttribute("visibility", "hidden");
    stage.tooltip.hide();
    stage.plot.classList.remove("draw-can-pick");
  }

  function choose(): void {
    if (hovered !== undefined) options.onPick?.(pointOf(hovered));
  }

  function walk(along: number, across: number): void {
    const all = Array.from({ length: store.count }, (_, slot) => slot).filter(
      (slot) => isShown(slot) && (selected.size === 0 || selected.has(slot)),
    );
    all.sort((a, b) => (store.trials[a] ?? 0) - (store.trials[b] ?? 0));
    const at = hovered === undefined ? -1 : all.indexOf(hovered.slot);
    const best = options.best === undefined ? undefined : store.slotOf(options.best);
    const start = best !== undefined && all.includes(best) ? best : all[0];
    const slot = at < 0 ? start : all[(at + across + all.length) % all.length];
    if (slot === undefined) return;
    const last = (store.lengths[slot] ?? 1) - 1;
    let index = hovered === undefined || at < 0 ? last : Math.min(last, hovered.index);
    if (at >= 0 && along !== 0) {
      do index += along;
      while (index >= 0 && index <= last && !Number.isFinite(store.valueAt(slot, index)));
    }
    if (index < 0 || index > last) return;
    show({ slot, index });
    stage.announce(textOf({ slot, index }));
  }

  function toSvg(): string {
    stage.flush();
    const theme = stage.theme();
    const { width, height } = stage.size();
    const data = svg("g");
    const pen = svgPen(data);
    const picture = pictureOfCurves();
    paintCurves(pen, picture);
    paintTop(pen, picture, theme, false);
    const layers = [plane.drawAxes(theme), clipped(data, plane.box)];
    const entries = curveLegend(store, options.states, options.best).filter(
      ({ group }) => !legend.hidden.has(group),
    );
    return pictureOf({ width, height, theme, label: options.label, legend: entries, layers });
  }

  function setOptions(next: CurvesOptions): void {
    const before = options;
    options = next;
    stage.setLabel(options.label);
    if (before.smoothing !== options.smoothing) isSmoothSent = false;
    if (before.selected !== options.selected) selectTrials(options.selected);
    if (before.states.length !== options.states.length) isGrouped = false;
  }

  function refresh(): void {
    legend.show(curveLegend(store, options.states, options.best));
    const at = hovered;
    plane.setAxes(curveAxes(store, options, isShown), CURVE_ROOM);
    if (at !== undefined && isShown(at.slot)) show(at);
    stage.request();
  }

  selectTrials(options.selected);
  refresh();
  return {
    update(curves, changes) {
      const trials = [...selected].map((slot) => store.trials[slot] ?? 0);
      const now = store.update(curves);
      // Changes add up until the next picture.
      change = {
        isRebuilt: change.isRebuilt || now.isRebuilt,
        isRegrouped: change.isRegrouped || now.isRegrouped,
        dirty: [...change.dirty, ...now.dirty],
      };
      if (now.isRebuilt || now.isRegrouped || now.dirty.length > 0) version += 1;
      if (now.isRebuilt) {
        hovered = undefined;
        selectTrials(trials);
      }
      if (changes !== undefined) setOptions(changes);
      refresh();
    },
    change(next) {
      setOptions(next);
      refresh();
    },
    show: (x, y) => plane.show(x, y),
    reset: () => plane.reset(),
    get renderer() {
      return renderer;
    },
    theme() {
      glKey = "";
      stage.request();
    },
    destroy() {
      plane.destroy();
      gl?.destroy();
      bulk.destroy();
      stage.destroy();
    },
    toSvg,
    toPng: () => pngOf(toSvg()),
  };
}
