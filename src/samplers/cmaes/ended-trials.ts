import type { Params } from "../../core/param.js";
import type { Study } from "../../core/study.js";
import type { Outcome, Outcomes } from "../../forecast/outcomes.js";

/** A trial that has an outcome. */
export interface Ended {
  readonly params: Params;
  /** Known or forecast; infinite if it failed or diverged. */
  readonly cost: number;
}

/** The outcomes of a study's trials by number. */
export interface EndedTrials {
  of(trial: number): Ended | undefined;
  /** Takes in what has happened; the numbers of trials whose outcome is another than before. */
  catchUp(study: Study): readonly number[];
}

/**
 * Keeps the outcomes of trials by number: of those that ended for good, and of those that were stopped or paused by the
 * forecasts of their ends. A trial that goes on after a pause counts all the while, so that schedulers that promote do
 * not remove the best ones while they train.
 */
export function createEndedTrials(outcomes: Outcomes): EndedTrials {
  const table: (Ended | undefined)[] = [];
  let seen = 0;
  let revision = outcomes.revision;
  let changed: number[] = [];

  const put = (trial: number, ended: Ended | undefined): void => {
    const before = table[trial];
    table[trial] = ended;
    if (before?.params === ended?.params && before?.cost === ended?.cost) return;
    changed.push(trial);
  };
  const endedOf = ({ params, cost }: Outcome): Ended | undefined =>
    cost === undefined ? undefined : { params, cost };

  return {
    of: (trial) => table[trial],
    catchUp: (study) => {
      changed = [];
      const { settled } = outcomes;
      if (revision !== outcomes.revision) {
        // It is not known which one is no longer settled, so all are compared.
        revision = outcomes.revision;
        seen = 0;
      }
      for (; seen < settled.length; seen++) {
        const outcome = settled[seen];
        if (outcome !== undefined) put(outcome.trial, endedOf(outcome));
      }
      for (const outcome of outcomes.open()) {
        const isFirst = outcome.isInFlight && (study.trials[outcome.trial]?.attempt ?? 0) < 2;
        put(outcome.trial, isFirst ? undefined : endedOf(outcome));
      }
      return changed;
    },
  };
}
