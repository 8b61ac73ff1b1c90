import type { Figure } from "../../plots/figure.js";
import { drawParallel } from "./draw-parallel.js";
import { drawPlane } from "./draw-plane.js";
import { drawSpace } from "./draw-space.js";
import type { Drawing, FigureOptions } from "./drawing.js";

type Draw = (element: HTMLElement, figure: Figure, options: FigureOptions) => Drawing;

/** What draws a figure: a figure has traces of one kind. */
function drawOf({ data }: Figure): Draw {
  if (data.some(({ type }) => type === "parcoords")) return drawParallel;
  return data.some(({ type }) => type === "scatter3d") ? drawSpace : drawPlane;
}

/**
 * Draws a plot specification into an element, whose size it takes, and follows changes of that size. Colours are the
 * element's custom properties `--ink`, `--ink-soft`, `--line`, `--paper` and `--accent`; `draw.css` belongs to it.
 *
 * A dragged box zooms, and so do the wheel (while the plot has the focus, or with Ctrl), pinching, plus and minus; Shift
 * and dragging or arrows move; a double click or 0 shows all; arrows walk along points and Enter picks one.
 * In space, dragging turns.
 */
export function drawFigure(element: HTMLElement, figure: Figure, options: FigureOptions): Drawing {
  let current = options;
  let kind = drawOf(figure);
  let drawing = kind(element, figure, options);
  return {
    update(next, changes) {
      current = changes ?? current;
      if (drawOf(next) === kind) drawing.update(next, current);
      else {
        drawing.destroy();
        kind = drawOf(next);
        drawing = kind(element, next, current);
      }
    },
    theme: () => drawing.theme(),
    destroy: () => drawing.destroy(),
    toSvg: () => drawing.toSvg(),
    toPng: () => drawing.toPng(),
  };
}
