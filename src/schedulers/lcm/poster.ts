import { type Decision, type Explanation, neighbourName } from "../../core/decision.js";
import { costOf, type Goal } from "../../core/goal.js";
import type { Study } from "../../core/study.js";
import { lastValue, type Trial } from "../../core/trial.js";
import { counted, percentage, shown } from "../../core/wording.js";
import { trialOfNumber } from "../earlier-trials.js";
import type { CurveLibrary } from "./curve-library.js";
import type { RunningDistances } from "./running-distances.js";
import { pointsUpTo } from "./training-points.js";

/** The rule's name in explanations. */
export const POSTER_RULE = "lcm/poster";

/** How many neighbours an explanation names. */
const SHOWN_NEIGHBOURS = 5;

/** The rule's settings. */
export interface PosterSettings {
  readonly goal: Goal;
  /** The metric whose curves are matched. */
  readonly metric: string;
  /** How many complete trainings are needed before trials are stopped. */
  readonly accumulate: number;
  /** The highest rank percentage, in [0, 1], with which a training goes on. */
  readonly stopRank: number;
  /** The earlier studies whose complete trainings are in the library too. */
  readonly transfer: readonly string[];
}

/**
 * Decides at a checkpoint by Learning Curve Matching as published: the nearest complete training's performance is the
 * prediction, and the training stops if the share of complete trainings strictly better than the prediction (its rank
 * percentage) exceeds `stopRank`. A training whose goal metric has diverged stops at once, since nothing is worse.
 * Without a comparable curve it goes on.
 *
 * The explanation's values: `checkpoint` (step), `librarySize`, and, once checking has begun, `threshold` (`stopRank`),
 * `rankPercentage`, `margin` (rank percentage minus threshold: positive stops), `distance` to the nearest curve, and
 * `prediction`, which is absent if it diverged. `steps` are the cumulative points at which the training and the nearest
 * curve both have a value. A neighbour's performance is NaN or infinite if it diverged.
 */
export function decideAtCheckpoint(
  library: CurveLibrary,
  distances: RunningDistances,
  settings: PosterSettings,
  study: Study,
  trial: Trial,
  checkpoint: number,
): Decision {
  const { goal, metric, accumulate, stopRank: threshold, transfer } = settings;
  const librarySize = library.size;
  const known = { checkpoint, librarySize };
  const explain = (reason: string, values: Explanation["values"]): Explanation => ({
    rule: POSTER_RULE,
    reason,
    values: { ...known, ...values },
  });

  if (librarySize < accumulate) {
    const reason = `Nothing is stopped before ${counted(accumulate, "complete training")}; there are ${librarySize} so far.`;
    return { action: "continue", explanation: explain(reason, { accumulate }) };
  }
  const { stopped, complete } = study.byState;
  if (library.hasEarlier && stopped.size >= accumulate * (complete.size + 1)) {
    const reason = `It is trained to its end because only ${complete.size} of ${counted(stopped.size + complete.size, "trial")} of this study were: too few to tell whether the earlier studies resemble it.`;
    return { action: "continue", explanation: explain(reason, { accumulate }) };
  }
  const rankOf = (performance: number): number =>
    library.ranking.countBelow(costOf(performance, goal)) / librarySize;

  const latest = lastValue(trial, goal.metric);
  if (latest !== undefined && !Number.isFinite(latest)) {
    const rankPercentage = rankOf(latest);
    const reason = `Its ${goal.metric} diverged (${latest}), and nothing ranks below a diverged training.`;
    return { action: "stop", explanation: explain(reason, { threshold, rankPercentage }) };
  }

  const compared = pointsUpTo(library.points, checkpoint);
  const { own, matches } = distances.nearest(trial, compared, SHOWN_NEIGHBOURS);
  const [nearest] = matches;
  if (nearest === undefined) {
    const reason = `None of ${counted(librarySize, "complete training")} has a ${metric} that can be compared up to step ${checkpoint}.`;
    return { action: "continue", explanation: explain(reason, { threshold }) };
  }
  const prediction = library.performances[nearest.row] ?? Number.NaN;
  const rankPercentage = rankOf(prediction);
  const stops = rankPercentage > threshold;
  const { distance } = nearest;
  const end = Number.isFinite(prediction) ? `ended at ${goal.metric} ${shown(prediction)}` : "diverged";
  const reason =
    `Its ${metric} up to step ${checkpoint} is nearest to that of trial ${neighbourName(trialOfNumber(nearest.trial, transfer))} (distance ${shown(distance)}), ` +
    `which ${end}: ${percentage(rankPercentage)} of ${counted(librarySize, "complete training")} did better, ` +
    `${stops ? "above" : "within"} the limit of ${percentage(threshold)}.`;
  const values = {
    threshold,
    rankPercentage,
    margin: rankPercentage - threshold,
    distance,
    ...(Number.isFinite(prediction) ? { prediction } : {}),
  };
  const explanation: Explanation = {
    ...explain(reason, values),
    steps: library.points
      .slice(0, compared)
      .filter((_, point) => !Number.isNaN(own[point]) && !Number.isNaN(library.column(point)[nearest.row])),
    neighbours: matches.map((match) => ({
      ...trialOfNumber(match.trial, transfer),
      distance: match.distance,
      performance: library.performances[match.row] ?? Number.NaN,
    })),
  };
  return { action: stops ? "stop" : "continue", explanation };
}
