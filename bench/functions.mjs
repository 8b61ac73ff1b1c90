// How good the best of so many trials is, beside peers' samplers in the same run (in Python virtual environments of
// their own): mean ranks over functions after 50, 100 and 200 trials.
//   npm run bench:functions                    COCO's bbob-mixint, 10 params, and the recorded curves; one seed
//   npm run bench:functions -- --suite mixint,yahpo,curves --dimensions 10,40 --seeds 1-15 --yahpo FOLDER
//   npm run bench:functions -- --samplers 'auto,tpe,tpe {"good": 0.1},optuna-tpe' --functions 1-5,20 --trials 100
//   npm run bench:functions -- --resume runs.jsonl --json
// --suite       mixint: the 24 functions of bbob-mixint, a seed is an instance; yahpo: the rbv2 tasks of YAHPO Gym's
//               suite v1 whose models are in --yahpo FOLDER (a copy of yahpo_data); curves: the last values of recorded
//               curves (--folder), as a forest of them answers for any params
// --samplers    names of ours, with options as JSON; optuna-tpe, optuna-gp, optuna-cmaes, optuna-auto (OptunaHub's
//               AutoSampler; --optunahub FOLDER: a copy of its registry), smac, hebo
// --trials      the budget; ranks are taken after 50, 100 and 200, and at its end
// --limit       seconds that a peer may take for one study; what it does not reach has no rank
// --resume      a file of JSON lines that grows by one for each study; those in it are not run again
// --baseline    whom the others are tested against; default auto
// --report      run nothing: only rank what is in the --resume file
// --python      a Python that has everything in requirements-functions.txt already (--python-hebo: for HEBO)
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { DEFAULT_FOLDER } from "./curve-tasks.mjs";
import { isOurs, runOurs } from "./functions/ours.mjs";
import { closePeers, PEERS, pythonFor, runPeer, usePython } from "./functions/peers.mjs";
import { rank } from "./functions/rankings.mjs";
import { SUITES } from "./functions/suites.mjs";
import { keep, machine, median } from "./machine.mjs";

const { values: given } = parseArgs({
  options: {
    suite: { type: "string", default: "mixint,curves" },
    dimensions: { type: "string", default: "10" },
    functions: { type: "string", default: "" },
    seeds: { type: "string", default: "1" },
    samplers: {
      type: "string",
      default: ["auto,tpe,gp,cmaes,forest,random,sobol", ...Object.keys(PEERS)].join(),
    },
    trials: { type: "string", default: "200" },
    limit: { type: "string", default: "1200" },
    folder: { type: "string", default: DEFAULT_FOLDER },
    yahpo: { type: "string" },
    optunahub: { type: "string" },
    python: { type: "string" },
    "python-hebo": { type: "string" },
    resume: { type: "string" },
    report: { type: "boolean", default: false },
    baseline: { type: "string", default: "auto" },
    json: { type: "boolean", default: false },
  },
});

function refuse(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}

/** `1-3,7` as numbers. */
const numbersOf = (text) =>
  text.split(",").flatMap((part) => {
    const [from, to = from] = part.split("-").map(Number);
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 1 || to < from)
      refuse(`"${text}" must be whole numbers such as 1-3,7`);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
/** Names separated by commas, but not by those within braces. */
const namesOf = (text) => text.split(/,(?![^{]*\})/).map((name) => name.trim());

const trials = Number(given.trials);
if (!Number.isInteger(trials) || trials < 1) refuse("--trials takes a whole number of at least 1");
const budgets = [...new Set([50, 100, 200, trials])]
  .filter((budget) => budget <= trials)
  .sort((a, b) => a - b);
const seeds = numbersOf(given.seeds);
const dimensions = numbersOf(given.dimensions);
const functions = given.functions === "" ? undefined : new Set(numbersOf(given.functions));
const samplers = namesOf(given.samplers);
const unknown = samplers.find((name) => !isOurs(name) && PEERS[name] === undefined);
if (unknown !== undefined) refuse(`there is no sampler "${unknown}"; --help names the peers'`);
const suites = namesOf(given.suite);
const stranger = suites.find((name) => SUITES[name] === undefined);
if (stranger !== undefined)
  refuse(`there is no suite "${stranger}"; those are ${Object.keys(SUITES).join(", ")}`);
if (given.python !== undefined) usePython("functions", given.python);
if (given["python-hebo"] !== undefined) usePython("functions-hebo", given["python-hebo"]);
const settings = { limit: 1000 * Number(given.limit), optunahub: given.optunahub };

const keyOf = ({ group, problem, seed, sampler }) => JSON.stringify([group, problem, seed, sampler]);
const known = new Map();
if (given.resume !== undefined && existsSync(given.resume)) {
  // The last line may be cut off.
  const whole = readFileSync(given.resume, "utf8").split("\n").slice(0, -1);
  for (const run of whole.map((line) => JSON.parse(line))) {
    const earlier = known.get(keyOf(run));
    if (earlier === undefined || earlier.trials < run.trials) known.set(keyOf(run), run);
  }
}

const absent = [];
const versions = new Set();
const failures = new Map();

async function runOne(problem, sampler, seed) {
  const run = isOurs(sampler)
    ? await runOurs(problem, sampler, seed, trials)
    : await runPeer(problem, sampler, seed, trials, settings);
  const { values, milliseconds, version } = run;
  const bests = [];
  for (const [trial, value] of values.entries())
    if (bests.length === 0 || value < bests.at(-1)[1]) bests.push([trial, value]);
  const { suite, group, name } = problem;
  return { suite, group, problem: name, seed, sampler, trials: values.length, milliseconds, version, bests };
}

async function runAll(problems) {
  // A seed after the other, so that a run that is cut has something to compare.
  const runs = seeds.flatMap((seed) =>
    problems.flatMap((problem) => samplers.map((sampler) => ({ problem, sampler, seed }))),
  );
  for (const [place, { problem, sampler, seed }] of runs.entries()) {
    const { group, name } = problem;
    const key = keyOf({ group, problem: name, seed, sampler });
    if ((known.get(key)?.trials ?? 0) >= trials || (failures.get(sampler)?.count ?? 0) >= 3) continue;
    try {
      const run = await runOne(problem, sampler, seed);
      known.set(key, run);
      if (given.resume !== undefined) appendFileSync(given.resume, `${JSON.stringify(run)}\n`);
      console.error(
        `${place + 1}/${runs.length} ${group} ${name}, seed ${seed}, ${sampler}: ${run.bests.at(-1)?.[1].toPrecision(5)}` +
          ` (${(run.milliseconds / 1000).toFixed(1)} s)`,
      );
    } catch (error) {
      const count = (failures.get(sampler)?.count ?? 0) + 1;
      failures.set(sampler, { sampler, count, message: `${name}, seed ${seed}: ${error.message}` });
      console.error(`${sampler} failed on ${name}, seed ${seed}: ${error.message}`);
    }
  }
}

const wanted = new Set();
for (const name of suites) {
  if (given.report) break;
  const needsPython = name !== "curves";
  const suite = await SUITES[name]({
    python: needsPython ? pythonFor("functions") : undefined,
    dimensions,
    seeds,
    folder: given.folder,
    yahpo: given.yahpo,
  });
  if (suite === undefined) {
    absent.push("yahpo was not run: give --yahpo the folder of a copy of yahpo_data");
    continue;
  }
  absent.push(...(suite.absent ?? []));
  if (suite.version !== undefined) versions.add(suite.version);
  try {
    const problems = suite.problems.filter(({ number }) => functions?.has(number) ?? true);
    for (const { group } of problems) wanted.add(group);
    await runAll(problems);
  } finally {
    suite.close();
  }
}
closePeers();

const inQuestion = [...known.values()].filter(
  ({ suite, group, sampler, seed }) =>
    suites.includes(suite) &&
    samplers.includes(sampler) &&
    seeds.includes(seed) &&
    (given.report || wanted.has(group)),
);
for (const { version } of inQuestion) if (version !== undefined) versions.add(version);

/**
 * Two tables where some samplers ran on fewer pairs than others: one of those that have the most pairs, on all of them,
 * and one of all samplers, on what they have in common.
 */
function tablesOf(runs, budget) {
  const reached = runs.filter((run) => run.trials >= budget);
  const counts = new Map();
  for (const { sampler } of reached) counts.set(sampler, (counts.get(sampler) ?? 0) + 1);
  const all = samplers.filter((sampler) => counts.has(sampler));
  const most = Math.max(...counts.values());
  const full = all.filter((sampler) => counts.get(sampler) === most);
  return [full, ...(full.length < all.length ? [all] : [])].flatMap((chosen) => {
    const found = rank(reached, chosen, budget, given.baseline);
    return found === undefined ? [] : [{ budget, ...found }];
  });
}

const title = (sampler) => PEERS[sampler]?.title ?? sampler;
const figure = (value) => (value < 0.001 ? "<.001" : value.toFixed(3).replace(/^0/, ""));
const groups = [...new Set(inQuestion.map(({ group }) => group))];
const results = [];
const whole = groups.length > 1 ? [["all", inQuestion]] : [];
for (const [group, runs] of [
  ...groups.map((name) => [name, inQuestion.filter((run) => run.group === name)]),
  ...whole,
]) {
  for (const budget of budgets) {
    for (const table of tablesOf(runs, budget)) {
      results.push({ group, ...table });
      const { functions: count, pairs, pValue, criticalDifference } = table;
      console.log(
        `\n${group} after ${budget} trials: mean ranks over ${count} functions, ${pairs} studies each` +
          ` (Friedman p ${figure(pValue)}, critical difference ${criticalDifference.toFixed(2)})`,
      );
      for (const row of table.samplers.toSorted((a, b) => a.meanRank - b.meanRank)) {
        const against =
          row.holm === undefined
            ? ""
            : `  ${given.baseline} ahead ${row.won}, behind ${row.lost}, p ${figure(row.holm)}`;
        console.log(`  ${title(row.sampler).padEnd(44)}${row.meanRank.toFixed(2).padStart(6)}${against}`);
      }
    }
  }
}

console.log("\nmilliseconds of processor time for an ask and tell (median over studies)");
const times = samplers.flatMap((sampler) => {
  const own = inQuestion.filter((run) => run.sampler === sampler);
  if (own.length === 0) return [];
  const milliseconds = median(own.map((run) => run.milliseconds / run.trials));
  console.log(`  ${title(sampler).padEnd(44)}${milliseconds.toFixed(1).padStart(8)}`);
  return [{ sampler, studies: own.length, milliseconds }];
});
for (const text of absent) console.log(`not run: ${text}`);
for (const { sampler, count, message } of failures.values())
  console.log(`failed: ${title(sampler)}, ${count} times, last on ${message}`);
console.log(`${machine().cpu}, ${machine().cores} cores; ${[...versions].join(", ")}`);
keep("functions", {
  seeds,
  dimensions,
  trials,
  versions: [...versions],
  results,
  times,
  absent,
  failures: [...failures.values()],
});
