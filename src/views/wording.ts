import { nothingElse } from "../core/fields.js";
import type { Goal } from "../core/goal.js";
import { frontOf } from "../core/goals/front.js";
import { constraintText } from "../core/goals/metric-constraint.js";
import { goalsOf, hasReferences } from "../core/goals/trial-result.js";
import { replicateSummary } from "../core/replicates.js";
import type { Study } from "../core/study.js";
import type { StudyDefinition } from "../core/study-definition.js";
import type { Trial } from "../core/trial.js";
import { counted } from "../core/wording.js";
import { shortNumber } from "../plots/trial-text.js";

export { counted };

/** A number for people, or a dash if there is none. */
export function numberText(value: number | undefined): string {
  return value === undefined ? "-" : shortNumber(value);
}

/** A duration for people, in its two largest units: `850ms`, `12s`, `3m 20s`, `2h 5m`, `4d 3h`. */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  const units: readonly (readonly [string, number])[] = [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ];
  const whole = Math.round(seconds);
  const first = units.findIndex(([, size]) => whole >= size);
  const parts: string[] = [];
  let rest = whole;
  for (const [name, size] of units.slice(first, first + 2)) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) parts.push(`${amount}${name}`);
  }
  return parts.join(" ");
}

/** A goal for people: `minimize loss`. */
export const goalText = ({ direction, metric, of, others = [], constraints = [] }: Goal): string =>
  [
    `${direction} ${metric}${of === "best" ? " (best report)" : ""}`,
    ...others.map((other) => `${other.direction} ${other.metric}`),
  ].join(", ") + (constraints.length === 0 ? "" : ` with ${constraints.map(constraintText).join(" and ")}`);

/**
 * How far a study with several goals has come: `4 trials, hypervolume 2.588`; undefined if it has one goal. Without a
 * reference for each goal, the hypervolume is measured from what was seen so far: it may fall, and is left out.
 */
export function frontSummary(study: Study): string | undefined {
  const { goal } = study.definition;
  if (goal.others === undefined) return undefined;
  const { members, hypervolume, complete } = frontOf(study, goalsOf(goal));
  if (members.length === 0) return counted(0, "trial");
  const doubt = complete ? "" : "; no trial is complete yet";
  const volume = hasReferences(goal) ? `, hypervolume ${numberText(Number(hypervolume.toPrecision(5)))}` : "";
  return `${counted(members.length, "trial")}${volume}${doubt}`;
}

/** A budget for people: `200 trials, 4h, 3000 steps, loss 0.05 reached, 40 trials without a better one`. */
export function budgetText({ budget, goal }: Pick<StudyDefinition, "budget" | "goal">): string {
  const { trials, time, totalSteps, target, noBetterFor, worthwhile, ...others } = budget;
  nothingElse(others);
  const parts = [
    ...(trials === undefined ? [] : [counted(trials, "trial")]),
    ...(time === undefined ? [] : [durationText(time)]),
    ...(totalSteps === undefined ? [] : [counted(totalSteps, "step")]),
    ...(target === undefined ? [] : [`${goal.metric} ${numberText(target)} reached`]),
    ...(noBetterFor === undefined ? [] : [`${counted(noBetterFor, "trial")} without a better one`]),
    ...(worthwhile === undefined ? [] : ["until it is no longer worthwhile"]),
  ];
  return parts.length === 0 ? "no limit" : parts.join(", ");
}

/** How long ago a moment was: `3m 20s ago`. */
export function agoText(milliseconds: number, now: number): string {
  return `${durationText(Math.max(0, (now - milliseconds) / 1000))} ago`;
}

/** How many trainings of a trial have ended, and how their values differ: `3 of 3: 0.12, 0.15, 0.13 (sd 0.015)`. */
export function replicatesText({ definition }: Study, trial: Trial): string {
  const { goal, replicates = 1 } = definition;
  const { ended, values, deviation } = replicateSummary(trial, goal) ?? {
    ended: trial.state === "complete" ? 1 : 0,
    values: [],
    deviation: undefined,
  };
  const count = `${ended} of ${replicates}`;
  if (deviation === undefined) return count;
  return `${count}: ${values.map(numberText).join(", ")} (sd ${numberText(deviation)})`;
}
