import type { Failure } from "../core/failure.js";

/** Trainings in a row that fail before their first report until a worker rests. */
const MOST_FRUITLESS = 3;
/** How long it rests then, and at most, in milliseconds; each further failure doubles it. */
const FIRST_REST = 10_000;
const LONGEST_REST = 600_000;
/** The same for trainings that the host could not start: the trouble may be over at once. */
const FIRST_HOST_REST = 1000;
const LONGEST_HOST_REST = 60_000;
/** Rests in a row, about three minutes, after which a host that starts nothing counts as broken. */
const MOST_HOST_RESTS = 8;

/** Where attempts run. */
export interface Place {
  /** The name that the log has. */
  readonly worker: string;
  /** The process that takes trials: its slots have their own names, but what goes wrong in one does so in all. */
  readonly process: string;
  readonly host: string;
}

/** What became of an attempt, as far as it tells something about its place. */
export type Outcome =
  /** The training reported something, or ended as it should. */
  | { readonly kind: "fruitful" }
  /** It failed before its first report: the training may be at fault, or the host. */
  | { readonly kind: "fruitless"; readonly error: Failure }
  /** The host could not start it. */
  | { readonly kind: "not-started"; readonly error: Failure };

/** What follows from an {@link Outcome}. */
export interface Verdict {
  /** The worker gets no trials for so many milliseconds from now on. */
  readonly rest?: number;
  /** Whether the host counts as broken: it has started nothing in all of its retries. */
  readonly isBroken?: boolean;
}

/** Where a trial has failed before its first report. */
export interface Failures {
  readonly processes: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
}

interface Standing {
  fruitless: number;
  rests: number;
  restsUntil: number;
}

/** Remembers which workers do not get trainings going, for as long as a session lasts. */
export interface WorkerHealth {
  /**
   * Takes in how an attempt ended.
   *
   * @param isAlone whether no other worker could take its trial
   * @param now milliseconds of a clock that only goes forward
   */
  observe(place: Place, trial: number, outcome: Outcome, isAlone: boolean, now: number): Verdict;
  /** Whether a worker rests. */
  isResting(place: Place, now: number): boolean;
  /** For how many milliseconds more it rests; 0 if it does not. */
  restLeft(place: Place, now: number): number;
  /** Where a trial has failed before its first report. */
  failuresOf(trial: number): Failures;
}

/** Creates the record of a session's workers. */
export function createWorkerHealth(): WorkerHealth {
  const records = new Map<string, Standing>();
  const failedAt = new Map<number, Map<string, string>>();

  const recordOf = ({ process }: Place): Standing => {
    const known = records.get(process);
    if (known !== undefined) return known;
    const record = { fruitless: 0, rests: 0, restsUntil: Number.NEGATIVE_INFINITY };
    records.set(process, record);
    return record;
  };
  const rest = (record: Standing, first: number, longest: number, now: number): number => {
    const length = Math.min(longest, first * 2 ** record.rests);
    record.rests += 1;
    record.restsUntil = now + length;
    return length;
  };

  const restLeft = ({ process }: Place, now: number): number =>
    Math.max(0, (records.get(process)?.restsUntil ?? now) - now);

  return {
    observe: (place, trial, outcome, isAlone, now) => {
      const record = recordOf(place);
      if (outcome.kind === "fruitful") {
        records.delete(place.process);
        failedAt.delete(trial);
        return {};
      }
      failedAt.set(trial, (failedAt.get(trial) ?? new Map<string, string>()).set(place.process, place.host));
      // Of trainings that ended together, one counts.
      if (record.restsUntil > now) return {};
      if (outcome.kind === "not-started") {
        if (record.rests >= MOST_HOST_RESTS && isAlone) return { isBroken: true };
        return { rest: rest(record, FIRST_HOST_REST, LONGEST_HOST_REST, now) };
      }
      record.fruitless += 1;
      if (record.fruitless < MOST_FRUITLESS || isAlone) return {};
      return { rest: rest(record, FIRST_REST, LONGEST_REST, now) };
    },
    isResting: (place, now) => restLeft(place, now) > 0,
    restLeft,
    failuresOf: (trial) => {
      const places = failedAt.get(trial) ?? new Map<string, string>();
      return { processes: new Set(places.keys()), hosts: new Set(places.values()) };
    },
  };
}
