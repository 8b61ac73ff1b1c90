import type { Goal } from "../core/goal.js";
import type { Study } from "../core/study.js";
import { goalValue, lastValue, type Trial } from "../core/trial.js";
import { BAD_TO_GOOD } from "./fate.js";
import type { ColourScale } from "./figure.js";
import { colourBounds } from "./param-scale.js";

/** A trial with a finite value. */
export interface ValuedTrial {
  readonly trial: Trial;
  readonly value: number;
}

/**
 * Trials that have a finite value of a metric, in the order of their numbers: what the study measures them by, or the last
 * value of any other metric.
 */
export function valuedTrials(
  { definition, trials }: Pick<Study, "definition" | "trials">,
  metric: string,
): ValuedTrial[] {
  const { goal } = definition;
  return trials.flatMap((trial) => {
    const value = metric === goal.metric ? goalValue(trial, goal) : lastValue(trial, metric);
    return value === undefined || !Number.isFinite(value) ? [] : [{ trial, value }];
  });
}

/**
 * Which way a metric is better. A study says so only for its goal; another metric is better in the same direction if it
 * grows with the goal metric over the trials that have both, and in the opposite direction if it falls.
 */
export function goalOf({ definition, trials }: Pick<Study, "definition" | "trials">, metric: string): Goal {
  const { goal } = definition;
  if (metric === goal.metric) return goal;
  const pairs = valuedTrials({ definition, trials }, goal.metric).flatMap(({ trial, value }) => {
    const other = lastValue(trial, metric);
    return other === undefined || !Number.isFinite(other) ? [] : [{ value, other }];
  });
  const meanOther = pairs.reduce((sum, { other }) => sum + other / pairs.length, 0);
  const covariance = pairs.reduce((sum, { value, other }) => sum + value * (other - meanOther), 0);
  const opposite = goal.direction === "minimize" ? "maximize" : "minimize";
  return { metric, direction: covariance < 0 ? opposite : goal.direction };
}

/**
 * Colours by how good a value is: higher is better whatever the direction, because parallel coordinates draw higher
 * ones on top. Under `minimize`, the colour's number is therefore the negated place.
 */
export function goodnessColours(places: readonly number[], goal: Goal): ColourScale {
  const color = places.map((place) => goodness(place, goal));
  const [cmin, cmax] = colourBounds(color);
  return { color, colorscale: BAD_TO_GOOD, cmin, cmax, showscale: false };
}

/** The number behind a colour, from a place on the value's axis. */
export function goodness(place: number, { direction }: Goal): number {
  return direction === "maximize" ? place : 0 - place;
}
