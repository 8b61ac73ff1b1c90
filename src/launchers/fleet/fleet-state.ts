import type { EventOf, StateOf } from "../../core/state-table.js";
import type { BatchJob, SubmittedJob } from "../batch-system.js";
import type { FleetJob } from "./fleet-file.js";
import type { Pace } from "./pace.js";

/** What is known of a fleet, whatever it is at. */
export interface Fleet {
  /** The batch system's name, and the seconds in which it may not list a new job yet. */
  readonly batch: { readonly name: string; readonly settling: number };
  readonly wanted: number;
  readonly jobs: readonly FleetJob[];
  readonly pace: Pace;
  /** Whether the batch system answered when it was last asked. */
  readonly isReached: boolean;
  /** Whether anything was ever handed in: the user must fix a first refusal, but a later one may pass. */
  readonly isAccepted: boolean;
  /** What was told and is not told again. */
  readonly told: ReadonlySet<string>;
}

/** Of a fleet that is kept: the pause before the next look, in milliseconds, and the jobs that the last one showed. */
export interface Watch {
  readonly fleet: Fleet;
  readonly pause: number;
  readonly shown: string;
}

/** Of a fleet that ends. */
export interface Closing {
  readonly fleet: Fleet;
  /** When it began, in milliseconds of a clock that only goes forward. */
  readonly begun: number;
  /** Whether its workers may take their time to leave by themselves, since nothing is left to do. */
  readonly isPatient: boolean;
  readonly isKilled: boolean;
  /** Whether the batch system took the order to end all jobs. */
  readonly isCancelled: boolean;
  /** Why the fleet ends, where something failed. */
  readonly failure?: { readonly error: unknown };
}

/** How a fleet is to end that still waits for an answer of the batch system. */
export interface Settled {
  readonly isFinished: boolean;
  readonly isKilled: boolean;
}

/** A {@link Watch} in which something was asked of the batch system whose answer must not be lost. */
export interface Asking extends Watch {
  /** The end that was asked for meanwhile. */
  readonly settled?: Settled;
}

/** What a fleet may be at. Each state but the last one waits for one thing, which its name tells. */
export interface FleetStates {
  /** Waits to be told what became of the jobs of an earlier run. */
  readonly "taking over": Watch;
  /** Waits for the state of the jobs. */
  readonly looking: Watch;
  /** Waits until jobs that are too many are asked to end. */
  readonly shrinking: Asking & { readonly surplus: readonly FleetJob[] };
  /** Waits until jobs that were asked to end, long ago, are ended. */
  readonly insisting: Asking & { readonly stubborn: readonly FleetJob[] };
  /** Waits until missing workers are handed in. */
  readonly submitting: Asking & { readonly count: number };
  /** Waits for the reason why workers fail, from the output of a job. */
  readonly "giving up": Asking & { readonly job: string };
  /** Waits until it is time to look again. */
  readonly pausing: Watch;
  /** Waits to be told which jobs are left. */
  readonly closing: Closing;
  /** Waits until jobs are cancelled: all of them, or those that wait for a node. */
  readonly cancelling: Closing & { readonly jobs: readonly FleetJob[]; readonly isAll: boolean };
  /** Waits until it is time to see which jobs are left. */
  readonly leaving: Closing & { readonly pause: number };
  /** No job is left, or those that are can be taken over by another coordinator. */
  readonly over: {
    readonly fleet: Fleet;
    readonly isGone: boolean;
    readonly failure?: { readonly error: unknown };
  };
}

/** What may happen to a fleet. */
export interface FleetEvents {
  /** The batch system told of the jobs. */
  readonly listed: { readonly jobs: readonly BatchJob[] };
  /** It took the order to cancel. */
  readonly cancelled: object;
  /** It took new jobs. */
  readonly submitted: { readonly jobs: readonly SubmittedJob[] };
  /** What was waited for failed, or the fleet's file could not be written. */
  readonly failed: { readonly error: unknown };
  /** A pause is over. */
  readonly woken: object;
  /** Another number of workers is asked for. */
  readonly scaled: { readonly workers: number };
  /** Nothing is left to do; unless it is finished, the study was interrupted. */
  readonly settled: { readonly isFinished: boolean };
  /** Everything is to end at once. */
  readonly killed: object;
}

/** What a fleet is at. */
export type FleetState<Name extends keyof FleetStates = keyof FleetStates> = StateOf<FleetStates, Name>;
/** Something that happens to a fleet. */
export type FleetEvent<Name extends keyof FleetEvents = keyof FleetEvents> = EventOf<FleetEvents, Name>;

/** When something happens. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock: number;
}

/** What a person is told; with `lastWords`, the last lines of that job's output follow. */
export interface Notice {
  readonly text: string;
  readonly lastWords?: string;
}

/** What something comes to: the fleet's next state, and what is to be told. */
export interface FleetStep {
  readonly state: FleetState;
  readonly notices: readonly Notice[];
}
