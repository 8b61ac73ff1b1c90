// The product's own rules, each a scheduler with a sampler, and their replays on all cores.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { parse } from "yaml";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../dist/config/algorithms.js";

/** Options of registered schedulers that are worth a line besides the defaults. */
const VARIANTS = {
  asha: [{ eta: 3 }, { eta: 4 }, { type: "stopping", eta: 3 }, { type: "stopping", eta: 4 }],
  hyperband: [{ eta: 3 }],
  lcm: [
    { mode: "poster", accumulate: 10 },
    { mode: "promote", eta: 3 },
    { mode: "promote", eta: 4 },
    { mode: "stop" },
  ],
};

/** The baseline is the first of these that was replayed. */
const BASELINES = ["asha {eta: 4} + random", "asha + random", "median + random", "none + random"];

const inline = (options) =>
  Object.entries(options)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
const labelOf = (input) =>
  typeof input === "string"
    ? input
    : Object.entries(input).map(([name, options]) => `${name} {${inline(options)}}`)[0];

/** Reads `none, asha: {eta: 4}`, as in study.yaml. */
const readList = (text) => parse(`[${text}]`);

const canChoose = (known, input) => {
  try {
    return chooseAlgorithm(known, input) !== undefined;
  } catch {
    return false;
  }
};

/** Whether a scheduler can be replayed on recorded curves, which it cannot if it changes trials' params. */
function isReplayable(known, name, { space, goal, maxSteps }) {
  try {
    const scheduler = known.get(name).choose().create({ space, goal, maxSteps, seed: 0 });
    return scheduler.snapshotEvery === undefined;
  } catch {
    return true;
  }
}

/** The registered schedulers, each with its defaults and in the variants that it accepts. */
function registeredSchedulers(table) {
  const known = knownSchedulers();
  const names = [...known.keys()].filter((name) => isReplayable(known, name, table));
  return names.flatMap((name) => {
    const variants = (VARIANTS[name] ?? []).map((options) => ({ [name]: options }));
    const accepted = variants.filter((variant) => canChoose(known, variant));
    const settings = (input) => JSON.stringify(chooseAlgorithm(known, input).options);
    const defaults = accepted.some((variant) => settings(variant) === settings(name)) ? [] : [name];
    return [...defaults, ...accepted].filter((input) => canChoose(known, input));
  });
}

/** The registered samplers that can choose from a table's configurations. */
function registeredSamplers({ space, goal, maxSteps, candidates }) {
  const known = knownSamplers();
  return [...known.keys()].filter((name) => {
    try {
      known.get(name).choose().create({ space, goal, maxSteps, seed: 0, candidates });
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether a rule's label is among the selected ones, `asha {eta: 4} + random; lcm + curve`; by default all are. */
export function isWanted(label, only) {
  if (only === undefined) return true;
  return only.split(";").some((wanted) => wanted.trim() === label);
}

/**
 * Every scheduler with every sampler, and the oracle stopper.
 *
 * @param schedulers as text, `none, asha: {eta: 4}`; undefined: all registered ones
 * @param samplers likewise
 * @param table any table, to find out which samplers can choose from given configurations
 */
export function rulesOf(schedulers, samplers, table) {
  const chosenSchedulers = schedulers === undefined ? registeredSchedulers(table) : readList(schedulers);
  const chosenSamplers = samplers === undefined ? registeredSamplers(table) : readList(samplers);
  const rules = chosenSchedulers.flatMap((scheduler) =>
    chosenSamplers.map((sampler) => ({
      label: `${labelOf(scheduler)} + ${labelOf(sampler)}`,
      scheduler,
      sampler,
      reference: false,
      regrets: [],
      milliseconds: 0,
    })),
  );
  const oracle = {
    label: "oracle stopper + random",
    scheduler: "oracle",
    sampler: "random",
    reference: true,
  };
  return [...rules, { ...oracle, regrets: [], milliseconds: 0 }];
}

/** The label of the rule that others are tested against. */
export function baselineOf(rules) {
  const labels = new Set(rules.map(({ label }) => label));
  return BASELINES.find((label) => labels.has(label));
}

/** Shows progress on a terminal. */
export function counter(total, noun) {
  let done = 0;
  return () => {
    done += 1;
    if (!process.stderr.isTTY) return;
    process.stderr.write(done === total ? "\r\u001b[K" : `\r${done} of ${total} ${noun} `);
  };
}

/** Replays every rule on every task, in threads; fills the rules' regrets (by task, then seed) and milliseconds. */
export async function replayRules(tasks, rules, settings) {
  const jobs = tasks.flatMap((task, place) => rules.map((rule) => ({ task, place, rule })));
  const count = counter(jobs.length, "replays of a rule on a task");
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(settings.threads, jobs.length) }, async () => {
      const worker = new Worker(new URL("./curve-worker.mjs", import.meta.url));
      try {
        for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) {
          const { task, place, rule } = job;
          worker.postMessage({ task, rule, settings }, []);
          const [{ regrets, milliseconds, failure }] = await once(worker, "message");
          if (failure !== undefined) throw new Error(failure);
          rule.regrets[place] = regrets;
          rule.milliseconds += milliseconds;
          count();
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
}
