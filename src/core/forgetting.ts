import { compareTrials, rankedTrial } from "./best-trial.js";
import type { StudyEvent } from "./events.js";
import { NumberBits } from "./number-bits.js";
import type { Study } from "./study.js";
import type { StudyRecord, TrialRecord } from "./study-record.js";
import { TrialsAtHand } from "./trials-at-hand.js";

/** Whether a study has forgotten trials, so that it can neither be listed in full nor written as an image. */
export function hasForgotten({ trials }: Pick<Study, "trials">): boolean {
  return trials instanceof TrialsAtHand;
}

/** How many complete trials are kept before the first one is forgotten. */
const KEPT = 10_000;

/** Forgets what can be forgotten now; returns a function that does so for each trial that completes later. */
function beginForgetting(study: StudyRecord): (trial: TrialRecord) => void {
  const { goal } = study.definition;
  const trials = new TrialsAtHand<TrialRecord>();
  for (const trial of study.trials) trials.push(trial);
  study.trials = trials;
  let bestNumber: number | undefined;

  const forgetOneOf = (trial: TrialRecord): void => {
    // What others than the sampler had tried, the sampler need not try.
    if (trial.state !== "complete" || trial.sampler !== study.definition.sampler.name) return;
    const best = bestNumber === undefined ? undefined : trials[bestNumber];
    const ranked = rankedTrial(study, trial, goal);
    const rankedBest = best && rankedTrial(study, best, goal);
    const isBest =
      ranked !== undefined && (rankedBest === undefined || compareTrials(ranked, rankedBest, goal) < 0);
    const other = isBest ? bestNumber : trial.number;
    if (isBest) bestNumber = trial.number;
    if (other !== undefined) trials.forget(other);
  };

  const complete = new NumberBits();
  for (const number of study.byState.complete) complete.add(number);
  study.byState.complete = complete;
  for (const trial of trials) forgetOneOf(trial);
  return forgetOneOf;
}

/**
 * Lets a study with many complete trials forget them, all but the best one and those that were enqueued: the memory that it takes then no longer grows
 * with the number of trials. With several goals, or once the
 * study was changed (see `renewsAlgorithms`), nothing is forgotten. It is for those who never look at complete trials, and not for populations, where others go
 * on with their models. What is counted stays counted (`trials.length`, `byState`, `totalSteps`), `bestTrial` gives the
 * same for the study's goal, and the log has everything.
 *
 * @param kept nothing is forgotten until more trials than this are complete
 * @returns a function to call after each event, once nothing needs the event's trial any more
 */
export function forgetComplete(study: StudyRecord, kept = KEPT): (event: StudyEvent) => void {
  // With several goals, many trials are best.
  if (study.definition.goal.others !== undefined) return () => {};
  // What a trial is after a change of the study, its own events do not tell.
  if (study.renewedAt > 0) return () => {};
  let forgetOneOf: ((trial: TrialRecord) => void) | undefined;
  const beginIfDue = (): void => {
    if (study.byState.complete.size > kept) forgetOneOf = beginForgetting(study);
  };
  beginIfDue();
  return (event) => {
    if (event.type !== "finished") return;
    if (forgetOneOf === undefined) return beginIfDue();
    const trial = study.trials[event.trial];
    if (trial !== undefined) forgetOneOf(trial);
  };
}
