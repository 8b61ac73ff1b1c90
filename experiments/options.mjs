// The options of experiments, from the command line.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { CurvewiseError } from "../dist/core/index.js";

/** Parses a whole number of at least `low`, or reports an error to the user. */
function count(name, text, low) {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= low) return value;
  throw new CurvewiseError("ARGUMENT_INVALID", `--${name} is ${JSON.stringify(text)}`, {
    hint: `Give a whole number of at least ${low}.`,
  });
}

const COMMON = {
  data: {
    default: "",
    help: "a folder of IDX files named like MNIST's; by default the part of Fashion-MNIST included here",
  },
};

const WORKERS = { default: availableParallelism(), low: 1, help: "how many trainings run at the same time" };

function helpOf(name, summary, all) {
  const lines = Object.entries(all).map(([option, each]) => {
    const values = [each.default, ...(each.quick === undefined ? [] : [`quick: ${each.quick}`])];
    const shown = values.filter((value) => value !== "").join("; ");
    return `  --${option.padEnd(15)}${each.help}${shown === "" ? "" : ` (${shown})`}`;
  });
  const quick = `  --${"quick".padEnd(15)}small counts, to see that everything works; the figures mean nothing`;
  return `npm run experiments -- ${name === "" ? "" : `${name} `}[options]\n\n${summary}\n\n${[...lines, quick].join("\n")}`;
}

/**
 * Reads an experiment's options: counts, each with its default, its value for a quick run, minimum and meaning, and
 * texts. Undefined if help was requested, which is then printed.
 *
 * @param name of the experiment; empty for all of them
 */
export function readOptions(name, { summary, counts = {}, texts = {} }, argv) {
  const output = {
    default: name === "" ? "experiment-results" : join("experiment-results", name),
    help: "the folder for all results; what is there already is not run again",
  };
  const numbers = { ...counts, workers: WORKERS };
  const words = { ...texts, ...COMMON, output };
  const all = { ...numbers, ...words };
  const { values } = parseArgs({
    args: argv,
    options: {
      ...Object.fromEntries(Object.keys(all).map((option) => [option, { type: "string" }])),
      quick: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(helpOf(name, summary, all));
    return undefined;
  }
  const given = (option, each) =>
    values[option] ?? String((values.quick ? each.quick : undefined) ?? each.default);
  const data = given("data", COMMON.data);
  if (data !== "" && !existsSync(data)) {
    throw new CurvewiseError("DATA_MISSING", `there is no folder ${data}`, {
      hint: "Give --data a folder of IDX files that are named like MNIST's.",
    });
  }
  return {
    ...Object.fromEntries(
      Object.entries(numbers).map(([option, each]) => [option, count(option, given(option, each), each.low)]),
    ),
    ...Object.fromEntries(Object.entries(texts).map(([option, each]) => [option, given(option, each)])),
    data: data === "" ? "" : resolve(data),
    output: resolve(given("output", output)),
    quick: values.quick,
  };
}

/** An experiment's options where all experiments run: the defaults. */
export const defaultOptions = ({ counts = {}, texts = {} }, { quick }) =>
  Object.fromEntries(
    Object.entries({ ...counts, ...texts }).map(([option, each]) => [
      option,
      (quick ? each.quick : undefined) ?? each.default,
    ]),
  );
