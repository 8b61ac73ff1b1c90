import { html, svg, type Theme, themeOf } from "./dom.js";
import { createTooltip, spoken, type Tooltip } from "./tooltip.js";

/** What every drawing is told about its place in the page. */
export interface StageOptions {
  /** One sentence: what is shown. */
  readonly label: string;
  /** An `aria-live` region for what is walked to; by default the drawing has one of its own. */
  readonly live?: HTMLElement;
}

/** The size of the plot in CSS pixels, and how many pixels of the screen are in one. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** The elements of a drawing: a legend, and a plot of SVG, canvas and SVG on top of each other, with a tooltip. */
export interface Stage {
  readonly root: HTMLElement;
  readonly legend: HTMLElement;
  readonly frame: HTMLElement;
  /** What has the focus. */
  readonly plot: HTMLElement;
  readonly back: SVGSVGElement;
  readonly canvas: HTMLCanvasElement;
  readonly front: SVGSVGElement;
  readonly tooltip: Tooltip;
  size(): Size;
  theme(): Theme;
  setLabel(label: string): void;
  /** Tells a screen reader what a hover text says. */
  announce(text: string): void;
  /** Draws before the next picture, once however often it is called. */
  request(): void;
  /** Draws at once what was requested. */
  flush(): void;
  /** An empty canvas in CSS pixels; undefined where there is none. */
  clearCanvas(): CanvasRenderingContext2D | undefined;
  destroy(): void;
}

const HINT = "Arrow keys walk through it, plus and minus zoom, shift and arrows move, 0 shows all.";

/**
 * Fills an element with the parts of a drawing.
 *
 * @param paint is called before a picture when something has changed
 */
export function createStage(element: HTMLElement, options: StageOptions, paint: () => void): Stage {
  const legend = html("div", { class: "draw-legend" });
  const back = svg("svg", { class: "draw-layer", "aria-hidden": "true", focusable: "false" });
  const front = svg("svg", { class: "draw-layer", "aria-hidden": "true", focusable: "false" });
  const canvas = html("canvas", { class: "draw-layer", "aria-hidden": "true" });
  const plot = html(
    "div",
    { class: "draw-plot", tabindex: 0, role: "application", "aria-roledescription": "plot" },
    [back, canvas, front],
  );
  const tooltip = createTooltip(plot);
  const frame = html("div", { class: "draw-frame" }, [plot, tooltip.element]);
  const ownLive = html("div", { class: "draw-live", "aria-live": "polite" });
  const root = html("div", { class: "draw", role: "group" }, [legend, frame]);
  if (options.live === undefined) root.append(ownLive);
  element.append(root);
  let handle = 0;
  const draw = (): void => {
    handle = 0;
    if (plot.clientWidth > 0 && plot.clientHeight > 0) paint();
  };
  const request = (): void => {
    if (handle === 0) handle = requestAnimationFrame(draw);
  };
  /** Draws at once what is due. */
  const flush = (): void => {
    if (handle === 0) return;
    cancelAnimationFrame(handle);
    draw();
  };
  const observer = new ResizeObserver(request);
  observer.observe(plot);
  const control = new AbortController();
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", request, { signal: control.signal });
  // Paper has its own colours, and there is no picture between the event and the print.
  for (const type of ["beforeprint", "afterprint"]) {
    addEventListener(
      type,
      () => {
        request();
        flush();
      },
      { signal: control.signal },
    );
  }
  // A change of the ratio, as on another screen, changes this query's answer.
  const watchRatio = (): void => {
    const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const changed = (): void => {
      request();
      watchRatio();
    };
    query.addEventListener("change", changed, { once: true, signal: control.signal });
  };
  watchRatio();
  const size = (): Size => ({
    width: plot.clientWidth,
    height: plot.clientHeight,
    ratio: Math.min(3, devicePixelRatio || 1),
  });
  const setLabel = (label: string): void => {
    root.setAttribute("aria-label", label);
    plot.setAttribute("aria-label", `${label} ${HINT}`);
  };
  setLabel(options.label);
  return {
    root,
    legend,
    frame,
    plot,
    back,
    canvas,
    front,
    tooltip,
    size,
    theme: () => themeOf(root),
    setLabel,
    announce(text) {
      (options.live ?? ownLive).textContent = spoken(text);
    },
    request,
    flush,
    clearCanvas() {
      const { width, height, ratio } = size();
      fitCanvas(canvas, { width, height, ratio });
      const context = canvas.getContext("2d") ?? undefined;
      context?.setTransform(ratio, 0, 0, ratio, 0, 0);
      context?.clearRect(0, 0, width, height);
      return context;
    },
    destroy() {
      cancelAnimationFrame(handle);
      observer.disconnect();
      control.abort();
      root.remove();
    },
  };
}

/** Gives a canvas the pixels of its place, which empties it only if that changes something. */
export function fitCanvas(canvas: HTMLCanvasElement, { width, height, ratio }: Size): void {
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
}
