import type { EventBody } from "./events.js";
import type { Study } from "./study.js";
import type { Trial } from "./trial.js";

/** The number of the trial that an event is about; undefined if it is about none. */
export function trialNumberOf(event: EventBody): number | undefined {
  return "trial" in event ? event.trial : undefined;
}

/** The trial that an event is about; undefined if it is about none. */
export function trialOf(event: EventBody, { trials }: Study): Trial | undefined {
  const number = trialNumberOf(event);
  return number === undefined ? undefined : trials[number];
}
