import type { StudyEvent } from "../core/events.js";
import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import { goalValue } from "../core/trial.js";
import { type HeldIntervals, heldIntervals } from "../forecast/held-intervals.js";
import { readTrial } from "./read-study.js";

/** The most complete trials that are looked at, the newest ones: each takes a look into the log. */
const MOST_TRIALS = 200;

/**
 * How often the intervals of a study's forecasts held so far, judged by its own complete trials. Those from before a
 * change of the study do not count: their forecasts may have been about another end.
 *
 * @param study may have forgotten its complete trials
 * @returns undefined without any such forecast
 */
export async function readHeldIntervals(
  storage: Pick<Storage, "readEvents">,
  study: Study,
): Promise<HeldIntervals | undefined> {
  const { definition, byState, renewedAt } = study;
  const complete = [...byState.complete].filter((number) => number >= renewedAt).slice(-MOST_TRIALS);
  let forecasts = 0;
  let held = 0;
  for (const number of complete) {
    const trial = await readTrial(storage, study, number);
    const end = trial === undefined ? undefined : goalValue(trial, definition.goal);
    if (end === undefined || !Number.isFinite(end)) continue;
    const events: StudyEvent[] = [];
    for await (const { event } of storage.readEvents(definition.name, { trial: number })) events.push(event);
    const found = heldIntervals(end, events);
    forecasts += found.forecasts;
    held += found.held;
  }
  return forecasts === 0 ? undefined : { forecasts, held };
}
