import type { Figure } from "../plots/index.js";
import { packFigure } from "./pack-figure.js";
import type { Packed } from "./page-data.js";

/** Figures that have much in common: the same curve appears in many trials' figures. */
export interface FigurePool {
  /** The parts that the figures share, each once. */
  readonly parts: readonly Packed[];
  /** A figure as JSON in which long parts are references into {@link parts}: `{ shared: index }`. */
  add(figure: Figure): Packed;
}

/** The parts of figures that are worth sharing, besides traces. */
const SHARED_KEYS = new Set(["x", "y", "line", "marker", "xaxis"]);
/** Shorter parts are no longer than a reference. */
const SHARED_LENGTH = 24;

/** Creates an empty pool. */
export function createFigurePool(): FigurePool {
  const parts: Packed[] = [];
  const places = new Map<string, number>();

  const shared = (part: Packed): Packed => {
    const key = JSON.stringify(part);
    if (key.length < SHARED_LENGTH) return part;
    let place = places.get(key);
    if (place === undefined) {
      place = parts.push(part) - 1;
      places.set(key, place);
    }
    return { shared: place };
  };
  const replace = (value: Packed): Packed => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((part) => shared(replace(part)));
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, SHARED_KEYS.has(key) ? shared(part) : replace(part)]),
    );
  };
  return { parts, add: (figure) => replace(packFigure(figure)) };
}
