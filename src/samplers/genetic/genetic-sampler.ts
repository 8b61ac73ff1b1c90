import type { TrialResult } from "../../core/goals/trial-result.js";
import type { Params } from "../../core/param.js";
import type { Sampler, SamplerSetup } from "../../core/sampler.js";
import { createGoalResults } from "../../forecast/goal-results.js";
import { rungSteps } from "../../forecast/rung-steps.js";
import { nonDominatedRanks } from "../../math/pareto/non-dominated-ranks.js";
import type { Random } from "../../math/random.js";
import { followTrials } from "../evolution/follow-trials.js";
import { createOffspring } from "../evolution/offspring.js";
import { type BreedingSettings, childOf } from "./breeding.js";

/** The factor between the rungs at which curves are compared. */
const ETA = 4;

/** A trial that may become a parent. */
export interface Member {
  readonly trial: number;
  readonly params: Params;
  readonly result: TrialResult;
}

/** Members that are equally good by domination, the best group first: fronts, then infeasible ones one by one. */
export type Groups = readonly (readonly Member[])[];

/** What is special to an algorithm. */
export interface Selection {
  /** Which members survive, given how many may. */
  readonly survivors: (groups: Groups, population: number) => readonly Member[];
  /** Draws a parent from the survivors. */
  readonly parent: (survivors: readonly Member[], random: Random) => Member | undefined;
}

/**
 * Groups members by constrained domination (Deb et al. 2002): those that break no constraint by their fronts; behind
 * them the others, each by itself, the less it breaks the earlier.
 */
export function groupsOf(members: readonly Member[]): Groups {
  const feasible = members.filter(({ result }) => result.violation === 0);
  const ranks = nonDominatedRanks(feasible.map(({ result }) => result.costs));
  const fronts: Member[][] = [];
  for (const [index, member] of feasible.entries()) {
    const rank = ranks[index] ?? 0;
    while (fronts.length <= rank) fronts.push([]);
    fronts[rank]?.push(member);
  }
  const others = members
    .filter(({ result }) => result.violation > 0)
    .toSorted((a, b) => a.result.violation - b.result.violation || a.trial - b.trial);
  return [...fronts, ...others.map((member) => [member])];
}

/**
 * A genetic algorithm in a steady state: the population is chosen from all trials that have halted, so that nobody waits
 * for a generation to end, and what is proposed follows from the trials alone. Paused and stopped trials count with
 * their forecasts.
 *
 * @param population how many trials survive, and how many are drawn at random before evolution begins
 */
export function createGeneticSampler(
  setup: SamplerSetup,
  population: number,
  breeding: BreedingSettings,
  selection: Selection,
): Sampler {
  const { space, maxSteps } = setup;
  const rungs = maxSteps === undefined ? [] : rungSteps({ minSteps: 1, eta: ETA, maxSteps });
  const results = createGoalResults(setup, rungs);
  const offspring = createOffspring(setup);
  let survivors: readonly Member[] = [];
  let finite = 0;
  let seen = 0;

  const catchUp = (): void => {
    if (seen === results.revision) return;
    seen = results.revision;
    const members = results.all().flatMap(({ trial, result }): Member[] => {
      const isHalted = trial.state !== "running" && trial.state !== "waiting";
      if (!isHalted || result === undefined) return [];
      const isUsable = result.costs.every(Number.isFinite) && Number.isFinite(result.violation);
      return isUsable ? [{ trial: trial.number, params: trial.params, result }] : [];
    });
    finite = members.length;
    survivors = selection.survivors(groupsOf(members), population);
  };

  const ask = (_trial: number, random: Random): Params | undefined => {
    catchUp();
    if (finite < Math.max(2, population)) return offspring.draw(random);
    const bred = (previous: Params | undefined): Params => {
      const mother = selection.parent(survivors, random);
      const father = selection.parent(survivors, random);
      const own = previous ?? mother?.params ?? {};
      return childOf(space, [own, father?.params ?? own], breeding, random);
    };
    return offspring.breed(bred, random);
  };

  return {
    ...(offspring.size === undefined ? {} : { size: offspring.size }),
    ...followTrials((trial) => {
      results.note(trial);
      offspring.note(trial);
    }),
    ask,
  };
}
