// Learns from recorded curves how far ends lie off the line of a rung (src/forecast/learned-noise.ts), and says what that is worth.
//   npm run bench:line-prior                       prints what would be learned, and how it holds where it was not learned
//   node bench/line-prior.mjs --write              writes src/forecast/learned-noise.ts
//   node bench/line-prior.mjs --folders A,B --studies 200 --seed 1 --json
// At each place in a training (a share of its steps), a line is fitted to all curves of a task, from the value there to the gain
// that is still to come. Its residual variance over the variance of the values is the task's share. What is learned for a place is
// the median over sources (folders of curves) of the medians over their tasks, half of them by last and half by best reports.
// To judge it, each source is left out in turn: a study has 16 trials at a place, of which 1, 2, 4 or 8 went on to the end,
// and forecasts the ends of others by the rung's line. The table has the mean log likelihood of those ends (higher is better) and
// how many lay in the interval of 80 %, with the share that other sources tell and with a quarter everywhere.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { costOf } from "../dist/core/goal.js";
import { INTERVAL_DEVIATIONS } from "../dist/forecast/curve-model.js";
import { fitEndLine, gainAt, lineVariance } from "../dist/forecast/end-line.js";
import { FIRST_PRIOR, noiseBetween } from "../dist/forecast/prior-noise.js";
import { addDeeper, addValue, emptySums } from "../dist/forecast/rung-sums.js";
import { createRandom } from "../dist/math/random.js";
import { DEFAULT_FOLDER, findTasks, loadTable } from "./curve-tasks.mjs";
import { keep } from "./machine.mjs";

const OWN = join(import.meta.dirname, "..", "experiments", "curves");
const TARGET = join(import.meta.dirname, "..", "src", "forecast", "learned-noise.ts");
const PLACES = [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 7 / 8];
const TRIALS = 16;
const KNOWN = [1, 2, 4, 8];
/** Values that vary less than this are not told apart. */
const LEAST_VARIANCE = 1e-12;

const { values: given } = parseArgs({
  options: {
    folders: { type: "string", default: `${OWN},${DEFAULT_FOLDER}` },
    studies: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A task's curves in the model's scale, those that diverged left out: by curve and step, what counts up to there. */
function countingCurves({ goal, curves, maxSteps }, of) {
  const costs = curves
    .map(({ reports }) => reports.map((report) => costOf(report[goal.metric] ?? Number.NaN, goal)))
    .filter((curve) => curve.length === maxSteps && curve.every((cost) => Number.isFinite(cost)));
  const isLogarithmic = costs.flat().every((cost) => cost > 0);
  return costs.map((curve) => {
    const scaled = isLogarithmic ? curve.map(Math.log) : curve;
    let least = Number.POSITIVE_INFINITY;
    return of === "last" ? scaled : scaled.map((value) => (least = Math.min(least, value)));
  });
}

/** At a place of a task, the pairs of a value and the end; none where the training has no such step. */
function pairsAt(curves, place) {
  const steps = curves[0]?.length ?? 0;
  const step = Math.round(place * steps);
  if (step < 1 || step >= steps || Math.abs(Math.log2(step / steps / place)) > 0.5) return [];
  return curves.map((curve) => ({ value: curve[step - 1], end: curve.at(-1) }));
}

/** The residual variance around the line through all pairs, over the variance of the values. */
function shareOf(pairs) {
  const center = mean(pairs.map(({ value }) => value));
  const gain = mean(pairs.map(({ value, end }) => end - value));
  const xx = mean(pairs.map(({ value }) => (value - center) ** 2));
  const xy = mean(pairs.map(({ value, end }) => (value - center) * (end - value - gain)));
  const yy = mean(pairs.map(({ value, end }) => (end - value - gain) ** 2));
  return xx < LEAST_VARIANCE ? undefined : Math.max(1e-6, (yy - (xy * xy) / xx) / xx);
}

/** By place, what these sources tell. */
const learn = (sources) =>
  PLACES.flatMap((place, p) => {
    const medians = sources.flatMap(({ tasks }) => {
      const shares = tasks.flatMap(({ shares }) => shares[p] ?? []);
      return shares.length === 0 ? [] : [median(shares)];
    });
    return medians.length === 0 ? [] : [[place, Number(median(medians).toPrecision(3))]];
  });

/** Log likelihood of ends, and how many lie in their intervals, in studies of a task at a place. */
function judge(pairs, noise, random, studies) {
  const found = [];
  for (let study = 0; study < studies; study++) {
    const drawn = Array.from(
      { length: TRIALS + 1 },
      () => pairs[Math.floor(random.uniform() * pairs.length)],
    );
    const known = KNOWN[study % KNOWN.length];
    const sums = emptySums();
    for (const [place, { value, end }] of drawn.slice(1).entries()) {
      addValue(sums, value);
      if (place < known) addDeeper(sums, value, end, 0);
    }
    const line = fitEndLine(sums, { ...FIRST_PRIOR, noise });
    const { value, end } = drawn[0];
    const variance = line.noise + lineVariance(line, value);
    const error = end - value - gainAt(line, value);
    found.push({
      likelihood: -0.5 * (Math.log(2 * Math.PI * variance) + (error * error) / variance),
      isInside: Math.abs(error) <= INTERVAL_DEVIATIONS * Math.sqrt(variance),
    });
  }
  return found;
}

const folders = given.folders.split(",").filter((folder) => existsSync(folder));
const sources = new Map();
for (const folder of folders) {
  for (const task of findTasks(folder)) {
    const name = folder === OWN ? "own" : task.source;
    const table = loadTable(task);
    const kinds = ["best", "last"].map((of) => countingCurves(table, of));
    const pairs = kinds.map((curves) => PLACES.map((place) => pairsAt(curves, place)));
    const shares = PLACES.map((_, p) =>
      pairs.flatMap((each) => (each[p].length < TRIALS ? [] : (shareOf(each[p]) ?? []))),
    );
    sources.set(name, [...(sources.get(name) ?? []), { pairs, shares }]);
  }
}
const all = [...sources].map(([name, tasks]) => ({ name, tasks }));
const learned = learn(all);
console.log("learned from all sources: place, share of the variance");
for (const [place, share] of learned) console.log(`  ${String(place).padEnd(10)}${share}`);

console.log(
  `\n${"left out".padEnd(20)}log likelihood: learned, a quarter   in 80 % intervals: learned, a quarter`,
);
const judged = all.map(({ name, tasks }) => {
  const prior = learn(all.filter((source) => source.name !== name));
  const judgeBy = (noiseAt) => {
    const random = createRandom(Number(given.seed), 0);
    const found = tasks.flatMap(({ pairs }) =>
      pairs.flatMap((each) =>
        each.flatMap((at, p) =>
          at.length < TRIALS || (shareOf(at) ?? 0) === 0
            ? []
            : judge(at, noiseAt(PLACES[p]), random, Number(given.studies)),
        ),
      ),
    );
    return {
      likelihood: mean(found.map(({ likelihood }) => likelihood)),
      inside: found.filter(({ isInside }) => isInside).length / found.length,
    };
  };
  const byOthers = judgeBy((place) => noiseBetween(prior, place));
  const byQuarter = judgeBy(() => FIRST_PRIOR.noise);
  const shown = [byOthers.likelihood, byQuarter.likelihood].map((value) => value.toFixed(3)).join("   ");
  const held = [byOthers.inside, byQuarter.inside].map((value) => value.toFixed(3)).join("   ");
  console.log(`${name.padEnd(36)}${shown.padEnd(37)}${held}`);
  return { name, tasks: tasks.length, learned: byOthers, quarter: byQuarter };
});
if (given.write) {
  const rows = learned.map(([place, share]) => `  [${place}, ${share}],\n`).join("");
  writeFileSync(
    TARGET,
    `/**
 * How far ends lie off the line of a rung, as a share of the variance of the values there, by the rung's place in a
 * training (its step over the steps of a complete one). Learned from recorded curves: medians over sources of the medians
 * over their tasks. Written by \`node bench/line-prior.mjs --write\`, which also says what it is worth.
 */
export const LEARNED_NOISE: readonly (readonly [place: number, share: number])[] = [
${rows}];
`,
  );
}
keep("line-prior", { seed: Number(given.seed), studies: Number(given.studies), learned, judged });
if (given.json) console.log(JSON.stringify({ learned, judged }));
