// Compares the demo's searches over the seeds that `npm run bench:demo` has recorded.
import { existsSync, readFileSync } from "node:fs";
import { meanInterval, wilcoxonSignedRank } from "../../dist/analysis/index.js";

/** The searches, in the order in which they are shown. */
export const SEARCHES = [
  { name: "random", title: "random search" },
  { name: "asha", title: "ASHA" },
  { name: "flagship", title: "curve + lcm" },
];
const FLAGSHIP = SEARCHES[2];
const OTHERS = SEARCHES.filter((search) => search !== FLAGSHIP);

/** What `npm run bench:demo` has recorded; undefined if there is no file. */
export function readRecord(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** By how much the flagship's accuracy is higher than another search's; whole images of 10,000, so exact. */
const leadOver = (name, outcome) =>
  Math.round((outcome.flagship.accuracy - outcome[name].accuracy) * 10_000) / 10_000;

const signed = (value) => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(4)}`;
const probability = (value) => (value < 0.001 ? value.toExponential(0) : value.toPrecision(2));

/** In how many recorded seeds the flagship is ahead of each other search, and the test of that. */
export function comparisonLines({ seeds }) {
  const lines = OTHERS.flatMap(({ name, title }) => {
    const leads = seeds.map((outcome) => leadOver(name, outcome));
    const count = (holds) => leads.filter(holds).length;
    const ahead = count((lead) => lead > 0);
    const level = count((lead) => lead === 0);
    const behind = count((lead) => lead < 0);
    const { mean, low, high } = meanInterval(leads);
    const { pValue } = wilcoxonSignedRank(leads);
    return [
      `  ahead of ${title} in ${ahead} of ${seeds.length} recorded seeds, level in ${level}, behind in ${behind}:`,
      `    ${signed(mean)} on average (95 % interval ${signed(low)} to ${signed(high)}), Wilcoxon p = ${probability(pValue)}`,
    ];
  });
  return [`${FLAGSHIP.title} (Learning Curve Matching with its sampler) at equal steps:`, ...lines];
}

/** Where a seed lies among the recorded ones, by the flagship's lead over random search. */
export function placeLines({ seeds }, outcome) {
  const lead = leadOver("random", outcome);
  const others = seeds.filter(({ seed }) => seed !== outcome.seed).map((each) => leadOver("random", each));
  const leads = [...others, lead].sort((a, b) => b - a);
  const rank = others.filter((other) => other > lead).length + 1;
  const recorded = seeds.find(({ seed }) => seed === outcome.seed);
  const mark = leads.indexOf(lead);
  const signs = leads.map((value, index) => {
    const sign = value > 0 ? "+" : value < 0 ? "-" : "=";
    return index === mark ? `[${sign}]` : sign;
  });
  const lines = [
    `Seed ${outcome.seed}${recorded === undefined ? " (not recorded)" : ""}: lead over random search ${signed(lead)}, number ${rank} of ${leads.length}:`,
    `  largest ${signs.join("")} smallest   (+ ahead, = level, - behind)`,
  ];
  if (
    recorded !== undefined &&
    SEARCHES.some(({ name }) => recorded[name].accuracy !== outcome[name].accuracy)
  ) {
    lines.push("  The record has other accuracies for it: made by other code, or another Node.");
  }
  return lines;
}
