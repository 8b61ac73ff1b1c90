// What priors of params are worth to samplers: the loss of the best of so many trials, without priors, with right ones and
// with wrong ones.
//   npm run bench:priors                        20 seeds, after 15 and 60 trials
//   npm run bench:priors -- --seeds 5 --samplers tpe,gp --json
// The loss is |log10(lr / best)| + |momentum - 0.8| + 0.3 unless the optimizer is adam; the best lr is 1e-3 times 1 to 2, by
// the seed. Right priors are {around: 1e-3, factor: 3}, {around: 0.8, within: 0.1} and {adam: 3}; wrong ones expect the lr
// at 0.3 and the momentum at 0.2. Means over the seeds, two trials at a time, all trained to the end.
import { parseArgs } from "node:util";
import { choice, createSearchSpace, float } from "../dist/core/index.js";
import { random, samplers } from "../dist/samplers/index.js";
import { playStudy } from "../dist/testing/played-study.js";

const { values: given } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    samplers: {
      type: "string",
      default: "random,sobol,tpe,gp,cmaes,forest,curve,regularized-evolution,differential-evolution,nsga2",
    },
    json: { type: "boolean", default: false },
  },
});
const BUDGETS = [15, 60];

const spaceWith = (lr, momentum, optimizer) =>
  createSearchSpace({
    lr: float(1e-6, 1, { log: true, ...(lr === undefined ? {} : { prior: { around: lr, factor: 3 } }) }),
    momentum: float(0, 1, momentum === undefined ? {} : { prior: { around: momentum, within: 0.1 } }),
    optimizer: choice(
      ["sgd", "adam", "lion"],
      optimizer === undefined ? {} : { prior: { weights: optimizer } },
    ),
  });
const SPACES = {
  none: spaceWith(),
  right: spaceWith(1e-3, 0.8, { adam: 3 }),
  wrong: spaceWith(0.3, 0.2, { lion: 3 }),
};

function lossAt(seed) {
  const best = 1e-3 * (1 + (seed % 10) / 10);
  return ({ lr, momentum, optimizer }) =>
    Math.abs(Math.log10(lr / best)) + Math.abs(momentum - 0.8) + (optimizer === "adam" ? 0 : 0.3);
}

const rows = [];
for (const name of given.samplers.split(",")) {
  for (const [priors, space] of Object.entries(SPACES)) {
    const sums = BUDGETS.map(() => 0);
    for (let seed = 1; seed <= Number(given.seeds); seed++) {
      const loss = lossAt(seed);
      const sampler = name === "random" ? random() : samplers[name]();
      const trials = Math.max(...BUDGETS);
      const study = playStudy({ space, sampler, seed, trials, inFlight: 2, valueOf: loss });
      const losses = study.trials.map(({ params }) => loss(params));
      for (const [place, budget] of BUDGETS.entries()) sums[place] += Math.min(...losses.slice(0, budget));
    }
    const means = sums.map((sum) => sum / Number(given.seeds));
    rows.push({
      sampler: name,
      priors,
      best: Object.fromEntries(BUDGETS.map((n, place) => [n, means[place]])),
    });
    if (!given.json)
      console.log(
        `${name.padEnd(24)} ${priors.padEnd(6)} ${means.map((mean) => mean.toFixed(3)).join("  ")}`,
      );
  }
}
if (given.json) console.log(JSON.stringify(rows));
