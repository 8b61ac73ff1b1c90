import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import { createOutcomes, type Outcome } from "../forecast/outcomes.js";

/** A trial with the cost at the end of its training. */
export interface EndedTrial extends Pick<Outcome, "trial" | "params"> {
  /** Lower is better whatever the goal; infinite if the training failed or diverged, or is expected to diverge. */
  readonly cost: number;
  /** Whether the cost is a forecast, as that of a trial that was paused or stopped. */
  readonly isForecast: boolean;
}

/**
 * The most trials whose ends are forecast: forecasts of all take time with the square of their number. Of a study with
 * more, every second trial is taken, or every third, and so on, complete ones too, so that the shares stay what they are.
 */
const MOST_FORECAST = 2000;

const ended = (outcomes: readonly Outcome[], isForecast: boolean): EndedTrial[] =>
  outcomes.flatMap(({ trial, params, cost }) =>
    cost === undefined ? [] : [{ trial, params, cost, isForecast }],
  );

/**
 * The trials of a study with their ends, known or forecast (see `createOutcomes`), so that all are compared at the same
 * point of their training. With several goals, in the first one. Trials about which nothing is known are left out; failed and diverged ones have an infinite
 * cost. Trials whose params do not fit a changed space are left out.
 *
 * @param onlyComplete leaves out trials whose training is neither complete nor failed
 * @returns in the order of their numbers
 */
export function endedTrials(
  { definition, trials, outside }: Pick<Study, "definition" | "trials" | "outside">,
  onlyComplete = false,
): EndedTrial[] {
  const { others: _others, constraints: _constraints, ...goal } = definition.goal;
  const outcomes = createOutcomes({ goal, maxSteps: definition.maxSteps });
  const isOpen = ({ state, number }: Trial): boolean =>
    state !== "complete" && state !== "failed" && !outside.has(number);
  const stride = onlyComplete ? 1 : Math.ceil(Math.max(1, trials.filter(isOpen).length) / MOST_FORECAST);
  for (const trial of trials) {
    if (trial.number % stride === 0 && !outside.has(trial.number)) outcomes.note(trial);
  }
  const open = onlyComplete ? [] : ended(outcomes.open(), true);
  return [...ended(outcomes.settled, false), ...open].toSorted((a, b) => a.trial - b.trial);
}
