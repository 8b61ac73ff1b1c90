import type { Goal } from "../../core/goal.js";
import type { Random } from "../../math/random.js";
import type { Lesson } from "./bounded-lessons.js";

/** How much of a forecast's deviation goes into a draw. */
const DRAW_DEVIATION = 0.5;
/** Added to a trial's relative distance from the best before its logarithm. */
const BEST_OFFSET = 0.05;
/** Trials further from the best than this many times the median distance count as equally bad. */
const WORST_DISTANCE = 1.2;

/**
 * What a tree learns to predict: half the logarithm of a drawn end's rank, half the logarithm of its distance from the
 * best, so that both where the good half is and what is best within it count.
 */
export function drawnTargets(lessons: readonly Lesson[], goal: Goal, random: Random): Float64Array {
  const drawn = Float64Array.from(lessons, ({ forecast }) => {
    const { mean, deviation, present } = forecast;
    if (!Number.isFinite(mean)) return Number.POSITIVE_INFINITY;
    const end = mean + DRAW_DEVIATION * deviation * random.normal();
    return goal.of === "last" ? end : Math.min(present, end);
  });
  const order = Int32Array.from(drawn.keys()).sort((a, b) => (drawn[a] ?? 0) - (drawn[b] ?? 0) || a - b);
  const total = lessons.reduce((sum, { weight }) => sum + weight, 0);
  const best = drawn[order[0] ?? 0] ?? 0;
  /** By place in the order: how many trials are better, and half of those that it stands for. */
  const ranks = new Float64Array(order.length);
  let before = 0;
  let median = best;
  for (const [rank, index] of order.entries()) {
    const weight = lessons[index]?.weight ?? 1;
    ranks[rank] = before + weight / 2;
    if (before < (total + 1) / 2) median = drawn[index] ?? best;
    before += weight;
  }
  const scale = median - best + 1e-9;
  const targets = new Float64Array(lessons.length);
  for (const [rank, index] of order.entries()) {
    const distance = Math.min(WORST_DISTANCE, ((drawn[index] ?? best) - best) / scale);
    const away = Number.isNaN(distance) ? WORST_DISTANCE : distance;
    targets[index] = 0.5 * Math.log((ranks[rank] ?? 0) / total) + 0.5 * Math.log(away + BEST_OFFSET);
  }
  return targets;
}
