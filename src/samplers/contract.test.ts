import { sampleParams } from "../core/draw/sample-params.js";
import type { Goal } from "../core/goal.js";
import type { ParamValue } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SearchSpace } from "../core/search-space.js";
import { createRandom } from "../math/random.js";
import { samplerContract } from "../testing/sampler-contract.js";
import { withGoal } from "../testing/with-goal.js";
import {
  auto,
  cmaes,
  curve,
  differentialEvolution,
  forest,
  gp,
  grid,
  list,
  nsga2,
  nsga3,
  regularizedEvolution,
  samplers,
  tpe,
} from "./index.js";

/** Three entries of a list: a complete one, one without its first param, and an empty one. */
function entriesFor(space: SearchSpace): Record<string, ParamValue>[] {
  const whole = sampleParams(space, createRandom(3, 0, 0));
  const [, ...rest] = Object.entries(sampleParams({ ...space, constraints: [] }, createRandom(4, 0, 0)));
  const independent = rest.filter(([name]) => space.params[name]?.when === undefined);
  return [{ ...whole }, Object.fromEntries(independent.slice(0, 1)), {}];
}

/** Two levels for every number, including whole ones. */
function twoLevels({ params }: SearchSpace): Record<string, number> {
  const numbers = Object.entries(params).filter(([, { kind }]) => kind === "float" || kind === "int");
  return Object.fromEntries(numbers.map(([name]) => [name, 2]));
}

// What these models cost grows with what they judge by, and the laws hold for any number of it.
const smallForest = (): SamplerChoice => forest({ trees: 5 });
const smallGp = (): SamplerChoice => gp({ evaluations: 32 });

/** Samplers that need options to fit a space, or to be quick; all others are tested with their defaults. */
const special: Record<string, (space: SearchSpace) => SamplerChoice> = {
  forest: smallForest,
  gp: smallGp,
  grid: (space) => grid({ levels: twoLevels(space) }),
  list: (space) => list({ trials: entriesFor(space) }),
};
const learning = new Set<string>([
  "auto",
  "tpe",
  "gp",
  "cmaes",
  "forest",
  "curve",
  "regularized-evolution",
  "differential-evolution",
  "nsga2",
  "nsga3",
]);

for (const [name, definition] of Object.entries(samplers)) {
  const defaults = (): SamplerChoice => (name === "random" ? samplers.random() : definition());
  samplerContract(name, special[name] ?? defaults, {
    independent: !learning.has(name),
    repeats: name === "list",
    local: name === "list",
  });
}
/** The same metric twice: whatever is better in one goal is better in the other. */
const twoGoals = (goal: Goal): Goal => ({
  ...goal,
  others: [{ metric: goal.metric, direction: goal.direction }],
});
const limited = (goal: Goal): Goal => ({
  ...goal,
  constraints: [
    {
      metric: goal.metric,
      comparison: goal.direction === "minimize" ? "<" : ">",
      limit: goal.direction === "minimize" ? 0.5 : -0.5,
    },
  ],
});
samplerContract("tpe, several goals", () => withGoal(tpe(), twoGoals), { independent: false });
samplerContract("tpe, constraints on metrics", () => withGoal(tpe(), limited), { independent: false });
for (const make of [smallGp, smallForest, cmaes]) {
  samplerContract(`${make().name}, several goals`, () => withGoal(make(), twoGoals), { independent: false });
}
samplerContract("gp, constraints on metrics", () => withGoal(smallGp(), limited), { independent: false });
for (const sampler of [nsga2, nsga3]) {
  const name = sampler.samplerName;
  const small = { population: 8 };
  samplerContract(`${name}, several goals`, () => withGoal(sampler(small), twoGoals), { independent: false });
  samplerContract(`${name}, constraints on metrics`, () => withGoal(sampler(small), limited), {
    independent: false,
  });
}
for (const make of [cmaes, smallForest]) {
  samplerContract(`${make().name}, constraints on metrics`, () => withGoal(make(), limited), {
    independent: false,
  });
}
samplerContract("auto, several goals", () => withGoal(auto(), twoGoals), { independent: false });
samplerContract("grid, shuffled", () => grid({ levels: 3, order: "shuffled" }), { independent: true });

samplerContract("curve, after earlier studies", () => curve({ transfer: ["one", "two"], random: 0.5 }), {
  independent: false,
});

// Small populations, so that evolution begins early and every member is replaced many times.
samplerContract("regularized-evolution, few", () => regularizedEvolution({ population: 4, sample: 2 }), {
  independent: false,
});
samplerContract(
  "regularized-evolution, the worst leave",
  () => regularizedEvolution({ population: 3, sample: 3, removal: "worst" }),
  { independent: false },
);
samplerContract("differential-evolution, few", () => differentialEvolution({ population: 4 }), {
  independent: false,
});
samplerContract(
  "differential-evolution, from the best",
  () => differentialEvolution({ population: 5, strategy: "best1bin", crossover: 0.9 }),
  { independent: false },
);

// With a small start, nearly all proposals come from the densities.
samplerContract("tpe, early", () => tpe({ startup: 2, weights: "recent", narrowing: 2, good: 0.3 }), {
  independent: false,
});

// With small batches and short steps, most proposals come from what was learnt, after several restarts.
samplerContract("cmaes, few", () => cmaes({ population: 3, sigma: 0.05, restarts: "ipop" }), {
  independent: false,
  learns: false,
  local: true,
});
