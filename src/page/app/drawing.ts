/** The renderer, as the page uses it. */
import type { Figure } from "../../plots/figure.js";
import type { FateView } from "../../views/contract.js";
import type { CurveColumns } from "../../views/curve-columns.js";

/** Something that was drawn. */
export interface Drawn {
  /** The same as a table. */
  asTable(): HTMLElement;
  svg(): string;
  png(): Promise<Blob>;
  remove(): void;
}

/** How a figure is drawn. */
export interface FigureOptions {
  /** What it shows, for those who cannot see it. */
  readonly label: string;
}

/** Draws a figure into an element. */
export function drawFigure(element: HTMLElement, figure: Figure, { label }: FigureOptions): Drawn {
  const box = document.createElement("div");
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", label);
  box.textContent = `${figure.data.length} traces`;
  element.replaceChildren(box);
  return {
    asTable: () => document.createElement("table"),
    svg: () => "",
    png: () => Promise.resolve(new Blob()),
    remove: () => element.replaceChildren(),
  };
}

/** How learning curves are drawn. */
export interface CurvesOptions {
  readonly label: string;
  readonly metric: string;
  /** By the state's place in `CurveColumns.states`. */
  readonly fates: readonly FateView[];
  readonly best: number | undefined;
  readonly bestColour: string;
  readonly picked: ReadonlySet<number>;
  readonly isLogX: boolean;
  readonly isLogY: boolean;
  /** From 0, none, to below 1. */
  readonly smoothing: number;
  /** Called with a curve's trial when it is clicked. */
  readonly onOpen: (trial: number) => void;
  /** Called with the trials whose curves are in a box. */
  readonly onPick: (trials: readonly number[]) => void;
}

/** Learning curves that were drawn. */
export interface DrawnCurves extends Drawn {
  /** Draws others in their place, with what is shown and zoomed kept. */
  update(curves: CurveColumns, options: CurvesOptions): void;
}

/** Draws learning curves into an element. */
export function drawCurves(
  element: HTMLElement,
  curves: CurveColumns,
  { label }: CurvesOptions,
): DrawnCurves {
  const drawn = drawFigure(element, { data: [], layout: {} }, { label: `${label} ${curves.trials.length}` });
  return { ...drawn, update: () => undefined };
}
