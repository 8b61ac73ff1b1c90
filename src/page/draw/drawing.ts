import type { Figure } from "../../plots/figure.js";
import type { StageOptions } from "./stage.js";

/** A point that was clicked, or chosen with Enter. */
export interface PickedPoint {
  /** The place of its trace in the figure. */
  readonly trace: number;
  readonly point: number;
  /** Its hover text as pseudo-HTML. */
  readonly text: string;
}

/** How a figure is drawn. */
export interface FigureOptions extends StageOptions {
  /** The weight of exponential smoothing of lines, from 0 (none) to below 1; the raw lines are drawn faint. */
  readonly smoothing?: number;
  readonly onPick?: (picked: PickedPoint) => void;
  /**
   * Of parallel coordinates: the places of the lines inside all brushes; undefined when there is none.
   */
  readonly onBrush?: (lines: readonly number[] | undefined) => void;
}

/** A figure in the page. */
export interface Drawing {
  /** Draws another figure, or the same one with more data; what is zoomed to or hidden stays so. */
  update(figure: Figure, options?: FigureOptions): void;
  /** Draws again in the colours that the page has now. */
  theme(): void;
  /** Removes it from the page. */
  destroy(): void;
  /** A standalone SVG document. */
  toSvg(): string;
  /** A PNG at twice the size. */
  toPng(): Promise<Blob>;
}
