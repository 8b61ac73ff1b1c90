// Networks of MagmaDNN, the poster's own library, tuned by Learning Curve Matching and population based training.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { CurvewiseError } from "../dist/core/index.js";
import { imagesText, openExperiment, setupRows, together } from "./experiment.mjs";
import { finalsFigure } from "./figures.mjs";
import { FLAGSHIP, PUBLISHED, RANDOM } from "./lcm-rules.mjs";
import {
  capital,
  compare,
  comparisonRow,
  endsOf,
  intervalText,
  meanRow,
  share,
  verdict,
} from "./statistics.mjs";

export const SUMMARY = `Tunes the networks of examples/magmadnn: random search, LCM as published and as it is today, and population based
training, with the same number of steps for each. Needs MagmaDNN (examples/magmadnn/README.md); without it, nothing is
run. About five minutes on two cores.`;

export const COUNTS = {
  seeds: {
    default: 10,
    quick: 2,
    low: 2,
    help: "searches per rule; with fewer than 6 no test can detect a difference",
  },
  trainings: { default: 10, quick: 4, low: 4, help: "the budget of a search, in complete trainings" },
};

const EXAMPLE = resolve(import.meta.dirname, "../examples/magmadnn");
const PBT = "population based training";
const TITLE = "Networks of MagmaDNN";
const NETWORK = "MagmaDNN 1.2, three fully connected layers";
/** As in the example's train.cpp. */
const IMAGES_PER_STEP = 600;
const MEASURED = 1000;

/** The rules: each a sampler with a scheduler, as in a study file. */
const rulesOf = (trainings) => ({
  [RANDOM]: { colour: "#7a828c", id: "random" },
  [PUBLISHED]: {
    colour: "#e8730c",
    id: "published",
    scheduler: { lcm: { mode: "poster", accumulate: Math.max(2, Math.round(trainings / 4)), curve: "loss" } },
  },
  // Starting the program costs about as much as some steps, so none pauses after one.
  [FLAGSHIP]: { colour: "#1f6fe5", id: "lcm", sampler: "curve", scheduler: { lcm: { minSteps: 2 } } },
  [PBT]: {
    colour: "#2a9d6f",
    id: "pbt",
    scheduler: {
      pbt: {
        population: trainings,
        interval: 4,
        evolve: ["lr", "momentum"],
        mode: "synchronous",
        resample: 0,
      },
    },
  },
});

/**
 * Builds the example, in a folder.
 *
 * @returns the program; undefined where MagmaDNN is not installed
 */
function build(folder) {
  const configured = spawnSync("cmake", ["-S", EXAMPLE, "-B", folder], { encoding: "utf8" });
  if (configured.error !== undefined || configured.stderr.includes("MagmaDNN is not installed"))
    return undefined;
  const built =
    configured.status === 0 ? spawnSync("cmake", ["--build", folder], { encoding: "utf8" }) : configured;
  if (built.status !== 0) {
    throw new CurvewiseError("BUILD_FAILED", "examples/magmadnn could not be built", {
      hint: built.stderr.trim().slice(-2000),
      kind: "failure",
    });
  }
  return join(folder, "train");
}

const SKIPPED = {
  title: TITLE,
  lede: "The library that the poster used.",
  findings: [
    "MagmaDNN is not installed where CMake looks (MAGMADNN_DIR, /opt/magmadnn), so nothing was run. docs/magmadnn.md has figures from a machine that has it.",
  ],
  tables: [],
  figures: [],
  data: {},
  summary: [],
};

/** Runs the experiment. */
export async function run({ output, data, workers, ...settings }) {
  const program = build(join(output, "build"));
  if (program === undefined) return { ...SKIPPED, settings };
  const { seeds, trainings } = settings;
  const example = parse(readFileSync(join(EXAMPLE, "study-lcm.yaml"), "utf8"));
  const { space, maxSteps, env } = example;
  const words = data === "" ? [] : [`--data=${data}`];
  const steps = trainings * maxSteps;
  const rules = rulesOf(trainings);
  const experiment = await openExperiment({
    output,
    data,
    workers,
    settings: { ...settings, data },
    steps: seeds * steps * Object.keys(rules).length,
  });
  const waiting = Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
    Object.entries(rules).map(([name, rule]) => ({ seed, name, rule })),
  );
  const studies = new Map(Object.keys(rules).map((name) => [name, []]));
  // Searches run side by side, each with one training at a time: what LCM does depends on which report comes first.
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { seed, name, rule } = next;
      const { id, colour: _, ...algorithms } = rule;
      studies.get(name)[seed - 1] = await experiment.run({
        study: `${id}-${seed}`,
        seed,
        space,
        maxSteps,
        budget: { totalSteps: steps },
        slots: 1,
        ...algorithms,
        program: { command: [program, ...words], env },
      });
    }
  };
  try {
    await together(Array.from({ length: workers }, work));
  } finally {
    await experiment.close();
  }
  const finals = new Map(
    [...studies].map(([name, all]) => [name, all.map(({ bestReported }) => bestReported)]),
  );
  const others = Object.keys(rules).filter((name) => name !== RANDOM);
  const comparisons = others.map((name) => ({
    name,
    comparison: compare(finals.get(name), finals.get(RANDOM)),
  }));
  return {
    title: TITLE,
    lede: `${NETWORK}, ${steps} steps of ${IMAGES_PER_STEP} images for each search, ${seeds} seeds, ${imagesText(data)}.`,
    findings: [
      ...comparisons.map(({ name, comparison }) => `${capital(verdict(name, RANDOM, comparison))}`),
      `Accuracies are measured on ${MEASURED.toLocaleString("en")} images, which also choose; docs/magmadnn.md has more seeds and longer searches.`,
    ],
    tables: [
      {
        head: ["rule", "best accuracy, mean [95 % interval]", "lowest", "highest"],
        rows: [...finals].map(([name, values]) => [
          name,
          intervalText(values),
          share(Math.min(...values)),
          share(Math.max(...values)),
        ]),
      },
    ],
    figures: [
      {
        name: "magmadnn-final",
        csv: "finals",
        title: "Final performance",
        summary: "Each dot is a seed; bars are means with 95 % confidence intervals.",
        figure: finalsFigure(
          [...finals].map(([name, values]) => ({ name, colour: rules[name].colour, values })),
          "best accuracy within the budget",
        ),
      },
    ],
    data: {
      finals: [...finals].flatMap(([name, values]) =>
        values.map((accuracy, index) => ({ rule: name, seed: index + 1, accuracy })),
      ),
    },
    summary: [
      ...[...finals].map(([name, values]) => meanRow(name, values, endsOf(values))),
      ...comparisons.map(({ name, comparison }) => comparisonRow(`${name} - ${RANDOM}`, comparison)),
      { quantity: "images per step", mean: IMAGES_PER_STEP },
      { quantity: "images that measure", mean: MEASURED },
      ...setupRows(data, NETWORK),
    ],
    settings: { ...settings, steps },
  };
}
