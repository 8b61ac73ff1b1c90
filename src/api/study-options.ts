import type { GoalInput } from "../core/goal.js";
import type { OneOfGoals } from "../core/goals/parse-goals.js";
import type { ParamsOf, Space } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { Storage } from "../core/storage.js";
import type { Prices } from "../core/study-definition.js";
import type { TransferRequest } from "../core/transfer-request.js";
import type { samplers } from "../samplers/index.js";
import type { schedulers } from "../schedulers/index.js";

/** The samplers that can be named without options. */
export type SamplerName = Exclude<keyof typeof samplers, "list">;

/** The schedulers that can be named without options. */
export type SchedulerName = keyof typeof schedulers;

/** What a study is after: one goal, or several that count as much as each other. */
export type StudyGoals =
  | {
      /** `{ minimize: "loss" }` or `{ maximize: "accuracy" }`: a metric that every training reports. */
      readonly goal: GoalInput;
      readonly goals?: undefined;
    }
  | {
      readonly goal?: undefined;
      /** `[{ minimize: "loss" }, { minimize: "latency", reference: 100 }]`: two or more. */
      readonly goals: readonly OneOfGoals[];
    };

/** Options of `createStudy`. */
export type StudyOptions<S extends Space> = StudyGoals & StudySettings<S>;

/** Earlier trials for a study to begin with. */
export type StudyTransfer =
  | "auto"
  | readonly string[]
  | (Omit<TransferRequest, "folder"> & {
      /** Where paths of files begin; default: the working folder. */
      readonly folder?: string;
    });

/** Options of `createStudy`, without the goals. */
export interface StudySettings<S extends Space> {
  /** Identifies the study in its storage. */
  readonly name: string;
  /** The hyperparameters, by name. */
  readonly space: S;
  /**
   * Rules across params, by a name that describes them: `{ "narrows": ({ width1, width2 }) => width1 >= width2 }`; and
   * limits of metrics, by the metric: `{ memory_gb: "<= 16" }`. Trials that break a limit are worse than all that break
   * none.
   */
  readonly constraints?: Readonly<Record<string, ((params: ParamsOf<S>) => boolean) | string>>;
  /** The step at which a training is complete; schedulers that compare curves need it. */
  readonly maxSteps?: number;
  /** Its name, or its name called with options; default: `auto`, which chooses among the others by the space, the goals and `maxSteps`. */
  readonly sampler?: SamplerChoice | SamplerName;
  /** Its name, or its name called with options; default: `none`. */
  readonly scheduler?: SchedulerChoice | SchedulerName;
  /** A non-negative safe integer; default 0. The same seed proposes the same params, however many workers. */
  readonly seed?: number;
  /**
   * Where the study is kept: an open storage, or a location as in `openStorage`, which is then opened for as long as a
   * call needs it; default: in this process's memory.
   */
  readonly storage?: Storage | string;
  /** The study's own folder for snapshots; default: one in the system's folder for temporary files. */
  readonly folder?: string;
  /** Params to try first; missing ones are drawn at random. */
  readonly enqueue?: readonly Partial<ParamsOf<S>>[];
  /**
   * Earlier trials to begin with: `"auto"`, all studies of the storage that fit; or a list of names of studies and of
   * paths of .csv and .jsonl files. The best of their params are tried first, three of them unless `first` says another
   * number; the sampler `curve` and the scheduler `lcm` learn from them.
   */
  readonly transfer?: StudyTransfer;
  /** How many trainings a trial has, each with another seed; `goal.across` says what counts of them; default 1. */
  readonly replicates?: number;
  /** How often a failed trial is tried again; default 0. */
  readonly retries?: number;
  /** Seconds that one attempt may take; default: no limit. */
  readonly timeout?: number;
}

/** Options of `study.run` and `study.open`. Whichever limit is reached first ends the run. */
export interface RunOptions {
  /** Trials in total, those of earlier runs included. */
  readonly trials?: number;
  /** Seconds in total. */
  readonly time?: number;
  /** Steps in total, summed over trials. */
  readonly totalSteps?: number;
  /** The goal metric's value that is good enough: the study ends when a training reports it. */
  readonly target?: number;
  /** After this many trials without a better one, no new trials begin. */
  readonly noBetterFor?: number;
  /** No new trials begin once what they are expected to gain is worth less than they cost. */
  readonly worthwhile?: Prices;
  /** How many trials train at the same time; default 1. */
  readonly workers?: number;
  /**
   * Go on with an earlier study of this name although it had another space, other constraints, a smaller `maxSteps`, or
   * another sampler or scheduler; default false. Its trials keep counting where their params still fit, and those
   * that are not over go on with params that may no longer be of the space; an added param needs a default, the value
   * that it had in them; with a larger `maxSteps`, complete trials train on.
   */
  readonly change?: boolean;
  /**
   * Wait while another process has the study, and take it over once that process is gone or silent; default
   * false.
   */
  readonly standby?: boolean;
  /** Seconds of silence after which another process may take the study over, at least 1; default 30. */
  readonly lease?: number;
  /** Once it fires, no more trials begin, and trainings are told to pause at their next report. */
  readonly signal?: AbortSignal;
}
