/** Draws plot specifications and learning curves in a page, without a library. */
export { canDraw, drawFigure } from "./draw-figure.js";
export type { Drawing, FigureOptions, PickedPoint } from "./drawing.js";
export { asTable, type FigureTable, type TableCell } from "./table.js";
