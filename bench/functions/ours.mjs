// A study of Curvewise as a user would write it, asked and told.
import { choice, createStudy, float, int } from "../../dist/api/index.js";
import * as samplers from "../../dist/samplers/index.js";

const paramOf = (param) => {
  const { kind, low, high, log = false, options, when } = param;
  const condition = when === undefined ? {} : { when };
  if (kind === "float") return float(low, high, { log, ...condition });
  if (kind === "int") return int(low, high, { log, ...condition });
  return choice(options, condition);
};

/** Milliseconds of processor time of this process, its compiler and collector included. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Runs one study.
 *
 * @param sampler its name, or `NAME OPTIONS` with options as JSON
 * @returns the values in order, and the milliseconds of processor time for the asks and tells
 */
export async function runOurs({ name, space, evaluate }, sampler, seed, trials) {
  const [, id, options = "{}"] = /^(\S+)\s*(\{.*\})?$/.exec(sampler) ?? [];
  const study = createStudy({
    name,
    goal: { minimize: "value" },
    space: Object.fromEntries(space.map((param) => [param.name, paramOf(param)])),
    sampler: samplers.samplers[id](JSON.parse(options)),
    seed,
  });
  const session = await study.open({ trials });
  const values = [];
  let milliseconds = 0;
  try {
    for (let trial = 0; trial < trials; trial++) {
      let begin = processorTime();
      const asked = await session.ask();
      milliseconds += processorTime() - begin;
      if (asked === undefined) break;
      const value = await evaluate(asked.params, seed);
      values.push(value);
      begin = processorTime();
      await asked.tell({ value });
      milliseconds += processorTime() - begin;
    }
  } finally {
    await session.close();
  }
  return { values, milliseconds };
}

/** Whether a sampler of ours has this name. */
export const isOurs = (name) => Object.hasOwn(samplers.samplers, name.split(/[\s{]/)[0]);
