import type { Axis, Scatter3dTrace } from "../../plots/figure.js";
import { linearTicks, linearTickTexts, logTicks, logTickText } from "./ticks.js";

/** A place in space: from -1 to 1 along each axis of the box. */
export type Place = readonly [x: number, y: number, z: number];

/** From where the box is seen, in radians. */
export interface Camera {
  /** Around the upright axis. */
  readonly yaw: number;
  /** Above the floor. */
  readonly pitch: number;
}

/** A mark on an axis of the box. */
export interface SpaceTick {
  /** From -1 to 1. */
  readonly at: number;
  readonly text: string;
}

/** An axis of the box with the places of its values. */
export interface SpaceAxis {
  /** Pseudo-HTML. */
  readonly title: string;
  readonly ticks: readonly SpaceTick[];
  /** From -1 to 1, one per value. */
  readonly places: readonly number[];
}

/** Labels of an axis that is seen from an angle run into each other if there are more. */
const MOST_TICKS = 5;
/** How far beyond the outermost values an axis goes, as a share of its length. */
const MARGIN = 0.06;
/** How far away the eye is, in half lengths of the box: nearer things are a little larger. */
const DISTANCE = 6;

const textOf = (value: number | string): string => String(value);

function categoryAxis(axis: Axis, values: readonly (number | string)[]): SpaceAxis {
  const names = [...new Set([...(axis.categoryarray ?? []), ...values.map(textOf)])];
  const placeOf = (name: string): number =>
    names.length < 2 ? 0 : (1 - 2 * MARGIN) * ((2 * names.indexOf(name)) / (names.length - 1) - 1);
  return {
    title: axis.title.text,
    ticks: names.map((text) => ({ at: placeOf(text), text })),
    places: values.map((value) => placeOf(textOf(value))),
  };
}

/** Prepares an axis for the values along it. Values that a log axis cannot show are NaN. */
export function spaceAxis(axis: Axis, values: readonly (number | string)[]): SpaceAxis {
  if (axis.type === "category" || values.some((value) => typeof value === "string"))
    return categoryAxis(axis, values);
  const isLog = axis.type === "log";
  const scaled = values.map((value) => (isLog ? Math.log10(Number(value)) : Number(value)));
  const finite = scaled.filter(Number.isFinite);
  const low = finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = finite.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const half = high > low ? (high - low) / 2 / (1 - 2 * MARGIN) : 1;
  const middle = Number.isFinite(low) ? (low + high) / 2 : 0;
  const placeOf = (value: number): number => (value - middle) / half;
  const ends = [middle - half, middle + half] as const;
  const marks = isLog
    ? logTicks(...ends, MOST_TICKS)
        .filter(({ isLabelled }) => isLabelled)
        .map(({ value }) => ({ at: Math.log10(value), text: logTickText(value) }))
    : linearMarks(linearTicks(...ends, MOST_TICKS));
  return {
    title: axis.title.text,
    ticks: marks.map(({ at, text }) => ({ at: placeOf(at), text })).filter(({ at }) => Math.abs(at) <= 1),
    places: scaled.map((value) => (Number.isFinite(value) ? placeOf(value) : Number.NaN)),
  };
}

function linearMarks(values: readonly number[]): { readonly at: number; readonly text: string }[] {
  const texts = linearTickTexts(values);
  return values.map((at, index) => ({ at, text: texts[index] ?? "" }));
}

/** The three axes of a trace. */
export function spaceAxes(trace: Scatter3dTrace, axes: readonly [Axis, Axis, Axis]): readonly SpaceAxis[] {
  return [spaceAxis(axes[0], trace.x), spaceAxis(axes[1], trace.y), spaceAxis(axes[2], trace.z)];
}

/**
 * Where a place is seen: to the right and upwards from the middle, in half lengths of the box, and how near it is to the
 * eye; the z axis is upright.
 */
export function projected([x, y, z]: Place, { yaw, pitch }: Camera): Place {
  const across = x * Math.cos(yaw) - y * Math.sin(yaw);
  const away = x * Math.sin(yaw) + y * Math.cos(yaw);
  const up = z * Math.cos(pitch) + away * Math.sin(pitch);
  const near = z * Math.sin(pitch) - away * Math.cos(pitch);
  const scale = DISTANCE / (DISTANCE - near);
  return [across * scale, up * scale, near];
}

/** The camera after a turn; it stays above the floor and below the zenith. */
export function turned({ yaw, pitch }: Camera, across: number, up: number): Camera {
  return { yaw: yaw + across, pitch: Math.max(0, Math.min(Math.PI / 2, pitch + up)) };
}
