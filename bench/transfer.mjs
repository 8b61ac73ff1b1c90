// What the curves of an earlier study are worth to the next one, on recorded curves of related tasks.
//   node bench/transfer.mjs                           the next task of the same family, 20 seeds
//   node bench/transfer.mjs --tasks taskset --seeds 20 --budgets 2,5,10,20,50 --earlier 20 --rules "lcm + curve"
//   node bench/transfer.mjs --json                    the last line is the result as JSON
// Each seed splits the configurations: one half for the earlier study, one half for the next. The earlier study is
// `lcm` with the sampler `curve` on another task of the same folder, within the budget --earlier of complete trainings;
// --from same: on the same task. Then each rule is replayed on the other half, with and without that study's curves.
// Regret is as in docs/replay.md, for the half that is searched. Ratios are of mean regrets, with 95 % intervals from a
// paired bootstrap over tasks and seeds.

import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { regretAt, replayTable } from "../dist/analysis/index.js";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../dist/config/algorithms.js";
import { transferredStudy } from "../dist/core/transferred-study.js";
import { createRandom } from "../dist/math/random.js";
import { counter } from "./curve-rules.mjs";
import { DEFAULT_FOLDER, findTasks, loadTable } from "./curve-tasks.mjs";
import { keep } from "./machine.mjs";

const EARLIER = "earlier";
/** A purpose that the product does not use. */
const SPLIT = 0xfff1;

const RULES = {
  "lcm + random": { scheduler: ["lcm", {}], sampler: ["random", {}] },
  "lcm + curve": { scheduler: ["lcm", {}], sampler: ["curve", {}] },
  "lcm, stop + random": { scheduler: ["lcm", { mode: "stop" }], sampler: ["random", {}] },
  "lcm, poster + random": { scheduler: ["lcm", { mode: "poster" }], sampler: ["random", {}] },
};
/** Which part learns from the earlier study, scheduler or sampler, by name. */
const TRANSFERS = {
  none: [false, false],
  scheduler: [true, false],
  sampler: [false, true],
  both: [true, true],
};
const canLearn = (rule) => rule.sampler[0] === "curve";
const waysOf = (rule) => Object.keys(TRANSFERS).filter((way) => canLearn(rule) || !TRANSFERS[way][1]);

/** The part of a table with the selected configurations. */
function partOf(table, isKept) {
  const { metric, direction } = table.goal;
  const sign = direction === "minimize" ? 1 : -1;
  const curves = table.curves.filter((_, index) => isKept(index));
  const costs = curves.map(({ reports }) => reports.map((report) => sign * report[metric]));
  const finals = costs.map((each) => each.at(-1)).sort((a, b) => a - b);
  const middle = (finals.length - 1) / 2;
  return {
    ...table,
    curves,
    candidates: table.candidates.filter((_, index) => isKept(index)),
    best: sign * Math.min(...costs.map((each) => Math.min(...each))),
    medianFinal: (sign * (finals[Math.floor(middle)] + finals[Math.ceil(middle)])) / 2,
  };
}

function replay(table, scheduler, sampler, seed, budget, transferred) {
  return replayTable({
    table,
    scheduler: chooseAlgorithm(knownSchedulers(), scheduler),
    sampler: chooseAlgorithm(knownSamplers(), sampler),
    seed,
    steps: budget * table.maxSteps,
    transferred,
  });
}

const tables = new Map();

function tableOf(task) {
  const table = tables.get(task.path) ?? loadTable(task);
  tables.set(task.path, table);
  return table;
}

/** The regrets of all rules on a task with one seed: by rule, then by transfer, then by budget. */
function replayPair({ from, to, seed, rules, budgets, earlier: effort }) {
  const random = createRandom(seed, 0, SPLIT);
  const table = tableOf(to);
  const earlierTable = tableOf(from);
  const isEarlier = table.candidates.map(() => random.uniform() < 0.5);
  const before = replay(
    partOf(earlierTable, (index) => isEarlier[index]),
    "lcm",
    "curve",
    seed + 1000,
    effort,
    [],
  );
  const metric = table.goal.metric;
  const transferred = [{ ...transferredStudy(before.study, metric), name: EARLIER }];
  const part = partOf(table, (index) => !isEarlier[index]);
  const option = (isOn) => (isOn ? { transfer: [EARLIER] } : {});
  return Object.fromEntries(
    rules.map((name) => {
      const rule = RULES[name];
      const regrets = waysOf(rule).map((way) => {
        const [schedulerLearns, samplerLearns] = TRANSFERS[way];
        const [scheduler, schedulerOptions] = rule.scheduler;
        const [sampler, samplerOptions] = rule.sampler;
        const { improvements } = replay(
          part,
          { [scheduler]: { ...schedulerOptions, ...option(schedulerLearns) } },
          { [sampler]: { ...samplerOptions, ...option(samplerLearns) } },
          seed,
          Math.max(...budgets),
          transferred,
        );
        return [way, budgets.map((budget) => regretAt(part, improvements, budget))];
      });
      return [name, Object.fromEntries(regrets)];
    }),
  );
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The ratio of two means with its 95 % interval, by resampling pairs. */
function ratioOf(with_, without) {
  const random = createRandom(0, 0, SPLIT);
  const ratios = Array.from({ length: 2000 }, () => {
    let above = 0;
    let below = 0;
    for (let draw = 0; draw < with_.length; draw++) {
      const place = random.integer(0, with_.length - 1);
      above += with_[place];
      below += without[place];
    }
    return above / below;
  }).sort((a, b) => a - b);
  return { ratio: mean(with_) / mean(without), low: ratios[50], high: ratios[1949] };
}

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      folder: { type: "string", default: DEFAULT_FOLDER },
      tasks: { type: "string", default: "taskset" },
      from: { type: "string", default: "next" },
      seeds: { type: "string", default: "20" },
      budgets: { type: "string", default: "2,5,10,20,50" },
      earlier: { type: "string", default: "20" },
      rules: { type: "string", default: Object.keys(RULES).join(";") },
      threads: { type: "string", default: String(availableParallelism()) },
      json: { type: "boolean", default: false },
    },
  });
  const tasks = findTasks(values.folder, values.tasks);
  const rules = values.rules.split(";").map((rule) => rule.trim());
  const unknown = rules.find((rule) => !Object.hasOwn(RULES, rule));
  if (unknown !== undefined) {
    console.error(
      `error: there is no rule "${unknown}"\nhint: The rules are ${Object.keys(RULES).join("; ")}.`,
    );
    process.exit(2);
  }
  const budgets = values.budgets.split(",").map(Number);
  const earlier = Number(values.earlier);
  const seeds = Number(values.seeds);
  const nextOf = (task) => {
    const family = tasks.filter(({ source }) => source === task.source);
    return values.from === "same" ? task : family[(family.indexOf(task) + 1) % family.length];
  };
  const jobs = tasks.flatMap((to) =>
    Array.from({ length: seeds }, (_, seed) => ({ from: nextOf(to), to, seed, rules, budgets, earlier })),
  );
  const results = [];
  const count = counter(jobs.length, "pairs of studies");
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(Number(values.threads), jobs.length) }, async () => {
      const worker = new Worker(new URL(import.meta.url));
      try {
        for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
          worker.postMessage(job, []);
          const [{ regrets, failure }] = await once(worker, "message");
          if (failure !== undefined) throw new Error(failure);
          results.push(regrets);
          count();
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  const rows = rules.flatMap((rule) => {
    const at = (way, budget) => results.map((result) => result[rule][way][budget] ?? Number.NaN);
    return waysOf(RULES[rule]).map((way) => ({
      rule,
      transfer: way,
      regret: budgets.map((_, budget) => mean(at(way, budget))),
      ratio:
        way === "none" ? undefined : budgets.map((_, budget) => ratioOf(at(way, budget), at("none", budget))),
    }));
  });
  console.log(
    `${tasks.length} tasks, ${seeds} seeds; earlier study: ${earlier} complete trainings' worth of steps`,
  );
  console.log(
    `${"mean regret after complete trainings:".padEnd(42)}${budgets.map((each) => String(each).padStart(20)).join("")}`,
  );
  for (const { rule, transfer, regret, ratio } of rows) {
    const cells = regret.map((value, index) => {
      const { ratio: share = 0, low = 0, high = 0 } = ratio?.[index] ?? {};
      const compared =
        ratio === undefined ? "" : ` x${share.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)})`;
      return `${value.toFixed(3)}${compared}`.padStart(24);
    });
    console.log(`${`${rule}, transfer: ${transfer}`.padEnd(42)}${cells.join("")}`);
  }
  keep(`transfer-${(values.tasks || "all").replaceAll(/[^\w-]+/g, "-")}-${values.from}`, {
    tasks: tasks.map(({ name }) => name),
    seeds,
    budgets,
    earlier,
    rows,
  });
} else {
  parentPort.on("message", (job) => {
    try {
      parentPort.postMessage({ regrets: replayPair(job) }, []);
    } catch (error) {
      parentPort.postMessage({ failure: `${job.to.name}, seed ${job.seed}: ${error.stack}` }, []);
    }
  });
}
