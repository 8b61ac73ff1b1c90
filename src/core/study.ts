import type { WorkerJoined } from "./events.js";
import type { TrialNumbers } from "./number-bits.js";
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

/** A process that takes trials over the network, as it told of itself when it joined. */
export interface Worker extends Omit<WorkerJoined, "type" | "worker"> {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
}

/** A worker that is there no more. `coordinator-ended`: it may have gone on, but without this study's coordinator. */
export interface FormerWorker extends Worker {
  readonly reason: "left" | "silent" | "coordinator-ended";
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly goneAt: number;
}

/** A trial of an earlier study, as far as another study's log keeps it. */
export type TransferredTrial = Pick<Trial, "number" | "params" | "state" | "curve" | "inheritances">;

/** An earlier study as it stood when its curves were transferred: what becomes of it later changes nothing here. */
export interface TransferredStudy {
  readonly name: string;
  /** In the order of their numbers; not all that the study had. */
  readonly trials: readonly TransferredTrial[];
}

/** A study as its log tells it so far: read-only for samplers, schedulers, plots and reports. */
export interface Study {
  /** The definition with all later changes. */
  readonly definition: StudyDefinition;
  /** How many events are behind this. */
  readonly events: number;
  /** The earlier studies whose curves joined this one, in the order in which they did. */
  readonly transferred: readonly TransferredStudy[];
  /**
   * Trial n is at index n. In a study with many trials whose sampler and scheduler let complete ones be forgotten, nothing is at
   * the index of such a trial; going through them skips it, and `length` counts it.
   */
  readonly trials: readonly Trial[];
  /** The numbers of the trials in a state, in the order of entering it; ascending where trials are forgotten. */
  readonly byState: Readonly<Record<TrialState, TrialNumbers>>;
  /** How many trials each sampler proposed. */
  readonly askedBy: ReadonlyMap<string, number>;
  /** Steps reached, summed over trials. */
  readonly totalSteps: number;
  /** Seconds during which a coordinator worked on the study. */
  readonly elapsed: number;
  /** The workers that are there, by name. */
  readonly workers: ReadonlyMap<string, Worker>;
  /** The workers that went last, by name, in the order of their going, at most {@link MAX_FORMER_WORKERS}. */
  readonly formerWorkers: ReadonlyMap<string, FormerWorker>;
  /** The newest notes, oldest first, at most {@link MAX_NOTES}. */
  readonly notes: readonly StudyNote[];
  /** The moment of the first and the newest event, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** How many workers that went a study keeps at hand; the log keeps all. */
export const MAX_FORMER_WORKERS = 1000;

/** How many notes a study keeps at hand; the log keeps all. */
export const MAX_NOTES = 200;
