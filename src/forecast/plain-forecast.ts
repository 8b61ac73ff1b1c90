// The forecasts of ./curve-model.ts again, written from their description alone: slow, stateless, every sum where it is
// defined. Only tests use it, to compare the product with it.
import { costOf, type Goal } from "../core/goal.js";
import type { TransferredStudy, TransferredTrial } from "../core/study.js";
import { lastStep } from "../core/trial.js";
import { LEARNED_NOISE } from "./learned-noise.js";

/** The expected end of a trial, in the model's scale. */
export interface PlainForecast {
  /** The rungs below it do not count; below all: -1. */
  readonly firstRung: number;
  readonly rung: number;
  readonly present: number;
  readonly mean: number;
  readonly deviation: number;
  readonly diverged: boolean;
}

/** A curve behind a forecast. */
export interface PlainNeighbour {
  readonly trial: number;
  readonly study: string | undefined;
  readonly distance: number;
  readonly end: number;
}

/** The line from a value at a rung to the change still to come before the end. */
export interface PlainLine {
  readonly count: number;
  readonly spread: number;
  readonly noise: number;
  /** The gain that it predicts for a value, and the variance of that gain due to uncertainty about the line. */
  gainAt(value: number): number;
  varianceAt(value: number): number;
  /** The share of the ends' variance that the values at the rung explain. */
  readonly explained: number;
}

/** All forecasts of a study. */
export interface PlainModel {
  readonly isLogarithmic: boolean;
  readonly forecasts: ReadonlyMap<number, PlainForecast>;
  /** What is expected of each trial at first sight: at the lowest rung that any trial is at, by the line alone. */
  readonly outlook: ReadonlyMap<number, number>;
  /** By rung, except the last, which is the end. */
  readonly lines: readonly PlainLine[];
  /** The curves behind a trial's forecast, nearest first. */
  neighboursOf(trial: number): readonly PlainNeighbour[];
}

interface Report {
  readonly step: number;
  readonly cost: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const squared = (value: number): number => value * value;

/** The reports of the goal metric, as costs. */
function reportsOf({ curve }: TransferredTrial, goal: Goal): Report[] {
  const column = curve.metrics.get(goal.metric) ?? [];
  return curve.steps.flatMap((step, place) => {
    const value = column[place] ?? null;
    return value === null ? [] : [{ step, cost: costOf(value, goal) }];
  });
}

/** The steps at which curves are compared: all of them up to 100, else 100 evenly spaced ones and the rungs. */
function comparedSteps(rungs: readonly number[]): number[] {
  const end = Math.max(...rungs);
  if (end <= 100) return Array.from({ length: end }, (_, place) => place + 1);
  const even = Array.from({ length: 100 }, (_, place) => Math.ceil(((place + 1) * end) / 100));
  return [...new Set([...even, ...rungs])].toSorted((a, b) => a - b);
}

interface Point {
  readonly value: number;
  readonly end: number;
  readonly deviation: number;
}

/**
 * The noise expected a priori at a rung, as a share of the variance there: what was learned at the places around it, its
 * logarithm in proportion to the logarithm of the place. A quarter in studies of version 0.1.0.
 */
function noiseOf(goal: Goal, place: number): number {
  if (goal.of === undefined) return 0.25;
  const left = LEARNED_NOISE.findLast(([known]) => known <= place);
  const right = LEARNED_NOISE.find(([known]) => known >= place);
  if (left === undefined || right === undefined || left === right) return (left ?? right)?.[1] ?? Number.NaN;
  const exponent = Math.log(right[1] / left[1]) / Math.log(right[0] / left[0]);
  return left[1] * (place / left[0]) ** exponent;
}

/** The variance assumed where a single value is known: a tenth of it, squared; a tenth alone, if it is a logarithm. */
const varianceOfOne = (goal: Goal, values: readonly number[], isLogarithmic: boolean): number =>
  goal.of === undefined ? 1e-4 : squared(0.1 * (isLogarithmic ? 1 : (values[0] ?? 0)));

/**
 * Bayesian linear regression of the gains on the values, with a prior towards the same gain for all: worth two trials,
 * with a share of the rung's variance as noise.
 *
 * @param values of all trials that reached the rung
 * @param deeper those that went beyond it
 * @param share the share of the variance that is noise a priori
 * @param ofOne the variance assumed where there is a single value
 */
export function plainLine(
  values: readonly number[],
  deeper: readonly Point[],
  share = 0.25,
  ofOne = 1e-4,
): PlainLine {
  const variance = values.length > 1 ? mean(values.map((value) => squared(value - mean(values)))) : ofOne;
  const spread = Math.max(1e-10, variance);
  const count = deeper.length;
  if (count === 0) {
    return { count, spread, noise: share * spread, gainAt: () => 0, varianceAt: () => 0, explained: 0 };
  }
  const center = mean(deeper.map(({ value }) => value));
  const gain = mean(deeper.map(({ value, end }) => end - value));
  const weight = sum(deeper.map(({ value }) => squared(value - center))) + 2 * spread;
  const slope = sum(deeper.map(({ value, end }) => (value - center) * (end - value - gain))) / weight;
  const gainAt = (value: number): number => gain + slope * (value - center);
  const residuals = sum(deeper.map(({ value, end }) => squared(end - value - gainAt(value))));
  const uncertainty = sum(deeper.map(({ deviation }) => squared(deviation)));
  const noise = (residuals + uncertainty + 2 * share * spread) / (count + 2);
  const signal = squared(1 + slope) * spread;
  return {
    count,
    spread,
    noise,
    gainAt,
    varianceAt: (value) => noise * (1 / count + squared(value - center) / weight),
    explained: signal / (signal + noise),
  };
}

/** Whether all costs of all studies are positive, so that they are compared as logarithms. */
function areAllPositive(goal: Goal, studies: readonly (readonly TransferredTrial[])[]): boolean {
  const costs = studies.flat().flatMap((trial) => reportsOf(trial, goal).map(({ cost }) => cost));
  return costs.every((cost) => cost > 0);
}

/** A curve in the model's scale. */
interface Curve {
  readonly trial: number;
  readonly rung: number;
  readonly diverged: boolean;
  /** The rungs below it do not count; below all: -1. */
  readonly firstRung: number;
  /** What counts at a step, the last value or the least one up to it; infinite while there is none. */
  value(step: number): number;
  /** At each step at which curves are compared: its last value at or before it; undefined where there is none, and beyond its end. */
  readonly values: readonly (number | undefined)[];
}

function curveOf(
  trial: TransferredTrial,
  goal: Goal,
  rungs: readonly number[],
  isLogarithmic: boolean,
): Curve {
  const reports = reportsOf(trial, goal);
  const first = reports[0]?.step ?? 0;
  /** Where it tells anything: from the highest rung that its first report had reached. */
  const start = rungs.findLast((rung) => rung <= first) ?? first;
  const end = lastStep(trial);
  const divergence =
    reports.find(({ cost }) => cost === Number.POSITIVE_INFINITY)?.step ?? Number.POSITIVE_INFINITY;
  const finite = reports.filter(({ cost }) => Number.isFinite(cost));
  const scaled = finite.map(({ step, cost }) => ({
    step: step === first ? start : step,
    value: isLogarithmic ? Math.log(cost) : cost,
  }));
  return {
    trial: trial.number,
    firstRung: rungs.filter((rung) => rung <= first).length - 1,
    rung: rungs.filter((rung) => rung <= end).length - 1,
    diverged: finite.length < reports.length,
    value: (step) => {
      const known = scaled.filter((each) => each.step <= step).map((each) => each.value);
      if (goal.of !== "last") return Math.min(Number.POSITIVE_INFINITY, ...known);
      return step >= divergence ? Number.POSITIVE_INFINITY : (known.at(-1) ?? Number.POSITIVE_INFINITY);
    },
    values: comparedSteps(rungs).map((step) =>
      step > end ? undefined : scaled.findLast((each) => each.step <= step)?.value,
    ),
  };
}

/** The root mean squared difference over those of the first points that both curves have. */
function distanceOf(a: Curve, b: Curve, points: number): number | undefined {
  const squares = a.values.slice(0, points).flatMap((x, place) => {
    const y = b.values[place];
    return x === undefined || y === undefined ? [] : [squared(x - y)];
  });
  return squares.length === 0 ? undefined : Math.sqrt(mean(squares));
}

interface Near {
  readonly curve: Curve;
  readonly distance: number;
  readonly of: (Solved & { readonly name: string }) | undefined;
}

interface Solved extends PlainModel {
  readonly curves: readonly Curve[];
}

/** The seven nearest curves in a study, among those that went beyond the curve's rung. */
function nearestOf(curve: Curve, rungs: readonly number[], curves: readonly Curve[], of: Near["of"]): Near[] {
  const points = comparedSteps(rungs).filter((step) => step <= (rungs[curve.rung] ?? 0)).length;
  return curves
    .filter((other) => other.rung > curve.rung)
    .flatMap((other) => {
      const distance = distanceOf(curve, other, points);
      return distance === undefined ? [] : [{ curve: other, distance, of }];
    })
    .toSorted((a, b) => a.distance - b.distance || a.curve.trial - b.curve.trial)
    .slice(0, 7);
}

function solve(
  goal: Goal,
  rungs: readonly number[],
  trials: readonly TransferredTrial[],
  isLogarithmic: boolean,
  earlier: readonly (Solved & { readonly name: string })[],
): Solved {
  const curves = trials
    .filter((trial) => reportsOf(trial, goal).length > 0)
    .map((trial) => curveOf(trial, goal, rungs, isLogarithmic));
  const top = rungs.length - 1;
  const forecasts = new Map<number, PlainForecast>();
  const lines: PlainLine[] = [];

  const expected = (curve: Curve): Pick<PlainForecast, "mean" | "deviation"> => {
    const { rung } = curve;
    const present = curve.value(Number.MAX_VALUE);
    if (rung === top || curve.diverged || present === Number.POSITIVE_INFINITY)
      return { mean: present, deviation: 0 };
    const line = lines[Math.max(rung, 0)] ?? plainLine([], []);
    const own = curve.value(rungs[rung] ?? 0);
    if (rung < 0 || line.count === 0 || own === Number.POSITIVE_INFINITY) {
      return { mean: present, deviation: Math.sqrt(line.noise) };
    }
    const near = nearTo(curve).flatMap(({ curve: other, distance, of }) => {
      const kernel = Math.exp(-squared(distance) / (2 * squared(0.1) * line.spread + 1e-14));
      const value = other.value(rungs[rung] ?? 0);
      const its = (of?.forecasts ?? forecasts).get(other.trial);
      const itsLine = of?.lines[rung] ?? line;
      if (kernel < 1e-4 || its === undefined || value === Number.POSITIVE_INFINITY) return [];
      if (!Number.isFinite(its.mean)) return [];
      const residual = its.mean - value - itsLine.gainAt(value);
      return [{ weight: of === undefined ? kernel : 0.1 * kernel, residual, deviation: its.deviation }];
    });
    const total = sum(near.map(({ weight }) => weight)) + 0.5;
    const correction = sum(near.map(({ weight, residual }) => weight * residual)) / total;
    const local = sum(
      near.map(
        ({ weight, residual, deviation }) => weight * (squared(residual - correction) + squared(deviation)),
      ),
    );
    const end = own + line.gainAt(own) + correction;
    return {
      mean: goal.of === "last" ? end : Math.min(present, end),
      deviation: Math.sqrt((local + 0.5 * (line.noise + line.varianceAt(own))) / total),
    };
  };

  /** The curves behind a forecast: this study's and those of earlier ones. */
  const nearTo = (curve: Curve): Near[] => {
    const others = earlier.flatMap((of) => nearestOf(curve, rungs, of.curves, of));
    const nearest = others.toSorted((a, b) => a.distance - b.distance).slice(0, 7);
    const own = nearestOf(curve, rungs, curves, undefined);
    return [...own, ...nearest].toSorted((a, b) => a.distance - b.distance);
  };

  for (let rung = top; rung >= -1; rung--) {
    if (rung < top && rung >= 0) {
      const step = rungs[rung] ?? 0;
      const there = curves.filter(
        (curve) => curve.rung >= rung && curve.value(step) < Number.POSITIVE_INFINITY,
      );
      const deeper = there
        .filter((curve) => curve.rung > rung)
        .map((curve) => {
          const { mean: end = 0, deviation = 0 } = forecasts.get(curve.trial) ?? {};
          return { value: curve.value(step), end, deviation };
        })
        .filter(({ end }) => Number.isFinite(end));
      const values = there.map((curve) => curve.value(step));
      const share = noiseOf(goal, step / (rungs[top] ?? step));
      lines[rung] = plainLine(values, deeper, share, varianceOfOne(goal, values, isLogarithmic));
    }
    for (const curve of curves) {
      if (curve.rung !== rung) continue;
      const present = curve.value(Number.MAX_VALUE);
      const { trial, firstRung, diverged } = curve;
      forecasts.set(trial, { firstRung, rung, present, diverged, ...expected(curve) });
    }
  }
  const lowest = Math.min(...curves.map(({ rung }) => Math.max(rung, 0)));
  const outlook = new Map(
    curves.map((curve): [number, number] => {
      const { mean: end = 0, present = 0 } = forecasts.get(curve.trial) ?? {};
      const line = lines[lowest];
      const own = curve.value(rungs[curve.rung] ?? 0);
      const isByLine = curve.rung === lowest && lowest < top && !curve.diverged && Number.isFinite(own);
      if (!isByLine || line === undefined || line.count === 0) return [curve.trial, end];
      const expectedEnd = own + line.gainAt(own);
      return [curve.trial, goal.of === "last" ? expectedEnd : Math.min(present, expectedEnd)];
    }),
  );
  const neighboursOf = (trial: number): PlainNeighbour[] => {
    const curve = curves.find((each) => each.trial === trial);
    // Without a line there is nothing for neighbours to correct.
    if (curve === undefined || curve.rung === top || (lines[curve.rung]?.count ?? 0) === 0) return [];
    return nearTo(curve)
      .map(({ curve: other, distance, of }) => ({
        trial: other.trial,
        study: of?.name,
        distance,
        end: (of?.forecasts ?? forecasts).get(other.trial)?.mean ?? Number.NaN,
      }))
      .filter(({ end }) => Number.isFinite(end));
  };
  return { isLogarithmic, forecasts, outlook, lines, neighboursOf, curves };
}

/** Forecasts a study from its curves and those of earlier studies. @param rungs their steps and, last, the end */
export function plainModel(
  goal: Goal,
  rungs: readonly number[],
  trials: readonly TransferredTrial[],
  earlier: readonly TransferredStudy[] = [],
): PlainModel {
  const isLogarithmic = areAllPositive(goal, [trials, ...earlier.map((study) => study.trials)]);
  const solved = earlier.map((study) => ({
    name: study.name,
    ...solve(goal, rungs, study.trials, isLogarithmic, []),
  }));
  return solve(goal, rungs, trials, isLogarithmic, solved);
}
