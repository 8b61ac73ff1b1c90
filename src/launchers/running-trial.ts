import type { Action } from "../core/decision.js";
import { nothingElse } from "../core/fields.js";
import type { Assignment } from "../core/launcher.js";
import type { Params } from "../core/param.js";
import type { TrialTalk } from "./trial-talk.js";

/** A trial as the function that trains it sees it. */
export interface RunningTrial<P = Params> {
  /** The params; after a report is answered `exploit`, the new ones. */
  readonly params: P;
  /** The trial's number in its study, from 0. */
  readonly number: number;
  /** For the training's own randomness, in [0, 2^31). */
  readonly seed: number;
  /** The step at which the training is complete. */
  readonly maxSteps: number | undefined;
  /** The trial's own folder, absolute, for snapshots. */
  readonly folder: string;
  /**
   * The snapshot to continue from, absolute; after `exploit`, the new one. Steps up to its step need not be
   * trained again.
   */
  readonly resume: { readonly step: number; readonly path: string } | undefined;
  /** Save and report a snapshot every this many steps, even without a `pause`; undefined: no need. */
  readonly snapshotEvery: number | undefined;
  /** Fires when the attempt is given up, by a timeout or by the user: nothing it does counts any more. */
  readonly signal: AbortSignal;
  /**
   * Reports metrics at a step. On `pause`, save a snapshot, report it, and return; on `stop`, return.
   *
   * @param options `exploit: true` says that the training can go on with another trial's model. The answer
   *   may then be `exploit`: continue with the new {@link params} and {@link resume} from the next step,
   *   `resume.step + 1`. Without it, such a training is told to stop, and the function is called again.
   * @throws CurvewiseError `REPORT_INVALID`, `STEP_NOT_INCREASING`: refused, the training may go on;
   *   `ATTEMPT_OVER` if the attempt was given up
   */
  report(
    step: number,
    metrics: Readonly<Record<string, number>>,
    options?: { readonly exploit?: boolean },
  ): Promise<Action>;
  /**
   * Reports a saved model.
   *
   * @param path absolute, or relative to {@link folder}
   * @throws CurvewiseError `SNAPSHOT_INVALID`; `ATTEMPT_OVER`
   */
  snapshot(step: number, path: string): Promise<void>;
}

/** A function that trains one trial. */
export type Train<P = Params> = (trial: RunningTrial<P>) => unknown;

/** What a {@link RunningTrial} communicates through. */
export type RunningTalk = Pick<TrialTalk, "report" | "snapshot">;

/** Nobody may await the promise, so its rejection must not end the process. */
function tolerant<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => {});
  return promise;
}

/**
 * Trains a trial; a number that the function returns is its only report, unless it has reported something itself.
 *
 * @param metric the metric that the number is; undefined: it means nothing
 */
export async function trainOrReturn(
  train: Train,
  trial: RunningTrial,
  metric: string | undefined,
): Promise<void> {
  let hasReported = false;
  const returned = await train({
    ...trial,
    // These may change while it runs, so they are read each time.
    get params() {
      return trial.params;
    },
    get resume() {
      return trial.resume;
    },
    report: (...report) => {
      hasReported = true;
      return trial.report(...report);
    },
  });
  if (metric === undefined || typeof returned !== "number" || hasReported) return;
  await trial.report(trial.maxSteps ?? 1, { [metric]: returned });
}

/** Creates the trial that is passed to a function. */
export function runningTrial(assignment: Assignment, talk: RunningTalk, signal: AbortSignal): RunningTrial {
  const { study: _study, attempt: _attempt, timeout: _timeout, parked: _parked, ...told } = assignment;
  const { trial, seed, maxSteps, folder, snapshotEvery, params: first, resume: from, ...others } = told;
  nothingElse(others);
  let [params, resume] = [first, from];
  const report: RunningTrial["report"] = async (step, metrics, { exploit = false } = {}) => {
    const answer = await talk.report(step, metrics, exploit);
    if (typeof answer !== "object") return answer;
    ({ params, resume } = answer);
    return answer.action;
  };
  return {
    get params() {
      return params;
    },
    number: trial,
    seed,
    maxSteps,
    folder,
    get resume() {
      return resume;
    },
    snapshotEvery,
    signal,
    report: (step, metrics, options) => tolerant(report(step, metrics, options)),
    snapshot: (step, path) => tolerant(talk.snapshot(step, path)),
  };
}
