// Population based training of the learning rate against random search, a grid of fixed rates and LCM, with the same
// number of steps for each, over many seeds; and the schedule that it found, retrained from scratch.
import { join } from "node:path";
import { bestTrial, copiesOf, countCopies, historyOf, stagesOf } from "../dist/core/index.js";
import {
  ALL_PARAMS,
  imagesText,
  lastOf,
  NETWORK_TEXT,
  openExperiment,
  setupRows,
  together,
} from "./experiment.mjs";
import { COLOURS, finalsFigure, layout, line, points } from "./figures.mjs";
import { foundRates, scheduleOption } from "./found-rates.mjs";
import { findMpi } from "./mpi.mjs";
import {
  capital,
  compare,
  comparisonRow,
  deviationOf,
  endsOf,
  intervalText,
  meanOf,
  meanRow,
  share,
  signed,
  verdict,
} from "./statistics.mjs";

export const SUMMARY = `A population that trains side by side and changes its learning rate meanwhile, against the best of random rates,
the best of a grid of fixed rates, and Learning Curve Matching with its sampler: the same networks (three fully
connected layers, plain SGD, batches of 32) and the same number of steps for each. About 15 minutes on two cores.`;

const IMAGES_PER_STEP = 3000;
const RATES = [1e-3, 1];

export const COUNTS = {
  seeds: {
    default: 8,
    quick: 2,
    low: 2,
    help: "how often everything is repeated; with fewer than 6 no test can detect a difference",
  },
  population: {
    default: 16,
    quick: 4,
    low: 4,
    help: "members; the other rules get the steps of as many trainings",
  },
  images: {
    default: 48_000,
    quick: 9000,
    low: IMAGES_PER_STEP * 2,
    help: "images that a training sees; a step is 3,000",
  },
  interval: { default: 2, quick: 1, low: 1, help: "steps between decisions on a member" },
  again: {
    default: 5,
    quick: 2,
    low: 2,
    help: "trainings from scratch for each schedule found and each fixed rate chosen",
  },
};

/** As many rates as members, evenly spread over the range on a log scale, ends included. */
const gridOf = (size) =>
  Array.from({ length: size }, (_, index) =>
    Number((RATES[0] * (RATES[1] / RATES[0]) ** (index / (size - 1))).toPrecision(6)),
  );

/** The studies for one seed: each rule in the form of a study file. */
function rulesOf({ population, interval }, steps) {
  const budget = { totalSteps: population * steps };
  const space = { lr: { float: RATES, log: true } };
  return {
    pbt: {
      space,
      // Synchronous, so that no model falls behind and no step is spent twice: all rules have the same budget.
      scheduler: { pbt: { population, interval, mode: "synchronous", resample: 0 } },
      budget,
    },
    random: { space, budget: { ...budget, trials: population } },
    fixed: { space: { lr: { ordinal: gridOf(population) } }, sampler: "grid", budget },
    // No pause before a training has cost more than starting it.
    lcm: { space, sampler: "curve", scheduler: { lcm: { minSteps: 2 } }, budget },
  };
}

const NAMES = {
  pbt: "population based training",
  random: "random search",
  fixed: "the best of the fixed rates",
  lcm: "lcm with the curve sampler",
};

/** The rates of all members over the steps, with the best one's lineage drawn thick and copies as points. */
function lineageFigure(study, steps) {
  const best = bestTrial(study).trial;
  const history = historyOf(study, best.number);
  const stages = study.trials.flatMap(stagesOf).filter(({ fromStep, toStep }) => toStep > fromStep);
  const joined = (parts) => ({
    x: parts.flatMap(({ fromStep, toStep }) => [fromStep, toStep, null]),
    y: parts.flatMap(({ params }) => [params.lr, params.lr, null]),
  });
  const copies = copiesOf(study);
  const members = joined(stages);
  const branches = {
    x: copies.flatMap(({ step }) => [step, step, null]),
    y: copies.flatMap(({ copied, params }) => [copied.lr, params.lr, null]),
  };
  // One line from the first step to the last, with changes of rate as steps.
  const ancestry = {
    x: [...history.map(({ fromStep }) => fromStep), history.at(-1)?.toStep ?? 0],
    y: [...history.map(({ params }) => params.lr), history.at(-1)?.params.lr ?? null],
  };
  const givenUp = copies.filter(({ before }) => before.lr !== undefined);
  return {
    data: [
      line("members", COLOURS.still, members.x, members.y, { width: 1.2, opacity: 0.75 }),
      line("copies, with a changed rate", COLOURS.decaying, branches.x, branches.y, {
        width: 1.2,
        opacity: 0.7,
      }),
      points(
        "models given up",
        COLOURS.decaying,
        givenUp.map(({ at }) => at),
        givenUp.map(({ before }) => before.lr),
        {
          size: 5,
          symbol: "x",
          opacity: 0.8,
          legend: true,
        },
      ),
      line("the best member's whole history", COLOURS.pbt, ancestry.x, ancestry.y, { width: 3, shape: "hv" }),
    ],
    layout: layout({ title: "step", range: [0, steps] }, { title: "learning rate", type: "log" }),
  };
}

/** Everything for one seed. */
async function runSeed({ experiment, mpi, seed, settings, steps, output }) {
  const rules = rulesOf(settings, steps);
  const search = (rule, more = {}) => ({
    study: `${rule}-${seed}`,
    seed,
    maxSteps: steps,
    command: [`--images-per-step=${IMAGES_PER_STEP}`, ALL_PARAMS],
    ...rules[rule],
    ...more,
  });
  const { run, runWithMpi, workers } = experiment;
  const others = { slots: Math.max(1, workers - 1) };
  const pbt = await (mpi === undefined ? run(search("pbt")) : runWithMpi(mpi, search("pbt")));
  // What LCM does depends on which report comes first, so one training at a time makes it repeatable.
  const [lcm, [random, fixed]] = await together([
    run(search("lcm", { slots: 1 })),
    (async () => [await run(search("random", others)), await run(search("fixed", others))])(),
  ]);
  const studies = { pbt, fixed, random, lcm };
  const found = foundRates(studies.pbt);
  const trainAgain = async (study, space, option) => {
    const { trials } = await experiment.run({
      study,
      maxSteps: steps,
      space: {
        ...space,
        seed: { ordinal: Array.from({ length: settings.again }, (_, index) => 1000 + index) },
      },
      sampler: "grid",
      command: [`--images-per-step=${IMAGES_PER_STEP}`, option, "--seed={seed}"],
    });
    return [...trials].sort((a, b) => a.params.seed - b.params.seed).map((trial) => lastOf(trial));
  };
  const file = join(output, "schedules", `schedule-${seed}.yaml`);
  const scheduleAgain = await trainAgain(`schedule-again-${seed}`, {}, scheduleOption(file, found));
  const { lr } = bestTrial(studies.fixed).trial.params;
  // The same rate is often the best for several seeds; it is retrained only once.
  const fixedAgain = await trainAgain(`fixed-again-${Number(lr)}`, { lr: { fixed: lr } }, "--lr={lr}");
  const bests = Object.fromEntries(
    Object.entries(studies).map(([rule, study]) => [rule, bestTrial(study).value]),
  );
  return { seed, studies, found, lr, bests, scheduleAgain, fixedAgain };
}

/** Runs the experiment. */
export async function run({ output, data, workers, ...settings }) {
  const { seeds, population, again } = settings;
  const steps = Math.floor(settings.images / IMAGES_PER_STEP);
  const expected = seeds * (4 * population + again) + again * Math.min(4, seeds);
  const experiment = await openExperiment({
    output,
    data,
    workers,
    settings: { ...settings, data },
    steps: expected * steps,
  });
  const mpi = findMpi();
  const results = [];
  try {
    for (let seed = 1; seed <= seeds; seed++) {
      results.push(await runSeed({ experiment, mpi, seed, settings, steps, output }));
    }
  } finally {
    await experiment.close();
  }

  const bestsOf = (rule) => results.map(({ bests }) => bests[rule]);
  const scheduleMeans = results.map(({ scheduleAgain }) => meanOf(scheduleAgain));
  const fixedMeans = results.map(({ fixedAgain }) => meanOf(fixedAgain));
  const others = ["fixed", "random", "lcm"];
  const comparisons = Object.fromEntries(
    others.map((rule) => [rule, compare(bestsOf("pbt"), bestsOf(rule))]),
  );
  const againComparison = compare(scheduleMeans, fixedMeans);
  // How far a member's accuracy is from that of its schedule trained from scratch, in standard deviations of a
  // training.
  const deviations = results.map(({ bests, scheduleAgain }) => {
    const deviation = deviationOf(scheduleAgain);
    return {
      member: bests.pbt,
      mean: meanOf(scheduleAgain),
      deviation,
      z: (bests.pbt - meanOf(scheduleAgain)) / deviation,
    };
  });
  const within = deviations.filter(({ z }) => Math.abs(z) <= 2).length;
  const atLeast = (rule) => results.filter(({ bests }) => bests.pbt >= bests[rule]).length;
  const memberGap = compare(bestsOf("pbt"), scheduleMeans);
  const bestGap = compare(
    results.map(({ scheduleAgain }) => Math.max(...scheduleAgain)),
    bestsOf("pbt"),
  );
  const findings = [
    mpi === undefined
      ? "There is no mpirun here, so local workers trained the populations; decisions of a synchronous population do not depend on who trains."
      : "The populations trained by workers that MPI started, one process deciding, as the poster's future work asked for.",
    ...others.map((rule) =>
      capital(
        `${verdict(NAMES.pbt, NAMES[rule], comparisons[rule])} Its best member is at least as good for ${atLeast(rule)} of ${seeds} seeds.`,
      ),
    ),
    `Retrained from scratch with ${again} new seeds each, not used for choosing: ${verdict("the schedule that a population found", "the best fixed rate", againComparison)}`,
    `The best member's accuracy is within two standard deviations of retrainings with its schedule for ${within} of ${seeds} seeds. On average it is ${memberGap.mean < 0 ? "below" : "above"} their mean by ${share(Math.abs(memberGap.mean))}, where a training's standard deviation is ${share(meanOf(deviations.map(({ deviation }) => deviation)))}: it is the best of ${population}, and was chosen by these test images. The best of the ${again} retrainings is ${signed(bestGap.mean)} [${signed(bestGap.low)}, ${signed(bestGap.high)}] away from it.`,
  ];
  const row = (name, values, made) => [
    name,
    intervalText(values),
    share(Math.min(...values)),
    share(Math.max(...values)),
    made,
  ];
  const stepsOf = (rule) =>
    String(Math.round(meanOf(results.map(({ studies }) => studies[rule].totalSteps))));
  const table = {
    head: ["best final accuracy per seed", "mean [95 % interval]", "lowest", "highest", "steps"],
    rows: [
      ...["pbt", ...others].map((rule) => row(NAMES[rule], bestsOf(rule), stepsOf(rule))),
      row("PBT's schedule, retrained", scheduleMeans, String(steps)),
      row("the best fixed rate, retrained", fixedMeans, String(steps)),
    ],
  };
  const summaries = results.map(({ seed, studies, found, lr, bests, scheduleAgain, fixedAgain }) => ({
    seed,
    ...bests,
    fixed_rate: lr,
    copies: countCopies(studies.pbt),
    stages: historyOf(studies.pbt, found.trial.number).length,
    schedule_again_mean: meanOf(scheduleAgain),
    schedule_again_deviation: deviationOf(scheduleAgain),
    fixed_again_mean: meanOf(fixedAgain),
    fixed_again_deviation: deviationOf(fixedAgain),
  }));
  const againRows = results.flatMap(({ seed, scheduleAgain, fixedAgain }) =>
    scheduleAgain.map((accuracy, index) => ({
      seed,
      training_seed: 1000 + index,
      schedule_accuracy: accuracy,
      fixed_accuracy: fixedAgain[index],
    })),
  );
  const rateRows = results.flatMap(({ seed, studies }) =>
    studies.pbt.trials.flatMap(stagesOf).map(({ trial, inheritances, fromStep, toStep, params }) => ({
      seed,
      member: trial,
      model: inheritances,
      from_step: fromStep,
      to_step: toStep,
      lr: params.lr,
    })),
  );
  const [first] = results;
  const times = Array.from({ length: steps + 1 }, (_, step) => step);
  const schedules = {
    data: results.map(({ found }, index) =>
      line(
        "schedules found, one per seed",
        COLOURS.pbt,
        times,
        times.map((step) => found.rateAfter(Math.min(step, steps - 1))),
        { width: 1.6, opacity: 0.7, shape: "hv", legend: index === 0 },
      ),
    ),
    layout: layout({ title: "step", range: [0, steps] }, { title: "learning rate", type: "log" }),
  };
  const columns = [
    { name: "PBT", colour: COLOURS.pbt, values: bestsOf("pbt") },
    { name: "random search", colour: COLOURS.random, values: bestsOf("random") },
    { name: "best fixed rate", colour: COLOURS.bestStill, values: bestsOf("fixed") },
    { name: "lcm + curve", colour: COLOURS.lcm, values: bestsOf("lcm") },
    { name: "PBT's schedule again", colour: COLOURS.decaying, values: scheduleMeans },
    { name: "best fixed rate again", colour: COLOURS.still, values: fixedMeans },
  ];
  return {
    title: "A population that changes its learning rate",
    lede: `${NETWORK_TEXT}, plain SGD, batches of 32, ${population} members, ${steps} steps of ${IMAGES_PER_STEP} images, ${seeds} seeds, ${imagesText(data)}.`,
    findings,
    tables: [table],
    data: { seeds: summaries, again: againRows, rates: rateRows },
    summary: [
      ...["pbt", ...others].map((rule) =>
        meanRow(NAMES[rule], bestsOf(rule), { steps: population * steps, ...endsOf(bestsOf(rule)) }),
      ),
      meanRow("PBT's schedule, retrained", scheduleMeans, { steps, ...endsOf(scheduleMeans) }),
      meanRow("the best fixed rate, retrained", fixedMeans, { steps, ...endsOf(fixedMeans) }),
      ...others.map((rule) =>
        comparisonRow(`${NAMES.pbt} - ${NAMES[rule]}`, comparisons[rule], { at_least: atLeast(rule) }),
      ),
      comparisonRow("retrained: PBT's schedule - the best fixed rate", againComparison),
      comparisonRow("the best member - its schedule, retrained", memberGap),
      comparisonRow("the best retraining - the best member", bestGap),
      { quantity: "seeds within two standard deviations", mean: within, n: seeds },
      meanRow(
        "standard deviation of a retraining",
        deviations.map(({ deviation }) => deviation),
      ),
      { quantity: "images per step", mean: IMAGES_PER_STEP },
      ...setupRows(data),
    ],
    figures: [
      {
        name: "pbt-rates",
        csv: "rates",
        title: "The rates of all members",
        summary: `Seed ${first.seed}: each member's rate by the step of its model, which member copied which, and how the best model was trained.`,
        figure: lineageFigure(first.studies.pbt, steps),
      },
      {
        name: "pbt-schedules",
        csv: "rates",
        title: "What was found",
        summary: "The history of the best member's model, for each seed.",
        figure: schedules,
      },
      {
        name: "pbt-accuracy",
        csv: "seeds",
        title: "Final accuracy",
        summary:
          "Each dot is a seed: the best that each rule found or, retrained, the mean over new seeds. Bars are means with 95 % confidence intervals.",
        figure: finalsFigure(columns, "accuracy on the test images"),
      },
    ],
    settings: {
      ...settings,
      data: data === "" ? "fashion-mnist, the part included in the repository" : "given",
      steps,
    },
    result: {
      seeds: summaries,
      comparisons: {
        ...comparisons,
        again: againComparison,
        memberAndAgain: memberGap,
        bestAgainAndMember: bestGap,
      },
      deviations,
    },
  };
}
