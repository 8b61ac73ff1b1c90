import { knownSchedulers } from "../config/algorithms.js";
import type { Json } from "../core/json.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { StudyDefinition } from "../core/study-definition.js";
import type { ShadowReport } from "../engine/shadow-report.js";
import { algorithmText, NO_DEFAULTS, schedulerArgument } from "./algorithm-argument.js";
import { styled } from "./output.js";
import { factsText } from "./table.js";
import { withoutControls } from "./unseen.js";
import { counted } from "./wording.js";

/** The most differences that the text output shows. */
const MAX_DIFFERENCES = 5;
/** The most trials that the text output names. */
const MAX_NAMED = 12;

/**
 * The schedulers that were given as shadows.
 *
 * @throws CurvewiseError `USAGE`, `SCHEDULER_UNKNOWN`, `OPTIONS_INVALID`, `ALGORITHM_NOT_FOUND`, `ALGORITHM_INVALID`
 */
export function shadowArguments(texts: readonly string[] = []): Promise<SchedulerChoice[]> {
  return Promise.all(texts.map((text) => schedulerArgument(text, "shadow")));
}

/**
 * Creates each of them for the study, before any time is spent on it.
 *
 * @throws CurvewiseError if its options do not fit the study
 */
export function checkShadows(
  choices: readonly SchedulerChoice[],
  { goal, maxSteps, seed }: Pick<StudyDefinition, "goal" | "maxSteps" | "seed">,
): void {
  for (const choice of choices) choice.create({ goal, maxSteps, seed });
}

function trialsText(trials: readonly number[]): string {
  const more = trials.length - MAX_NAMED;
  const named = trials.slice(0, MAX_NAMED).join(", ");
  return `${trials.length === 1 ? "trial" : "trials"} ${named}${more > 0 ? ` and ${more} more` : ""}`;
}

function nameOf({ scheduler }: ShadowReport): string {
  const usual = knownSchedulers().get(scheduler.name)?.choose() ?? NO_DEFAULTS;
  return algorithmText(scheduler, usual);
}

function stepsText({ steps, recordedSteps, open, openSteps = 0 }: ShadowReport): string {
  const fewer = recordedSteps - steps;
  const saved = fewer === 0 ? "" : `, ${fewer} fewer`;
  const beyond =
    open.length === 0
      ? ""
      : `; and up to ${openSteps} more in ${counted(open.length, "trial")} that it would have let go on`;
  return `${steps} of the ${recordedSteps} that were trained${saved}${openSteps === 0 ? "" : beyond}`;
}

function endsText({ ends }: ShadowReport): string {
  const stopped = ends.filter(({ shadow }) => shadow === "stopped").length;
  const paused = ends.length - stopped;
  const earlier = ends.filter(({ step, recordedStep }) => step < recordedStep).length;
  if (ends.length === 0) return "none";
  return `${stopped} stopped, ${paused} left paused; ${earlier} of them earlier than they were`;
}

function lostText({ good, lost, best }: ShadowReport): string {
  if (best === undefined) return "unknown: no trial is complete";
  if (lost.length === 0) return `none of ${good.length}`;
  const theBest = lost.includes(best) ? `, the best (${best}) among them` : `; the best (${best}) is kept`;
  return styled("yellow", `${lost.length} of ${good.length}: ${trialsText(lost)}${theBest}`);
}

function differencesText({ compared, differences }: ShadowReport): string[] {
  const shown = differences.slice(0, MAX_DIFFERENCES).map(({ trial, step, recorded, shadow, reason }) => {
    const why = reason === undefined ? "" : `: ${withoutControls(reason)}`;
    return `  trial ${trial}, step ${step}: ${recorded} | ${shadow}${why}`;
  });
  const more = differences.length - shown.length;
  if (shown.length === 0) return [];
  return [
    `Answered differently at ${differences.length} of ${counted(compared, "report")} (the study | the shadow):`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more (all with --json)`] : []),
  ];
}

/** A shadow's outcome, for people. */
export function shadowText(report: ShadowReport): string {
  const { failure, compared, differences } = report;
  const facts: (readonly [string, string])[] = [
    ["shadow", styled("bold", nameOf(report))],
    ...(failure === undefined
      ? []
      : [
          [
            "failed",
            styled(
              "red",
              `at event ${failure.events}, ${failure.code}: ${withoutControls(failure.message)}; everything below is as of then`,
            ),
          ] as const,
        ]),
    ["steps", stepsText(report)],
    ["ended trials", endsText(report)],
    ["good trials lost", lostText(report)],
    ["same answers", `${compared - differences.length} of ${compared}`],
  ];
  return [factsText(facts), ...differencesText(report)].join("\n");
}

/** The same, for programs. */
export function shadowJson(report: ShadowReport): Json {
  const { scheduler, failure, ends, differences, openSteps, best, good, lost, open, ...counts } = report;
  return {
    ...counts,
    scheduler: { ...scheduler },
    failure: failure === undefined ? null : { ...failure },
    open: [...open],
    openSteps: openSteps ?? null,
    ends: ends.map((end) => ({ ...end })),
    good: [...good],
    lost: [...lost],
    best: best ?? null,
    bestLost: best !== undefined && lost.includes(best),
    differences: differences.map(({ reason, ...difference }) => ({ ...difference, reason: reason ?? null })),
  };
}
