import { z } from "zod";
import { defineSampler } from "../../core/define.js";
import type { Sampler, SamplerChoice, SamplerSetup } from "../../core/sampler.js";
import { cmaes } from "../cmaes/cmaes.js";
import { curve } from "../curve/curve.js";
import { gp } from "../gp/gp.js";
import { nsga2 } from "../nsga2.js";
import { nsga3 } from "../nsga3.js";
import { random as randomSearch } from "../random.js";
import { tpe } from "../tpe/tpe.js";
import { firstOf, type Proposer, planOf, planText, proposerOf } from "./plan.js";

const CHOICES: Readonly<Record<Proposer, () => SamplerChoice>> = {
  random: () => randomSearch(),
  tpe: () => tpe(),
  gp: () => gp(),
  cmaes: () => cmaes(),
  curve: () => curve(),
  nsga2: () => nsga2(),
  nsga3: () => nsga3(),
};

function createAuto(setup: SamplerSetup): Sampler {
  const plan = planOf(setup);
  const begun = new Map<Proposer, Sampler>();
  return {
    plan: planText(plan),
    ...(setup.candidates === undefined ? {} : { size: setup.candidates.length }),
    restore: (study) => {
      for (const sampler of begun.values()) sampler.restore?.(study);
    },
    observe: (event, study) => {
      for (const sampler of begun.values()) sampler.observe?.(event, study);
    },
    ask: (trial, random, study) => {
      const name = proposerOf(plan, trial);
      let sampler = begun.get(name);
      if (sampler === undefined) {
        sampler = CHOICES[name]().create({ ...setup, handedFrom: firstOf(plan, name) });
        sampler.restore?.(study);
        begun.set(name, sampler);
      }
      return sampler.ask(trial, random, study);
    },
  };
}

/**
 * Chooses among the other samplers by the space, the goals and whether there are learning curves, and says which ones and
 * why (see {@link planOf}). The proposer of a trial depends on its number alone; each of them learns from the trials of
 * all. One is created when its first turn comes, from the study as it then is.
 *
 * @example createStudy({ sampler: auto() })
 */
export const auto = defineSampler({
  name: "auto",
  summary: "Chooses samplers by the space, the goals and the number of trials, and says which ones and why.",
  options: z.strictObject({}),
  severalGoals: true,
  create: (_options, setup) => createAuto(setup),
});
