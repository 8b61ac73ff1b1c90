import { CurvewiseError } from "./errors.js";
import type { CurvesTransferred } from "./events.js";
import { decodeNumber, encodeNumber } from "./json.js";
import type { Study, TransferredStudy, TransferredTrial } from "./study.js";
import { lastStep } from "./trial.js";

/** What a sampler or a scheduler wants from earlier studies of the same storage. */
export interface TransferWish {
  /** The studies' names. */
  readonly studies: readonly string[];
  /** The metrics whose curves it wants besides the goal metric. */
  readonly metrics?: readonly string[];
}

/** What several algorithms want together; undefined if none of them wants anything. */
export function allWishes(wishes: readonly (TransferWish | undefined)[]): TransferWish | undefined {
  const present = wishes.filter((wish) => wish !== undefined);
  if (present.length === 0) return undefined;
  return {
    studies: [...new Set(present.flatMap(({ studies }) => studies))],
    metrics: [...new Set(present.flatMap(({ metrics = [] }) => metrics))],
  };
}

/**
 * Ensures that a study has the curves that an algorithm asked for.
 *
 * @throws CurvewiseError `TRANSFER_MISSING`
 */
export function requireTransferred({ transferred, definition }: Study, names: readonly string[]): void {
  const missing = names.find((name) => !transferred.some((each) => each.name === name));
  if (missing === undefined) return;
  throw new CurvewiseError(
    "TRANSFER_MISSING",
    `study "${definition.name}" has no curves from study "${missing}"`,
    {
      hint: "Curves are transferred when a study begins, and when its sampler or scheduler is changed.",
    },
  );
}

/** The maximum number of trials transferred from an earlier study. */
export const MAX_TRANSFERRED_TRIALS = 1000;
/** The maximum number of points transferred per curve. */
export const MAX_TRANSFERRED_POINTS = 256;

/** The indices of the points to keep: all, or half of them evenly spaced and half increasingly far apart. */
function keptPlaces(points: number): number[] {
  if (points <= MAX_TRANSFERRED_POINTS) return Array.from({ length: points }, (_, place) => place);
  const half = MAX_TRANSFERRED_POINTS / 2;
  const even = Array.from({ length: half }, (_, index) => Math.ceil(((index + 1) / half) * points));
  const wider = Array.from({ length: half }, (_, index) => Math.round(points ** (index / (half - 1))));
  return [...new Set([...even, ...wider])].sort((a, b) => a - b).map((count) => count - 1);
}

/**
 * What a study passes on to another: the curves of the trials that reported the metric, at most
 * {@link MAX_TRANSFERRED_TRIALS}, preferring those trained furthest (on ties, the earlier ones). A curve of more than
 * {@link MAX_TRANSFERRED_POINTS} reports is thinned, most towards its end. Trials that went on with another trial's
 * model have no curve of their own and are left out.
 *
 * @param metric the goal metric
 * @param others further metrics, kept where they were reported
 */
export function transferredStudy(
  study: Study,
  metric: string,
  others: readonly string[] = [],
): TransferredStudy {
  const names = [...new Set([metric, ...others])];
  const trials = study.trials
    .filter(
      ({ curve, inheritances }) =>
        inheritances.length === 0 &&
        curve.metrics.get(metric)?.some((value) => Number.isFinite(value)) === true,
    )
    .toSorted((a, b) => lastStep(b) - lastStep(a))
    .slice(0, MAX_TRANSFERRED_TRIALS)
    .sort((a, b) => a.number - b.number)
    .map(({ number, params, state, curve }): TransferredTrial => {
      const places = keptPlaces(curve.steps.length);
      const metrics = names.flatMap((name) => {
        const column = curve.metrics.get(name);
        return column === undefined ? [] : [[name, places.map((place) => column[place] ?? null)] as const];
      });
      return {
        number,
        params,
        state,
        curve: { steps: places.map((place) => curve.steps[place] ?? 0), metrics: new Map(metrics) },
        inheritances: [],
      };
    });
  return { name: study.definition.name, trials };
}

/** A transferred study as the log stores it: steps that many curves share are written once. */
export function encodeTransferred({ name, trials }: TransferredStudy): CurvesTransferred {
  const ladders: (readonly number[])[] = [];
  const byText = new Map<string, number>();
  const longestFirst = [...new Set(trials.map(({ curve }) => curve.steps))].sort(
    (a, b) => b.length - a.length,
  );
  for (const steps of longestFirst) {
    const own = steps.join();
    if (byText.has(own)) continue;
    const ladder = ladders.findIndex((longer) => steps.every((step, place) => step === longer[place]));
    byText.set(own, ladder < 0 ? ladders.push(steps) - 1 : ladder);
  }
  return {
    type: "curves-transferred",
    study: name,
    steps: ladders,
    trials: trials.map(({ number, params, state, curve: { steps, metrics } }) => ({
      trial: number,
      params,
      state,
      steps: byText.get(steps.join()) ?? 0,
      points: steps.length,
      metrics: Object.fromEntries(
        [...metrics].map(([metric, column]) => [
          metric,
          column.map((value) => (value === null ? null : encodeNumber(value))),
        ]),
      ),
    })),
  };
}

/** Reads what {@link encodeTransferred} wrote. */
export function decodeTransferred({ study, steps, trials }: CurvesTransferred): TransferredStudy {
  return {
    name: study,
    trials: trials.map(({ trial, params, state, steps: ladder, points, metrics }) => ({
      number: trial,
      params,
      state,
      curve: {
        steps: (steps[ladder] ?? []).slice(0, points),
        metrics: new Map(
          Object.entries(metrics).map(([metric, column]) => [
            metric,
            column.map((value) => (value === null ? null : decodeNumber(value))),
          ]),
        ),
      },
      inheritances: [],
    })),
  };
}

/**
 * The transferred studies that an algorithm asked for, in the order that it asked for them; absent ones are left out.
 */
export function transferredTo(study: Study, names: readonly string[]): TransferredStudy[] {
  return names.flatMap((name) => study.transferred.find((each) => each.name === name) ?? []);
}
