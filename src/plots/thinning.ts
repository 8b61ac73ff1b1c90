import { rankTrials } from "../core/best-trial.js";
import type { Study } from "../core/study.js";
import type { LearningCurve, Trial } from "../core/trial.js";
import { evenlySpaced } from "../math/evenly-spaced.js";

/** How much of a study is drawn. */
export interface DrawingLimits {
  readonly trials: number;
  /** Points of all curves together; every curve keeps at least {@link LEAST_POINTS}. */
  readonly points: number;
}

/** What of a study is drawn. */
export interface Thinned {
  /** The study with the trials and the points that are drawn. */
  readonly study: Study;
  /** How many trials are drawn, and of how many that reported the metric. */
  readonly drawn: number;
  readonly of: number;
  /** How many of the drawn trials are there because they are the best. */
  readonly best: number;
  /** The most points that a curve keeps; undefined if all keep all. */
  readonly pointsPerCurve: number | undefined;
}

/** Fewer points would not show a curve's shape. */
const LEAST_POINTS = 16;
/** The share of the drawn trials that are the best ones: of these, every one is worth seeing. */
const BEST_SHARE = 0.25;

/**
 * The trials to show of a study with too many: a quarter are the best ones, the others evenly spaced over the study.
 *
 * @param among trials of the study, in the order of their numbers
 * @param most how many to keep
 */
export function chosenTrials(
  study: Study,
  among: readonly Trial[],
  most: number,
): { readonly trials: readonly Trial[]; readonly best: number } {
  if (among.length <= most) return { trials: among, best: 0 };
  const allowed = new Set(among.map(({ number }) => number));
  const ranked = rankTrials(study).filter(({ trial }) => allowed.has(trial.number));
  const best = ranked.slice(0, Math.ceil(most * BEST_SHARE)).map(({ trial }) => trial.number);
  const chosen = new Set(best);
  const others = among.filter(({ number }) => !chosen.has(number));
  for (const { number } of evenlySpaced(others, most - best.length)) chosen.add(number);
  return { trials: among.filter(({ number }) => chosen.has(number)), best: best.length };
}

/** The places to keep of a curve: its ends, what is not finite, and the least and the greatest value of every stretch. */
function keptPlaces(column: readonly (number | null)[], most: number): Set<number> {
  const stretches = Math.max(1, Math.floor((most - 2) / 2));
  const kept = new Set([0, column.length - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * column.length) / stretches);
    const to = Math.floor(((stretch + 1) * column.length) / stretches);
    let least: number | undefined;
    let greatest: number | undefined;
    for (let place = from; place < to; place++) {
      const value = column[place] ?? null;
      if (value === null) continue;
      if (!Number.isFinite(value)) {
        if (!Number.isNaN(column[place - 1])) kept.add(place);
        continue;
      }
      if (least === undefined || value < (column[least] ?? 0)) least = place;
      if (greatest === undefined || value > (column[greatest] ?? 0)) greatest = place;
    }
    for (const place of [least, greatest]) if (place !== undefined) kept.add(place);
  }
  return kept;
}

function thinnedCurve({ steps, metrics }: LearningCurve, names: readonly string[], most: number) {
  const kept = new Set<number>();
  for (const name of names) {
    for (const place of keptPlaces(metrics.get(name) ?? [], most)) kept.add(place);
  }
  const places = [...kept].filter((place) => place >= 0 && place < steps.length).sort((a, b) => a - b);
  return {
    steps: places.map((place) => steps[place] ?? 0),
    metrics: new Map(
      [...metrics].map(([name, column]) => [name, places.map((place) => column[place] ?? null)] as const),
    ),
  };
}

/**
 * A study with no more trials and points than can be drawn; the study itself if it has no more. A curve that is too
 * long keeps its ends, and of each stretch the least and the greatest value, so that no peak is lost.
 *
 * @param metric the metric that is drawn
 */
export function thinnedStudy(study: Study, metric: string, limits: DrawingLimits): Thinned {
  const among = study.trials.filter(({ curve }) => curve.metrics.has(metric));
  const { trials, best } = chosenTrials(study, among, limits.trials);
  const points = trials.reduce((sum, { curve }) => sum + curve.steps.length, 0);
  const counts = { drawn: trials.length, of: among.length, best };
  if (points <= limits.points) {
    const isWhole = trials.length === among.length;
    return { ...counts, study: isWhole ? study : { ...study, trials }, pointsPerCurve: undefined };
  }
  const most = Math.max(LEAST_POINTS, Math.floor(limits.points / trials.length));
  const names = [...new Set([metric, study.definition.goal.metric])];
  const thin = (trial: Trial): Trial =>
    trial.curve.steps.length <= most ? trial : { ...trial, curve: thinnedCurve(trial.curve, names, most) };
  return { ...counts, study: { ...study, trials: trials.map(thin) }, pointsPerCurve: most };
}
