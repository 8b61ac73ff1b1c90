import { ofFields } from "./fields.js";
import type { Goal } from "./goal.js";
import type { Json } from "./json.js";
import type { MetricReading } from "./metric-reading.js";
import type { Space } from "./param.js";

/** Where an algorithm that is not built in was loaded from, so that a replay knows what to load. */
export interface AlgorithmModule {
  /** As the study names it: a path or a package. */
  readonly specifier: string;
  /** The folder from which it was resolved, absolute. */
  readonly folder: string;
  /** SHA-256 over the module's file and the files that it imports by relative paths, in hexadecimal. */
  readonly digest: string;
  /** The version of the package; absent for a file. */
  readonly version?: string;
}

/** The names that a study can have. Its folder has the same name, so none leads out of the folder above it. */
export const STUDY_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** What {@link STUDY_NAME} demands, in words. */
export const STUDY_NAME_RULE =
  "must be at most 128 letters, digits, `.`, `_` and `-`, and not begin with `.` or `-`";

/** The maximum number of workers of a study, far above what was measured. */
export const MOST_WORKERS = 100_000;

/** An algorithm by its name, with its options (all defaults filled in). */
export interface AlgorithmChoice {
  readonly name: string;
  readonly options: { readonly [option: string]: Json };
  /** Absent for built-in algorithms and for those created by a program. */
  readonly module?: AlgorithmModule;
}

/** Where an algorithm comes from, in readable form, with the first digits of its digest. */
export function moduleText({ specifier, version, digest }: AlgorithmModule): string {
  return `${specifier}${version === undefined ? "" : ` ${version}`}, SHA-256 ${digest.slice(0, 12)}...`;
}

/** What a log records about a chosen sampler or scheduler. */
export function recordedChoice({ name, options, module }: AlgorithmChoice): AlgorithmChoice {
  return ofFields<AlgorithmChoice>({ name, options, module });
}

/** When a study is over: at whichever limit comes first. An absent limit is no limit. */
export interface Budget {
  /** Trials created, however they ended. */
  readonly trials?: number;
  /** Seconds during which a coordinator ran the study. */
  readonly time?: number;
  /** Steps reached, summed over trials; steps that had to be trained again do not count twice. */
  readonly totalSteps?: number;
  /** The goal metric's value that is good enough: trainings save and end as soon as one of them reports it. */
  readonly target?: number;
  /** No new trials begin once this many trials have been tried since the best value was reached and none was better. */
  readonly noBetterFor?: number;
  /** No new trials begin once what they are expected to gain is worth less than they cost. */
  readonly worthwhile?: Prices;
}

/** What training costs and what its results are worth, in a unit of the user's own. */
export interface Prices {
  /** For an hour of training on one worker. */
  readonly price: number;
  /** For a goal metric that is better by 1. */
  readonly value: number;
}

/** How a training program is started and monitored; absent for functions in the same process. */
/** A file that a program needs, such as a config file. */
export interface ProgramFile {
  /** Where it is written, with placeholders; relative to the trial's folder. */
  readonly path: string;
  /** What is in it, in which `{{name}}` is replaced by a param. */
  readonly text: string;
}

/** Models that a program saves by itself. */
export interface OwnSnapshots {
  /**
   * The path of such a file or folder, with placeholders; relative to the working folder. `*` is anything within a name,
   * `**` any number of folders, and `{step}` the step, as the program counts.
   */
  readonly path: string;
  /** Seconds that a program which is told to pause may go on until it has saved. */
  readonly wait: number;
}

export interface ProgramDefinition {
  /**
   * The program and its arguments; `{name}` is replaced by a param, `${args}` on its own by `--name=value` for all. A
   * list among them is a group, which is left out if one of its members is.
   */
  readonly command: readonly (string | readonly string[])[];
  /** Whether the command is one line for `/bin/sh -c`. */
  readonly shell: boolean;
  /** The working folder, absolute. */
  readonly folder: string;
  /** Additional environment variables, with placeholders; one that names an absent param is not set. */
  readonly env: Readonly<Record<string, string>>;
  /** Files that are written anew for each attempt. */
  readonly files?: readonly ProgramFile[];
  /** Where the program saves models by itself, for programs that do not use the protocol. */
  readonly snapshot?: OwnSnapshots;
  /** How metrics are read from the output of programs that do not use the protocol. */
  readonly metrics: MetricReading;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly killAfter: number;
  /** 0: the program calls its first step 0, which is step 1 to everything else; absent: it counts from 1. */
  readonly firstStep?: 0;
  /**
   * How many paused programs may wait in memory, in each process that runs programs; absent: as many as its memory
   * allows.
   */
  readonly park?: number;
  /**
   * Programs are started so that they pass on each printed line at once, as on a terminal. `none-of-ours`: they buffer
   * their output as they like.
   */
  readonly buffering?: "none-of-ours";
}

/** Which other tool's study this is a copy of, and what must be known of it to give it back unchanged. */
export interface ImportOrigin {
  /** The tool: `optuna`, `csv`, `jsonl`, `ray`. */
  readonly tool: string;
  /** The study's name there. */
  readonly study?: string;
  /** 0: the tool's step 0 is step 1 here; absent: steps are the same. */
  readonly firstStep?: 0;
  /**
   * Whether the last report of each imported complete trial is not one of its curve, but the value with which the tool
   * ended it.
   */
  readonly finalValues?: true;
}

/** Everything that defines a study, as recorded in the log's first event. All of it is JSON. */
export interface StudyDefinition {
  readonly name: string;
  readonly goal: Goal;
  readonly space: Space;
  /** The constraints' names, in order. */
  readonly constraints: readonly string[];
  /** The step at which a training is complete; absent: when the program ends. */
  readonly maxSteps?: number;
  readonly sampler: AlgorithmChoice;
  readonly scheduler: AlgorithmChoice;
  readonly budget: Budget;
  /** A non-negative safe integer. Every random number of the study follows from it. */
  readonly seed: number;
  /** How many trainings a trial has, each with a seed of its own; absent: one. */
  readonly replicates?: number;
  /** What starts cost is counted: nothing pauses so early that starts cost more than it saves. Absent: it is not. */
  readonly countStarts?: true;
  /** How often a failed trial is tried again. */
  readonly retries: number;
  /** Seconds that one attempt may take. */
  readonly timeout?: number;
  readonly program?: ProgramDefinition;
  /** Absent unless the study began as a copy of another tool's. */
  readonly imported?: ImportOrigin;
}
