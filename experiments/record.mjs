// Records the learning curves that the experiments lcm and scale replay: random configurations, each trained to its end.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ARCHITECTURES, IMAGES_PER_STEP, STEPS } from "./architectures.mjs";
import { ALL_PARAMS, openExperiment } from "./experiment.mjs";

export const SUMMARY = `Trains random configurations of every network to the end and writes their learning curves as files of the
format curves, which \`curvewise replay\` and the experiments lcm and scale read. About half an hour on two cores.`;

export const COUNTS = {
  configurations: {
    default: 0,
    quick: 8,
    low: 0,
    help: "per network; 0: as many as experiments/architectures.mjs says",
  },
};

/** Other options: a name, which networks, and where the files go. */
export const TEXTS = {
  dataset: { default: "fashion-mnist", help: "the name of the images, for the task's name" },
  networks: { default: Object.keys(ARCHITECTURES).join(","), help: "which networks to train" },
  curves: { default: "", help: "the folder for the curves; by default OUTPUT/curves" },
};

/** Four digits of a metric suffice: there are 2,000 or 10,000 test images. */
const rounded = (value) => (Number.isFinite(value) ? Number(value.toFixed(4)) : null);

function fileOf(study, { dataset, name, title }) {
  const trials = study.trials.filter(({ state }) => state === "complete");
  const metricOf = (trial, metric) => trial.curve.metrics.get(metric).map(rounded);
  const curves = trials.map((trial) => ({
    config: trial.params,
    accuracy: metricOf(trial, "accuracy"),
    loss: metricOf(trial, "loss"),
  }));
  const head = {
    task: `${dataset}-${name}`,
    network: title,
    metric: "accuracy",
    direction: "max",
    unit: `step of ${IMAGES_PER_STEP} images`,
  };
  // One line per curve, so that changes can be read.
  const lines = curves.map((curve) => `    ${JSON.stringify(curve)}`).join(",\n");
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "curves": [\n${lines}\n  ]\n}\n`;
}

/** How a network is trained: by the trainer, or by a program that shapes it first. */
function trainingOf({ program, fixed }, data) {
  const words = [`--images-per-step=${IMAGES_PER_STEP}`, ...fixed, ALL_PARAMS];
  if (program === undefined) return { train: words };
  return { program: { command: [...program, ...(data === "" ? [] : [`--data=${data}`]), ...words] } };
}

/** Runs the recording. */
export async function run({ output, data, workers, ...settings }) {
  const { dataset, networks, curves, configurations } = settings;
  const folder = curves === "" ? join(output, "curves", dataset) : resolve(curves, dataset);
  const chosen = networks.split(",").map((name) => ({ name, ...ARCHITECTURES[name] }));
  const countOf = (network) => (configurations === 0 ? network.configurations : configurations);
  const total = chosen.reduce((sum, network) => sum + countOf(network), 0) * STEPS;
  const experiment = await openExperiment({
    output,
    data,
    workers,
    settings: { dataset, data, configurations },
    steps: total,
  });
  mkdirSync(folder, { recursive: true });
  const written = [];
  try {
    for (const network of chosen) {
      const study = await experiment.run({
        study: network.name,
        seed: 1,
        maxSteps: STEPS,
        space: network.space,
        budget: { trials: countOf(network) },
        ...trainingOf(network, data),
      });
      const file = join(folder, `${network.name}.json`);
      writeFileSync(file, fileOf(study, { dataset, ...network }));
      written.push(file);
    }
  } finally {
    await experiment.close();
  }
  return written;
}
