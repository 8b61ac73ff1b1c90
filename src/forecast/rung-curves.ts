import type { Goal } from "../core/goal.js";
import { type ComparedCurve, type ComparedCurves, createComparedCurves } from "./compared-curves.js";
import { type EndLine, gainAt, lineVariance } from "./end-line.js";
import { createNearestCurves, type NearCurve, wider } from "./nearest-curves.js";

/** How many nearest curves a forecast uses. */
export const NEIGHBOURS = 7;
/** The kernel's width, as a share of the standard deviation of the values at the rung. */
const BANDWIDTH = 0.1;
/** The line's weight in a forecast, counted in neighbours: a curve like no other is forecast by the line alone. */
const LINE_WEIGHT = 0.5;
/** The weight of a neighbour from an earlier study; one from this study has weight 1. */
const EARLIER_WEIGHT = 0.1;
/** Neighbours with less weight than this are ignored. */
const LEAST_WEIGHT = 1e-4;

/** A curve with its end, known or forecast. */
export interface EndingCurve extends ComparedCurve {
  readonly mean: number;
  readonly deviation: number;
  /** Its values at rungs; infinite where it has none, and so before the first rung. */
  readonly atRungs: readonly number[];
  /** What counts of it now: its end where the rung tells nothing, and no less than that where the best report counts. */
  readonly present: number;
  /** Where {@link RungCurves} keeps it while it is at a rung and its end is forecast. */
  slot: number;
}

/** A neighbour from an earlier study, and the line of that study. */
export interface EarlierCurve<Curve extends EndingCurve> extends NearCurve<Curve> {
  line(): EndLine;
}

/** The expected end of a curve. */
export interface Expectation {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * The curves at a rung whose ends are forecast, and those that went beyond it, from which that is learned. What a forecast needs
 * is kept in contiguous arrays, so that going through many is quick: how far the ends of those beyond lie off the rung's line is
 * computed once for all that they are near.
 */
export interface RungCurves<Curve extends EndingCurve> {
  readonly beyond: ComparedCurves<Curve>;
  /** Takes in a curve that has come to the rung. */
  enter(own: Curve): void;
  /** To be called when what counts of a curve at the rung may have changed; see `EndingCurve.present`. */
  note(own: Curve): void;
  /** Forgets a curve, which has left the rung. */
  leave(own: Curve): void;
  /** Takes in curves instead of all so far; to be called when those beyond have changed other than by new ones. */
  reset(curves: Iterable<Curve>): void;
  /** The nearest of those beyond to any curve. */
  nearTo(own: Curve): readonly NearCurve<Curve>[];
  /** To be called when the rung's line or any end beyond the rung has changed. */
  outdate(): void;
  /** The expected end of a curve at the rung. The answer is valid until the next call. */
  expect(own: Curve, line: EndLine): Expectation;
  /**
   * The trial with the lowest expectation, less so many standard deviations, among those that are allowed; of equals, the
   * lower number.
   */
  lowest(line: EndLine, optimism: number, isAllowed: (trial: number) => boolean): number | undefined;
}

/** What {@link createRungCurves} needs to know. */
export interface RungSetup<Curve extends EndingCurve> {
  readonly goal: Goal;
  /** The rung's place. */
  readonly rung: number;
  /** The ends of the segments between rungs up to it, in points. */
  readonly points: readonly number[];
  /** The nearest to a curve from earlier studies, nearest first. */
  earlierNear(own: Curve): readonly EarlierCurve<Curve>[];
}

const NOBODY = -1;
const NO_EARLIER: readonly never[] = [];

/** See {@link RungCurves}; there are none yet. */
export function createRungCurves<Curve extends EndingCurve>(setup: RungSetup<Curve>): RungCurves<Curve> {
  const { goal, rung, points, earlierNear } = setup;
  const beyond = createComparedCurves<Curve>(points, NEIGHBOURS);
  const nearest = createNearestCurves<Curve>(beyond, NEIGHBOURS);
  const valueOf = (curve: Curve): number => curve.atRungs[rung] ?? Number.POSITIVE_INFINITY;
  const residualOf = (curve: Curve, line: EndLine): number => {
    const value = valueOf(curve);
    return curve.mean - value - gainAt(line, value);
  };

  /** By place beyond the rung: how far an end is off the line, and that end's variance, as of a version of both. */
  let residuals = new Float64Array(16);
  let variances = new Float64Array(16);
  let versions = new Int32Array(16);
  let version = 1;
  const makeRoomBeyond = (): void => {
    const { length } = beyond.curves;
    if (length <= versions.length) return;
    residuals = new Float64Array(2 * length);
    variances = new Float64Array(2 * length);
    versions = new Int32Array(2 * length);
  };
  const freshen = (place: number, line: EndLine): void => {
    const curve = beyond.curves[place];
    if (curve === undefined) return;
    residuals[place] = residualOf(curve, line);
    variances[place] = curve.deviation * curve.deviation;
    versions[place] = version;
  };

  /** By slot of a curve at the rung; {@link NOBODY} where the slot is free. */
  const owners: (Curve | undefined)[] = [];
  let trials = new Int32Array(16);
  let values = new Float64Array(16);
  let presents = new Float64Array(16);
  const enter = (own: Curve): void => {
    const slot = nearest.take(own);
    own.slot = slot;
    owners[slot] = own;
    if (slot >= trials.length) {
      trials = wider(trials, new Int32Array(2 * slot));
      values = wider(values, new Float64Array(2 * slot));
      presents = wider(presents, new Float64Array(2 * slot));
    }
    trials[slot] = own.trial;
    values[slot] = valueOf(own);
    presents[slot] = own.present;
  };

  const answer = { mean: 0, deviation: 0 };
  const setAnswer = (mean: number, deviation: number): void => {
    answer.mean = mean;
    answer.deviation = deviation;
  };

  /** A line's forecast of an end, corrected by the nearest curves. */
  const correct = (slot: number, line: EndLine, value: number): void => {
    const size = nearest.update(slot);
    const { distances, places } = nearest;
    const owner = owners[slot];
    const earlier = owner === undefined ? NO_EARLIER : earlierNear(owner);
    const width = 2 * BANDWIDTH * BANDWIDTH * line.spread + 1e-14;
    let total = 0;
    let first = 0;
    let second = 0;
    let at = slot * NEIGHBOURS;
    const end = at + size;
    let next = 0;
    while (at < end || next < earlier.length) {
      const other = earlier[next];
      const distance = at < end ? (distances[at] ?? 0) : Number.POSITIVE_INFINITY;
      // Of equally near ones this study's come first.
      const isOwn = other === undefined || distance <= other.distance;
      const nearer = isOwn ? distance : other.distance;
      const likeness = Math.exp((-nearer * nearer) / width);
      if (likeness < LEAST_WEIGHT) break;
      let weight = likeness;
      let residual: number;
      let uncertainty: number;
      if (isOwn) {
        const place = places[at++] ?? 0;
        if (versions[place] !== version) freshen(place, line);
        residual = residuals[place] ?? 0;
        uncertainty = variances[place] ?? 0;
      } else {
        next += 1;
        weight = EARLIER_WEIGHT * likeness;
        residual = residualOf(other.curve, other.line());
        uncertainty = other.curve.deviation * other.curve.deviation;
      }
      if (!Number.isFinite(residual)) continue;
      total += weight;
      first += weight * residual;
      second += weight * (residual * residual + uncertainty);
    }
    const correction = first / (total + LINE_WEIGHT);
    const local = Math.max(0, second - 2 * correction * first + total * correction * correction);
    const prior = LINE_WEIGHT * (line.noise + lineVariance(line, value));
    setAnswer(value + gainAt(line, value) + correction, Math.sqrt((local + prior) / (total + LINE_WEIGHT)));
  };

  const expect = (slot: number, line: EndLine): void => {
    const present = presents[slot] ?? 0;
    const value = values[slot] ?? 0;
    if (!Number.isFinite(present)) setAnswer(present, 0);
    else if (line.count === 0 || !Number.isFinite(value)) setAnswer(present, Math.sqrt(line.noise));
    else {
      correct(slot, line, value);
      // The best report can only become better.
      if (goal.of !== "last") answer.mean = Math.min(present, answer.mean);
    }
  };

  return {
    beyond,
    enter,
    note: ({ slot, present }) => {
      presents[slot] = present;
    },
    leave: (own) => {
      nearest.release(own.slot);
      trials[own.slot] = NOBODY;
      owners[own.slot] = undefined;
    },
    reset: (curves) => {
      nearest.clear();
      owners.length = 0;
      version += 1;
      for (const curve of curves) enter(curve);
    },
    nearTo: (own) => {
      if (owners[own.slot] === own) return nearest.list(own.slot);
      const slot = nearest.take(own);
      const near = nearest.list(slot);
      nearest.release(slot);
      return near;
    },
    outdate: () => {
      version += 1;
    },
    expect: ({ slot }, line) => {
      makeRoomBeyond();
      expect(slot, line);
      return answer;
    },
    lowest: (line, optimism, isAllowed) => {
      makeRoomBeyond();
      let best: number | undefined;
      let least = Number.POSITIVE_INFINITY;
      for (let slot = 0; slot < owners.length; slot++) {
        const trial = trials[slot] ?? NOBODY;
        if (trial === NOBODY) continue;
        expect(slot, line);
        const score = answer.mean - optimism * answer.deviation;
        const isFirst = best === undefined || score < least || (score === least && trial < best);
        if (!isFirst || !isAllowed(trial)) continue;
        best = trial;
        least = score;
      }
      return best;
    },
  };
}
