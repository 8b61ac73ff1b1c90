import { type Axes, type AxesPlan, drawAxes, planAxes, TITLE_SIZE } from "./axes.js";
import {
  type AxisKind,
  type AxisView,
  axisView,
  panned,
  pixelOf,
  type Range,
  unitAt,
  unitOf,
  withRange,
  zoomed,
} from "./axis-view.js";
import { html, svg, type Theme, widthOf } from "./dom.js";
import { type Gestures, listen } from "./gestures.js";
import { plainText } from "./rich-text.js";
import type { Stage } from "./stage.js";

/** What is drawn in a plane decides this. */
export interface PlaneHandlers
  extends Pick<Gestures, "hover" | "leave" | "click" | "walk" | "choose" | "escape"> {
  /** A box was dragged that does not zoom; in pixels. */
  select?(from: readonly [number, number], to: readonly [number, number]): void;
  /** Whether boxes select; with Alt, the opposite. */
  selects(): boolean;
  /** The room that is needed on the right. */
  beside(): number;
}

/** Two axes that can be zoomed, moved and toggled, and what they need of a stage. */
export class Plane {
  readonly #stage: Stage;
  readonly #handlers: PlaneHandlers;
  readonly #stop: () => void;
  readonly #toggles: Readonly<Record<"x" | "y", HTMLButtonElement>>;
  /** How much room beside its data an axis has, by axis. */
  #room: readonly [number, number] = [0, 0];
  #axes: Axes;
  #plan: AxesPlan;
  /** The box that is being dragged. */
  readonly #dragged = svg("rect", { class: "draw-box", visibility: "hidden" });

  constructor(stage: Stage, axes: Axes, handlers: PlaneHandlers) {
    this.#stage = stage;
    this.#handlers = handlers;
    this.#axes = axes;
    this.#plan = planAxes(axes, { width: 300, height: 200 }, 0, "sans-serif");
    this.#toggles = { x: this.#toggle("x"), y: this.#toggle("y") };
    stage.frame.append(this.#toggles.y, this.#toggles.x);
    stage.front.append(this.#dragged);
    this.#stop = listen(stage.plot, {
      ...handlers,
      hover: (x, y) => handlers.hover(x, y),
      leave: () => handlers.leave(),
      box: (from, to, isDone, other) => this.#box(from, to, isDone, other),
      cancelBox: () => this.#dragged.setAttribute("visibility", "hidden"),
      pan: (dx, dy) => this.#pan(dx, dy),
      zoom: (x, y, factor) => this.#zoom(x, y, factor),
      reset: () => this.reset(),
    });
  }

  get axes(): Axes {
    return this.#axes;
  }

  get box(): AxesPlan["box"] {
    return this.#plan.box;
  }

  /** Shows other axes; those of the same title and kind stay where they were zoomed to. */
  setAxes(axes: Axes, room: readonly [number, number]): void {
    const kept = (before: AxisView, now: AxisView): AxisView => {
      const isSame =
        before.spec.title.text === now.spec.title.text && (before.spec.type ?? "") === (now.spec.type ?? "");
      if (!isSame || (before.kind !== now.kind && !now.canToggle)) return now;
      const fresh = before.kind === now.kind ? now : axisView(now.spec, now.extent, 0.04, before.kind);
      const isHome = before.range[0] === before.home[0] && before.range[1] === before.home[1];
      return isHome ? fresh : { ...fresh, range: before.range };
    };
    this.#axes = { ...axes, x: kept(this.#axes.x, axes.x), y: kept(this.#axes.y, axes.y) };
    this.#room = room;
    this.#stage.request();
  }

  /** Shows everything again. */
  reset(): void {
    const { x, y } = this.#axes;
    this.#move({ ...x, range: x.home }, { ...y, range: y.home });
  }

  /** Shows a part of both axes, in their units. */
  show(x: Range, y: Range): void {
    this.#move(withRange(this.#axes.x, x), withRange(this.#axes.y, y));
  }

  /** Plans and draws the axes. */
  drawAxes(theme: Theme): SVGGElement {
    this.#plan = planAxes(this.#axes, this.#stage.size(), this.#handlers.beside(), theme.font);
    const { box } = this.#plan;
    const titleOf = (axis: AxisView): string => plainText(axis.spec.title.text);
    const places = {
      y: [14 + widthOf(titleOf(this.#axes.y), TITLE_SIZE, theme.font) * 1.04, 2],
      x: [
        box.left + box.width / 2 + widthOf(titleOf(this.#axes.x), TITLE_SIZE, theme.font) * 0.52 + 8,
        box.top + box.height + 24,
      ],
    } as const;
    for (const name of ["x", "y"] as const) {
      const button = this.#toggles[name];
      const axis = this.#axes[name];
      button.hidden = !axis.canToggle;
      button.setAttribute("aria-pressed", String(axis.kind === "log"));
      button.setAttribute("aria-label", `log axis: ${titleOf(axis)}`);
      button.style.left = `${Math.round(Math.min(places[name][0], this.#stage.size().width - 34))}px`;
      button.style.top = `${Math.round(places[name][1])}px`;
    }
    return drawAxes(this.#axes, this.#plan, theme);
  }

  /** The pixel of a value on the axis to the right. */
  xAt(value: number): number {
    const { x } = this.#axes;
    return this.box.left + pixelOf(x, unitOf(x.kind, value), this.box.width);
  }

  /** The pixel of a value on the upright axis. */
  yAt(value: number): number {
    const { y } = this.#axes;
    return this.box.top + this.box.height - pixelOf(y, unitOf(y.kind, value), this.box.height);
  }

  /** The place of a pixel, in the units of both axes. */
  unitsAt(px: number, py: number): readonly [number, number] {
    const { left, top, width, height } = this.box;
    return [unitAt(this.#axes.x, px - left, width), unitAt(this.#axes.y, top + height - py, height)];
  }

  isInside(px: number, py: number): boolean {
    const { left, top, width, height } = this.box;
    return px >= left && px <= left + width && py >= top && py <= top + height;
  }

  destroy(): void {
    this.#stop();
    this.#toggles.x.remove();
    this.#toggles.y.remove();
  }

  #toggle(name: "x" | "y"): HTMLButtonElement {
    const button = html("button", { type: "button", class: "draw-toggle" }, ["log"]);
    button.addEventListener("click", () => {
      const axis = this.#axes[name];
      const kind: AxisKind = axis.kind === "log" ? "linear" : "log";
      const view = axisView(axis.spec, axis.extent, this.#room[name === "x" ? 0 : 1], kind);
      this.#axes = { ...this.#axes, [name]: view };
      this.#stage.tooltip.hide();
      this.#stage.request();
    });
    return button;
  }

  #move(x: AxisView, y: AxisView): void {
    this.#axes = { ...this.#axes, x, y };
    this.#stage.tooltip.hide();
    this.#stage.request();
  }

  #pan(dx: number, dy: number): void {
    const { x, y } = this.#axes;
    this.#move(panned(x, -dx / this.box.width), y.kind === "category" ? y : panned(y, dy / this.box.height));
  }

  #zoom(px: number, py: number, factor: number): void {
    const { x, y } = this.#axes;
    const [ux, uy] = this.unitsAt(px, py);
    const { left, top, width, height } = this.box;
    // Beside an axis, only that axis is zoomed.
    const onlyY = px < left && py < top + height;
    const onlyX = py > top + height && px > left && px < left + width;
    const keepsY = onlyX || y.kind === "category";
    this.#move(onlyY ? x : zoomed(x, ux, factor), keepsY ? y : zoomed(y, uy, factor));
  }

  #box(
    from: readonly [number, number],
    to: readonly [number, number],
    isDone: boolean,
    other: boolean,
  ): void {
    const { left, top, width, height } = this.box;
    const clampX = (value: number): number => Math.max(left, Math.min(left + width, value));
    const clampY = (value: number): number => Math.max(top, Math.min(top + height, value));
    let [x0 = 0, x1 = 0] = [clampX(from[0]), clampX(to[0])].sort((a, b) => a - b);
    let [y0 = 0, y1 = 0] = [clampY(from[1]), clampY(to[1])].sort((a, b) => a - b);
    const selects = this.#handlers.select !== undefined && this.#handlers.selects() !== other;
    // A flat or narrow box means one axis.
    if (!selects && (y1 - y0 < 10 || this.#axes.y.kind === "category")) [y0, y1] = [top, top + height];
    else if (!selects && x1 - x0 < 10) [x0, x1] = [left, left + width];
    const place = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    for (const [name, value] of Object.entries(place)) this.#dragged.setAttribute(name, String(value));
    this.#dragged.setAttribute("visibility", isDone ? "hidden" : "visible");
    this.#dragged.classList.toggle("draw-box-selects", selects);
    this.#stage.tooltip.hide();
    if (!isDone) return;
    if (selects) {
      this.#handlers.select?.([x0, y0], [x1, y1]);
      return;
    }
    if (x1 - x0 < 4 || y1 - y0 < 4) return;
    const [ux0, uy1] = this.unitsAt(x0, y0);
    const [ux1, uy0] = this.unitsAt(x1, y1);
    this.show([ux0, ux1], this.#axes.y.kind === "category" ? this.#axes.y.range : [uy0, uy1]);
  }
}
