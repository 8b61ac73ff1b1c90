import type { Action, Explanation } from "./decision.js";
import type { Exploit } from "./exploit.js";
import type { Failure } from "./failure.js";
import type { Json, JsonNumber } from "./json.js";
import type { Params, Space } from "./param.js";
import type {
  AlgorithmChoice,
  AlgorithmModule,
  Budget,
  ProgramDefinition,
  StudyDefinition,
} from "./study-definition.js";
import type { TrialState } from "./trial.js";

/** How many metrics one report may carry. */
export const MAX_METRICS = 256;
/** How many characters a metric's name may have. */
export const MAX_METRIC_NAME = 200;

/** Metrics by name at one step. NaN and infinities are legal: a diverged training. */
export type Metrics = Readonly<Record<string, number>>;

/** The first event of every study. */
export interface StudyCreated {
  readonly type: "study-created";
  readonly definition: StudyDefinition;
}
/** A coordinator took the study; the study's clock runs from here to the session's last event. */
export interface StudyOpened {
  readonly type: "study-opened";
  readonly host: string;
  readonly pid: number;
}
/** What may change in a study that exists. Only the named parts change. */
export interface StudyChanged {
  readonly type: "study-changed";
  readonly budget?: Budget;
  readonly program?: ProgramDefinition;
  readonly retries?: number;
  /** Seconds; null removes the limit. */
  readonly timeout?: number | null;
  /** Where the sampler and the scheduler are loaded from now on; what is not named stays. */
  readonly modules?: { readonly sampler?: AlgorithmModule; readonly scheduler?: AlgorithmModule };
  /** The whole new search space: params may be added to the old one, but not removed. */
  readonly space?: Space;
  /** The names of all constraints, in order. */
  readonly constraints?: readonly string[];
  /** More than before. */
  readonly maxSteps?: number;
  /** Another sampler or scheduler, or other options of it. */
  readonly sampler?: AlgorithmChoice;
  readonly scheduler?: AlgorithmChoice;
  /**
   * The values that added params had in earlier trials, params after those that their conditions name. Each trial in
   * which the param's condition holds is given its value.
   */
  readonly filled?: Params;
  /** Trials that were complete at the old `maxSteps`, and the state in which they wait to be trained further. */
  readonly reopened?: Reopened;
  /** Who asked for it while the study ran; absent: it was run again with another definition. */
  readonly by?: string;
}
/** See {@link StudyChanged}. */
export interface Reopened {
  readonly trials: readonly number[];
  readonly state: "waiting" | "paused";
}
/**
 * Learning curves of an earlier study were added to this one, as they were at that moment. Columns have one entry per
 * point of the curve; numbers that JSON lacks are words.
 */
export interface CurvesTransferred {
  readonly type: "curves-transferred";
  /** The earlier study's name. */
  readonly study: string;
  /** Lists of reported steps; each curve's steps are the beginning of one of these. */
  readonly steps: readonly (readonly number[])[];
  readonly trials: readonly {
    readonly trial: number;
    readonly params: Params;
    readonly state: TrialState;
    /** The index of its list in {@link CurvesTransferred.steps}, and how many of its steps belong to the curve. */
    readonly steps: number;
    readonly points: number;
    readonly metrics: Readonly<Record<string, readonly (JsonNumber | null)[]>>;
  }[];
}
/** A trial was made; it waits for a worker. Numbers count from 0 without gaps. */
export interface TrialAsked {
  readonly type: "trial-asked";
  readonly trial: number;
  readonly params: Params;
  /** The seed passed to the training, in [0, 2^31). */
  readonly seed: number;
  /** Which sampler proposed it; of an imported trial, the tool. */
  readonly sampler: string;
  /** What else the tool recorded of an imported trial, by its own names. */
  readonly attributes?: Readonly<Record<string, Json>>;
  /** Who asked for it while the study ran. */
  readonly by?: string;
}
/** A worker began to train a trial. Attempts of a trial count from 1. */
export interface AttemptStarted {
  readonly type: "attempt-started";
  readonly trial: number;
  readonly attempt: number;
  readonly worker: string;
  /** The step of the snapshot that it goes on from; 0: from the beginning. */
  readonly fromStep: number;
  /** Nothing was started: the program of the attempt before had waited, and goes on after that attempt's last step. */
  readonly parked?: true;
}
/** Metrics at a step. Within a trial steps strictly increase. */
export interface Reported {
  readonly type: "reported";
  readonly trial: number;
  readonly attempt: number;
  readonly step: number;
  readonly metrics: Metrics;
}
/** Metrics from an attempt that had already been given up: kept as data, never acted on. */
export interface ReportedLate {
  readonly type: "reported-late";
  readonly trial: number;
  readonly attempt: number;
  readonly step: number;
  readonly metrics: Metrics;
}
/** What the scheduler (or the budget) decided at a report, and why. */
export interface Decided {
  readonly type: "decided";
  readonly trial: number;
  readonly attempt: number;
  readonly step: number;
  readonly action: Action;
  readonly explanation: Explanation;
  /** With the action `exploit`: what the trial goes on with. */
  readonly exploit?: Exploit;
}
/** The training saved its state. `path` is relative to the study's folder. */
export interface SnapshotSaved {
  readonly type: "snapshot-saved";
  readonly trial: number;
  readonly attempt: number;
  readonly step: number;
  readonly path: string;
  /** SHA-256 of the file, in hexadecimal. */
  readonly digest: string;
  readonly bytes: number;
}
/** The attempt ended because the scheduler paused the trial. */
export interface Paused {
  readonly type: "paused";
  readonly trial: number;
  readonly attempt: number;
  /** Its program did not end but waits, so that the trial may go on without a start. */
  readonly parked?: true;
}
/**
 * The scheduler resumed a paused trial, which waits for a worker. With `exploit` it goes on with another trial's model,
 * and may be one that had failed.
 */
export interface Resumed {
  readonly type: "resumed";
  readonly trial: number;
  readonly explanation?: Explanation;
  readonly exploit?: Exploit;
  /** The scheduler was asked because no new trial could begin; absent otherwise. */
  readonly closed?: true;
}
/**
 * The parent's snapshot was copied, and the copy's digest was verified: the trial now has that model and these params.
 */
export interface Exploited {
  readonly type: "exploited";
  readonly trial: number;
  readonly parent: number;
  /** The copied model's step. */
  readonly step: number;
  /** The goal metric that the parent reported for it. */
  readonly value: number;
  /** The copy, relative to the study's folder. */
  readonly path: string;
  /** SHA-256 of the copy, in hexadecimal. */
  readonly digest: string;
  readonly params: Params;
}
/** The parent's snapshot was missing or changed, or could not be copied: the trial keeps its own model and params. */
export interface ExploitFailed {
  readonly type: "exploit-failed";
  readonly trial: number;
  readonly parent: number;
  /** The snapshot that could not be copied, relative to the study's folder. */
  readonly path: string;
  readonly reason: string;
  /** The snapshot is as it was saved: what failed was the writing of a copy. Otherwise the parent has lost it. */
  readonly sourceIntact?: true;
}
/** The attempt ended, and the trial with it. */
export interface Finished {
  readonly type: "finished";
  readonly trial: number;
  readonly attempt: number;
  readonly state: "complete" | "stopped";
  /** A stopped training whose program went on to its last step: stopping it saved nothing. */
  readonly unspared?: true;
}
/** The attempt ended, and with it a training of the trial, which waits for its next one: with another seed. */
export interface Replicated {
  readonly type: "replicated";
  readonly trial: number;
  readonly attempt: number;
  /** The seed of the next training, in [0, 2^31). */
  readonly seed: number;
}
/** The attempt failed; with `retry` the trial waits for another one. */
export interface Failed {
  readonly type: "failed";
  readonly trial: number;
  readonly attempt: number;
  readonly error: Failure;
  /** The last lines that the program printed, at most 100. */
  readonly output: readonly string[];
  readonly retry: boolean;
}
/** The attempt was given back through no fault of the training: its trial waits and goes on later. */
export interface Released {
  readonly type: "released";
  readonly trial: number;
  readonly attempt: number;
  /** `host`: the trouble seems to be the host's; other workers get the trial first. `request`: somebody asked for it. */
  readonly reason: "interrupted" | "lost" | "budget" | "host" | "request";
  /** What went wrong on the host. */
  readonly error?: Failure;
}
/** A failed trial is tried again because the user asked for it. */
export interface Retried {
  readonly type: "retried";
  readonly trial: number;
}
/** A process on some host connected to take trials. A lost one may rejoin under the same name. */
export interface WorkerJoined {
  readonly type: "worker-joined";
  readonly worker: string;
  readonly host: string;
  readonly pid: number;
  /** How many trials it trains at the same time. */
  readonly slots: number;
  /** The GPUs that it reports, one entry per slot; empty if it reports none. */
  readonly gpus: readonly string[];
  /** What it reports about itself, such as its rank or its job's id in a batch system. */
  readonly labels: Readonly<Record<string, string>>;
}
/** A worker is gone. `left`: it said so; `silent`: nothing was heard from it for the length of its lease. */
export interface WorkerLost {
  readonly type: "worker-lost";
  readonly worker: string;
  readonly reason: "left" | "silent";
  readonly message: string;
}
/** Something a person should know. */
export interface Note {
  readonly type: "note";
  readonly trial?: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Who wrote it, or whose request was refused; absent: Curvewise itself. */
  readonly by?: string;
}
/**
 * Somebody asked to pause, resume or stop the study or, with a number, one of its trials. A trial that is not running
 * is stopped by the event itself; of running ones, and of a paused study, the attempts end later.
 */
export interface Requested {
  readonly type: "requested";
  readonly by: string;
  readonly action: "pause" | "resume" | "stop";
  readonly trial?: number;
}
/** Somebody asked that the coordinator's own launcher train as many trials at the same time, until the session ends. */
export interface WorkersSet {
  readonly type: "workers-set";
  readonly by: string;
  readonly workers: number;
}
/** Somebody changed the tags of the study or, with a number, of one of its trials. */
export interface Tagged {
  readonly type: "tagged";
  readonly by: string;
  readonly trial?: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Everything that can happen in a study. */
export type EventBody =
  | StudyCreated
  | StudyOpened
  | StudyChanged
  | CurvesTransferred
  | TrialAsked
  | AttemptStarted
  | Reported
  | ReportedLate
  | Decided
  | SnapshotSaved
  | Paused
  | Resumed
  | Exploited
  | ExploitFailed
  | Finished
  | Replicated
  | Failed
  | Released
  | Retried
  | WorkerJoined
  | WorkerLost
  | Note
  | Requested
  | WorkersSet
  | Tagged;

/** An event with its time, in milliseconds since 1970 by the coordinator's clock. */
export type StudyEvent = EventBody & { readonly time: number };
