import { crowdingDistances } from "../../math/pareto/crowding-distance.js";
import { hypervolume, hypervolumeContributions } from "../../math/pareto/hypervolume.js";
import { kneeOf } from "../../math/pareto/knee.js";
import { nonDominatedRanks } from "../../math/pareto/non-dominated-ranks.js";
import { CurvewiseError } from "../errors.js";
import { costOf, type MetricGoal } from "../goal.js";
import { nameHint } from "../nearest.js";
import type { Study } from "../study.js";
import type { Trial } from "../trial.js";
import { referenceOf } from "./order-results.js";
import { goalsOf, metricValue, violationOfTrial } from "./trial-result.js";

/** A trial with a finite value of every goal. */
export interface FrontCandidate {
  readonly trial: Trial;
  /** By goal. */
  readonly values: readonly number[];
  /** By goal: lower is better. */
  readonly costs: readonly number[];
}

/** A trial on the Pareto front. */
export interface FrontMember extends FrontCandidate {
  /** How much smaller the hypervolume of the front would be without it, as a share of the sum over all members. */
  readonly adds: number;
  /** Whether it is the front's knee, where a gain in one goal costs most in the others. */
  readonly isKnee: boolean;
  /** How much room it has on the front, see `crowdingDistances`; infinite at its ends. */
  readonly crowding: number;
}

/** The trials among which a front is looked for. */
export interface FrontCandidates {
  /** In the order of their numbers. */
  readonly candidates: readonly FrontCandidate[];
  /** How many trials had all values, but broke a constraint on a metric. */
  readonly infeasible: number;
  /** Whether they are complete; otherwise they are unfinished ones, because none is complete. */
  readonly complete: boolean;
}

/** The trials that no other one beats in every goal. */
export interface Front {
  /** In the order of the first goal, its best first. */
  readonly members: readonly FrontMember[];
  /** How many trials were compared. */
  readonly compared: number;
  /** How many trials had all values, but broke a constraint on a metric. */
  readonly infeasible: number;
  /** Whether complete trials were compared; otherwise all others were, because none is complete. */
  readonly complete: boolean;
  /** The volume that the front dominates, up to the goals' references. */
  readonly hypervolume: number;
}

/** The goals that the options `--minimize` and `--maximize` name by their metrics. */
export function namedGoals(
  minimize: readonly string[] | undefined,
  maximize: readonly string[] | undefined,
): MetricGoal[] {
  return [
    ...(minimize ?? []).map((metric) => ({ metric, direction: "minimize" }) as const),
    ...(maximize ?? []).map((metric) => ({ metric, direction: "maximize" }) as const),
  ];
}

/** The goals of a front: those that are named or, if none are, those of the study. One alone makes no front. */
export function frontGoals(study: Study, named: readonly MetricGoal[] = []): readonly MetricGoal[] {
  return named.length > 0 ? named : goalsOf(study.definition.goal);
}

/** @throws CurvewiseError `GOALS_INVALID` for a metric that no trial reported, or that is named twice */
function checkGoals(study: Study, goals: readonly MetricGoal[]): void {
  if (!study.trials.some(({ curve }) => curve.steps.length > 0)) return;
  const reported = study.trials.flatMap(({ curve }) => [...curve.metrics.keys()]);
  // The study's own goals may be reported later.
  const own = goalsOf(study.definition.goal).map(({ metric }) => metric);
  const metrics = [...new Set([...reported, ...own])];
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

/**
 * The trials among which a front is looked for: the complete ones that break no constraint on a metric or, while there
 * are none, the unfinished ones. Failed trials and those without a finite value of some goal are left out.
 *
 * @throws CurvewiseError `GOALS_INVALID` for a metric that no trial reported, or that is named twice
 */
export function frontCandidates(study: Study, goals: readonly MetricGoal[]): FrontCandidates {
  checkGoals(study, goals);
  const { goal } = study.definition;
  let infeasible = 0;
  const all: FrontCandidate[] = [];
  for (const trial of study.trials) {
    if (trial.state === "failed") continue;
    const values = goals.map(({ metric }) => metricValue(trial, metric, goal) ?? Number.NaN);
    if (!values.every(Number.isFinite)) continue;
    if (violationOfTrial(trial, goal) > 0) {
      infeasible += 1;
      continue;
    }
    const costs = goals.map((each, place) => costOf(values[place] ?? Number.NaN, each));
    all.push({ trial, values, costs });
  }
  const complete = all.filter(({ trial }) => trial.state === "complete");
  const isComplete = complete.length > 0;
  return { candidates: isComplete ? complete : all, infeasible, complete: isComplete };
}

/** The best costs by goal, and the point up to which the hypervolume of candidates is measured. */
export function frontBounds(
  candidates: readonly FrontCandidate[],
  goals: readonly MetricGoal[],
): { readonly ideal: readonly number[]; readonly reference: readonly number[] } {
  const costs = candidates.map((candidate) => candidate.costs);
  return {
    ideal: goals.map((_, goal) =>
      costs.reduce((least, each) => Math.min(least, each[goal] ?? 0), Number.POSITIVE_INFINITY),
    ),
    reference: referenceOf(goals, costs),
  };
}

/** The candidates that no other one beats in every goal, ordered by the first goal, its best first. */
export function frontAmong(
  candidates: readonly FrontCandidate[],
  goals: readonly MetricGoal[],
): FrontMember[] {
  const ranks = nonDominatedRanks(candidates.map(({ costs }) => costs));
  const members = candidates
    .filter((_, place) => ranks[place] === 0)
    .toSorted((a, b) => (a.costs[0] ?? 0) - (b.costs[0] ?? 0) || a.trial.number - b.trial.number);
  const front = members.map(({ costs }) => costs);
  const contributions = hypervolumeContributions(front, frontBounds(candidates, goals).reference);
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

/**
 * The Pareto front of a study's trials, see {@link frontCandidates}.
 *
 * @param goals the study's, or others
 * @throws CurvewiseError `GOALS_INVALID` for a metric that no trial reported, or that is named twice
 */
export function frontOf(study: Study, goals: readonly MetricGoal[]): Front {
  const { candidates, infeasible, complete } = frontCandidates(study, goals);
  const members = frontAmong(candidates, goals);
  return {
    members,
    compared: candidates.length,
    infeasible,
    complete,
    hypervolume: hypervolume(
      members.map(({ costs }) => costs),
      frontBounds(candidates, goals).reference,
    ),
  };
}
