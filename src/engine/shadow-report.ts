import { goodOf, rankTrials } from "../core/best-trial.js";
import { type Failure, failureOf } from "../core/failure.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import { lastStep, type TrialState } from "../core/trial.js";
import { createShadowStudy, type ShadowAnswer, type ShadowCourse } from "./shadow-study.js";

/** A trial that a shadow stopped or never resumed, beside what really became of it. */
export interface ShadowEnd {
  readonly trial: number;
  readonly shadow: "stopped" | "paused";
  /** The last step that the shadow let it train. */
  readonly step: number;
  readonly recorded: TrialState;
  readonly recordedStep: number;
}

/** How a recorded study would have gone under a scheduler's decisions. */
export interface ShadowReport {
  readonly scheduler: { readonly name: string; readonly options: SchedulerChoice["options"] };
  /** What it threw, and after how many events; everything else is then as of that moment. */
  readonly failure: (Failure & { readonly events: number }) | undefined;
  /** Steps that the study trained. */
  readonly recordedSteps: number;
  /** The steps that the shadow would have trained. */
  readonly steps: number;
  /**
   * Trials that the shadow would have continued and the study did not: what they would have reported is
   * unknown.
   */
  readonly open: readonly number[];
  /** The steps that these lack to be complete; undefined without `maxSteps`. */
  readonly openSteps: number | undefined;
  /** Trials that it would have ended, by number. */
  readonly ends: readonly ShadowEnd[];
  /** The best tenth of the complete trials, at least one, best first; and those of them that it would have ended. */
  readonly good: readonly number[];
  readonly lost: readonly number[];
  /** The best complete trial; undefined without one. */
  readonly best: number | undefined;
  /** Reports at which both were asked. */
  readonly compared: number;
  /** The reports at which their answers differed. */
  readonly differences: readonly ShadowAnswer[];
}

/** Only trials that were trained to the end can be known to be good. */
function goodTrials(study: Study): number[] {
  return goodOf(rankTrials(study).filter(({ complete }) => complete)).map(({ trial }) => trial.number);
}

function endsOf({ recorded, shadow }: ShadowCourse): ShadowEnd[] {
  return shadow.trials.flatMap((trial): ShadowEnd[] => {
    const { number, state } = trial;
    const real = recorded.trials[number];
    if (real === undefined || (state !== "stopped" && state !== "paused")) return [];
    return [
      {
        trial: number,
        shadow: state,
        step: lastStep(trial),
        recorded: real.state,
        recordedStep: lastStep(real),
      },
    ];
  });
}

function openTrials({ recorded, shadow }: ShadowCourse): number[] {
  return [...shadow.byState.waiting, ...shadow.byState.running]
    .filter((number) => {
      const state = recorded.trials[number]?.state;
      return state === "stopped" || state === "paused";
    })
    .sort((a, b) => a - b);
}

/** Sums up how a shadow's course compares with the study. */
export function reportOfShadow({ name, options }: SchedulerChoice, course: ShadowCourse): ShadowReport {
  const { recorded, shadow, compared, differences, failure } = course;
  const { maxSteps } = recorded.definition;
  const ends = endsOf(course);
  const ended = new Set(ends.map(({ trial }) => trial));
  const open = openTrials(course);
  const good = goodTrials(recorded);
  const left = (number: number): number => {
    const trial = recorded.trials[number];
    return trial === undefined || maxSteps === undefined ? 0 : Math.max(0, maxSteps - lastStep(trial));
  };
  return {
    scheduler: { name, options },
    failure:
      failure === undefined
        ? undefined
        : { events: failure.events, ...failureOf(failure.error, "SCHEDULER_FAILED") },
    recordedSteps: recorded.totalSteps,
    steps: shadow.totalSteps,
    open,
    openSteps: maxSteps === undefined ? undefined : open.reduce((sum, number) => sum + left(number), 0),
    ends,
    good,
    lost: good.filter((number) => ended.has(number)),
    best: good[0],
    compared,
    differences,
  };
}

/**
 * Reads a study's log once, and reports for each scheduler what it would have done as the study's shadow: see
 * {@link createShadowStudy}. Needs no lease and does not disturb a running study. A scheduler's error is
 * reported, not thrown.
 *
 * @throws CurvewiseError `STUDY_NOT_FOUND`, `LOG_INVALID`
 */
export async function readShadows(
  storage: Storage,
  study: string,
  choices: readonly SchedulerChoice[],
): Promise<ShadowReport[]> {
  const shadows = choices.map((choice) => ({ choice, shadow: createShadowStudy(choice) }));
  for await (const { event } of storage.readEvents(study)) {
    for (const { shadow } of shadows) shadow.observe(event);
  }
  return shadows.flatMap(({ choice, shadow }) => {
    const course = shadow.conclude();
    return course === undefined ? [] : [reportOfShadow(choice, course)];
  });
}
