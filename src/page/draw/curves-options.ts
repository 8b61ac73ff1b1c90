import type { Direction } from "../../core/goal.js";
import type { Axis } from "../../plots/figure.js";
import type { CurveColumns } from "./curve-store.js";
import type { StageOptions } from "./stage.js";

/** How the curves of one state look. */
export interface CurveState {
  readonly label: string;
  /** As `#rrggbb`. */
  readonly colour: string;
  /** Seen in the legend, and in the plot as long as the curves are few. */
  readonly dash?: "solid" | "dot" | "dash" | "dashdot";
}

/** A point of a curve. */
export interface CurvePoint {
  readonly trial: number;
  readonly step: number;
  readonly value: number;
  readonly state: CurveState;
}

/** How learning curves are drawn. */
export interface CurvesOptions extends StageOptions {
  /** The states that the columns name by their places, in the order of drawing. */
  readonly states: readonly CurveState[];
  /** Plain text. */
  readonly metric: string;
  /** Which way the metric is better; the axis then leaves out what lies far off at the bad end. */
  readonly direction?: Direction;
  /** In place of axes that fit the data. */
  readonly xaxis?: Axis;
  readonly yaxis?: Axis;
  /** The best trial, drawn on top of all. */
  readonly best?: number;
  /** Trials drawn on top while the others fade. */
  readonly selected?: readonly number[];
  /** The weight of exponential smoothing, from 0 (none) to below 1; the raw curves are drawn faint. */
  readonly smoothing?: number;
  /** What dragging a box does; with Alt it does the other. Selecting needs `onBrush`. */
  readonly drag?: "zoom" | "select";
  /** What draws many curves: by default WebGL where there is a graphics card. */
  readonly renderer?: "auto" | "webgl" | "canvas" | "density";
  /** The hover text of a point as pseudo-HTML. */
  readonly textOf?: (point: CurvePoint) => string;
  /** The trials that pass through a dragged box, ascending; undefined when the selection was given up with Escape. */
  readonly onBrush?: (trials: readonly number[] | undefined) => void;
  readonly onPick?: (point: CurvePoint) => void;
}

/** Learning curves in the page. */
export interface CurvesDrawing {
  /**
   * Draws the curves as they are now. Only what changed is sent to the graphics card; trials that the columns leave out
   * keep their curves, so that changes alone can be given.
   */
  update(curves: CurveColumns, options?: CurvesOptions): void;
  /** Draws with other options. */
  change(options: CurvesOptions): void;
  /** Shows a part of both axes, in the axes' units: powers of ten on a log axis. */
  show(x: readonly [number, number], y: readonly [number, number]): void;
  /** Shows everything. */
  reset(): void;
  /** What draws the many curves at present. */
  readonly renderer: "webgl" | "canvas" | "density";
  theme(): void;
  destroy(): void;
  toSvg(): string;
  toPng(): Promise<Blob>;
}
