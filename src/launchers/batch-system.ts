/** What a batch system says about a job. */
export interface BatchJob {
  /** The batch system's id of the job. It may be reused for another job later. */
  readonly id: string;
  /** `running` as long as any part of it may run, `ended` once no part will. */
  readonly state: "pending" | "running" | "ended";
  /** Why it waits, in the batch system's words. */
  readonly reason?: string;
  /** Where it runs. */
  readonly host?: string;
}

/** A job that was submitted to a batch system. */
export interface SubmittedJob {
  readonly id: string;
  /** How many workers it starts. */
  readonly workers: number;
}

/**
 * How a job is cancelled. `gently`: its workers are asked to save and end, if the batch system can ask; `at
 * once`: in the batch system's own way.
 */
export type Cancellation = "gently" | "at once";

/**
 * Something that starts jobs on other machines: a batch system, `mpirun`. A job is one or several long-lived
 * workers, which take trials; it is never a trial itself.
 */
export interface BatchSystem {
  /** For messages: `Slurm`. */
  readonly name: string;
  /**
   * Seconds after its submission in which a job may be missing from the list because it is not listed yet.
   */
  readonly settling: number;
  /**
   * Submits jobs with this many workers in total.
   *
   * @throws CurvewiseError `BATCH_UNREACHABLE` if it does not answer; `BATCH_REFUSED` if it refuses the job
   */
  submit(count: number): Promise<readonly SubmittedJob[]>;
  /**
   * Lists the jobs that it still knows. A job that was asked for and is not listed has ended. Other jobs with
   * this fleet's name are listed too, if the batch system can find them.
   *
   * @throws CurvewiseError `BATCH_UNREACHABLE`, `BATCH_REFUSED`
   */
  list(ids: readonly string[]): Promise<readonly BatchJob[]>;
  /**
   * Cancels jobs; it is not an error if some have ended. @throws CurvewiseError `BATCH_UNREACHABLE`,
   * `BATCH_REFUSED`
   */
  cancel(ids: readonly string[], how: Cancellation): Promise<void>;
  /** The file with a job's output, absolute, if known. */
  logOf(id: string): string | undefined;
}

/** What a batch system needs to know about the workers that it starts. */
export interface WorkerFleetJob {
  /** The fleet's unique name: letters, digits and `-`. */
  readonly fleet: string;
  /** The study's folder, absolute, on a file system that all hosts share. */
  readonly folder: string;
  /** The command that starts a worker, with absolute paths. */
  readonly worker: readonly string[];
}
