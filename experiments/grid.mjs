// The poster's grid: three params, every combination trained by workers that MPI starts, and the picture in space.
import { plots } from "../dist/plots/index.js";
import { ALL_PARAMS, imagesText, lastOf, openExperiment } from "./experiment.mjs";
import { findMpi } from "./mpi.mjs";
import { deviationOf, meanOf, medianOf, rateText, share } from "./statistics.mjs";

export const SUMMARY = `Trains every combination of learning rate, batch size and width, each to the end, by workers that MPI starts (without
MPI: by local ones), and draws the accuracies in space. About a minute on two cores.`;

export const COUNTS = {
  levels: { default: 5, quick: 2, low: 2, help: "values of each param, at most 5" },
  images: { default: 12_000, quick: 3000, low: 1500, help: "images that a training sees; a step is 1,500" },
};

const IMAGES_PER_STEP = 1500;
const MOST_LEVELS = 5;
/** Each doubling or so; as many as there are levels are taken, spread over all. */
const VALUES = {
  lr: [0.01, 0.03, 0.1, 0.3, 1],
  batch: [8, 16, 32, 64, 128],
  width: [8, 16, 32, 64, 128],
};

const spread = (values, count) =>
  Array.from(
    { length: count },
    (_, index) => values[Math.round((index * (values.length - 1)) / (count - 1))],
  );

/** By value of a param: the best and the mean accuracy of all trials with it. */
function marginalsOf(trials, name, values) {
  return values.map((value) => {
    const finals = trials.filter(({ params }) => params[name] === value).map((trial) => lastOf(trial));
    return { param: name, value, best: Math.max(...finals), mean: meanOf(finals) };
  });
}

/** Runs the experiment. */
export async function run({ output, data, workers, ...settings }) {
  const levels = Math.min(MOST_LEVELS, settings.levels);
  const steps = Math.floor(settings.images / IMAGES_PER_STEP);
  const axes = Object.fromEntries(
    Object.entries(VALUES).map(([name, values]) => [name, spread(values, levels)]),
  );
  const experiment = await openExperiment({
    output,
    data,
    workers,
    settings: { ...settings, data },
    steps: levels ** 3 * steps,
  });
  const mpi = findMpi();
  const file = {
    study: "grid",
    seed: 1,
    maxSteps: steps,
    space: Object.fromEntries(Object.entries(axes).map(([name, values]) => [name, { ordinal: values }])),
    sampler: "grid",
    train: [
      "--depth=2",
      "--optimizer=sgd",
      "--momentum=0",
      `--images-per-step=${IMAGES_PER_STEP}`,
      ALL_PARAMS,
    ],
  };
  let study;
  try {
    study = await (mpi === undefined ? experiment.run(file) : experiment.runWithMpi(mpi, file));
  } finally {
    await experiment.close();
  }
  const trials = [...study.trials].sort((a, b) => a.number - b.number);
  const finals = trials.map((trial) => lastOf(trial));
  const best = trials.reduce((found, trial) => (lastOf(trial) > lastOf(found) ? trial : found));
  const marginals = Object.entries(axes).flatMap(([name, values]) => marginalsOf(trials, name, values));
  const rangeOf = (name) => {
    const bests = marginals.filter(({ param }) => param === name).map((each) => each.best);
    return Math.max(...bests) - Math.min(...bests);
  };
  const { lr, batch, width } = best.params;
  const atEdge = Object.entries(axes).filter(([name, values]) =>
    [values[0], values.at(-1)].includes(best.params[name]),
  );
  const findings = [
    mpi === undefined
      ? `There is no mpirun here, so local workers trained the grid; with MPI the same trainings give the same accuracies.`
      : `Workers started by MPI trained all ${trials.length} combinations, and one process coordinated them, as on the poster.`,
    `The best combination is a learning rate of ${rateText(lr)}, batches of ${batch} and a width of ${width}: ${share(lastOf(best))}. The median of all is ${share(medianOf(finals))}, their standard deviation ${share(deviationOf(finals))}.`,
    `What the best choice of the other two cannot make good: the best accuracy differs by ${share(rangeOf("lr"))} between learning rates, ${share(rangeOf("width"))} between widths and ${share(rangeOf("batch"))} between batch sizes.`,
    ...(atEdge.length === 0
      ? []
      : [
          `At an end of the grid, so that better ones may lie beyond: ${atEdge.map(([name]) => name).join(", ")}.`,
        ]),
    `One training per combination, so differences of neighbours may be chance.`,
  ];
  const figure = plots["grid-3d"].render({ study, reports: [], params: ["lr", "batch", "width"] });
  return {
    title: "A grid over three params",
    lede: `${levels} x ${levels} x ${levels} combinations, three fully connected layers, ${steps} steps of ${IMAGES_PER_STEP} images, ${imagesText(data)}.`,
    findings,
    tables: [
      {
        head: ["param", "value", "best accuracy", "mean accuracy"],
        rows: marginals.map(({ param, value, best: most, mean }) => [
          param,
          String(value),
          share(most),
          share(mean),
        ]),
      },
    ],
    figures: [
      {
        name: "grid",
        csv: "grid",
        title: "Final accuracy over learning rate, batch size and width",
        summary: "Each dot is a training; drag to turn.",
        figure,
      },
    ],
    data: {
      grid: trials.map((trial) => ({
        ...trial.params,
        accuracy: lastOf(trial),
        loss: lastOf(trial, "loss"),
      })),
    },
    summary: [
      { quantity: "best accuracy", mean: lastOf(best), n: trials.length },
      { quantity: "best learning rate", mean: lr },
      { quantity: "best batch", mean: batch },
      { quantity: "best width", mean: width },
      { quantity: "median accuracy", mean: medianOf(finals) },
      { quantity: "standard deviation of accuracies", mean: deviationOf(finals) },
      ...Object.keys(axes).map((name) => ({
        quantity: `range of the best by ${name}`,
        mean: rangeOf(name),
      })),
      ...marginals.map(({ param, value, best: most, mean }) => ({
        quantity: `${param} ${value}`,
        mean,
        best: most,
      })),
    ],
    settings: { ...settings, steps, imagesPerStep: IMAGES_PER_STEP },
    result: { mpi: mpi?.version },
  };
}
