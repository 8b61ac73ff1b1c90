import type { Direction } from "../core/goal.js";
import type { Cell } from "../plots/figure.js";
import { metricAxis } from "../plots/metric-axis.js";
import type { Canvas, GridPoint } from "./canvas.js";
import { type Line, span } from "./spans.js";

/** The values of a metric by step; null and what is not finite are gaps. */
export interface ScaledCurve {
  readonly steps: readonly number[];
  readonly values: readonly Cell[];
}

/** Where steps and values are, as shares of the width and height from the bottom left. */
export interface CurveScale {
  x(step: number): number;
  /** Not finite if it has no place on the axis. */
  y(value: number): number;
  /** The value at a share of the height. */
  valueAt(share: number): number;
  readonly lastStep: number;
  readonly isLog: boolean;
}

/** How an axis is chosen. */
export interface ScaleOptions {
  readonly metric: string;
  /** Which way the metric is better: values that are far worse than most are cut off; undefined: none. */
  readonly direction: Direction | undefined;
  /** The axis that the reader wants, with all values on it; undefined: the one that suits the values. */
  readonly wanted?: "log" | "linear" | undefined;
  /** A step that has to be on the axis. */
  readonly step?: number;
}

/** The scale on which curves are drawn. */
export function curveScale(
  curves: readonly ScaledCurve[],
  { metric, direction, wanted, step = 1 }: ScaleOptions,
): CurveScale {
  const values = curves.flatMap((curve) =>
    curve.values.filter((value): value is number => typeof value === "number" && Number.isFinite(value)),
  );
  const axis = metricAxis(metric, values, direction);
  const isLog = (wanted ?? axis.type) === "log";
  const place = (value: number): number => (isLog ? Math.log10(value) : value);
  const suits = wanted === undefined || wanted === axis.type;
  let [low, high] = (suits ? axis.range : undefined) ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (!Number.isFinite(low)) {
    for (const value of values.map(place)) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) {
    low -= 0.5;
    high += 0.5;
  }
  const lastStep = curves.reduce((last, { steps }) => Math.max(last, steps.at(-1) ?? 0), step);
  return {
    x: (at) => at / lastStep,
    y: (value) => (place(value) - low) / (high - low),
    valueAt: (share) => (isLog ? 10 ** (low + share * (high - low)) : low + share * (high - low)),
    lastStep,
    isLog,
  };
}

/** How far beyond the edges of a picture lines go on: a value may be so large that they would never arrive. */
const BEYOND = 0.2;

/** The places of a curve's points on a grid; undefined where it has a gap. */
export function* gridPoints(
  { steps, values }: ScaledCurve,
  scale: CurveScale,
  columns: number,
  rows: number,
): Generator<GridPoint | undefined> {
  for (const [index, value] of values.entries()) {
    const height = typeof value === "number" ? scale.y(value) : Number.NaN;
    if (!Number.isFinite(height)) {
      yield undefined;
      continue;
    }
    const y = Math.min(1 + BEYOND, Math.max(-BEYOND, height));
    yield [Math.round(scale.x(steps[index] ?? 0) * (columns - 1)), Math.round((1 - y) * (rows - 1))];
  }
}

/** The signs of the frame. */
interface FrameSigns {
  readonly side: string;
  readonly tick: string;
  readonly corner: string;
  readonly base: string;
  readonly baseTick: string;
}
const UNICODE: FrameSigns = { side: "│", tick: "┤", corner: "└", base: "─", baseTick: "┴" };
const ASCII: FrameSigns = { side: "|", tick: "+", corner: "+", base: "-", baseTick: "+" };

/** Rows from one value on the axis to the next. */
const LABELLED_ROWS = 4;

const threeDigits = (value: number): string => String(Number(value.toPrecision(3)));

/** The values beside the rows of a picture: every few rows, and the last. */
export const valueLabels = (scale: CurveScale, rows: number): string[] =>
  Array.from({ length: rows }, (_, row) => {
    const isLabelled = row === rows - 1 || (row % LABELLED_ROWS === 0 && rows - 1 - row >= LABELLED_ROWS / 2);
    return isLabelled ? threeDigits(scale.valueAt(1 - row / Math.max(1, rows - 1))) : "";
  });

/** The columns that labels, and the line beside them, take from a picture's width. */
export const frameWidth = (labels: readonly string[]): number =>
  Math.max(0, ...labels.map((label) => label.length)) + 2;

function stepAxis(
  canvas: Canvas,
  scale: CurveScale,
  marks: readonly number[],
  signs: FrameSigns,
): readonly [line: string, labels: string] {
  const line = Array.from({ length: canvas.columns }, () => signs.base);
  const labels = Array.from({ length: canvas.columns }, () => " ");
  for (const at of marks) {
    const text = String(at);
    const column = Math.round(scale.x(at) * (canvas.columns - 1));
    const from = Math.max(0, Math.min(canvas.columns - text.length, column - Math.floor(text.length / 2)));
    const around = labels.slice(Math.max(0, from - 1), from + text.length + 1);
    if (around.some((letter) => letter !== " ")) continue;
    labels.splice(from, text.length, ...text.split(""));
    line[column] = signs.baseTick;
  }
  return [line.join(""), labels.join("").trimEnd()];
}

/**
 * A picture with the values at its left and the steps below.
 *
 * @param labels see {@link valueLabels}
 * @param step a step whose label goes before all others: those that would overlap it are left out
 */
export function framed(
  canvas: Canvas,
  scale: CurveScale,
  { labels, step, isUnicode }: { labels: readonly string[]; step?: number; isUnicode: boolean },
): Line[] {
  const signs = isUnicode ? UNICODE : ASCII;
  const margin = frameWidth(labels) - 2;
  const shares = [0.5, 0.25, 0.75].map((share) => Math.round(share * scale.lastStep));
  const marks = [...(step === undefined ? [] : [step]), 0, scale.lastStep, ...shares];
  const [axis, stepLabels] = stepAxis(canvas, scale, marks, signs);
  return [
    ...canvas.lines().map((line, row): Line => {
      const label = labels[row] ?? "";
      return [span(`${label.padStart(margin)} ${label === "" ? signs.side : signs.tick}`), ...line];
    }),
    [span(`${" ".repeat(margin)} ${signs.corner}${axis}`)],
    [span(`${" ".repeat(margin)}  ${stepLabels}`)],
  ];
}
