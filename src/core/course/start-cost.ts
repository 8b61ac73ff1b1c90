import type { Decision } from "../decision.js";
import { type Pace, secondsPerStart, secondsPerStep } from "../pace.js";
import type { Study } from "../study.js";

/** How many pauses are waited for, so that it is known whether programs wait. */
const FIRST_PAUSES = 3;

/**
 * The part of a start, in steps, from which on a pause pays. Where each rung is three times as far as the one before and
 * one trial in three goes on, pauses at step s save two in three trials 2 s steps each, and cost the third a start:
 * less than they save from a quarter of it.
 */
const WORTH = 1 / 4;

/** The share of pauses that a start follows if the trial goes on: the others' programs wait. */
function shareOfStarts({ restarts, parked, pauses }: Pace): number {
  if (restarts + parked > 0) return restarts / (restarts + parked);
  return 1 - pauses.parked / pauses.total;
}

/** The first step at which a pause pays in a study, by what starts and steps have taken; undefined: it is not known. */
export function firstPause(pace: Pace): number | undefined {
  const [start, step] = [secondsPerStart(pace), secondsPerStep(pace)];
  if (start === undefined || step === undefined || step === 0) return undefined;
  if (pace.pauses.total < FIRST_PAUSES) return undefined;
  return (WORTH * shareOfStarts(pace) * start) / step;
}

/**
 * What a training is told instead of a decision: if the study counts starts, it is not paused so early that the start
 * which may follow costs more than the pause saves. This follows from the log alone, whose times are those of its events.
 */
export function unlessTooDear(
  { definition, pace }: Pick<Study, "definition" | "pace">,
  step: number,
  decision: Decision,
): Decision {
  if (definition.countStarts !== true || decision.action !== "pause") return decision;
  const first = firstPause(pace);
  if (first === undefined || step >= first) return decision;
  const [start = 0, each = 0] = [secondsPerStart(pace), secondsPerStep(pace)];
  const { rule } = decision.explanation;
  return {
    action: "continue",
    explanation: {
      rule: "start-cost",
      reason: `${rule} would pause at step ${step}, but a start takes as long as ${(start / each).toPrecision(3)} steps: pausing pays from step ${Math.ceil(first)}`,
      values: {
        secondsPerStart: start,
        secondsPerStep: each,
        shareOfStarts: shareOfStarts(pace),
        firstPause: first,
      },
    },
  };
}
