import type { StudyEvent } from "./events.js";
import type { Goal } from "./goal.js";
import { replicateValues, type Trial } from "./trial.js";

/**
 * The events of a log without the reports and snapshots of trials' further trainings (replicates), which begin at step 1
 * again: what schedulers, samplers and curves go by.
 *
 * @param events in order, from the log's beginning
 */
export function* ofFirstTrainings<Event extends StudyEvent>(events: Iterable<Event>): Generator<Event> {
  const isOfFirst = createFirstTrainings();
  for (const event of events) if (isOfFirst(event)) yield event;
}

/** The same for events that come one by one: tells of each whether it is one of those. */
export function createFirstTrainings(): (event: StudyEvent) => boolean {
  const replicated = new Set<number>();
  return (event) => {
    if (event.type === "replicated") replicated.add(event.trial);
    const isTraining = event.type === "reported" || event.type === "snapshot-saved";
    return !isTraining || !replicated.has(event.trial);
  };
}

/** What the trainings of a trial came to. */
export interface ReplicateSummary {
  /** How many have ended. */
  readonly ended: number;
  /** What each of them is measured by, in order. */
  readonly values: readonly number[];
  /** Their standard deviation (n - 1); undefined for fewer than two. */
  readonly deviation: number | undefined;
}

/** Summarizes the trainings of a trial; undefined for one that has had no further training. */
export function replicateSummary(trial: Trial, goal: Goal): ReplicateSummary | undefined {
  if (trial.replicates.length === 0) return undefined;
  const values = replicateValues(trial, goal);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length < 2 ? undefined : Math.sqrt(squares / (values.length - 1));
  return { ended: values.length, values, deviation };
}
