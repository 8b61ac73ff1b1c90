import type { Inheritance } from "./exploit.js";
import type { ChangingTrialNumbers } from "./number-bits.js";
import { type AttemptTiming, unknownPace } from "./pace.js";
import type { Hold } from "./request.js";
import type { FormerWorker, Study, StudyNote, TransferredStudy, Worker } from "./study.js";
import type { StudyDefinition } from "./study-definition.js";
import type { Trial, TrialState } from "./trial.js";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A trial while the log is being read. */
export interface TrialRecord
  extends Omit<Mutable<Trial>, "curve" | "inheritances" | "pauses" | "replicates"> {
  readonly pauses: number[];
  readonly inheritances: Inheritance[];
  readonly curve: CurveColumns;
  readonly replicates: { readonly seed: number; readonly curve: CurveColumns }[];
  timing: AttemptTiming | undefined;
  /** When the present attempt began, in milliseconds since 1970; undefined between attempts. */
  attemptAt: number | undefined;
}

/** A curve that grows. */
export interface CurveColumns {
  readonly steps: number[];
  readonly metrics: Map<string, (number | null)[]>;
}

/** A study while its log is being read: the same object grows with every event. */
export interface StudyRecord
  extends Omit<
    Mutable<Study>,
    | "transferred"
    | "trials"
    | "byState"
    | "askedBy"
    | "held"
    | "trialTags"
    | "notes"
    | "workers"
    | "formerWorkers"
  > {
  readonly transferred: TransferredStudy[];
  trials: TrialRecord[];
  readonly byState: Record<TrialState, ChangingTrialNumbers>;
  readonly askedBy: Map<string, number>;
  readonly held: Map<number, Hold>;
  readonly trialTags: Map<number, readonly string[]>;
  readonly notes: StudyNote[];
  readonly workers: Map<string, Worker>;
  readonly formerWorkers: Map<string, FormerWorker>;
}

/** A study with nothing but its definition, as after its first event. */
export function studyRecord(definition: StudyDefinition, time: number): StudyRecord {
  return {
    definition,
    events: 1,
    transferred: [],
    trials: [],
    byState: {
      waiting: new Set(),
      running: new Set(),
      paused: new Set(),
      complete: new Set(),
      stopped: new Set(),
      failed: new Set(),
    },
    askedBy: new Map(),
    bestReported: undefined,
    lead: undefined,
    totalSteps: 0,
    elapsed: 0,
    pace: unknownPace(),
    renewedAt: 0,
    outside: new Set(),
    halt: undefined,
    held: new Map(),
    tags: [],
    trialTags: new Map(),
    plannedBudget: undefined,
    notes: [],
    workers: new Map(),
    formerWorkers: new Map(),
    createdAt: time,
    updatedAt: time,
  };
}

/** Moves a trial into another state. */
export function enter(study: StudyRecord, trial: TrialRecord, state: TrialState): void {
  study.byState[trial.state].delete(trial.number);
  study.byState[state].add(trial.number);
  trial.state = state;
}
