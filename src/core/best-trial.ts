import { costOf, type Goal } from "./goal.js";
import { resultOf, violationOfTrial } from "./goals/trial-result.js";
import type { Study } from "./study.js";
import { goalValue, lastStep, type Trial } from "./trial.js";

/** A trial and what it is ranked by. */
export interface RankedTrial {
  readonly trial: Trial;
  /** What it is measured by (see {@link goalValue}), finite. */
  readonly value: number;
  /** Whether its training ended of its own accord. */
  readonly complete: boolean;
  /** How far it is from obeying the constraints on metrics, see {@link violationOfTrial}; 0 if it obeys them all. */
  readonly violation: number;
}

/** A trial with what a goal measures it by; undefined when it has no finite value. */
export function rankedTrial(study: Study, trial: Trial, goal: Goal): RankedTrial | undefined {
  // What was reported for a model that was copied, the log tells of the study's goal metric only.
  const isOwn = goal.metric === study.definition.goal.metric;
  const value = goalValue(isOwn ? trial : { ...trial, inheritances: [] }, goal);
  if (value === undefined || !Number.isFinite(value)) return undefined;
  const violation = violationOfTrial(trial, study.definition.goal);
  return { trial, value, complete: trial.state === "complete", violation };
}

/** Whether a trial's model is a copy that it has not trained yet, so that its params have shown nothing. */
const isMereCopy = (trial: Trial): boolean => {
  const inherited = trial.inheritances.at(-1);
  return inherited !== undefined && inherited.step === lastStep(trial);
};

/**
 * Orders trials from the best: complete ones first, since a value in the middle of a training says less; then those that
 * obey the constraints on metrics, and others the less they break them; then by the goal's value (with several goals,
 * the first one's); of equals a model before its mere copies, then the lower number.
 */
export function compareTrials(a: RankedTrial, b: RankedTrial, goal: Goal): number {
  return (
    Number(b.complete) - Number(a.complete) ||
    (a.violation === b.violation ? 0 : a.violation < b.violation ? -1 : 1) ||
    costOf(a.value, goal) - costOf(b.value, goal) ||
    Number(isMereCopy(a.trial)) - Number(isMereCopy(b.trial)) ||
    a.trial.number - b.trial.number
  );
}

/** The trials with a finite value of the goal metric, best first: complete ones before all others. */
export function rankTrials(study: Study): RankedTrial[] {
  const { goal } = study.definition;
  return study.trials
    .map((trial) => rankedTrial(study, trial, goal))
    .filter((ranked) => ranked !== undefined)
    .sort((a, b) => compareTrials(a, b, goal));
}

/**
 * The best trial of a study; undefined when none has a finite value. A trial whose training was cut short or has not
 * ended counts only if no trial is complete.
 *
 * @param goal a metric or direction other than the study's
 */
export function bestTrial(study: Study, goal: Goal = study.definition.goal): RankedTrial | undefined {
  let best: RankedTrial | undefined;
  for (const trial of study.trials) {
    const ranked = rankedTrial(study, trial, goal);
    if (ranked !== undefined && (best === undefined || compareTrials(ranked, best, goal) < 0)) best = ranked;
  }
  return best;
}

/** Whether a study found anything: a complete trial with a finite value of every goal. */
export function hasResult({ trials, definition }: Study): boolean {
  return trials.some(
    (trial) =>
      trial.state === "complete" && resultOf(trial, definition.goal)?.costs.every(Number.isFinite) === true,
  );
}

/** The share of complete trainings that count as good. */
export const GOOD_SHARE = 0.1;

/** The complete trainings that count as good: the best tenth, at least one. @param ranked best first */
export function goodOf<Ranked>(ranked: readonly Ranked[]): readonly Ranked[] {
  return ranked.slice(0, Math.ceil(ranked.length * GOOD_SHARE));
}
