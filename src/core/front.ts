import { crowdingDistances } from "../math/pareto/crowding-distance.js";
import { hypervolumeContributions } from "../math/pareto/hypervolume.js";
import { kneeOf } from "../math/pareto/knee.js";
import { nonDominatedRanks } from "../math/pareto/non-dominated-ranks.js";
import { CurvewiseError } from "./errors.js";
import { costOf, type Direction, type Goal } from "./goal.js";
import { nameHint } from "./nearest.js";
import type { Study } from "./study.js";
import { goalStep, goalValue, lastValue, type Trial, valueAtStep } from "./trial.js";

/** How far beyond the worst value the hypervolume reaches, as a share of the range of the values. */
const BEYOND = 0.1;

/** A metric and which way it is better. */
export interface FrontGoal {
  readonly metric: string;
  readonly direction: Direction;
}

/** The goals of a front, as the options `--minimize` and `--maximize` name their metrics. */
export function frontGoals(
  minimize: readonly string[] | undefined,
  maximize: readonly string[] | undefined,
): FrontGoal[] {
  return [
    ...(minimize ?? []).map((metric) => ({ metric, direction: "minimize" }) as const),
    ...(maximize ?? []).map((metric) => ({ metric, direction: "maximize" }) as const),
  ];
}

/** A trial with a finite value of every metric of a front. */
export interface FrontCandidate {
  readonly trial: Trial;
  /** By goal. */
  readonly values: readonly number[];
  /** By goal: lower is better. */
  readonly costs: readonly number[];
}

/** A trial that no other one beats in every metric. */
export interface FrontMember extends FrontCandidate {
  /** How much smaller the hypervolume of the front would be without it, as a share of the sum over all members. */
  readonly adds: number;
  readonly isKnee: boolean;
  /** See `crowdingDistances`. */
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

/**
 * The trials that a front is made from, in the order of their numbers: complete ones; of unfinished ones only while none
 * is complete. Failed trials and those without a finite value of some metric are left out.
 *
 * @throws CurvewiseError `GOALS_INVALID` for a metric that no trial reported, or that is named twice
 */
export function frontCandidates(study: Study, goals: readonly FrontGoal[]): FrontCandidate[] {
  const all = study.trials.flatMap((trial): FrontCandidate[] => {
    if (trial.state === "failed") return [];
    const values = goals.map(({ metric }) => valueOf(trial, metric, study.definition.goal) ?? Number.NaN);
    if (!values.every(Number.isFinite)) return [];
    const costs = goals.map((goal, place) => costOf(values[place] ?? Number.NaN, goal));
    return [{ trial, values, costs }];
  });
  if (all.length > 0 || study.trials.some(({ curve }) => curve.steps.length > 0)) checkGoals(study, goals);
  const complete = all.filter(({ trial }) => trial.state === "complete");
  return complete.length > 0 ? complete : all;
}

/** The least and the greatest cost of each goal. */
function rangesOf(candidates: readonly FrontCandidate[]) {
  return (candidates[0]?.costs ?? []).map((_, goal) => {
    const costs = candidates.map((candidate) => candidate.costs[goal] ?? 0);
    return {
      best: costs.reduce((least, cost) => Math.min(least, cost), Number.POSITIVE_INFINITY),
      worst: costs.reduce((most, cost) => Math.max(most, cost), Number.NEGATIVE_INFINITY),
    };
  });
}

/** The best costs by goal, and the point up to which the hypervolume of candidates is measured. */
export function frontBounds(candidates: readonly FrontCandidate[]): {
  readonly ideal: readonly number[];
  readonly reference: readonly number[];
} {
  const ranges = rangesOf(candidates);
  return {
    ideal: ranges.map(({ best }) => best),
    reference: ranges.map(({ best, worst }) => worst + (BEYOND * (worst - best) || 1)),
  };
}

/** The candidates that no other one beats in every metric (the Pareto front), ordered by the first metric, best first. */
export function frontOf(candidates: readonly FrontCandidate[]): FrontMember[] {
  const ranks = nonDominatedRanks(candidates.map(({ costs }) => costs));
  const members = candidates
    .filter((_, place) => ranks[place] === 0)
    .toSorted((a, b) => (a.costs[0] ?? 0) - (b.costs[0] ?? 0) || a.trial.number - b.trial.number);
  const front = members.map(({ costs }) => costs);
  const contributions = hypervolumeContributions(front, frontBounds(candidates).reference);
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
