// A thread that replays a rule on recorded curves, one job at a time.
import { parentPort } from "node:worker_threads";
import { replayTable } from "../dist/analysis/index.js";
import { chooseAlgorithm, knownSamplers, knownSchedulers } from "../dist/config/algorithms.js";
import { loadTable } from "./tables.mjs";

/** By seed: every new best value with the steps spent by then, and how many trials there were. */
function replay(table, { scheduler, sampler }, { seeds, steps }) {
  const rules = {
    scheduler: chooseAlgorithm(knownSchedulers(), scheduler),
    sampler: chooseAlgorithm(knownSamplers(), sampler),
  };
  return Array.from({ length: seeds }, (_, seed) => {
    const { improvements, study } = replayTable({ table, ...rules, seed, steps });
    return {
      improvements: improvements.map(({ spent, value }) => [spent, value]),
      trials: study.trials.length,
      complete: study.byState.complete.size,
    };
  });
}

let loaded;
parentPort.on("message", ({ path, rule, settings }) => {
  try {
    if (loaded?.path !== path) loaded = { path, table: loadTable(path) };
    parentPort.postMessage({ outcomes: replay(loaded.table, rule, settings) }, []);
  } catch (error) {
    parentPort.postMessage({ failure: `${path}, ${rule.name}: ${error.stack}` }, []);
  }
});
