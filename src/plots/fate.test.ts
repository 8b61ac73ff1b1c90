import { describe, expect, it } from "vitest";
import { BAD_TO_GOOD, BEST_COLOUR, FATES, STUDY_COLOURS } from "./fate.js";

type Triple = readonly [number, number, number];

/** sRGB to linear light (IEC 61966-2-1). */
function linear(colour: string): Triple {
  const channel = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

const luminance = ([r, g, b]: Triple): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** Contrast as in WCAG 2.2. */
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(linear(a)), luminance(linear(b))].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Machado, Oliveira, Fernandes (2009), table 1, severity 1.0, in linear light. */
const SIGHTS = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
} as const;

function seen(colour: Triple, sight: readonly Triple[]): Triple {
  const row = ([a, b, c]: Triple): number =>
    Math.min(1, Math.max(0, a * colour[0] + b * colour[1] + c * colour[2]));
  const [first = [0, 0, 0], second = [0, 0, 0], third = [0, 0, 0]] = sight;
  return [row(first), row(second), row(third)];
}

/** CIE L*a*b* under D65. */
function lab([r, g, b]: Triple): Triple {
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (a: Triple, b: Triple): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe("fates", () => {
  const drawn = FATES.filter(({ state }) => state !== "waiting").map(({ colour }) => colour);

  it("stand out from a light and a dark page", () => {
    const colours = [...FATES.map(({ colour }) => colour), BEST_COLOUR, ...STUDY_COLOURS];
    for (const colour of [...colours, ...BAD_TO_GOOD.slice(-1).map(([, name]) => name)]) {
      expect(contrast(colour, "#ffffff")).toBeGreaterThanOrEqual(3);
      expect(contrast(colour, "#16191e")).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(Object.entries(SIGHTS))("can be told apart with %s vision", (_, sight) => {
    const places = [...drawn, BEST_COLOUR].map((colour) => lab(seen(linear(colour), sight)));
    for (const [index, place] of places.entries()) {
      for (const other of places.slice(index + 1)) expect(distance(place, other)).toBeGreaterThan(15);
    }
  });

  it("include every state of a trial once", () => {
    expect(FATES.map(({ state }) => state).sort()).toEqual([
      "complete",
      "failed",
      "paused",
      "running",
      "stopped",
      "waiting",
    ]);
  });
});
