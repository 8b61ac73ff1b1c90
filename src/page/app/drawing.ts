/** The renderer, as the page uses it. */
import type { Figure } from "../../plots/figure.js";
import type { FateView } from "../../views/contract.js";
import type { CurveColumns } from "../../views/curve-columns.js";
import {
  asTable,
  type CurvesOptions,
  drawFigure as draw,
  drawCurves as drawLines,
  type FigureOptions,
  type FigureTable,
  type PickedPoint,
} from "../draw/index.js";

export { asTable, type FigureTable };

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

/** The trial of a point. */
function trialAt({ data }: Figure, { trace, point }: PickedPoint): number | undefined {
  const found = data[trace];
  return found !== undefined && "customdata" in found ? found.customdata?.[point] : undefined;
}

/**
 * Draws a figure into an element.
 *
 * @param label what it shows, for those who cannot see it
 * @param onTrial called with the trial of a point that is clicked, or chosen with Enter; undefined: nothing can be picked
 */
export function drawFigure(
  element: HTMLElement,
  figure: Figure,
  label: string,
  onTrial?: (trial: number) => void,
): DrawnFigure {
  let shown = figure;
  const onPick = (picked: PickedPoint): void => {
    const trial = trialAt(shown, picked);
    if (trial !== undefined) onTrial?.(trial);
  };
  const optionsFor = (next: Figure, text: string): FigureOptions => {
    const hasTrials = next.data.some((trace) => "customdata" in trace);
    return { label: text, ...(hasTrials && onTrial !== undefined ? { onPick } : {}) };
  };
  const drawing = draw(element, figure, optionsFor(figure, label));
  return {
    asTable: () => asTable(shown),
    svg: () => drawing.toSvg(),
    png: () => drawing.toPng(),
    theme: () => drawing.theme(),
    remove: () => drawing.destroy(),
    update: (next, nextLabel) => {
      shown = next;
      drawing.update(next, optionsFor(next, nextLabel));
    },
  };
}

/** What the page chooses about learning curves. */
export interface CurvesChoice {
  readonly label: string;
  readonly metric: string;
  readonly direction: "minimize" | "maximize";
  /** By the state's place in `CurveColumns.states`. */
  readonly fates: readonly FateView[];
  readonly best: number | undefined;
  readonly picked: readonly number[];
  /** From 0, none, to below 1. */
  readonly smoothing: number;
  readonly drag: "zoom" | "select";
  /** Called with a curve's trial when it is clicked. */
  readonly onOpen: (trial: number) => void;
  /** Called with the trials whose curves are in a box; undefined: nothing can be picked. */
  readonly onPick: ((trials: readonly number[]) => void) | undefined;
}

/** Learning curves that were drawn. */
export interface DrawnCurves extends Drawn {
  /** Draws others in their place, with what is shown and zoomed kept. */
  update(curves: CurveColumns, choice: CurvesChoice): void;
}

const optionsOf = (choice: CurvesChoice): CurvesOptions => {
  const { label, metric, direction, fates, best, picked, smoothing, drag, onOpen, onPick } = choice;
  return {
    label,
    metric,
    direction,
    smoothing,
    drag,
    states: fates.map(({ state, colour, dash }) => ({ label: state, colour, dash })),
    ...(best === undefined ? {} : { best }),
    selected: picked,
    onPick: ({ trial }) => onOpen(trial),
    ...(onPick === undefined ? {} : { onBrush: (trials) => onPick(trials ?? []) }),
  };
};

/** The most rows of a table. */
const MOST = 1000;

/** Where each curve is now. */
function curvesTable(
  { trials, offsets, steps, values, states }: CurveColumns,
  choice: CurvesChoice,
): FigureTable {
  const rows = [...trials.subarray(0, MOST).entries()].map(([index, trial]) => {
    const [from = 0, to = 0] = [offsets[index], offsets[index + 1]];
    const last = values[to - 1] ?? Number.NaN;
    const state = choice.fates[states[index] ?? 0]?.state ?? "";
    return [trial, state, to - from, steps[to - 1] ?? null, Number.isFinite(last) ? last : null];
  });
  return {
    columns: ["trial", "state", "points", "last step", `last ${choice.metric}`],
    rows,
    total: trials.length,
  };
}

/** Draws learning curves into an element. */
export function drawCurves(element: HTMLElement, curves: CurveColumns, choice: CurvesChoice): DrawnCurves {
  let shown = curves;
  let chosen = choice;
  const drawing = drawLines(element, curves, optionsOf(choice));
  return {
    asTable: () => curvesTable(shown, chosen),
    svg: () => drawing.toSvg(),
    png: () => drawing.toPng(),
    theme: () => drawing.theme(),
    remove: () => drawing.destroy(),
    update: (next, changed) => {
      const isSame = next === shown;
      shown = next;
      chosen = changed;
      if (isSame) drawing.change(optionsOf(changed));
      else drawing.update(next, optionsOf(changed));
    },
  };
}
