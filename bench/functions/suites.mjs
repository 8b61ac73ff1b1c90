// The functions of bench/functions.mjs: what each is, its space, and how it is evaluated.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createCurveSurrogate } from "../../dist/analysis/curve-surrogate.js";
import { costOf } from "../../dist/core/goal.js";
import { findTasks, loadTable } from "../curve-tasks.mjs";
import { lineProcess } from "./line-process.mjs";

const SERVER = join(import.meta.dirname, "..", "peers-python", "function_values.py");

/**
 * COCO's bbob-mixint: 24 functions, of whose params four fifths are whole numbers. A seed is an instance: the function
 * moved, turned and raised in another way.
 */
async function mixint({ python, dimensions, seeds }) {
  const server = lineProcess(python, [SERVER, "bbob-mixint", dimensions.join(","), seeds.join(",")]);
  const { problems, version } = await server.ask({ list: true });
  const found = new Map();
  for (const { index, id, dimension, instance, space } of problems) {
    const name = `f${id}-${dimension}`;
    const problem = found.get(name) ?? {
      suite: "mixint",
      group: `mixint-${dimension}`,
      name,
      number: id,
      space,
      indexes: new Map(),
    };
    problem.indexes.set(instance, index);
    found.set(name, problem);
  }
  const list = [...found.values()].map(({ indexes, ...problem }) => ({
    ...problem,
    evaluate: async (params, seed) => {
      const x = problem.space.map(({ name }) => params[name]);
      return (await server.ask({ index: indexes.get(seed), x })).value;
    },
  }));
  return { problems: list, version: `COCO ${version}`, close: server.close };
}

/** The tasks of YAHPO Gym's suite v1 whose models are there: accuracy, trained on all of the data. */
async function yahpo({ python, yahpo: folder }) {
  if (folder === undefined || !existsSync(folder)) return undefined;
  const server = lineProcess(python, [SERVER, "yahpo", folder]);
  const { problems, missing, version } = await server.ask({ list: true });
  const list = problems.map(({ scenario, instance, space }, number) => ({
    suite: "yahpo",
    group: "yahpo",
    name: `${scenario}-${instance}`,
    number: number + 1,
    space,
    evaluate: async (params) => (await server.ask({ scenario, instance, params })).value,
  }));
  const absent = missing.length === 0 ? [] : [`YAHPO's models of ${missing.join(", ")} are not in ${folder}`];
  return { problems: list, version, absent, close: server.close };
}

/** The params of a space of ours as the peers are told. */
const described = (space) =>
  space.order.map((name) => {
    const param = space.params[name];
    if (param.kind === "float" || param.kind === "int") {
      const { kind, low, high, log } = param;
      return { name, kind, low, high, log };
    }
    return { name, kind: "choice", options: param.kind === "fixed" ? [param.value] : param.options };
  });

/** The last values of recorded curves: what a forest of them answers, for any params (see bench/surrogate.mjs). */
function curves({ folder }) {
  const tasks = findTasks(folder);
  const problems = tasks.map((task, index) => {
    const table = loadTable(task);
    let answer;
    return {
      suite: "curves",
      group: "curves",
      name: task.name,
      number: index + 1,
      space: described(table.space),
      evaluate: (params) => {
        answer ??= createCurveSurrogate(table);
        return costOf(answer(params).curve.reports.at(-1)[table.goal.metric], table.goal);
      },
    };
  });
  return { problems, close: () => {} };
}

export const SUITES = { mixint, yahpo, curves };
