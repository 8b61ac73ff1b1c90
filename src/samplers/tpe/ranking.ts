import type { Outcome, Outcomes } from "../../forecast/outcomes.js";

/** An outcome whose cost is known or forecast. */
export type Ranked = Outcome & { readonly cost: number };

/** The trials of a study, divided into good ones and all others. */
export interface Division {
  /** The good ones by number; none of them failed or diverged. */
  readonly good: readonly Ranked[];
  /** The cost of the best of the others whose training has halted; infinite if all of these are. */
  readonly next: number;
  /** How many trials have a finite cost. */
  readonly finite: number;
}

const isBefore = (a: Ranked, b: Ranked): boolean => (a.cost === b.cost ? a.trial < b.trial : a.cost < b.cost);
const hasCost = (outcome: Outcome): outcome is Ranked => outcome.cost !== undefined;

/**
 * Ranks the trials that are not in flight, by their costs or the forecasts of them; of equals, the earlier is the better.
 * Failed and diverged ones are last. Only the best ones are kept in order.
 *
 * @param outcomes of the study's trials
 * @param most how many trials are good at most
 */
export function createRanking(outcomes: Outcomes, most: number) {
  /** The best of the settled ones, and one more. */
  let best: Ranked[] = [];
  let seen = 0;
  let finite = 0;
  let revision = outcomes.revision;

  const takeIn = (outcome: Outcome): void => {
    if (!hasCost(outcome) || outcome.cost === Number.POSITIVE_INFINITY) return;
    finite += 1;
    let place = best.length;
    while (place > 0) {
      const before = best[place - 1];
      if (before !== undefined && isBefore(before, outcome)) break;
      place -= 1;
    }
    if (place > most) return;
    best.splice(place, 0, outcome);
    if (best.length > most + 1) best.pop();
  };

  const catchUp = (): void => {
    const { settled } = outcomes;
    if (outcomes.revision !== revision) {
      revision = outcomes.revision;
      best = [];
      seen = 0;
      finite = 0;
    }
    for (; seen < settled.length; seen++) {
      const outcome = settled[seen];
      if (outcome !== undefined) takeIn(outcome);
    }
  };

  return {
    /** @param countOf how many trials are to be good, of so many that are not in flight */
    divide: (countOf: (ranked: number) => number): Division => {
      catchUp();
      const halted = outcomes
        .open()
        .filter((outcome) => !outcome.isInFlight)
        .filter(hasCost);
      const open = halted.filter(({ cost }) => cost < Number.POSITIVE_INFINITY);
      const ranked = [...best, ...open].sort((a, b) => (isBefore(a, b) ? -1 : 1));
      const count = Math.min(most, countOf(seen + halted.length));
      return {
        good: ranked.slice(0, count).sort((a, b) => a.trial - b.trial),
        next: ranked[count]?.cost ?? Number.POSITIVE_INFINITY,
        finite: finite + open.length,
      };
    },
  };
}
