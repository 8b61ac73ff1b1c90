import { z } from "zod";
import { defineSampler } from "../core/define.js";
import { crowdingDistances } from "../math/pareto/crowding-distance.js";
import type { Random } from "../math/random.js";
import { createGeneticSampler, type Groups, type Member, type Selection } from "./genetic/genetic-sampler.js";
import { geneticOptions } from "./genetic/options.js";

const options = z.strictObject(geneticOptions);

/** Tournaments by group, then by crowding distance. */
function createSelection(): Selection {
  const standings = new Map<number, { readonly group: number; readonly crowding: number }>();
  const survivors = (groups: Groups, population: number): readonly Member[] => {
    standings.clear();
    const chosen: Member[] = [];
    for (const [group, members] of groups.entries()) {
      if (chosen.length >= population) break;
      const crowding = crowdingDistances(members.map(({ result }) => result.costs));
      const ranked = members
        .map((member, index) => ({ member, crowding: crowding[index] ?? 0 }))
        .sort((a, b) =>
          a.crowding === b.crowding ? a.member.trial - b.member.trial : b.crowding - a.crowding,
        );
      for (const each of ranked.slice(0, population - chosen.length)) {
        chosen.push(each.member);
        standings.set(each.member.trial, { group, crowding: each.crowding });
      }
    }
    return chosen;
  };
  const isBetter = (a: Member, b: Member): boolean => {
    const [first, second] = [standings.get(a.trial), standings.get(b.trial)];
    if (first === undefined || second === undefined) return second === undefined;
    return first.group === second.group ? first.crowding > second.crowding : first.group < second.group;
  };
  const draw = (members: readonly Member[], random: Random): Member | undefined =>
    members[random.integer(0, Math.max(0, members.length - 1))];
  return {
    survivors,
    parent: (members, random) => {
      const [a, b] = [draw(members, random), draw(members, random)];
      return a !== undefined && b !== undefined && isBetter(b, a) ? b : a;
    },
  };
}

/**
 * NSGA-II (Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE TEVC
 * 2002): the best trials survive, by front and, within a front, by how much room they have; two of them, each the better
 * of two drawn at random, have a child whose numbers lie near theirs. Constraints on metrics: trials that break none come
 * first, then those that break least.
 *
 * It never waits: the population is chosen from all trials that have halted so far (a steady state), and nothing else is
 * remembered. Trials of other samplers and enqueued ones take part; paused and stopped ones by their forecasts.
 *
 * @example createStudy({ sampler: nsga2({ population: 40 }), goals: [{ minimize: "loss" }, { minimize: "latency" }] })
 */
export const nsga2 = defineSampler({
  name: "nsga2",
  summary: "Mixes and changes the trials on the best fronts; for two or three goals and hundreds of trials.",
  options,
  severalGoals: true,
  create: ({ population, ...breeding }, setup) =>
    createGeneticSampler(setup, population, breeding, createSelection()),
});
