import type { WorkerJoined } from "./events.js";
import type { TrialNumbers } from "./number-bits.js";
import type { Pace } from "./pace.js";
import type { Hold } from "./request.js";
import type { Budget, StudyDefinition } from "./study-definition.js";
import type { Trial, TrialState } from "./trial.js";

/** Something that a person should know, from the log. */
export interface StudyNote {
  readonly trial: number | undefined;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  /** Who wrote it, or whose request was refused; undefined: Curvewise itself. */
  readonly by: string | undefined;
  readonly time: number;
}

/** A process that takes trials over the network, as it described itself when it joined. */
export interface Worker extends Omit<WorkerJoined, "type" | "worker"> {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
}

/** A worker that is gone. `coordinator-ended`: it may still be running, but without this study's coordinator. */
export interface FormerWorker extends Worker {
  readonly reason: "left" | "silent" | "coordinator-ended";
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly goneAt: number;
}

/** What another study's log keeps of a trial of an earlier study. */
export type TransferredTrial = Pick<Trial, "number" | "params" | "state" | "curve" | "inheritances">;

/** An earlier study as it was when its curves were transferred; later changes to it have no effect here. */
export interface TransferredStudy {
  readonly name: string;
  /** In the order of their numbers; not necessarily all that the study had. */
  readonly trials: readonly TransferredTrial[];
}

/** The best that a study has come to. */
export interface Lead {
  /** What the goal measures the trial by, finite. */
  readonly value: number;
  /** How many trials there were when it halted with that value. */
  readonly trials: number;
}

/** A study's state according to its log so far: read-only for samplers, schedulers, plots and reports. */
export interface Study {
  /** The definition with all later changes. */
  readonly definition: StudyDefinition;
  /** How many events this reflects. */
  readonly events: number;
  /** The earlier studies whose curves were added to this one, in that order. */
  readonly transferred: readonly TransferredStudy[];
  /**
   * Trial n is at index n. In a study with many trials whose sampler and scheduler let complete ones be forgotten, the
   * index of a forgotten trial is empty; iterating skips it, and `length` counts it.
   */
  readonly trials: readonly Trial[];
  /** The numbers of the trials in each state, in the order of entering it; ascending if trials are forgotten. */
  readonly byState: Readonly<Record<TrialState, TrialNumbers>>;
  /** How many trials each sampler proposed. */
  readonly askedBy: ReadonlyMap<string, number>;
  /** The best value of the goal metric in any report so far; undefined before a finite one. */
  readonly bestReported: number | undefined;
  /** The best value with which a trial was ever complete, stopped or paused; undefined before a finite one. */
  readonly lead: Lead | undefined;
  /** Steps reached, summed over trials. */
  readonly totalSteps: number;
  /** Seconds during which a coordinator ran the study. */
  readonly elapsed: number;
  /** How long starts and steps took. */
  readonly pace: Pace;
  /**
   * How many trials there were when the definition last changed so that its sampler and scheduler were created again
   * (see `renewsAlgorithms`); 0 if it never did.
   */
  readonly renewedAt: number;
  /**
   * The numbers of the trials whose params do not fit the present search space, because it was changed. They count in
   * every other respect.
   */
  readonly outside: ReadonlySet<number>;
  /** The connected workers, by name. */
  readonly workers: ReadonlyMap<string, Worker>;
  /** The workers that left last, by name, in the order of leaving; at most {@link MAX_FORMER_WORKERS}. */
  readonly formerWorkers: ReadonlyMap<string, FormerWorker>;
  /** Whether somebody has paused or stopped the study: no trial begins until it is resumed. */
  readonly halt: Hold | undefined;
  /** The trials that somebody has paused, or stopped while they ran: no attempt at them begins. */
  readonly held: ReadonlyMap<number, Hold>;
  /** The study's tags, and those of each trial that has any. */
  readonly tags: readonly string[];
  readonly trialTags: ReadonlyMap<number, readonly string[]>;
  /** The budget that the study was last run with, if requests have raised it since. */
  readonly plannedBudget: Budget | undefined;
  /** The newest notes, oldest first; at most {@link MAX_NOTES}. */
  readonly notes: readonly StudyNote[];
  /** The times of the first and the newest event, in milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** How many former workers a study keeps in memory; the log keeps all. */
export const MAX_FORMER_WORKERS = 1000;

/** How many notes a study keeps in memory; the log keeps all. */
export const MAX_NOTES = 200;
