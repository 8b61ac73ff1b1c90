// How well samplers find the trade-offs between several goals: the hypervolume of the front after so many trials, beside
// Optuna's NSGA-II and TPE in the same run (in a Python virtual environment of its own).
//   npm run bench:goals                                       5 seeds, 50, 100 and 200 trials
//   npm run bench:goals -- --seeds 3 --json
//   npm run bench:goals -- --problems "ZDT1; error and size" --samplers auto,tpe --peers ""
// Problems: ZDT1, 2, 3, 4 and 6 with 10 params and two goals, DTLZ2 with 7 params and three, and two for which a network of
// the demo is trained on 15,000 images in each trial (6 params; 7 where images may be shrunk). The figures are shares of the
// volume between each problem's reference and ideal (see goals/problems.mjs), medians over the seeds. One trial at a time,
// all trained to the end.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { createStudy } from "../dist/api/index.js";
import { hypervolume } from "../dist/math/pareto/hypervolume.js";
import { PROBLEMS, trained } from "./goals/problems.mjs";
import { keep, median, peersPython } from "./machine.mjs";

const BUDGETS = [50, 100, 200];
const TRIALS = Math.max(...BUDGETS);
const OURS = ["random", "tpe", "gp", "forest", "cmaes", "nsga2", "nsga3", "auto"];
const PEERS = ["nsga2", "tpe"];

const { values: given } = parseArgs({
  options: {
    seeds: { type: "string", default: "5" },
    problems: { type: "string", default: PROBLEMS.map(({ name }) => name).join("; ") },
    samplers: { type: "string", default: OURS.join(",") },
    peers: { type: "string", default: PEERS.join(",") },
    json: { type: "boolean", default: false },
  },
});

function chosen(option, text, known, separator) {
  const names = text.split(separator).map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  console.error(`error: --${option}: there is no "${unknown}"\nhint: Give some of: ${known.join(", ")}.`);
  return process.exit(2);
}
const names = PROBLEMS.map(({ name }) => name);
const problems = chosen("problems", given.problems, names, ";").map((name) =>
  PROBLEMS.find((problem) => problem.name === name),
);
const samplers = chosen("samplers", given.samplers, OURS, ",");
const peers = given.peers === "" ? [] : chosen("peers", given.peers, PEERS, ",");

/** The costs of all trials of a study, in order. */
async function play({ space, goals, costsOf }, sampler, seed) {
  const study = createStudy({
    name: "goals",
    goals: goals.map(({ metric, reference }) => ({ minimize: metric, reference })),
    space,
    maxSteps: 1,
    sampler,
    seed,
  });
  const all = [];
  await study.run(
    async (trial) => {
      const costs = await costsOf(trial.params, trial.number);
      all.push(costs);
      await trial.report(1, Object.fromEntries(goals.map(({ metric }, goal) => [metric, costs[goal]])));
    },
    { trials: TRIALS, workers: 1 },
  );
  return all;
}

/** The share of the volume that the first trials cover, by budget. */
function sharesOf({ goals }, costs) {
  const reference = goals.map((goal) => goal.reference);
  const whole = goals.reduce((product, goal) => product * (goal.reference - goal.ideal), 1);
  return BUDGETS.map((budget) => hypervolume(costs.slice(0, budget), reference) / whole);
}

const folder = join(import.meta.dirname, "peers-python");
const python =
  peers.length === 0 ? undefined : peersPython(join(folder, "requirements-ask.txt"), "peers-ask");
if (python === undefined && peers.length > 0) {
  console.error("error: the peer needs python3 with venv, and pip");
  process.exit(2);
}
let optuna;

/** A param as a study file has it. */
function described({ kind, low, high, log, options }) {
  return kind === "choice" ? { choice: options } : { [kind]: [low, high], ...(log ? { log } : {}) };
}

/** The same for a sampler of Optuna's. */
async function peer({ space, goals, costsOf }, sampler, seed) {
  const child = spawn(python, [join(folder, "optuna_goals.py")], { stdio: ["pipe", "pipe", "inherit"] });
  const tell = (line) => child.stdin.write(`${JSON.stringify(line)}\n`);
  tell({
    sampler,
    seed,
    trials: TRIALS,
    goals: goals.length,
    space: Object.fromEntries(Object.entries(space).map(([name, param]) => [name, described(param)])),
  });
  const all = [];
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text);
    if (line.version !== undefined) optuna = line.version;
    else {
      const costs = await costsOf(line, all.length);
      all.push(costs);
      tell(costs);
    }
  }
  if (all.length < TRIALS) throw new Error(`Optuna's ${sampler} ended after ${all.length} trials`);
  return all;
}

const seeds = Array.from({ length: Number(given.seeds) }, (_, seed) => seed);
const cases = [];
for (const problem of problems) {
  console.log(`\n${problem.name}: share of the volume after ${BUDGETS.join(", ")} trials`);
  const measure = async (label, run) => {
    const shares = [];
    for (const seed of seeds) shares.push(sharesOf(problem, await run(seed)));
    const volume = BUDGETS.map((_, budget) => median(shares.map((each) => each[budget])));
    cases.push({ problem: problem.name, sampler: label, volume, shares });
    console.log(`  ${label.padEnd(16)}${volume.map((each) => each.toFixed(4).padStart(9)).join("")}`);
  };
  for (const sampler of samplers) await measure(sampler, (seed) => play(problem, sampler, seed));
  for (const sampler of peers) await measure(`Optuna ${sampler}`, (seed) => peer(problem, sampler, seed));
}
const isTrained = problems.every(({ costsOf }) => costsOf === trained);
// Without the peers it is another comparison, which must not take the place of that with them.
const compared = peers.length === 0 ? "goals-own" : "goals";
keep(isTrained ? `${compared}-trained` : compared, { optuna, seeds: seeds.length, budgets: BUDGETS, cases });
