// Learning Curve Matching against random search and other rules with the same number of steps: recorded curves of
// several networks are replayed, so that many seeds cost little.
import { join, resolve } from "node:path";
import { holm, meanInterval } from "../dist/analysis/index.js";
import { finalsFigure, layout, line, meanBand, points } from "./figures.mjs";
import { openJournal } from "./journal.mjs";
import { FLAGSHIP, PUBLISHED, RANDOM, rulesOf } from "./lcm-rules.mjs";
import { compare, compareSpread, deviationOf, meanOf, meanRow, pText, share, signed } from "./statistics.mjs";
import { findTables, loadTable, OWN_CURVES } from "./tables.mjs";
import { inThreads } from "./threads.mjs";

export const SUMMARY = `Learning Curve Matching, as published and as it is today, against random search, ASHA, Hyperband, the median rule and
discarding after one step: the same number of steps for each, on recorded curves of several networks. About three
minutes on two cores.`;

export const COUNTS = {
  seeds: {
    default: 40,
    quick: 3,
    low: 2,
    help: "searches per rule and network; with fewer than 6 no test can detect a difference",
  },
  trainings: { default: 20, quick: 5, low: 4, help: "the budget of a search, in complete trainings" },
};
export const TEXTS = {
  curves: {
    default: "",
    help: "a folder with files of the format curves; by default those of the repository",
  },
};

/** Accuracies to be reached, as shares of a table's configurations that end at least so well. */
const TOP_SHARES = [0.5, 0.25, 0.1, 0.05, 0.02];
const ALPHA = 0.05;

const bestBy = (improvements, steps) => improvements.findLast(([spent]) => spent <= steps)?.[1] ?? 0;
const stepsUntil = (improvements, accuracy) => improvements.find(([, value]) => value >= accuracy)?.[0];

/** The accuracies to be reached on a table, from easy to hard. */
function targetsOf(table) {
  const tops = table.curves
    .map(({ reports }) => Math.max(...reports.map(({ accuracy }) => accuracy)))
    .sort((a, b) => b - a);
  return TOP_SHARES.map((top) => ({
    top,
    accuracy: tops[Math.max(0, Math.ceil(top * tops.length) - 1)],
  }));
}

/** What each rule did on a table, with its outcomes by seed. */
function judge(file, rules, outcomes, trainings) {
  const table = loadTable(file.path);
  const steps = trainings * table.maxSteps;
  const targets = targetsOf(table);
  return {
    ...file,
    steps,
    targets,
    maxSteps: table.maxSteps,
    rules: rules.map((rule, place) => ({
      ...rule,
      finals: outcomes[place].map(({ improvements }) => bestBy(improvements, steps)),
      trials: meanOf(outcomes[place].map(({ trials }) => trials)),
      reached: targets.map(({ top, accuracy }) => {
        const found = outcomes[place].map(({ improvements }) => stepsUntil(improvements, accuracy));
        return {
          top,
          accuracy,
          // A search that did not get there counts with the whole budget.
          steps: found.map((at) => at ?? steps),
          share: found.filter((at) => at !== undefined).length / found.length,
        };
      }),
      curve: Array.from({ length: trainings * 2 }, (_, half) => {
        const spent = ((half + 1) * table.maxSteps) / 2;
        return outcomes[place].map(({ improvements }) => bestBy(improvements, spent));
      }),
    })),
  };
}

/** Both tests of every rule against random search on every table, Holm-corrected over all of them. */
function testAll(tables) {
  const tests = tables.flatMap(({ task, rules }) => {
    const base = rules.find(({ name }) => name === RANDOM).finals;
    return rules
      .filter(({ name }) => name !== RANDOM)
      .flatMap(({ name, finals }) => {
        const better = compare(finals, base);
        const spread = compareSpread(finals, base);
        return [
          { task, rule: name, kind: "better", ...better },
          { task, rule: name, kind: "spread", pairs: finals.length, ...spread },
        ];
      });
  });
  const adjusted = holm(tests.map(({ pValue }) => pValue));
  return tests.map((test, index) => ({ ...test, holm: adjusted[index] }));
}

const isSure = ({ holm: p }) => p < ALPHA;
const pTexts = ({ pValue, holm: p }) => `p = ${pText(pValue)}, after Holm ${pText(p)}`.replaceAll("= <", "<");

function betterText(test) {
  const numbers = `${signed(test.mean)} [${signed(test.low)}, ${signed(test.high)}], ${pTexts(test)}`;
  if (!isSure(test)) return `cannot be told from random search by its mean (${numbers})`;
  return `is ${test.mean > 0 ? "better" : "worse"} than random search (${numbers})`;
}

function spreadText(test) {
  const numbers = `standard deviation ${test.ratio.toFixed(2)} times random search's, ${pTexts(test)}`;
  if (!isSure(test)) return `its spread cannot be told from random search's (${numbers})`;
  return `it is ${test.ratio < 1 ? "more" : "less"} stable (${numbers})`;
}

/** How the poster's sentence fares for a rule on a table. */
function sentenceOn({ task, network }, rule, tests) {
  const [better, spread] = ["better", "spread"].map((kind) =>
    tests.find((test) => test.task === task && test.rule === rule && test.kind === kind),
  );
  return `${rule} on ${task} (${network}) ${betterText(better)}; ${spreadText(spread)}.`;
}

/** On how many tables a rule is significantly better, worse, more stable and less stable than random search. */
function countsOf(rule, tests) {
  const sure = tests.filter((test) => test.rule === rule && isSure(test));
  const count = (kind, holds) => sure.filter((test) => test.kind === kind && holds(test)).length;
  return {
    better: count("better", ({ mean }) => mean > 0),
    worse: count("better", ({ mean }) => mean < 0),
    stable: count("spread", ({ ratio }) => ratio < 1),
    unstable: count("spread", ({ ratio }) => ratio > 1),
  };
}

function countText(rule, tests, tables) {
  const { better, worse, stable, unstable } = countsOf(rule, tests);
  return `${rule}, over all ${tables.length} networks: significantly better than random search on ${better} and worse on ${worse}, more stable on ${stable} and less stable on ${unstable}.`;
}

/** Whether a rule begins every configuration of a table, so that little is left to chance. */
const isExhausted = ({ trials }, { configurations }) => trials >= configurations;

/** What the mark in the tables means, if there is any. */
function exhaustedText(tables) {
  if (!tables.some((table) => table.rules.some((rule) => isExhausted(rule, table)))) return [];
  return [
    'Where a table says "all", the rule begins every recorded configuration of the network within the budget, and the order of the seeds is all that is left to chance. Its small spread is a property of the recorded curves as well.',
  ];
}

/** How many times as fast as random search a rule reaches a table's harder accuracies, in mean steps. */
function speedText(table, rule) {
  const stepsOf = (name, top) =>
    meanOf(table.rules.find((each) => each.name === name).reached.find((each) => each.top === top).steps);
  const parts = [0.25, 0.1, 0.05].map((top) => {
    const { accuracy } = table.targets.find((each) => each.top === top);
    return `${share(accuracy)} (the best ${top * 100} % of configurations) in ${Math.round(stepsOf(rule, top))} steps instead of ${Math.round(stepsOf(RANDOM, top))}`;
  });
  return `${rule} on ${table.task} reaches, on average, ${parts.join(", ")}; a search that does not get there counts with all ${table.steps} steps.`;
}

function figuresOf(tables) {
  return tables.flatMap((table) => {
    const spent = table.rules[0].curve.map((_, half) => ((half + 1) * table.maxSteps) / 2);
    const shown = table.rules;
    const floor = Math.min(...shown.map(({ curve }) => meanOf(curve[Math.min(5, curve.length - 1)])));
    const top = Math.max(...shown.map(({ finals }) => meanOf(finals)));
    return [
      {
        name: `lcm-steps-${table.task}`,
        csv: "curves",
        title: `${table.network}: best accuracy by steps`,
        summary:
          "Means over the seeds; bands are 95 % confidence intervals of the mean, for random search and LCM.",
        figure: {
          data: shown.flatMap(({ name, colour, curve }) =>
            [RANDOM, PUBLISHED, FLAGSHIP].includes(name)
              ? meanBand(name, colour, spent, curve, { width: 2.5 })
              : [line(name, colour, spent, curve.map(meanOf), { width: 1.3, dash: "dash" })],
          ),
          layout: layout(
            { title: "steps, all trainings together", range: [0, table.steps] },
            { title: "best accuracy", range: [floor, top + 0.1 * (top - floor)] },
          ),
        },
      },
      {
        name: `lcm-final-${table.task}`,
        csv: "finals",
        title: `${table.network}: final performance and its spread`,
        summary: "Each dot is a seed; bars are means with 95 % confidence intervals.",
        figure: finalsFigure(
          shown.map(({ name, colour, finals }) => ({ name, colour, values: finals })),
          "best accuracy within the budget",
        ),
      },
      {
        name: `lcm-reach-${table.task}`,
        csv: "reached",
        title: `${table.network}: steps until an accuracy is reached`,
        summary: "Means over the seeds; a search that does not get there counts with the whole budget.",
        figure: {
          data: shown.flatMap(({ name, colour, reached }) =>
            [line, points].map((draw) =>
              draw(
                name,
                colour,
                reached.map(({ accuracy }) => accuracy),
                reached.map(({ steps }) => meanOf(steps)),
                { width: [RANDOM, PUBLISHED, FLAGSHIP].includes(name) ? 2.5 : 1.3 },
              ),
            ),
          ),
          layout: layout({ title: "accuracy" }, { title: "mean steps", range: [0, table.steps * 1.03] }),
        },
      },
    ];
  });
}

/** Runs the experiment. */
export async function run({ output, workers, ...settings }) {
  const { seeds, trainings } = settings;
  const files = findTables(settings.curves === "" ? OWN_CURVES : resolve(settings.curves));
  const journal = openJournal(join(output, "replays.jsonl"));
  const rules = files.map((file) => rulesOf({ ...file, maxSteps: loadTable(file.path).maxSteps }, trainings));
  const jobs = files.flatMap((file, place) =>
    rules[place].map((rule) => ({
      key: JSON.stringify([file.task, file.digest, rule, seeds, trainings]),
      text: `${rule.name}, ${file.task}`,
      message: {
        path: file.path,
        rule,
        settings: { seeds, steps: trainings * loadTable(file.path).maxSteps },
      },
    })),
  );
  const results = await inThreads("./replay-worker.mjs", jobs, journal, workers);
  const count = rules[0].length;
  const tables = files.map((file, place) =>
    judge(
      file,
      rules[place],
      results.slice(place * count, (place + 1) * count).map(({ outcomes }) => outcomes),
      trainings,
    ),
  );
  const tests = testAll(tables);
  // The network that is the poster's.
  const [poster] = tables;
  const names = rules[0].map(({ name }) => name);
  const findings = [
    `The poster says that LCM is "slightly better and more stable" than random search. ${sentenceOn(poster, PUBLISHED, tests)}`,
    sentenceOn(poster, FLAGSHIP, tests),
    ...(tables.length < 2 ? [] : [PUBLISHED, FLAGSHIP].map((rule) => countText(rule, tests, tables))),
    speedText(poster, FLAGSHIP),
    speedText(poster, PUBLISHED),
    ...exhaustedText(tables),
    `Tests: Wilcoxon's signed-rank test for better; for spread, a permutation test of the distances from each rule's median. Both are paired by seed and two-sided, and Holm's correction covers all ${tests.length} of them. Seeds are orders of the same recorded configurations, so they say how much chance there is in a search, not how other networks would do; and the images that choose are those that measure.`,
  ];
  const row = (rule, table) => {
    const { name, finals, trials } = rule;
    const { mean, low, high } = meanInterval(finals);
    return [
      name,
      `${share(mean)} [${share(low)}, ${share(high)}]`,
      share(deviationOf(finals)),
      share(Math.min(...finals)),
      `${trials.toFixed(0)}${isExhausted(rule, table) ? " (all)" : ""}`,
    ];
  };
  return {
    title: "Learning Curve Matching against random search",
    lede: `${files.length === 1 ? "One network" : `${files.length} networks`}, ${seeds} seeds, ${trainings} complete trainings' worth of steps for each search, on ${files.reduce((sum, { configurations }) => sum + configurations, 0)} recorded trainings.`,
    findings,
    tables: [
      {
        title: `Networks of ${tables.length} on which a rule differs significantly from random search, after Holm`,
        head: ["rule", "better", "worse", "more stable", "less stable"],
        rows: names
          .filter((name) => name !== RANDOM)
          .map((name) => [name, ...Object.values(countsOf(name, tests)).map(String)]),
      },
      ...tables.map((table) => ({
        title: `${table.network} (${table.task})`,
        head: ["rule", "best accuracy, mean [95 % interval]", "standard deviation", "lowest", "trials"],
        rows: table.rules.map((rule) => row(rule, table)),
      })),
    ],
    figures: figuresOf(tables),
    data: {
      finals: tables.flatMap(({ task, rules: judged }) =>
        judged.flatMap(({ name, finals }) =>
          finals.map((accuracy, seed) => ({ task, rule: name, seed, accuracy })),
        ),
      ),
      reached: tables.flatMap(({ task, rules: judged }) =>
        judged.flatMap(({ name, reached }) =>
          reached.map(({ top, accuracy, steps, share: part }) => ({
            task,
            rule: name,
            best_share: top,
            accuracy,
            mean_steps: meanOf(steps),
            reached: part,
          })),
        ),
      ),
      curves: tables.flatMap(({ task, maxSteps, rules: judged }) =>
        judged.flatMap(({ name, curve }) =>
          curve.map((values, half) => ({
            task,
            rule: name,
            steps: ((half + 1) * maxSteps) / 2,
            ...meanInterval(values),
          })),
        ),
      ),
    },
    summary: [
      ...names
        .filter((name) => name !== RANDOM)
        .flatMap((name) =>
          Object.entries(countsOf(name, tests)).map(([quantity, mean]) => ({
            quantity: `networks on which ${name} is ${quantity}`,
            mean,
            n: tables.length,
          })),
        ),
      ...tables.flatMap(({ task, rules: judged }) =>
        judged.map(({ name, finals, trials }) =>
          meanRow(name, finals, {
            task,
            deviation: deviationOf(finals),
            lowest: Math.min(...finals),
            trials,
          }),
        ),
      ),
      ...tests.map(({ task, rule, kind, mean, low, high, ratio, pValue, holm: adjusted, pairs }) => ({
        quantity: kind === "better" ? `${rule} - ${RANDOM}` : `spread of ${rule} / ${RANDOM}'s`,
        task,
        mean: kind === "better" ? mean : ratio,
        low,
        high,
        p: pValue,
        holm: adjusted,
        n: pairs,
      })),
      ...tables.flatMap(({ task, rules: judged }) =>
        judged.flatMap(({ name, reached }) =>
          reached.map(({ top, accuracy, steps }) =>
            meanRow(`steps of ${name} to the best ${top * 100} %`, steps, { task, accuracy }),
          ),
        ),
      ),
    ],
    settings: {
      ...settings,
      tests: tests.length,
      networks: tables.length,
      recorded: files.reduce((sum, { configurations }) => sum + configurations, 0),
      steps: poster.steps,
    },
  };
}
