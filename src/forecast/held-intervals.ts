import type { StudyEvent } from "../core/events.js";

/** How many in a hundred ends the intervals of forecasts are made to hold. */
export const INTERVAL_PERCENT = 80;

/** How often the intervals of forecasts held. */
export interface HeldIntervals {
  /** How many forecasts were made of trials whose ends are known. */
  readonly forecasts: number;
  /** Of how many the interval held the end. */
  readonly held: number;
}

/**
 * How often the intervals held that were forecast for one trial. A forecast is made where the trial reaches a rung; of
 * several at one rung, as after a crash, the first counts.
 *
 * @param end what the study measures the trial by, now that its training is complete
 * @param events the trial's own, in order
 */
export function heldIntervals(end: number, events: Iterable<StudyEvent>): HeldIntervals {
  const holds = new Map<number, boolean>();
  for (const event of events) {
    if (event.type !== "decided") continue;
    const { rung = event.step, low, high } = event.explanation.values;
    if (low === undefined || high === undefined || holds.has(rung)) continue;
    holds.set(rung, low <= end && end <= high);
  }
  return { forecasts: holds.size, held: [...holds.values()].filter(Boolean).length };
}
