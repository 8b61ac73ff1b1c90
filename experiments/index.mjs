// Experiments on real networks, each of which runs as ordinary Curvewise studies.
//   npm run experiments -- --help
//   npm run experiments -- dynamic-rate --help
import { isCurvewiseError } from "../dist/core/index.js";
import { Interrupted } from "./experiment.mjs";

const EXPERIMENTS = {
  "dynamic-rate": "a decaying learning rate against a constant one, and against the schedule that PBT found",
  pbt: "population based training against random search, fixed rates and LCM with the same number of steps",
};

const USAGE = `Experiments on real networks: npm run experiments -- NAME [options]

${Object.entries(EXPERIMENTS)
  .map(([name, summary]) => `  ${name.padEnd(14)}${summary}`)
  .join("\n")}

  NAME --help   the options of an experiment

Each writes a page, plots as SVG and tables as CSV to a folder. Ctrl-C saves and ends; the same command continues.`;

const [name = "--help", ...argv] = process.argv.slice(2);
if (name === "--help" || name === "-h") {
  console.log(USAGE);
} else if (!Object.hasOwn(EXPERIMENTS, name)) {
  console.error(`There is no experiment ${JSON.stringify(name)}.\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  const { run } = await import(`./${name}.mjs`);
  try {
    await run(argv);
  } catch (error) {
    if (error instanceof Interrupted) {
      console.error("Interrupted; the same command continues from here.");
      process.exitCode = 130;
    } else if (isCurvewiseError(error)) {
      console.error(`${error.message}\n${error.hint ?? ""}`.trimEnd());
      process.exitCode = 1;
    } else if (error instanceof Error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      console.error(`${error.message}\nSee npm run experiments -- ${name} --help.`);
      process.exitCode = 2;
    } else {
      throw error;
    }
  }
}
