// Compares rules by their regrets: means over tasks, intervals, wins, tests against a baseline.
import { holm, summarizeRegrets, wilcoxonSignedRank } from "../dist/analysis/index.js";
import { groupsOf } from "./curve-tasks.mjs";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** By budget: one task's mean over seeds. */
const taskMeans = (bySeed) => bySeed[0].map((_, budget) => mean(bySeed.map((regrets) => regrets[budget])));

/** Tests rules against the baseline at one budget, leaving out those without a figure on every task. */
function testAgainst(means, base, budget, competing) {
  const differences = (index) => means[index].map((task, t) => task[budget] - means[base][t][budget]);
  const tested = competing.filter((index) => index !== base && !differences(index).some(Number.isNaN));
  const pValues = tested.map((index) => wilcoxonSignedRank(differences(index)).pValue);
  const adjusted = holm(pValues);
  return new Map(tested.map((index, place) => [index, { p: pValues[place], holm: adjusted[place] }]));
}

/**
 * @param tasks the result of findTasks
 * @param rules {label, reference, regrets: by task, then seed, then budget}; references take no part in wins and tests.
 *   NaN if a rule has no regret
 * @param baseline the label of the rule that others are tested against
 * @returns by group: for each rule the mean over tasks at each budget, its 95 % interval over seeds (of the seeds'
 *   means over tasks, so tasks are taken as given), the tasks on which it has the lowest mean regret, and the p-value
 *   of Wilcoxon's signed-rank test over tasks against the baseline, Holm-corrected over the rules
 */
export function compareRules(tasks, rules, baseline) {
  const budgets = Array.from({ length: rules[0].regrets[0][0].length }, (_, budget) => budget);
  const competing = rules.flatMap(({ reference }, index) => (reference ? [] : [index]));
  const base = rules.findIndex(({ label }) => label === baseline);
  return groupsOf(tasks).map((group) => {
    const means = rules.map(({ regrets }) => group.tasks.map((task) => taskMeans(regrets[task])));
    const tests = budgets.map((budget) =>
      base < 0 ? new Map() : testAgainst(means, base, budget, competing),
    );
    const isBest = (index, t, budget) =>
      competing.every((other) => !(means[other][t][budget] < means[index][t][budget])) &&
      !Number.isNaN(means[index][t][budget]);
    return {
      name: group.name,
      tasks: group.tasks.map((task) => tasks[task].name),
      rules: rules.map(({ label, reference, regrets }, index) => {
        const seeds = regrets[0].map((_, seed) =>
          budgets.map((budget) => mean(group.tasks.map((task) => regrets[task][seed][budget]))),
        );
        const { mean: means, low, high } = summarizeRegrets(seeds);
        // One seed says nothing about the spread.
        const ends =
          seeds.length > 1
            ? { low, high }
            : { low: low.map(() => Number.NaN), high: high.map(() => Number.NaN) };
        return {
          label,
          seeds: seeds.length,
          mean: means,
          ...ends,
          wins: budgets.map((budget) =>
            reference ? null : group.tasks.filter((_, t) => isBest(index, t, budget)).length,
          ),
          tests: tests.map((found) => found.get(index) ?? null),
        };
      }),
    };
  });
}

const figure = (value) => (Number.isFinite(value) ? value.toFixed(3).replace(/^0/, "") : "-");
const probability = (test) => (test === null ? "-" : test.holm < 0.001 ? "<.001" : figure(test.holm));

/** Prints one table per group: mean [95 % interval] at each budget, wins, and corrected p-values. */
export function printComparison(groups, budgets, baseline) {
  for (const { name, tasks, rules } of groups) {
    console.log(
      `\n${name}: mean normalised regret over ${tasks.length} task${tasks.length === 1 ? "" : "s"}`,
    );
    const width = Math.max(...rules.map(({ label }) => label.length), 4) + 2;
    const head = budgets.map((budget) => `@${budget}`.padEnd(22)).join("");
    console.log(`${"rule".padEnd(width)}${head}${"wins".padEnd(12)}p against ${baseline ?? "nothing"}`);
    const known = (rule) => mean(rule.mean.filter(Number.isFinite));
    const order = [...rules].sort((a, b) => known(a) - known(b));
    for (const { label, mean: means, low, high, wins, tests } of order) {
      const cells = budgets.map((_, b) =>
        `${figure(means[b])} [${figure(low[b])},${figure(high[b])}]`.padEnd(22),
      );
      const won = wins.map((count) => count ?? "-").join("/");
      console.log(
        `${label.padEnd(width)}${cells.join("")}${won.padEnd(12)}${tests.map(probability).join(" ")}`,
      );
    }
  }
}
