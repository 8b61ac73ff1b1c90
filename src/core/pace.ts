import type { AttemptStarted, Reported } from "./events.js";

/** Seconds, and the steps that were trained in them. */
interface Stretch {
  readonly seconds: number;
  readonly steps: number;
}

/** How long starts and steps took in a study, in sums over its log. */
export interface Pace {
  /** How often a training was started. */
  readonly starts: number;
  /** How many of the starts followed a pause. */
  readonly restarts: number;
  /** How often a paused trial went on without a start, since its program had waited. */
  readonly parked: number;
  /**
   * Steps that were trained once more after pauses: from the step that the training was started from to the one at which
   * its trial had paused. Counted at the first report after the start.
   */
  readonly again: number;
  /** From the moment at which a worker gets a trial to its first report, summed over the starts that led to one. */
  readonly first: Stretch & { readonly reports: number };
  /** From each later report of an attempt back to the one before. */
  readonly later: Stretch;
}

/** What is needed to time the attempt of a trial. */
export interface AttemptTiming {
  /** When the attempt began or last reported, in milliseconds since 1970; absent between attempts. */
  readonly since?: number;
  /** The step that it was started from; absent once it has reported, and if nothing was started. */
  readonly fromStep?: number;
  /** Whether it is the first since a pause, and has not reported yet. */
  readonly afterPause: boolean;
}

/** That of a study in which nothing has happened. */
export const unknownPace = (): Pace => ({
  starts: 0,
  restarts: 0,
  parked: 0,
  again: 0,
  first: { reports: 0, seconds: 0, steps: 0 },
  later: { seconds: 0, steps: 0 },
});

interface Timed {
  timing: AttemptTiming | undefined;
}
interface Paced {
  pace: Pace;
}

/** Takes in that an attempt begins. */
export function timeStart(
  study: Paced,
  trial: Timed,
  { time, fromStep, parked }: Pick<AttemptStarted, "fromStep" | "parked"> & { readonly time: number },
): void {
  const afterPause = trial.timing?.afterPause === true;
  const { pace } = study;
  if (parked === true) {
    study.pace = { ...pace, parked: pace.parked + 1 };
    trial.timing = { since: time, afterPause };
    return;
  }
  study.pace = { ...pace, starts: pace.starts + 1, restarts: pace.restarts + Number(afterPause) };
  trial.timing = { since: time, fromStep, afterPause };
}

/**
 * Takes in a report.
 *
 * @param last the step that the trial had reached before
 */
export function timeReport(
  study: Paced,
  trial: Timed,
  { time, step }: Pick<Reported, "step"> & { readonly time: number },
  last: number,
): void {
  const { since, fromStep, afterPause = false } = trial.timing ?? {};
  trial.timing = { since: time, afterPause: false };
  if (since === undefined) return;
  const seconds = Math.max(0, time - since) / 1000;
  const { first, later } = study.pace;
  study.pace =
    fromStep === undefined
      ? {
          ...study.pace,
          later: { seconds: later.seconds + seconds, steps: later.steps + step - last },
        }
      : {
          ...study.pace,
          again: study.pace.again + (afterPause ? Math.max(0, last - fromStep) : 0),
          first: {
            reports: first.reports + 1,
            seconds: first.seconds + seconds,
            steps: first.steps + step - fromStep,
          },
        };
}

/** Takes in that an attempt ended with a pause. */
export function timePause(trial: Timed): void {
  trial.timing = { afterPause: true };
}

/** Seconds that a step takes, on average over the steps between two reports of one attempt; undefined before any. */
export function secondsPerStep({ later }: Pace): number | undefined {
  return later.steps === 0 ? undefined : later.seconds / later.steps;
}

/**
 * Seconds that a start costs: the mean time from the moment at which a worker gets a trial to its first report, less
 * what the steps up to that report take. Undefined while either is unknown; never negative.
 */
export function secondsPerStart(pace: Pace): number | undefined {
  const step = secondsPerStep(pace);
  const { reports, seconds, steps } = pace.first;
  if (step === undefined || reports === 0) return undefined;
  return Math.max(0, seconds - steps * step) / reports;
}
