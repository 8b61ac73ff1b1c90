import { costOf } from "../core/goal.js";
import type { Study } from "../core/study.js";
import { lastStep, type Trial } from "../core/trial.js";
import { shortNumber } from "../plots/trial-text.js";
import type { RungsView } from "./contract.js";
import { finite } from "./viewed-study.js";
import { counted } from "./wording.js";

/** Rungs are shown only if there are few; else trials end at steps of their own. */
const MOST_RUNGS = 40;

/** The steps at which trials were paused or stopped, and the end of a complete training. */
function rungSteps({ trials, definition }: Study): number[] {
  const steps = new Set<number>();
  for (const { decision } of trials) if (decision !== undefined) steps.add(decision.step);
  if (definition.maxSteps !== undefined) steps.add(definition.maxSteps);
  return [...steps].sort((a, b) => a - b);
}

/** The goal metric at the last report up to a step. */
function valueBy({ curve }: Trial, metric: string, step: number): number | undefined {
  const column = curve.metrics.get(metric) ?? [];
  for (let place = curve.steps.length - 1; place >= 0; place--) {
    const value = column[place];
    if ((curve.steps[place] ?? 0) <= step && value !== null && value !== undefined) return value;
  }
  return undefined;
}

/**
 * How far trials have come: for each step at which trials were paused or stopped, how many reached it, and what became of
 * them there.
 */
export function rungsView(study: Study): RungsView {
  const { goal } = study.definition;
  const steps = rungSteps(study);
  if (steps.length > MOST_RUNGS || study.trials.length === 0) {
    return {
      rungs: [],
      sentence:
        study.trials.length === 0
          ? "No trial has begun yet."
          : `Trials were cut short at ${steps.length} different steps: there is no ladder to show.`,
    };
  }
  const rungs = steps.map((step) => {
    const there = study.trials.filter((trial) => lastStep(trial) >= step);
    const here = there.filter((trial) => lastStep(trial) === step && trial.state !== "running");
    const values = there
      .flatMap((trial) => valueBy(trial, goal.metric, step) ?? [])
      .filter((value) => Number.isFinite(value))
      .sort((a, b) => costOf(a, goal) - costOf(b, goal));
    const waiting = here.filter(({ state }) => state === "paused" || state === "waiting").length;
    return {
      step,
      reached: there.length,
      wentOn: there.length - here.length,
      waiting,
      ended: here.length - waiting,
      best: finite(values[0]),
      worst: finite(values.at(-1)),
    };
  });
  const parts = rungs.map(
    ({ step, reached, best }) =>
      `${counted(reached, "trial")} reached step ${step}${best === null ? "" : ` (best ${shortNumber(best)})`}`,
  );
  return { rungs, sentence: `${parts.join(", ")}.` };
}
