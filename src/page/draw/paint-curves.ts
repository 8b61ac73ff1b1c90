import { parseColour } from "./colours.js";
import { opacityOf } from "./curve-groups.js";
import type { CurveStore } from "./curve-store.js";
import type { CurveState } from "./curves-options.js";
import { decimated } from "./decimate.js";
import { Density } from "./density.js";
import { type Projection, project } from "./nearest-curve.js";
import { dashOf, type Pen } from "./pen.js";
import { smoothedRuns } from "./smooth.js";

/** Curves as they are to be drawn. */
export interface CurvesPicture {
  readonly store: CurveStore;
  readonly states: readonly CurveState[];
  readonly projection: readonly [Projection, Projection];
  /** The weight of smoothing; 0: none. */
  readonly smoothing: number;
  /** The places of what to draw, in order. */
  readonly slots: readonly number[];
  /** What stands out while others fade; empty: nothing. */
  readonly selected: ReadonlySet<number>;
  readonly width: number;
}

/** How faint a raw curve is beside its smoothed one, and an unselected one beside those selected. */
export const RAW_SHARE = 0.25;
export const FADED_SHARE = 0.18;

/** The state of a curve. */
export function stateOf(
  { store, states }: Pick<CurvesPicture, "store" | "states">,
  slot: number,
): CurveState {
  return states[Math.min(states.length - 1, store.states[slot] ?? 0)] ?? { label: "", colour: "#7a838e" };
}

/** A curve in pixels, x and y in turn. */
export function curvePixels(
  { store, projection: [xs, ys] }: CurvesPicture,
  slot: number,
  smoothing: number,
): number[] {
  const length = store.lengths[slot] ?? 0;
  const values = Float64Array.from({ length }, (_, index) => store.valueAt(slot, index));
  const shown = smoothing > 0 ? smoothedRuns(values, smoothing) : values;
  const pixels: number[] = [];
  for (let index = 0; index < length; index++) {
    pixels.push(project(xs, store.stepAt(slot, index)), project(ys, shown[index] ?? Number.NaN));
  }
  return pixels;
}

/** Draws one curve; a single point is a dot. */
export function paintCurve(
  pen: Pen,
  picture: CurvesPicture,
  slot: number,
  look: {
    readonly width: number;
    readonly opacity: number;
    readonly colour?: string;
    readonly isDashed?: boolean;
  },
): void {
  const state = stateOf(picture, slot);
  const colour = look.colour ?? state.colour;
  const draw = (smoothing: number, opacity: number): void => {
    const pixels = curvePixels(picture, slot, smoothing);
    if (pixels.length === 2) {
      const [x = Number.NaN, y = Number.NaN] = pixels;
      if (Number.isFinite(x + y))
        pen.dot(x, y, { symbol: "circle", size: look.width + 3, fill: colour, opacity });
      return;
    }
    const parts = look.isDashed === true ? dashOf(state.dash, look.width) : undefined;
    const stroke = { colour, width: look.width, ...(parts === undefined ? {} : { dash: parts }) };
    pen.line(pixels.length > 4 * picture.width ? decimated(pixels) : pixels, stroke, opacity);
  };
  if (picture.smoothing > 0) draw(0, look.opacity * RAW_SHARE);
  draw(picture.smoothing, look.opacity);
}

/** Draws all curves one by one. */
export function paintCurves(pen: Pen, picture: CurvesPicture): void {
  const { slots, selected } = picture;
  const opacity = opacityOf(slots.length);
  const isDashed = slots.length <= 200;
  const width = slots.length <= 300 ? 1.4 : 1;
  const paint = (slot: number, share: number): void =>
    paintCurve(pen, picture, slot, { width, opacity: opacity * share, isDashed });
  for (const slot of slots) if (!selected.has(slot)) paint(slot, selected.size > 0 ? FADED_SHARE : 1);
  const top = opacityOf(selected.size);
  for (const slot of slots)
    if (selected.has(slot)) paintCurve(pen, picture, slot, { width: 1.4, opacity: top, isDashed });
}

/** Draws all curves as how many there are in each pixel, for browsers without a graphics card. */
export function paintDensity(
  context: CanvasRenderingContext2D,
  picture: CurvesPicture,
  box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): void {
  const density = new Density(box.width, box.height);
  const { store, slots, selected, smoothing, projection } = picture;
  const [xs, ys] = projection;
  const opacity = opacityOf(slots.length);
  const layers = new Map<string, { slots: number[]; colour: string; opacity: number }>();
  for (const isSelected of [false, true]) {
    for (const slot of slots) {
      if (selected.has(slot) !== isSelected) continue;
      const { colour } = stateOf(picture, slot);
      const key = `${isSelected} ${colour}`;
      const faded = selected.size > 0 ? FADED_SHARE : 1;
      const strength = isSelected ? opacityOf(selected.size) : opacity * faded;
      const layer = layers.get(key) ?? { slots: [], colour, opacity: strength };
      layer.slots.push(slot);
      layers.set(key, layer);
    }
  }
  for (const { slots: own, colour, opacity: strength } of layers.values()) {
    for (const slot of own) {
      if (smoothing > 0) {
        const pixels = curvePixels(picture, slot, smoothing);
        for (let at = 0; at + 3 < pixels.length; at += 2) {
          const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = pixels.slice(at, at + 4);
          density.add(x0 - box.left, y0 - box.top, x1 - box.left, y1 - box.top);
        }
        continue;
      }
      let [x0, y0] = [Number.NaN, Number.NaN];
      for (let index = 0; index < (store.lengths[slot] ?? 0); index++) {
        const x = project(xs, store.stepAt(slot, index)) - box.left;
        const y = project(ys, store.valueAt(slot, index)) - box.top;
        density.add(x0, y0, x, y);
        [x0, y0] = [x, y];
      }
    }
    density.layer(parseColour(colour), strength);
  }
  const whole = document.createElement("canvas");
  whole.width = density.width;
  whole.height = density.height;
  whole.getContext("2d")?.putImageData(new ImageData(density.image, density.width, density.height), 0, 0);
  context.globalAlpha = 1;
  context.drawImage(whole, box.left, box.top, box.width, box.height);
}
