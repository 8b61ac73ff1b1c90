import type { Figure } from "../../plots/figure.js";
import { drawParallel } from "./draw-parallel.js";
import { drawPlane } from "./draw-plane.js";
import type { Drawing, FigureOptions } from "./drawing.js";

/** Whether {@link drawFigure} can draw a figure; those in space need Plotly. */
export const canDraw = ({ data }: Figure): boolean => data.every(({ type }) => type !== "scatter3d");

const isParallel = ({ data }: Figure): boolean => data.some(({ type }) => type === "parcoords");

/**
 * Draws a plot specification into an element, whose size it takes, and follows changes of that size. Colours are the
 * element's custom properties `--ink`, `--ink-soft`, `--line`, `--paper` and `--accent`; `draw.css` belongs to it.
 *
 * A dragged box zooms, and so do the wheel (while the plot has the focus, or with Ctrl), pinching, plus and minus; Shift
 * and dragging or arrows move; a double click or 0 shows all; arrows walk along points and Enter picks one.
 *
 * @throws RangeError for a figure that {@link canDraw} refuses
 */
export function drawFigure(element: HTMLElement, figure: Figure, options: FigureOptions): Drawing {
  if (!canDraw(figure)) throw new RangeError("Figures in space are drawn by Plotly, not by drawFigure.");
  const drawOf = (shown: Figure): typeof drawPlane => (isParallel(shown) ? drawParallel : drawPlane);
  let current = options;
  let kind = drawOf(figure);
  let drawing = kind(element, figure, options);
  return {
    update(next, changes) {
      if (!canDraw(next)) throw new RangeError("Figures in space are drawn by Plotly, not by drawFigure.");
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
