// A rate that decays by 5 % every 100 iterations against a constant one, from the same initial rates, and against the
// schedule that a population found. The fair control is the best constant rate, not just any.
import { join } from "node:path";
import { historyOf } from "../dist/core/index.js";
import { ALL_PARAMS, imagesText, lastOf, NETWORK_TEXT, openExperiment, setupRows } from "./experiment.mjs";
import { COLOURS, layout, line, meanBand, points } from "./figures.mjs";
import { foundRates, scheduleOption } from "./found-rates.mjs";
import {
  capital,
  compare,
  comparisonRow,
  endsOf,
  intervalText,
  meanOf,
  meanRow,
  rateText,
  share,
  verdict,
} from "./statistics.mjs";

export const SUMMARY = `Three fully connected layers, plain SGD, batches of 32: rates that lose 5 % every 100 iterations against
constant ones, from the same initial rates, and against the schedule that population based training finds. About five
minutes on two cores.`;

/** Iterations per step: the interval of the decay. */
const ITERATIONS = 100;
const BATCH = 32;
const DECAY = 0.95;
/** The rate of the poster's trial with a constant rate. */
const LOWEST_RATE = 0.0016;

export const COUNTS = {
  seeds: {
    default: 8,
    quick: 2,
    low: 2,
    help: "trainings per setting; with fewer than 6 no test can detect a difference",
  },
  rates: { default: 10, quick: 2, low: 2, help: `initial rates, doubling from ${LOWEST_RATE}` },
  images: {
    default: 128_000,
    quick: 6400,
    low: 3200,
    help: "images that a training sees; 3,200 are 100 iterations",
  },
  population: { default: 16, quick: 4, low: 2, help: "members of the population" },
};

const bestBy = (values, by) => values.reduce((best, value) => (by(value) > by(best) ? value : best));

/** Trials by rule and initial rate, in the order of their seeds. */
function group(study, rates) {
  const of = (factor, rate) =>
    study.trials
      .filter(({ params }) => params["schedule.exponential.factor"] === factor && params.lr === rate)
      .sort((a, b) => a.params.seed - b.params.seed);
  return rates.map((rate) => ({ rate, still: of(1, rate), decaying: of(DECAY, rate) }));
}

function figuresOf({ groups, bestStill, bestDecaying, again, found, steps }) {
  const iterations = Array.from({ length: steps }, (_, index) => (index + 1) * ITERATIONS);
  const curve = (trials) =>
    iterations.map((_, index) => trials.map((trial) => trial.curve.metrics.get("accuracy")[index]));
  const rateOf = (trial) => trial.curve.metrics.get("learning_rate");
  const rate = { title: "learning rate", type: "log" };
  const time = { title: "iteration", range: [0, iterations.at(-1)] };
  const accuracy = { title: "accuracy on the test images" };
  const [lowest] = groups;
  const names = {
    poster: `constant at ${rateText(lowest.rate)}`,
    still: `best constant, ${rateText(bestStill.rate)}`,
    decaying: `best decaying, from ${rateText(bestDecaying.rate)}`,
    pbt: "PBT's schedule, retrained",
  };
  const poster = [names.poster, COLOURS.still, iterations];
  const best = [names.still, COLOURS.bestStill, iterations];
  const others = groups.filter((each) => each !== bestDecaying);
  const faint = { width: 1, opacity: 0.55 };
  const isPosterBest = lowest === bestStill;

  const a = [
    ...others.map(({ decaying }, index) =>
      line("other decaying ones", COLOURS.decaying, iterations, rateOf(decaying[0]), {
        ...faint,
        legend: index === 0,
      }),
    ),
    ...(isPosterBest ? [] : [line(...poster, rateOf(lowest.still[0]))]),
    line(...best, rateOf(bestStill.still[0]), { dash: "dash" }),
    line(names.decaying, COLOURS.decaying, iterations, rateOf(bestDecaying.decaying[0]), { width: 3 }),
    line(
      names.pbt,
      COLOURS.pbt,
      [0, ...iterations],
      [0, ...iterations].map((iteration) => found.rateAfter(Math.min(iteration / ITERATIONS, steps - 1))),
      { shape: "hv", width: 2.5 },
    ),
  ];
  const b = [
    ...others.map(({ decaying }, index) =>
      line("other decaying ones", COLOURS.decaying, iterations, curve(decaying).map(meanOf), {
        ...faint,
        legend: index === 0,
      }),
    ),
    ...(isPosterBest ? [] : meanBand(...poster, curve(lowest.still))),
    ...meanBand(...best, curve(bestStill.still), { dash: "dash" }),
    ...meanBand(names.decaying, COLOURS.decaying, iterations, curve(bestDecaying.decaying), { width: 3 }),
    ...meanBand(names.pbt, COLOURS.pbt, iterations, curve(again), { width: 2.5 }),
  ];
  const rates = groups.map((each) => each.rate);
  const finals = (rule) => groups.map((each) => each[rule].map((trial) => lastOf(trial)));
  const dots = (name, colour, rule) =>
    points(
      name,
      colour,
      groups.flatMap((each) => each[rule].map(() => each.rate)),
      finals(rule).flat(),
      { size: 4, opacity: 0.55 },
    );
  const ends = [rates[0], rates.at(-1)];
  const last = again.map((trial) => lastOf(trial));
  const c = [
    ...meanBand(names.pbt, COLOURS.pbt, ends, [last, last], { width: 1.5, dash: "dash" }),
    ...meanBand("constant", COLOURS.still, rates, finals("still")),
    dots("constant", COLOURS.still, "still"),
    ...meanBand("decaying", COLOURS.decaying, rates, finals("decaying")),
    dots("decaying", COLOURS.decaying, "decaying"),
  ];
  // Early iterations, and rates at which nothing is learned, would squeeze everything else into a corner.
  const shown = [...finals("still"), ...finals("decaying"), last].map(meanOf);
  const floor = Math.max(
    0,
    Math.min(Math.max(...shown) - 0.12, Math.min(...curve(lowest.still).slice(-1).map(meanOf)) - 0.02),
  );
  const upper = Math.max(...shown) + 0.015;
  return [
    {
      name: "dynamic-rate-a",
      csv: "curves",
      title: "A. Rate against iteration",
      summary: "Grey is constant, orange loses 5 % every 100 iterations, blue is what a population found.",
      figure: { data: a, layout: layout(time, rate) },
    },
    {
      name: "dynamic-rate-b",
      csv: "curves",
      title: "B. Accuracy against iteration",
      summary: "Means over the seeds, with 95 % confidence intervals of the mean.",
      figure: { data: b, layout: layout(time, { ...accuracy, range: [floor, upper] }) },
    },
    {
      name: "dynamic-rate-c",
      csv: "final",
      title: "C. Final accuracy against initial rate",
      summary: "Each dot is a training; lines are means over the seeds, with 95 % confidence intervals.",
      figure: {
        data: c,
        layout: layout(
          { title: "initial learning rate", type: "log" },
          { ...accuracy, range: [floor, upper] },
        ),
      },
    },
  ];
}

/** Runs the experiment. */
export async function run({ output, data, workers, ...settings }) {
  const steps = Math.floor(settings.images / (ITERATIONS * BATCH));
  const rates = Array.from({ length: settings.rates }, (_, index) =>
    Number((LOWEST_RATE * 2 ** index).toPrecision(12)),
  );
  const seeds = Array.from({ length: settings.seeds }, (_, index) => index + 1);
  const length = { maxSteps: steps };
  const step = `--images-per-step=${ITERATIONS * BATCH}`;
  const trainings = (2 * rates.length + 1) * seeds.length + settings.population;
  const experiment = await openExperiment({
    output,
    data,
    workers,
    settings: { ...settings, data },
    steps: trainings * steps,
  });
  let grid;
  let population;
  let found;
  let again;
  try {
    grid = await experiment.run({
      study: "rates",
      ...length,
      space: {
        lr: { ordinal: rates },
        "schedule.exponential.factor": { ordinal: [DECAY, 1] },
        seed: { ordinal: seeds },
      },
      sampler: "grid",
      command: [step, "--schedule=exponential", `--schedule.exponential.every=${ITERATIONS}`, ALL_PARAMS],
    });
    population = await experiment.run({
      study: "population",
      ...length,
      space: { lr: { float: [rates[0], rates.at(-1)], log: true } },
      // Synchronous, so that no step is spent twice and the same seed finds the same schedule.
      scheduler: {
        pbt: {
          population: settings.population,
          interval: Math.max(1, Math.ceil(steps / 20)),
          mode: "synchronous",
          resample: 0,
        },
      },
      budget: { totalSteps: settings.population * steps },
      command: [step, ALL_PARAMS],
    });
    found = foundRates(population);
    again = await experiment.run({
      study: "schedule-again",
      ...length,
      space: { seed: { ordinal: seeds } },
      sampler: "grid",
      command: [step, scheduleOption(join(output, "schedule.yaml"), found), "--seed={seed}"],
    });
  } finally {
    await experiment.close();
  }

  const groups = group(grid, rates);
  const byRule = (rule) => bestBy(groups, (each) => meanOf(each[rule].map((trial) => lastOf(trial))));
  const bestStill = byRule("still");
  const bestDecaying = byRule("decaying");
  const againTrials = [...again.trials].sort((x, y) => x.params.seed - y.params.seed);
  const finals = {
    poster: groups[0].still.map((trial) => lastOf(trial)),
    still: bestStill.still.map((trial) => lastOf(trial)),
    decaying: bestDecaying.decaying.map((trial) => lastOf(trial)),
    schedule: againTrials.map((trial) => lastOf(trial)),
  };
  const better = groups.filter(
    (each) =>
      meanOf(each.decaying.map((trial) => lastOf(trial))) > meanOf(each.still.map((trial) => lastOf(trial))),
  );
  const stillName = `the best constant rate (${rateText(bestStill.rate)})`;
  const decayingName = `the best decaying rate (from ${rateText(bestDecaying.rate)})`;
  const scheduleName = "the schedule that PBT found, retrained from scratch,";
  const comparisons = {
    decayingToPoster: compare(finals.decaying, finals.poster),
    decayingToStill: compare(finals.decaying, finals.still),
    scheduleToStill: compare(finals.schedule, finals.still),
    scheduleToDecaying: compare(finals.schedule, finals.decaying),
  };
  const findings = [
    capital(verdict(decayingName, stillName, comparisons.decayingToStill)),
    capital(
      verdict(decayingName, `the constant rate ${rateText(groups[0].rate)}`, comparisons.decayingToPoster),
    ),
    capital(verdict(scheduleName, stillName, comparisons.scheduleToStill)),
    capital(verdict(scheduleName, decayingName, comparisons.scheduleToDecaying)),
    `From the same initial rate, the decaying one has the better mean at ${better.length} of ${groups.length} rates: ${better.map(({ rate }) => rateText(rate)).join(", ") || "none"}.`,
    `The population took ${settings.population} trainings' steps and its best member reached ${share(found.value)}; the grids took ${rates.length * seeds.length} trainings each. Rates and the population's member were chosen by the test images on which they are shown, as on the poster; the retrained schedule was not chosen again.`,
  ];
  const row = (name, values) => [
    name,
    intervalText(values),
    share(Math.min(...values)),
    share(Math.max(...values)),
  ];
  const table = {
    head: ["final accuracy", "mean [95 % interval]", "lowest", "highest"],
    rows: [
      row(`constant at ${rateText(groups[0].rate)}`, finals.poster),
      row(`best constant, ${rateText(bestStill.rate)}`, finals.still),
      row(`best decaying, from ${rateText(bestDecaying.rate)}`, finals.decaying),
      row("PBT's schedule, retrained", finals.schedule),
    ],
  };
  const labelled = [
    ...groups.flatMap(({ rate, still, decaying }) => [
      ...still.map((trial) => ({ rule: "constant", rate, trial })),
      ...decaying.map((trial) => ({ rule: "decaying", rate, trial })),
    ]),
    ...againTrials.map((trial) => ({ rule: "pbt-schedule", rate: found.rateAfter(0), trial })),
  ];
  const curveRows = labelled.flatMap(({ rule, rate, trial }) =>
    trial.curve.steps.map((at, index) => ({
      rule,
      first_rate: rate,
      seed: trial.params.seed,
      iteration: at * ITERATIONS,
      learning_rate: trial.curve.metrics.get("learning_rate")[index],
      loss: trial.curve.metrics.get("loss")[index],
      accuracy: trial.curve.metrics.get("accuracy")[index],
    })),
  );
  const finalRows = labelled.map(({ rule, rate, trial }) => ({
    rule,
    first_rate: rate,
    seed: trial.params.seed,
    loss: lastOf(trial, "loss"),
    accuracy: lastOf(trial),
  }));
  return {
    title: "Does a changing rate beat a constant one?",
    lede: `${NETWORK_TEXT}, plain SGD, batches of ${BATCH}, ${steps * ITERATIONS} iterations, ${seeds.length} seeds, ${imagesText(data)}.`,
    findings,
    tables: [table],
    data: { curves: curveRows, final: finalRows },
    summary: [
      meanRow(`constant at ${rateText(groups[0].rate)}`, finals.poster, {
        first_rate: groups[0].rate,
        ...endsOf(finals.poster),
      }),
      meanRow("best constant rate", finals.still, { first_rate: bestStill.rate, ...endsOf(finals.still) }),
      meanRow("best decaying rate", finals.decaying, {
        first_rate: bestDecaying.rate,
        ...endsOf(finals.decaying),
      }),
      meanRow("PBT's schedule, retrained", finals.schedule, {
        first_rate: found.rateAfter(0),
        ...endsOf(finals.schedule),
      }),
      ...groups.flatMap(({ rate, still, decaying }) => [
        meanRow(
          "constant",
          still.map((trial) => lastOf(trial)),
          { first_rate: rate },
        ),
        meanRow(
          "decaying",
          decaying.map((trial) => lastOf(trial)),
          { first_rate: rate },
        ),
      ]),
      comparisonRow("best decaying - constant at the poster's rate", comparisons.decayingToPoster),
      comparisonRow("best decaying - best constant", comparisons.decayingToStill),
      comparisonRow("PBT's schedule - best constant", comparisons.scheduleToStill),
      comparisonRow("PBT's schedule - best decaying", comparisons.scheduleToDecaying),
      { quantity: "rates at which decaying is better", mean: better.length, n: groups.length },
      { quantity: "the population's best member", mean: found.value },
      { quantity: "trainings of a grid", mean: rates.length * seeds.length },
      ...setupRows(data),
    ],
    figures: figuresOf({ groups, bestStill, bestDecaying, again: againTrials, found, steps }),
    settings: {
      ...settings,
      data: data === "" ? "fashion-mnist, the part included in the repository" : "given",
      steps,
      iterations: steps * ITERATIONS,
      batch: BATCH,
      interval: ITERATIONS,
    },
    result: {
      finals,
      comparisons,
      found: {
        value: found.value,
        schedule: found.file,
        stages: historyOf(population, found.trial.number).length,
      },
    },
  };
}
