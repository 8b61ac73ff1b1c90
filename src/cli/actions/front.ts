import { CurvewiseError } from "../../core/errors.js";
import { costOf, type Direction, type Goal } from "../../core/goal.js";
import { encodeNumber } from "../../core/json.js";
import { nameHint } from "../../core/nearest.js";
import type { Study } from "../../core/study.js";
import { goalStep, goalValue, lastStep, lastValue, type Trial, valueAtStep } from "../../core/trial.js";
import { trialJson } from "../../engine/study-json.js";
import { crowdingDistances } from "../../math/pareto/crowding-distance.js";
import { hypervolumeContributions } from "../../math/pareto/hypervolume.js";
import { kneeOf } from "../../math/pareto/knee.js";
import { nonDominatedRanks } from "../../math/pareto/non-dominated-ranks.js";
import { print, printJson, tell } from "../output.js";
import { type Column, tableText } from "../table.js";
import { counted, numberText, valueText } from "../wording.js";

/** How far beyond the worst value the hypervolume reaches, as a share of the range of the values. */
const BEYOND = 0.1;

/** A metric and which way it is better. */
export interface FrontGoal {
  readonly metric: string;
  readonly direction: Direction;
}

/** A trial with a finite value of every metric. */
interface Candidate {
  readonly trial: Trial;
  readonly values: readonly number[];
  readonly costs: readonly number[];
}

/** A member of the front. */
interface Member extends Candidate {
  /** How much smaller the hypervolume of the front would be without it, as a share. */
  readonly adds: number;
  readonly isKnee: boolean;
  readonly crowding: number;
}

/** @throws CurvewiseError `GOALS_INVALID` for a metric that no trial reported, or that is named twice */
function checkGoals(study: Study, goals: readonly FrontGoal[]): void {
  const metrics = [...new Set(study.trials.flatMap(({ curve }) => [...curve.metrics.keys()]))];
  for (const [place, { metric }] of goals.entries()) {
    if (!metrics.includes(metric)) {
      throw new CurvewiseError("GOALS_INVALID", `no trial reported a metric "${metric}"`, {
        hint: nameHint(metric, metrics),
      });
    }
    if (goals.findIndex((other) => other.metric === metric) !== place) {
      throw new CurvewiseError("GOALS_INVALID", `the metric "${metric}" is named twice`, {
        hint: "Name each metric once, as --minimize or --maximize.",
      });
    }
  }
}

/** A metric at the report that counts: that by which the study measures the trial, or else its last one. */
function valueOf(trial: Trial, metric: string, goal: Goal): number | undefined {
  if (metric === goal.metric) return goalValue(trial, goal);
  const step = goalStep(trial, goal);
  return (step === undefined ? undefined : valueAtStep(trial, metric, step)) ?? lastValue(trial, metric);
}

function candidatesOf(study: Study, goals: readonly FrontGoal[]): Candidate[] {
  return study.trials.flatMap((trial) => {
    if (trial.state === "failed") return [];
    const values = goals.map(({ metric }) => valueOf(trial, metric, study.definition.goal) ?? Number.NaN);
    if (!values.every(Number.isFinite)) return [];
    return [{ trial, values, costs: values.map((value, place) => costBy(goals[place], value)) }];
  });
}

const costBy = (goal: FrontGoal | undefined, value: number): number =>
  goal === undefined ? Number.NaN : costOf(value, goal);

function frontOf(candidates: readonly Candidate[]): Member[] {
  const ranks = nonDominatedRanks(candidates.map(({ costs }) => costs));
  const members = candidates
    .filter((_, place) => ranks[place] === 0)
    .toSorted((a, b) => (a.costs[0] ?? 0) - (b.costs[0] ?? 0) || a.trial.number - b.trial.number);
  const front = members.map(({ costs }) => costs);
  const reference = (front[0] ?? []).map((_, goal) => {
    const all = candidates.map(({ costs }) => costs[goal] ?? 0);
    const worst = all.reduce((most, cost) => Math.max(most, cost), Number.NEGATIVE_INFINITY);
    const best = all.reduce((least, cost) => Math.min(least, cost), Number.POSITIVE_INFINITY);
    return worst + (BEYOND * (worst - best) || 1);
  });
  const contributions = hypervolumeContributions(front, reference);
  const whole = contributions.reduce((sum, each) => sum + each, 0);
  const crowding = crowdingDistances(front);
  const knee = kneeOf(front);
  return members.map((member, place) => ({
    ...member,
    adds: whole > 0 ? (contributions[place] ?? 0) / whole : 0,
    isKnee: place === knee,
    crowding: crowding[place] ?? 0,
  }));
}

/** The members with the most room around them, and the knee, in the order of the front. */
function spreadOut(front: readonly Member[], most: number): readonly Member[] {
  if (front.length <= most) return front;
  const chosen = new Set(
    front
      .toSorted((a, b) => Number(b.isKnee) - Number(a.isKnee) || (a.crowding < b.crowding ? 1 : -1))
      .slice(0, most),
  );
  return front.filter((member) => chosen.has(member));
}

function frontText(study: Study, goals: readonly FrontGoal[], members: readonly Member[]): string {
  const { space } = study.definition;
  const params = Object.keys(space).filter((name) => space[name]?.kind !== "fixed");
  const columns: Column[] = [
    { title: "trial", align: "right" },
    ...goals.map(({ metric }): Column => ({ title: metric, align: "right" })),
    { title: "adds", align: "right" },
    { title: "" },
    { title: "state" },
    { title: "step", align: "right" },
    ...params.map((title): Column => ({ title, align: "right" })),
  ];
  const rows = members.map(({ trial, values, adds, isKnee }) => [
    String(trial.number),
    ...values.map(numberText),
    `${Math.round(adds * 100)} %`,
    isKnee ? "knee" : "",
    trial.state,
    String(lastStep(trial)),
    ...params.map((name) => {
      const value = trial.params[name];
      return value === undefined ? "-" : valueText(value);
    }),
  ]);
  return tableText(columns, rows);
}

/**
 * Shows the trials that no other one beats in every one of several metrics.
 *
 * @throws CurvewiseError `GOALS_INVALID`; `NO_VALUE_YET`
 */
export function showFront(
  study: Study,
  goals: readonly FrontGoal[],
  { json = false, top }: { readonly json?: boolean; readonly top?: number },
): void {
  const { name } = study.definition;
  const all = candidatesOf(study, goals);
  if (all.length > 0 || study.trials.some(({ curve }) => curve.steps.length > 0)) checkGoals(study, goals);
  const complete = all.filter(({ trial }) => trial.state === "complete");
  const compared = complete.length > 0 ? complete : all;
  const front = frontOf(compared);
  const members = spreadOut(front, top ?? front.length);
  if (json) {
    printJson({
      study: name,
      goals: goals.map(({ metric, direction }) => ({ metric, direction })),
      trials: compared.length,
      front: members.map(({ trial, values, adds, isKnee }) => ({
        values: Object.fromEntries(
          goals.map(({ metric }, place) => [metric, encodeNumber(values[place] ?? Number.NaN)]),
        ),
        adds,
        knee: isKnee,
        ...trialJson(study, trial),
      })),
    });
    if (front.length === 0) process.exitCode = 1;
    return;
  }
  if (front.length === 0) {
    throw new CurvewiseError(
      "NO_VALUE_YET",
      `no trial of study "${name}" has a finite value of ${goals.map(({ metric }) => metric).join(" and of ")}`,
      { hint: "`curvewise trials` shows what happened to them.", kind: "failure" },
    );
  }
  print(frontText(study, goals, members));
  const shown =
    members.length < front.length ? `, the ${members.length} most spread out of which are shown` : "";
  tell(
    `No other of ${counted(compared.length, "trial")} is better in every metric than ${front.length === 1 ? "this one" : `these ${front.length}`}${shown}.`,
  );
  if (complete.length === 0) tell("No trial is complete yet: these are the best of the unfinished ones.");
}
