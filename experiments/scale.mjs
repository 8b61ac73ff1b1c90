// Searches by up to 10,000 simulated workers over recorded curves, and what a decision costs as trials become many.
import { join, resolve } from "node:path";
import { meanInterval } from "../dist/analysis/index.js";
import { layout, line, meanBand, points } from "./figures.mjs";
import { openJournal } from "./journal.mjs";
import { FLAGSHIP, PUBLISHED, RANDOM } from "./lcm-rules.mjs";
import { meanOf, meanRow, share } from "./statistics.mjs";
import { findTables, loadTable, OWN_CURVES } from "./tables.mjs";
import { inThreads } from "./threads.mjs";

export const SUMMARY = `Plays searches by 1 to 10,000 simulated workers, whose trainings differ in pace and sometimes fail, over recorded
curves: how much sooner each rule finds what random search and ASHA find, and how long workers are idle. Then measures a
decision in studies with up to a million trials. About ten minutes on two cores.`;

export const COUNTS = {
  fleet: { default: 10_000, quick: 20, low: 1, help: "the largest fleet; the others are powers of ten" },
  seeds: {
    default: 10,
    quick: 1,
    low: 1,
    help: "searches per rule and fleet, at most; large fleets have fewer",
  },
  trials: {
    default: 1_000_000,
    quick: 1000,
    low: 1000,
    help: "the largest study of which decisions are measured",
  },
};
export const TEXTS = {
  curves: { default: "", help: "a folder with files of the format curves; the first is played" },
};

const ASHA = "ASHA, stopping";
const PROMOTE = "LCM, promote";
const PROMOTE_MOST = 1000;
const FLAGSHIP_MOST = 100;

/**
 * The rules; `most`: with more workers a search takes too long to play here. `halves`: how the trials that a decision is
 * measured with have ended, other than complete.
 */
const RULES = [
  { name: RANDOM, colour: "#7a828c", sampler: "random", scheduler: "none", most: 10_000 },
  {
    name: PUBLISHED,
    colour: "#e8730c",
    sampler: "random",
    scheduler: { lcm: { mode: "poster", accumulate: 10 } },
    most: 10_000,
  },
  {
    name: ASHA,
    colour: "#a15bc0",
    sampler: "random",
    scheduler: { asha: { eta: 4, type: "stopping" } },
    most: 10_000,
    halves: "stopped",
  },
  {
    name: "ASHA, promotion",
    colour: "#c2410c",
    sampler: "random",
    scheduler: { asha: { eta: 4 } },
    most: 10_000,
    halves: "paused",
  },
  {
    name: PROMOTE,
    colour: "#0e7490",
    sampler: "random",
    scheduler: "lcm",
    most: PROMOTE_MOST,
    halves: "paused",
  },
  { name: FLAGSHIP, colour: "#1f6fe5", sampler: "curve", scheduler: "lcm", most: FLAGSHIP_MOST },
];

/** By size of the fleet: a search's budget in complete trainings per worker, and how many seeds. */
const FLEETS = [
  { workers: 1, trainings: 30, seeds: 10 },
  { workers: 10, trainings: 8, seeds: 10 },
  { workers: 100, trainings: 4, seeds: 3 },
  { workers: 1000, trainings: 2, seeds: 2 },
  { workers: 10_000, trainings: 1, seeds: 1 },
];

const SIZES = [1000, 10_000, 100_000, 1_000_000];
/** A study is not made if a decision in one a tenth of its size took longer, in milliseconds. */
const SLOWEST = 10;

/** When a search first saw a value at least so good; its whole time if it never did. */
const timeUntil = ({ improvements, seconds }, accuracy) =>
  improvements.find(([, value]) => value >= accuracy)?.[0] ?? seconds;

/** By seed: how many times as soon as another rule this one has what the other has in the end. */
function speedups(searches, others) {
  return searches.map((search, seed) => {
    const other = others[seed];
    const [found, accuracy] = other.improvements.at(-1);
    return found / timeUntil(search, accuracy);
  });
}

/** The geometric mean with its interval. */
function geometric(values) {
  const { mean, low, high } = meanInterval(values.map(Math.log));
  return { mean: Math.exp(mean), low: Math.exp(low), high: Math.exp(high), n: values.length };
}

/** A single search has no interval. */
const cellOf = ({ mean, low, high, n }) =>
  n === 1 ? mean.toFixed(2) : `${mean.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;

/** Measures decisions, from few trials to many, as long as they are quick enough. */
async function measureDecisions(most, journal) {
  const measured = [];
  const slow = new Set();
  for (const trials of SIZES.filter((size) => size <= most)) {
    const jobs = RULES.filter(({ name }) => name !== FLAGSHIP && !slow.has(name)).map((rule) => ({
      key: JSON.stringify(["decision", rule.name, trials]),
      text: `${rule.name}, ${trials} trials`,
      message: { rule, trials },
      rule,
    }));
    // One at a time, so that they do not slow each other down.
    const results = await inThreads("./decision-worker.mjs", jobs, journal, 1);
    for (const [index, result] of results.entries()) {
      const { rule } = jobs[index];
      measured.push({ rule: rule.name, colour: rule.colour, ...result });
      if (result.meanMs > SLOWEST) slow.add(rule.name);
    }
  }
  return measured;
}

/** What the text says of the trainings; scale-worker.mjs has the same numbers. */
const CONSTANTS = { paceSpread: 0.5, failuresPercent: 3, slowestMs: SLOWEST };

/** The searches of every rule in every fleet. */
async function playFleets({ file, most, mostSeeds, journal, threads }) {
  const { maxSteps } = loadTable(file.path);
  const fleets = FLEETS.filter(({ workers }) => workers <= most).map((fleet) => ({
    ...fleet,
    seeds: Math.min(mostSeeds, fleet.seeds),
  }));
  const jobs = fleets.flatMap(({ workers, trainings, seeds }) =>
    RULES.filter((rule) => workers <= rule.most).flatMap((rule) =>
      Array.from({ length: seeds }, (_, seed) => ({
        key: JSON.stringify([file.digest, rule.name, rule.scheduler, workers, trainings, seed]),
        text: `${rule.name}, ${workers} workers`,
        message: { path: file.path, rule, workers, seed, steps: workers * trainings * maxSteps },
        rule,
        workers,
      })),
    ),
  );
  const results = await inThreads("./scale-worker.mjs", jobs, journal, threads);
  return fleets.map((fleet) => ({
    ...fleet,
    rules: RULES.filter(({ most: limit }) => fleet.workers <= limit).map((rule) => ({
      ...rule,
      searches: results.filter(
        (_, index) => jobs[index].rule === rule && jobs[index].workers === fleet.workers,
      ),
    })),
  }));
}

/** By fleet and rule, what is shown. */
function judged(fleets) {
  return fleets.flatMap(({ workers, trainings, rules }) => {
    const of = (name) => rules.find((rule) => rule.name === name).searches;
    return rules.map(({ name, colour, searches }) => ({
      workers,
      trainings,
      rule: name,
      colour,
      overRandom: geometric(speedups(searches, of(RANDOM))),
      overAsha: geometric(speedups(searches, of(ASHA))),
      best: searches.map(({ improvements }) => improvements.at(-1)[1]),
      hours: meanOf(searches.map(({ seconds }) => seconds / 3600)),
      idle: searches.map(({ idle }) => idle),
      trials: meanOf(searches.map(({ trials }) => trials)),
      failed: meanOf(searches.map(({ failed }) => failed)),
    }));
  });
}

/** A line per rule over the sizes of fleets. */
function overWorkers(rows, valueOf, y) {
  const shown = RULES.map((rule) => ({ ...rule, rows: rows.filter((row) => row.rule === rule.name) }));
  return {
    data: shown
      .filter((rule) => rule.rows.length > 0)
      .flatMap(({ name, colour, rows: own }) => {
        const x = own.map(({ workers }) => workers);
        const values = own.map(valueOf);
        return [line(name, colour, x, values), points(name, colour, x, values, { size: 6 })];
      }),
    layout: layout({ title: "workers", type: "log" }, y),
  };
}

function figuresOf(rows, decisions, largest) {
  const speed = { title: "times as soon (geometric mean)", type: "log" };
  const progress = largest.rules.map(({ name, colour, searches }) => {
    const hours = Math.max(...searches.map(({ seconds }) => seconds)) / 3600;
    const times = Array.from({ length: 60 }, (_, index) => ((index + 1) * hours) / 60);
    const at = (search, time) => search.improvements.findLast(([seen]) => seen <= time * 3600)?.[1] ?? 0;
    return meanBand(
      name,
      colour,
      times,
      times.map((time) => searches.map((search) => at(search, time))),
    );
  });
  const tops = largest.rules.flatMap(({ searches }) =>
    searches.map(({ improvements }) => improvements.at(-1)[1]),
  );
  const top = Math.max(...tops);
  return [
    {
      name: "scale-speedup",
      csv: "fleets",
      title: "How much sooner than random search",
      summary:
        "The time until a rule has what random search has at its end, which random search needs once as much. Simulated time.",
      figure: overWorkers(rows, ({ overRandom }) => overRandom.mean, speed),
    },
    {
      name: "scale-asha",
      csv: "fleets",
      title: "How much sooner than ASHA",
      summary: `The same for what ${ASHA}, has at its end.`,
      figure: overWorkers(rows, ({ overAsha }) => overAsha.mean, speed),
    },
    {
      name: "scale-progress",
      csv: "progress",
      title: `Best accuracy by time, ${largest.workers} workers`,
      summary: "Means over the seeds; simulated time, with a minute per step of the median training.",
      figure: {
        data: progress.flat(),
        layout: layout({ title: "hours" }, { title: "best accuracy", range: [top - 0.08, top + 0.004] }),
      },
    },
    {
      name: "scale-idle",
      csv: "fleets",
      title: "Idle workers",
      summary: "The share of the workers' time without a training.",
      figure: overWorkers(rows, ({ idle }) => 100 * meanOf(idle), { title: "idle, %", range: [-0.5, 10] }),
    },
    {
      name: "scale-decisions",
      csv: "timings",
      title: "What a decision costs",
      summary:
        "The mean time that a scheduler takes for a report, with the choice of a paused trial where one ends. Measured on this machine, so a second run differs.",
      isTiming: true,
      figure: {
        data: RULES.flatMap(({ name, colour }) => {
          const own = decisions.filter(({ rule }) => rule === name);
          const [x, y] = [own.map(({ trials }) => trials), own.map(({ meanMs }) => meanMs)];
          return own.length === 0 ? [] : [line(name, colour, x, y), points(name, colour, x, y, { size: 6 })];
        }),
        layout: layout({ title: "trials in the study", type: "log" }, { title: "milliseconds", type: "log" }),
      },
    },
  ];
}

const rowText = ({ workers, rule, overRandom, overAsha, best, idle, trials }) => [
  String(workers),
  rule,
  cellOf(overRandom),
  cellOf(overAsha),
  share(meanOf(best)),
  `${(100 * meanOf(idle)).toFixed(1)} %`,
  trials.toFixed(0),
];

/** Runs the experiment. */
export async function run({ output, workers: threads, ...settings }) {
  const [file] = findTables(settings.curves === "" ? OWN_CURVES : resolve(settings.curves));
  const journal = openJournal(join(output, "searches.jsonl"));
  const fleets = await playFleets({
    file,
    most: settings.fleet,
    mostSeeds: settings.seeds,
    journal,
    threads,
  });
  const decisions = await measureDecisions(settings.trials, journal);
  const rows = judged(fleets);
  const largest = fleets.at(-1);
  const of = (name, workers) => rows.find((row) => row.rule === name && row.workers === workers);
  const sentence = (name) => {
    const parts = fleets
      .map(({ workers }) => of(name, workers))
      .filter((row) => row !== undefined)
      .map(({ workers, overRandom }) => `${cellOf(overRandom)} with ${workers}`);
    return `${name} has what random search has at its end so many times as soon: ${parts.join(", ")} worker${fleets.length === 1 && fleets[0].workers === 1 ? "" : "s"}.`;
  };
  const findings = [
    ...[PUBLISHED, PROMOTE, FLAGSHIP, ASHA].map(sentence),
    `No rule leaves workers idle for more than ${(100 * Math.max(...rows.map(({ idle }) => meanOf(idle)))).toFixed(1)} % of the time: none of them waits for others.`,
    "LCM's mode `stop` is not listed: where every step is reported, it stops the same trials as ASHA, stopping.",
    `Decisions were measured in studies of at most ${Math.max(...decisions.map(({ trials }) => trials))} trials, and of a rule only as long as a decision in a study a tenth of the size took less than ${SLOWEST} ms on average.`,
    "With as many workers as a search needs configurations, stopping early saves little time: the best training has to be trained to its end whatever the rule. What it saves there is steps.",
    `A surrogate of the recorded curves answers for params that were not recorded, a training's pace is drawn from a lognormal distribution (a minute per step in the middle, a standard deviation of ${CONSTANTS.paceSpread} in the logarithm), ${CONSTANTS.failuresPercent} % of trainings fail on the way, and decisions take no time. Larger fleets have fewer seeds. ${PROMOTE}, was played with at most ${PROMOTE_MOST} workers and ${FLAGSHIP} with at most ${FLAGSHIP_MOST}: with more, playing them takes too long here.`,
  ];
  return {
    title: "Thousands of workers",
    lede: `1 to ${largest.workers} simulated workers on recorded curves of ${file.task}; the same number of steps for every rule: ${fleets.map(({ workers, trainings }) => `${trainings} complete training${trainings === 1 ? "" : "s"} for each of ${workers}`).join(", ")}.`,
    findings,
    tables: [
      {
        title: "Searches, in simulated time",
        head: ["workers", "rule", "over random search", "over ASHA", "best accuracy", "idle", "trials"],
        rows: rows.map(rowText),
      },
      {
        title: "Decisions, measured on this machine",
        head: ["trials in the study", "rule", "median ms", "mean ms", "99th percentile ms"],
        rows: decisions.map(({ trials, rule, medianMs, meanMs, p99Ms }) => [
          String(trials),
          rule,
          ...[medianMs, meanMs, p99Ms].map((value) => value.toFixed(value < 1 ? 4 : 1)),
        ]),
      },
    ],
    figures: figuresOf(rows, decisions, largest),
    data: {
      fleets: rows.map(
        ({ workers, trainings, rule, overRandom, overAsha, best, hours, idle, trials, failed }) => ({
          workers,
          trainings_per_worker: trainings,
          rule,
          seeds: best.length,
          over_random: overRandom.mean,
          over_random_low: overRandom.low,
          over_random_high: overRandom.high,
          over_asha: overAsha.mean,
          over_asha_low: overAsha.low,
          over_asha_high: overAsha.high,
          best_accuracy: meanOf(best),
          hours,
          idle: meanOf(idle),
          trials,
          failed,
        }),
      ),
      progress: largest.rules.flatMap(({ name, searches }) =>
        searches.flatMap(({ improvements }, seed) =>
          improvements.map(([seconds, accuracy]) => ({ rule: name, seed, seconds, accuracy })),
        ),
      ),
    },
    summary: rows.flatMap(({ workers, trainings, rule, overRandom, overAsha, best, idle, trials }) => [
      { quantity: `${rule}: speed-up over ${RANDOM}`, workers, ...overRandom },
      { quantity: `${rule}: speed-up over ${ASHA}`, workers, ...overAsha },
      meanRow(`${rule}: best accuracy`, best, { workers }),
      { quantity: `${rule}: idle, %`, workers, mean: 100 * meanOf(idle) },
      { quantity: `${rule}: trials`, workers, mean: trials, trainings_per_worker: trainings },
    ]),
    timings: decisions.map(({ rule, trials, decisions: count, medianMs, p99Ms, meanMs, restoreMs }) => ({
      rule,
      trials,
      decisions: count,
      median_ms: medianMs,
      mean_ms: meanMs,
      p99_ms: p99Ms,
      restore_ms: restoreMs,
    })),
    settings: { ...settings, ...CONSTANTS },
  };
}
