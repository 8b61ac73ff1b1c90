import type { Goal } from "../core/goal.js";
import { lastValue, type Trial } from "../core/trial.js";
import { GOOD_TO_BAD } from "./fate.js";
import type { ColourScale } from "./figure.js";
import { colourBounds } from "./param-scale.js";

/** A trial with a finite value. */
export interface ValuedTrial {
  readonly trial: Trial;
  readonly value: number;
}

/** Trials whose metric has a finite last value, in the order of their numbers. */
export function valuedTrials(trials: readonly Trial[], metric: string): ValuedTrial[] {
  return trials.flatMap((trial) => {
    const value = lastValue(trial, metric);
    return value === undefined || !Number.isFinite(value) ? [] : [{ trial, value }];
  });
}

/** Colours by how good a value is: the blue end is the better one whatever the direction. */
export function goodnessColours(places: readonly number[], goal: Goal): ColourScale {
  const [cmin, cmax] = colourBounds(places);
  const colorscale =
    goal.direction === "minimize"
      ? GOOD_TO_BAD
      : GOOD_TO_BAD.map(([place, colour]) => [1 - place, colour] as const).toReversed();
  return { color: places, colorscale, cmin, cmax, showscale: false };
}
