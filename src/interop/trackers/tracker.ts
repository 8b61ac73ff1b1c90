import type { StudyEvent } from "../../core/events.js";
import type { StudyDefinition } from "../../core/study-definition.js";

/** What a tracker is opened for. */
export interface TrackedStudy {
  readonly definition: StudyDefinition;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/**
 * Where another tool shows a study. It is told the whole log from its beginning, in order, each time it is opened, and
 * finds out by itself what is already there.
 */
export interface Tracker {
  /** For messages: `MLflow at http://localhost:5000`. */
  readonly name: string;
  /** Takes note of an event; sends nothing. */
  observe(event: StudyEvent): void;
  /** Sends what was noted. If it throws, it may be called again, and goes on where it was. */
  flush(): Promise<void>;
  /** Sends what was told so far. If it throws, it may be called again. */
  rest(): Promise<void>;
}

/**
 * Opens a tracker.
 *
 * @param givenUp once it fires, nobody waits for the tracker any longer: what it is sending ends at once
 */
export type OpenTracker = (study: TrackedStudy, givenUp?: AbortSignal) => Tracker;

/** The name of a metric of a trial's further trainings, so that their curves do not mix. */
export const replicateMetric = (metric: string, replicate: number): string =>
  replicate === 0 ? metric : `replicate-${replicate + 1}/${metric}`;
