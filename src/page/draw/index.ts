/** Draws plot specifications and learning curves in a page, without a library. */
export type { CurveColumns } from "./curve-store.js";
export type { CurvePoint, CurveState, CurvesDrawing, CurvesOptions } from "./curves-options.js";
export { drawCurves } from "./draw-curves.js";
export { canDraw, drawFigure } from "./draw-figure.js";
export type { Drawing, FigureOptions, PickedPoint } from "./drawing.js";
export { asTable, type FigureTable, type TableCell } from "./table.js";
