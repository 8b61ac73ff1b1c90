import type { Study } from "./study.js";
import type { Trial } from "./trial.js";
import { TrialsAtHand } from "./trials-at-hand.js";

interface Fitting {
  readonly trials: TrialsAtHand<Trial>;
  /** What it was made from, and how many of the trials it has taken in. */
  readonly source: readonly Trial[];
  readonly outside: ReadonlySet<number>;
  taken: number;
}

/** Only saves making the list again at every event; it follows from the study. */
const made = new WeakMap<Study, Fitting>();

function fittingTrials(study: Study): TrialsAtHand<Trial> {
  const { trials: source, outside } = study;
  let fitting = made.get(study);
  if (fitting?.source !== source || fitting.outside !== outside) {
    fitting = { trials: new TrialsAtHand(), source, outside, taken: 0 };
    made.set(study, fitting);
  }
  const { trials } = fitting;
  for (; fitting.taken < source.length; fitting.taken++) {
    const trial = source[fitting.taken];
    if (trial !== undefined && !outside.has(fitting.taken)) trials[fitting.taken] = trial;
  }
  trials.length = source.length;
  return trials;
}

/**
 * A study as samplers see it. If its space was changed, the trials whose params do not fit the present one are left out,
 * like forgotten ones, so that no sampler need know of them: their places in `trials` are empty. They still count in
 * everything else, such as the number of trials.
 */
export function fittingStudy(study: Study): Study {
  return study.outside.size === 0 ? study : { ...study, trials: fittingTrials(study) };
}
