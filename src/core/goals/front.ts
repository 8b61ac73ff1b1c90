import { crowdingDistances } from "../../math/pareto/crowding-distance.js";
import { hypervolume, hypervolumeContributions } from "../../math/pareto/hypervolume.js";
import { kneeOf } from "../../math/pareto/knee.js";
import { nonDominatedRanks } from "../../math/pareto/non-dominated-ranks.js";
import { costOf, type MetricGoal } from "../goal.js";
import type { Study } from "../study.js";
import type { Trial } from "../trial.js";
import { referenceOf } from "./order-results.js";
import { metricValue, violationOfTrial } from "./trial-result.js";

/** A trial on the Pareto front. */
export interface FrontMember {
  readonly trial: Trial;
  /** By goal. */
  readonly values: readonly number[];
  /** By goal: lower is better. */
  readonly costs: readonly number[];
  /** How much smaller the hypervolume of the front would be without it, as a share. */
  readonly adds: number;
  /** Whether it is the front's knee, where a gain in one goal costs most in the others. */
  readonly isKnee: boolean;
  /** How much room it has on the front; infinite at its ends. */
  readonly crowding: number;
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

interface Candidate {
  readonly trial: Trial;
  readonly values: readonly number[];
  readonly costs: readonly number[];
}

function membersOf(candidates: readonly Candidate[], reference: readonly number[]): FrontMember[] {
  const ranks = nonDominatedRanks(candidates.map(({ costs }) => costs));
  const members = candidates
    .filter((_, place) => ranks[place] === 0)
    .toSorted((a, b) => (a.costs[0] ?? 0) - (b.costs[0] ?? 0) || a.trial.number - b.trial.number);
  const front = members.map(({ costs }) => costs);
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

/**
 * The Pareto front of a study's trials: of the complete ones that break no constraint on a metric or, while none is
 * complete, of the others with a finite value of every goal.
 *
 * @param goals other goals than the study's
 */
export function frontOf(study: Study, goals: readonly MetricGoal[]): Front {
  const { goal } = study.definition;
  let infeasible = 0;
  const all: Candidate[] = [];
  for (const trial of study.trials) {
    if (trial.state === "failed") continue;
    const values = goals.map(({ metric }) => metricValue(trial, metric, goal) ?? Number.NaN);
    if (!values.every(Number.isFinite)) continue;
    if (violationOfTrial(trial, goal) > 0) infeasible += 1;
    else
      all.push({
        trial,
        values,
        costs: goals.map((each, place) => costOf(values[place] ?? Number.NaN, each)),
      });
  }
  const complete = all.filter(({ trial }) => trial.state === "complete");
  const compared = complete.length > 0 ? complete : all;
  const costs = compared.map((candidate) => candidate.costs);
  const reference = referenceOf(goals, costs);
  const members = membersOf(compared, reference);
  return {
    members,
    compared: compared.length,
    infeasible,
    complete: complete.length > 0,
    hypervolume: hypervolume(
      members.map((member) => member.costs),
      reference,
    ),
  };
}
