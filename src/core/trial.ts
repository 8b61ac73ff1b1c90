import type { Action } from "./decision.js";
import type { Inheritance, PendingExploit } from "./exploit.js";
import type { Failure } from "./failure.js";
import { acrossReplicates, type Goal, isBetter } from "./goal.js";
import type { Params } from "./param.js";
import type { Snapshot } from "./snapshot.js";

/** Every state of a trial, in the order that people expect. */
export const TRIAL_STATES = ["waiting", "running", "paused", "complete", "stopped", "failed"] as const;

/**
 * Where a trial stands. `waiting`: for a worker; `running`: on one; `paused`: by the scheduler, may go on; `complete`:
 * its training ended by itself; `stopped`: by the scheduler, for good; `failed`: with no retries left.
 */
export type TrialState = (typeof TRIAL_STATES)[number];

/**
 * The reports of a trial, by column. `steps` strictly increases; every column has the same length. If a trial went on
 * with a model older than its own, the points beyond that model's step are only those reported since; the log has all.
 */
export interface LearningCurve {
  readonly steps: readonly number[];
  /** By metric: its value at each step; `null`: not reported at that step; NaN or infinite: diverged. */
  readonly metrics: ReadonlyMap<string, readonly (number | null)[]>;
}

/** A further training of a trial with the same params and another seed. */
export interface Replicate {
  /** In [0, 2^31). */
  readonly seed: number;
  readonly curve: LearningCurve;
}

/** The short form of a trial's last decision other than `continue`; the log has the full explanation. */
export interface LastDecision {
  readonly step: number;
  readonly action: Exclude<Action, "continue">;
  readonly rule: string;
  readonly reason: string;
}

/** A trial according to the log. */
export interface Trial {
  readonly number: number;
  /** Its current params; {@link inheritances} has the earlier ones. */
  readonly params: Params;
  readonly seed: number;
  readonly sampler: string;
  readonly state: TrialState;
  /** The latest attempt; 0 before the first. */
  readonly attempt: number;
  /** Attempts that failed since the trial was created or last retried by the user. */
  readonly failures: number;
  readonly worker: string | undefined;
  /** The reports of its first training, by which schedulers go. */
  readonly curve: LearningCurve;
  /** Its further trainings, in order; the last one is under way unless the trial is complete. */
  readonly replicates: readonly Replicate[];
  readonly decision: LastDecision | undefined;
  /** The steps at which it paused, in order. */
  readonly pauses: readonly number[];
  /** Whether its program stayed when it was paused, to go on without a start; it may have been ended since. */
  readonly parked: boolean;
  /** Whether its program went on to its last step although it was told to stop: stopping it saved nothing. */
  readonly unspared: boolean;
  /** The newest one of its present training. */
  readonly snapshot: Snapshot | undefined;
  /** Where the best report counts: the snapshot of its step, if that was saved; with replicates, of the last one. */
  readonly bestSnapshot: Snapshot | undefined;
  /** Decided, but not carried out yet: the model with which it goes on. */
  readonly exploiting: PendingExploit | undefined;
  /** Every model that it went on with instead of its own, in order. */
  readonly inheritances: readonly Inheritance[];
  readonly failure: (Failure & { readonly output: readonly string[] }) | undefined;
  /** In milliseconds since 1970. */
  readonly askedAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /**
   * Seconds for which it was trained, summed over the attempts that have ended. One that its coordinator left open ended
   * with the last event before the study was opened again.
   */
  readonly trainedFor: number;
  /** Its place in the order in which the study's trials became complete, from 0; undefined before. */
  readonly completion: number | undefined;
}

/** Seconds for which a trial was trained, see {@link Trial.trainedFor}; undefined while it is, and before it was. */
export function secondsOf({
  startedAt,
  endedAt,
  trainedFor,
}: Pick<Trial, "startedAt" | "endedAt" | "trainedFor">): number | undefined {
  return startedAt === undefined || endedAt === undefined ? undefined : trainedFor;
}

/** The part of a trial that is being trained, or was trained last. */
export function presentTraining({
  curve,
  inheritances,
  seed,
  replicates,
}: Pick<Trial, "curve" | "inheritances" | "seed" | "replicates">): Pick<
  Trial,
  "curve" | "inheritances" | "seed"
> {
  const replicate = replicates.at(-1);
  return replicate === undefined ? { curve, inheritances, seed } : { ...replicate, inheritances: [] };
}

/** The last step that a trial's model reached; 0 before the first report. */
export function lastStep(trial: Pick<Trial, "curve" | "inheritances">): number {
  return Math.max(trial.curve.steps.at(-1) ?? 0, trial.inheritances.at(-1)?.step ?? 0);
}

/** A metric's last reported value; undefined if it was never reported, NaN if it diverged. */
export function lastValue(trial: Pick<Trial, "curve">, metric: string): number | undefined {
  return trial.curve.metrics.get(metric)?.findLast((value) => value !== null) ?? undefined;
}

/**
 * The goal metric of a trial's current model: what the trial last reported for it or, before its first report, what was
 * reported for the model that it was given. Undefined if there is none; NaN if it diverged.
 */
export function presentValue(
  trial: Pick<Trial, "curve" | "inheritances">,
  { metric }: Pick<Goal, "metric">,
): number | undefined {
  const { steps, metrics } = trial.curve;
  const column = metrics.get(metric) ?? [];
  const last = column.findLastIndex((value) => value !== null);
  const inherited = trial.inheritances.at(-1);
  if (inherited !== undefined && (steps[last] ?? 0) <= inherited.step) return inherited.value;
  return column[last] ?? undefined;
}

/** What a value is computed from. */
type Measured = Pick<Trial, "curve" | "inheritances" | "state"> & Partial<Pick<Trial, "replicates">>;

/** What each training of a trial that has ended is measured by, in order; that under way is left out. */
export function replicateValues(trial: Measured, goal: Goal): number[] {
  const { replicates = [], state } = trial;
  const ended = state === "complete" ? replicates : replicates.slice(0, -1);
  const trainings = [trial, ...ended.map(({ curve }) => ({ ...trial, curve, inheritances: [] }))];
  return trainings.flatMap((training) => trainingValue(training, goal) ?? []);
}

/**
 * What a trial is measured by: the goal metric of its present model ({@link presentValue}) or, where the best report
 * counts, its best finite value so far. With replicates: the mean, median or worst of the trainings that have ended.
 * Undefined when there is none; NaN when it diverged.
 */
export function goalValue(trial: Measured, goal: Goal): number | undefined {
  if (trial.replicates === undefined || trial.replicates.length === 0) return trainingValue(trial, goal);
  const values = replicateValues(trial, goal);
  return values.length === 0 ? undefined : acrossReplicates(values, goal);
}

/** The same for a single training of a trial. */
export function trainingValue(trial: Pick<Trial, "curve" | "inheritances">, goal: Goal): number | undefined {
  const present = presentValue(trial, goal);
  if (goal.of !== "best" || present === undefined) return present;
  const reported = trial.curve.metrics.get(goal.metric) ?? [];
  const inherited = trial.inheritances.at(-1);
  // Anything finite is better than NaN, and nothing else is.
  let best = inherited === undefined ? Number.NaN : inherited.value;
  for (const value of reported) {
    if (value !== null && isBetter(value, best, goal)) best = value;
  }
  return best;
}

/** The step of the report by which a goal measures a trial; undefined when it reported no finite value of its own. */
export function goalStep({ curve }: Pick<Trial, "curve">, goal: Goal): number | undefined {
  const column = curve.metrics.get(goal.metric) ?? [];
  let counted = -1;
  for (const [place, value] of column.entries()) {
    if (value === null || !Number.isFinite(value)) continue;
    const best = column[counted] ?? undefined;
    if (goal.of !== "best" || best === undefined || isBetter(value, best, goal)) counted = place;
  }
  return curve.steps[counted];
}

/** A metric's value at exactly this step; undefined when it was not reported there. */
export function valueAtStep(trial: Pick<Trial, "curve">, metric: string, step: number): number | undefined {
  const { steps, metrics } = trial.curve;
  let low = 0;
  let high = steps.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = steps[middle] ?? 0;
    if (found === step) return metrics.get(metric)?.[middle] ?? undefined;
    if (found < step) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
