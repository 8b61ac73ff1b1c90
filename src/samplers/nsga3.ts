import { z } from "zod";
import { defineSampler } from "../core/define.js";
import { goalsOf } from "../core/goals/trial-result.js";
import { chooseByDirection } from "../math/pareto/niching.js";
import { divisionsFor, referenceDirections } from "../math/pareto/reference-directions.js";
import { createGeneticSampler, type Groups, type Member, type Selection } from "./genetic/genetic-sampler.js";
import { geneticOptions } from "./genetic/options.js";

const options = z.strictObject({
  ...geneticOptions,
  divisions: z
    .int()
    .min(1)
    .max(100)
    .exactOptional()
    .describe(
      "Into how many parts each goal is divided for the directions that are to be covered; by default as many as give at most one direction for each member.",
    ),
});

/** The most directions: beyond that, choosing survivors takes too long. */
const MOST_DIRECTIONS = 5000;

function createSelection(goals: number, population: number, chosen: number | undefined): Selection {
  const most = divisionsFor(goals, MOST_DIRECTIONS);
  const divisions = Math.min(most, chosen ?? divisionsFor(goals, population));
  const directions = referenceDirections(goals, divisions);
  const survivors = (groups: Groups): readonly Member[] => {
    const settled: Member[] = [];
    for (const members of groups) {
      const room = population - settled.length;
      if (room <= 0) break;
      const isWhole = members.length <= room;
      const places = isWhole
        ? [...members.keys()]
        : chooseByDirection(
            settled.filter(({ result }) => result.violation === 0).map(({ result }) => result.costs),
            members.map(({ result }) => result.costs),
            room,
            directions,
          );
      settled.push(...places.flatMap((place) => members[place] ?? []));
    }
    return settled;
  };
  return {
    survivors,
    parent: (members, random) => {
      const [a, b] = [0, 1].map(() => members[random.integer(0, Math.max(0, members.length - 1))]);
      return a !== undefined && b !== undefined && b.result.violation < a.result.violation ? b : a;
    },
  };
}

/**
 * NSGA-III (Deb and Jain, "An evolutionary many-objective optimization algorithm using reference-point-based
 * nondominated sorting approach", IEEE TEVC 2014; constraints: Jain and Deb, part II): as NSGA-II, but the members of the
 * last front that has room are chosen so that directions spread evenly over the goals are served evenly, which keeps
 * the trials apart where there are four goals or more. See `chooseByDirection`.
 *
 * @example createStudy({ sampler: nsga3(), goals: [..] })
 */
export const nsga3 = defineSampler({
  name: "nsga3",
  summary: "As nsga2, but covers the trade-offs between four or more goals evenly.",
  options,
  severalGoals: true,
  create: ({ population, divisions, ...breeding }, setup) =>
    createGeneticSampler(
      setup,
      population,
      breeding,
      createSelection(goalsOf(setup.goal).length, population, divisions),
    ),
});
