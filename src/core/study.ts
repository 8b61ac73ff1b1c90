import type { StudyDefinition } from "./study-definition.js";
import type { Trial, TrialState } from "./trial.js";

/** Something that a person should know, as the log tells it. */
export interface StudyNote {
  readonly trial: number | undefined;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly time: number;
}

/** A study as its log tells it so far: read-only for samplers, schedulers, plots and reports. */
export interface Study {
  /** The definition with all later changes. */
  readonly definition: StudyDefinition;
  /** How many events are behind this. */
  readonly events: number;
  /** Trial n is at index n. */
  readonly trials: readonly Trial[];
  /** The numbers of the trials in a state, lowest first is not guaranteed: the order is that of entering it. */
  readonly byState: Readonly<Record<TrialState, ReadonlySet<number>>>;
  /** Steps reached, summed over trials. */
  readonly totalSteps: number;
  /** Seconds during which a coordinator worked on the study. */
  readonly elapsed: number;
  /** The newest notes, oldest first, at most {@link MAX_NOTES}. */
  readonly notes: readonly StudyNote[];
  /** The moment of the first and the newest event, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** How many notes a study keeps at hand; the log keeps all. */
export const MAX_NOTES = 200;
