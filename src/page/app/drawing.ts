/** The renderer, as the page uses it. */
import type { Figure } from "../../plots/figure.js";
import type { FateView } from "../../views/contract.js";
import type { CurveColumns } from "../../views/curve-columns.js";
import { asTable, canDraw, drawFigure as draw, type FigureTable } from "../draw/index.js";

export { asTable, canDraw, type FigureTable };

/** Something that was drawn. */
export interface Drawn {
  /** The same as a table. */
  asTable(): FigureTable;
  svg(): string;
  png(): Promise<Blob>;
  /** Draws again in the colours that the page has now. */
  theme(): void;
  remove(): void;
}

/** A figure that was drawn. */
export interface DrawnFigure extends Drawn {
  /** Draws another in its place; what is zoomed to or hidden stays so. */
  update(figure: Figure, label: string): void;
}

/** Draws a figure into an element. @param label what it shows, for those who cannot see it */
export function drawFigure(element: HTMLElement, figure: Figure, label: string): DrawnFigure {
  let shown = figure;
  const drawing = draw(element, figure, { label });
  return {
    asTable: () => asTable(shown),
    svg: () => drawing.toSvg(),
    png: () => drawing.toPng(),
    theme: () => drawing.theme(),
    remove: () => drawing.destroy(),
    update: (next, nextLabel) => {
      shown = next;
      drawing.update(next, { label: nextLabel });
    },
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
export function drawCurves(element: HTMLElement, curves: CurveColumns, options: CurvesOptions): DrawnCurves {
  const drawn = drawFigure(element, curvesFigure(curves, options), options.label);
  return {
    ...drawn,
    update: (next, changed) => drawn.update(curvesFigure(next, changed), changed.label),
  };
}

function curvesFigure(curves: CurveColumns, options: CurvesOptions): Figure {
  const data = [...curves.trials.entries()].map(([index, trial]) => {
    const [from, to] = [curves.offsets[index], curves.offsets[index + 1]];
    return {
      type: "scatter",
      mode: "lines",
      name: `trial ${trial}`,
      x: [...curves.steps.subarray(from, to)],
      y: [...curves.values.subarray(from, to)],
      line: { color: options.fates[curves.states[index] ?? 0]?.colour ?? "#888888", width: 1 },
      showlegend: false,
    } as const;
  });
  const axis = (text: string) => ({ title: { text } });
  return { data, layout: { xaxis: axis("step"), yaxis: axis(options.metric) } };
}
