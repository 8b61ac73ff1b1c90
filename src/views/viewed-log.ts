import type { StudyEvent } from "../core/events.js";
import { createFirstTrainings } from "../core/replicates.js";
import type { Study } from "../core/study.js";
import type { Report } from "../plots/index.js";
import { createNumberColumn } from "./number-column.js";

/** A trial on a worker, from the attempt's start to its end. */
export interface ViewedAttempt {
  readonly trial: number;
  readonly worker: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Undefined while it runs. One that a coordinator's death cut short ends with the last event before that. */
  to: number | undefined;
}

/** By the number of a trial that somebody asked for while the study ran: who. */
export type AskedFor = ReadonlyMap<number, string>;

/** What the page shows of a study's log beyond its fold: little, however long the log is. */
export interface ViewedLog {
  /** Every report of the goal metric of first trainings, in the order of the log. */
  readonly reports: Iterable<Report>;
  readonly attempts: readonly ViewedAttempt[];
  readonly askedFor: AskedFor;
  /** Models that were copied, and copies that failed, in the order of the log. */
  readonly copies: readonly StudyEvent[];
  /** The place in the log of the newest event that changed a trial's curve or state; 0 for an unknown trial. */
  changedAt(trial: number): number;
}

/** A {@link ViewedLog} that takes a log event by event. */
export interface GrowingLog extends ViewedLog {
  /** @param sequence the event's place in the log, from 1 */
  add(event: StudyEvent, sequence: number): void;
}

const ENDS: ReadonlySet<StudyEvent["type"]> = new Set([
  "paused",
  "finished",
  "replicated",
  "failed",
  "released",
]);

/** Creates one for a study whose definition is known. */
export function createViewedLog({ goal }: Study["definition"]): GrowingLog {
  const { metric } = goal;
  const [trials, steps, values] = [createNumberColumn(), createNumberColumn(), createNumberColumn()];
  const attempts: ViewedAttempt[] = [];
  const open = new Map<number, ViewedAttempt>();
  const changed: number[] = [];
  const askedFor = new Map<number, string>();
  const copies: StudyEvent[] = [];
  const isOfFirst = createFirstTrainings();
  let latest = 0;

  function* reports(): Generator<Report> {
    for (let place = 0; place < trials.size(); place++) {
      yield { trial: trials.at(place), step: steps.at(place), metrics: { [metric]: values.at(place) } };
    }
  }

  return {
    reports: { [Symbol.iterator]: reports },
    attempts,
    askedFor,
    copies,
    changedAt: (trial) => changed[trial] ?? 0,
    add: (event, sequence) => {
      if ("trial" in event && event.trial !== undefined) changed[event.trial] = sequence;
      if (event.type === "trial-asked" && event.by !== undefined) askedFor.set(event.trial, event.by);
      if (event.type === "exploited" || event.type === "exploit-failed") copies.push(event);
      if (event.type === "study-changed")
        for (const trial of event.reopened?.trials ?? []) changed[trial] = sequence;
      // What its coordinator left open ended with the last event before.
      if (event.type === "study-opened") for (const attempt of open.values()) attempt.to = latest;
      latest = Math.max(latest, event.time);
      if (event.type === "attempt-started") {
        const attempt = { trial: event.trial, worker: event.worker, from: event.time, to: undefined };
        open.set(event.trial, attempt);
        attempts.push(attempt);
      } else if (ENDS.has(event.type) && "trial" in event && event.trial !== undefined) {
        const attempt = open.get(event.trial);
        if (attempt !== undefined) attempt.to ??= event.time;
        open.delete(event.trial);
      } else if (event.type === "reported" && isOfFirst(event)) {
        trials.push(event.trial);
        steps.push(event.step);
        values.push(event.metrics[metric] ?? Number.NaN);
      } else isOfFirst(event);
    },
  };
}
