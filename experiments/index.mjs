// The experiments of the poster, and the comparisons that it promised.
//   npm run experiments                              all of them, with one page
//   npm run experiments -- --quick --output FOLDER   all of them, small
//   npm run experiments -- dynamic-rate --help       one of them
import { join } from "node:path";
import { isCurvewiseError } from "../dist/core/index.js";
import { hostTroubleOf } from "../dist/system/index.js";
import { Interrupted } from "./experiment.mjs";
import { EXPERIMENTS } from "./names.mjs";
import { defaultOptions, readOptions } from "./options.mjs";
import { printSection, readSection, writePage, writeResult } from "./output.mjs";

const USAGE = `The experiments of the poster: npm run experiments -- [NAME] [options]

Without a name, all of them run, one after another, and one page tells what came of them:

${Object.entries(EXPERIMENTS)
  .map(([name, summary]) => `  ${name.padEnd(14)}${summary}`)
  .join("\n")}

  record        records the learning curves that lcm and scale replay (experiments/curves); not part of the others

  --quick       a small run of a minute or two
  --output DIR  where results go (experiment-results)
  --data DIR    a folder of IDX files named like MNIST's, instead of the part of Fashion-MNIST included here
  --workers N   how many trainings run at the same time
  NAME --help   the options of an experiment

Each writes figures as SVG, tables as CSV, and a page. Ctrl-C saves and ends; the same command continues.`;

const load = async (name) => {
  const { SUMMARY, COUNTS, TEXTS, run } = await import(`./${name}.mjs`);
  return { run, description: { summary: SUMMARY, counts: COUNTS, texts: TEXTS } };
};

/** Options on which no figure depends: how many trainings run at the same time changes nothing but the time. */
const UNCOUNTED = new Set(["output", "quick", "workers"]);

/** Runs an experiment, or reads what it found before. */
async function sectionOf({ name, run, options }) {
  const { output } = options;
  const settings = Object.fromEntries(
    Object.entries(options)
      .filter(([option]) => !UNCOUNTED.has(option))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const before = readSection(output, settings);
  if (before !== undefined) return before;
  const result = await run({ output, workers: options.workers, ...settings });
  return writeResult(output, { experiment: name, ...result, options: settings });
}

async function runAll(argv) {
  const common = readOptions("", { summary: USAGE }, argv);
  if (common === undefined) return;
  const sections = [];
  for (const name of Object.keys(EXPERIMENTS)) {
    const { run, description } = await load(name);
    console.log(`\n== ${name}`);
    const options = {
      ...common,
      ...defaultOptions(description, common),
      output: join(common.output, name),
    };
    const section = await sectionOf({ name, run, options });
    printSection(section);
    sections.push(section);
  }
  const title = "The poster, reproduced and surpassed";
  const lede = common.quick
    ? "A quick run with small counts: it shows that everything works, and its figures mean nothing."
    : "Learning Curve Matching, grids over MPI, dynamic learning rates and population based training: every experiment of the poster, and the comparisons that it promised.";
  await writePage(common.output, { title, lede, sections });
}

async function runOne(name, argv) {
  const { run, description } = await load(name);
  const options = readOptions(name, description, argv);
  if (options === undefined) return;
  if (name === "record") {
    for (const file of await run(options)) console.log(file);
    return;
  }
  const section = await sectionOf({ name, run, options });
  printSection(section);
  const { title, lede } = section;
  await writePage(options.output, { title, lede, sections: [section] });
}

const [first = "", ...others] = process.argv.slice(2);
const isName = first !== "" && !first.startsWith("-");
try {
  if (first === "--help" || first === "-h") console.log(USAGE);
  else if (!isName) await runAll(process.argv.slice(2));
  else if (first === "record" || Object.hasOwn(EXPERIMENTS, first)) await runOne(first, others);
  else {
    console.error(`There is no experiment ${JSON.stringify(first)}.\n\n${USAGE}`);
    process.exitCode = 2;
  }
} catch (error) {
  if (error instanceof Interrupted) {
    console.error("Interrupted; the same command continues from here.");
    process.exitCode = 130;
  } else if (isCurvewiseError(error)) {
    console.error(`${error.message}\n${error.hint ?? ""}`.trimEnd());
    process.exitCode = error.kind === "failure" ? 1 : 2;
  } else if (error instanceof Error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
    console.error(`${error.message}\nSee npm run experiments -- ${isName ? `${first} ` : ""}--help.`);
    process.exitCode = 2;
  } else if (hostTroubleOf(error) !== undefined) {
    console.error(`${error.message}\n${hostTroubleOf(error)}`);
    process.exitCode = 2;
  } else {
    throw error;
  }
}
