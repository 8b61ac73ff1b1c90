import type { Action } from "./decision.js";
import type { Metrics } from "./events.js";
import type { Failure } from "./failure.js";
import type { Params } from "./param.js";

/** The part of an `AbortSignal` that launchers use; every `AbortSignal` is one. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** One attempt at a trial, as a launcher gets it. */
export interface Assignment {
  readonly study: string;
  readonly trial: number;
  readonly attempt: number;
  readonly params: Params;
  /** For the training's own randomness, in [0, 2^31). */
  readonly seed: number;
  readonly maxSteps: number | undefined;
  /** The trial's own folder, absolute; it exists. */
  readonly folder: string;
  /** The snapshot to go on from: an absolute path, its digest verified. */
  readonly resume: { readonly step: number; readonly path: string } | undefined;
  /** Seconds that the attempt may take. */
  readonly timeout: number | undefined;
  /** How often, in steps, the training should save a snapshot on its own; absent: only when told to pause. */
  readonly snapshotEvery?: number;
  /**
   * The training waits in the launcher since the attempt before, and goes on without a start. If it is gone, the
   * attempt is `released` and the trial started anew.
   */
  readonly parked?: true;
}

/** A training that was told to pause and waits in a launcher's memory, by the attempt that ended so. */
export interface ParkedTraining {
  readonly trial: number;
  readonly attempt: number;
}

/** Told instead of a plain action: load another trial's model, and train on with these params. */
export interface ExploitAnswer {
  readonly action: "exploit";
  /** All params from now on. */
  readonly params: Params;
  /** The model: an absolute path in the trial's own folder, its digest verified. The next step is `step + 1`. */
  readonly resume: { readonly step: number; readonly path: string };
}

/** The answer to a report. */
export type ReportAnswer = Exclude<Action, "exploit"> | ExploitAnswer;

/** How a running attempt talks to the coordinator. Every promise resolves once its message is durable. */
export interface TrialChannel {
  /**
   * Reports metrics at a step; returns what to do next.
   *
   * @param canExploit whether the training can go on with another trial's model without a restart; if not, it is told
   *   to stop, and the trial begins again from that model
   * @throws CurvewiseError `REPORT_INVALID`, `STEP_NOT_INCREASING` and the like: the report was refused, but the
   *   training may go on
   */
  report(step: number, metrics: Metrics, canExploit?: boolean): Promise<ReportAnswer>;
  /**
   * Announces a saved model.
   *
   * @param path absolute, or relative to the trial's folder
   * @throws CurvewiseError `SNAPSHOT_INVALID` when the file is missing or outside the trial's folder
   */
  snapshot(step: number, path: string): Promise<void>;
  /** Tells the user about something odd; each code is kept once per attempt. */
  note(note: Failure): void;
  /** Signals that the attempt should save and end at its next report. */
  readonly interrupted: StopSignal;
}

/** How an attempt ended. */
export type AttemptEnd =
  /** The training ended by itself, or as the last answer to a report told it to. */
  | {
      readonly kind: "ended";
      /** The program printed its last step although it was told to stop: it trained to its end. */
      readonly unspared?: true;
      /** It was told to pause, and waits in the launcher's memory: see {@link Launcher.parked}. */
      readonly parked?: true;
    }
  /** The training failed. `output`: its last lines, at most 100. */
  | { readonly kind: "failed"; readonly error: Failure; readonly output: readonly string[] }
  /** The host could not start the training: its disk is full, for example. Its trial waits for another worker. */
  | { readonly kind: "not-started"; readonly error: Failure }
  /**
   * The attempt was given back, or its worker is gone, through no fault of the training. Its trial goes on later,
   * unless its end had been decided or its last step reached.
   */
  | { readonly kind: "released"; readonly reason: "interrupted" | "lost" };

/** Runs attempts somewhere: as child processes, functions, or jobs of a batch system. */
export interface Launcher {
  /** For messages and the log: `local`. */
  readonly name: string;
  /** How many attempts it can run at the same time. */
  readonly slots: number;
  /**
   * Runs one attempt to its end. It never rejects because the training failed: that is a `failed` end.
   *
   * When `channel.interrupted` fires, the training is asked to save and end (over its protocol if it has one, else by
   * SIGTERM). When `kill` fires, it is ended at once. Either way the promise resolves once nothing of it is running any
   * more.
   *
   * @param slot which slot to use, in [0, slots)
   */
  run(assignment: Assignment, channel: TrialChannel, slot: number, kill: StopSignal): Promise<AttemptEnd>;
  /**
   * The trainings of a study that wait in memory at the moment. A paused trial goes on in one of them by an assignment
   * with {@link Assignment.parked}. Any other attempt at the trial ends it first.
   */
  parked?(study: string): readonly ParkedTraining[];
  /**
   * Ends a training that waits, or all of a study, as if they had ended at their pause; resolves when they are gone.
   *
   * @param atOnce does not let them end by themselves
   */
  unpark?(study: string, which?: ParkedTraining, atOnce?: boolean): Promise<void>;
  /** Ends whatever an earlier coordinator left running of this attempt, if it can be found. */
  reap?(folder: string): Promise<void>;
  /** Releases all resources. */
  close(): Promise<void>;
}
