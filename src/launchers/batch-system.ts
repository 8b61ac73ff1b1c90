/** What a batch system says of a job. */
export interface BatchJob {
  /** The batch system's own name for it. It may be given to another job later. */
  readonly id: string;
  /** `running` as long as anything of it may run, `ended` when nothing of it will. */
  readonly state: "pending" | "running" | "ended";
  /** Why it waits, in the batch system's words. */
  readonly reason?: string;
  /** Where it runs. */
  readonly host?: string;
}

/** A job that was handed to a batch system. */
export interface SubmittedJob {
  readonly id: string;
  /** How many workers it starts. */
  readonly workers: number;
}

/**
 * How a job is cancelled. `gently`: its workers are asked to save what they have and end, where the batch system can
 * ask; `at once`: as the batch system does it.
 */
export type Cancellation = "gently" | "at once";

/**
 * Something that starts jobs on other machines: a batch system, `mpirun`. A job is one or several long-lived workers,
 * which take trials by themselves; never a trial.
 */
export interface BatchSystem {
  /** For messages: `Slurm`. */
  readonly name: string;
  /** Seconds after its submission in which a job that is not listed may only not be listed yet. */
  readonly settling: number;
  /**
   * Hands in jobs with so many workers in all.
   *
   * @throws CurvewiseError `BATCH_UNREACHABLE` when it does not answer; `BATCH_REFUSED` when it refuses the job
   */
  submit(count: number): Promise<readonly SubmittedJob[]>;
  /**
   * Tells of the jobs that it still knows. A job that was asked for and is not told of has ended. Jobs that bear this
   * fleet's name are told of too where the batch system can find them, also when nobody asked for them.
   *
   * @throws CurvewiseError `BATCH_UNREACHABLE`, `BATCH_REFUSED`
   */
  list(ids: readonly string[]): Promise<readonly BatchJob[]>;
  /** Cancels jobs; those that have ended are no error. @throws CurvewiseError `BATCH_UNREACHABLE`, `BATCH_REFUSED` */
  cancel(ids: readonly string[], how: Cancellation): Promise<void>;
  /** The file with a job's output, absolute, where it is known. */
  logOf(id: string): string | undefined;
}

/** What a batch system needs to know of the workers that it starts. */
export interface WorkerFleetJob {
  /** No other fleet of workers has this name: letters, digits and `-`. */
  readonly fleet: string;
  /** The study's folder, absolute, on a file system that all hosts share. */
  readonly folder: string;
  /** The command that starts a worker, with absolute paths. */
  readonly worker: readonly string[];
}
