// The demo's searches with many seeds: in how many the flagship (the sampler curve with the scheduler lcm) is ahead of
// random search and of ASHA after the same number of training steps. The demo shows where its seed lies among these.
//   npm run bench:demo                                 30 seeds; searches in the file already are not run again
//   npm run bench:demo -- --from 31 --seeds 10         10 more
//   npm run bench:demo -- --workers 2                  so many searches at a time
//   npm run bench:demo -- --afresh                     all again
//   npm run bench:demo -- --json                       the last line is the result as JSON
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { comparisonLines, readRecord, SEARCHES } from "../examples/fashion-mnist/comparison.mjs";
import { STEPS, startSearch } from "../examples/fashion-mnist/start-search.mjs";
import { keep, resultFile } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "30" },
    from: { type: "string", default: "1" },
    steps: { type: "string", default: String(STEPS) },
    workers: { type: "string", default: String(availableParallelism()) },
    afresh: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const [seeds, from, steps, workers] = [values.seeds, values.from, values.steps, values.workers].map(Number);

const before = values.afresh ? undefined : readRecord(resultFile("demo"));
const outcomes = new Map(
  before?.steps === steps ? before.seeds.map((outcome) => [outcome.seed, outcome]) : [],
);
const figures = () => ({
  steps,
  seeds: [...outcomes.values()]
    .filter((outcome) => SEARCHES.every(({ name }) => outcome[name] !== undefined))
    .sort((a, b) => a.seed - b.seed),
});

// Seed by seed, so that a bench that is ended early has recorded whole seeds.
const waiting = [];
for (let seed = from; seed < from + seeds; seed++) {
  const outcome = outcomes.get(seed) ?? { seed };
  outcomes.set(seed, outcome);
  for (const { name } of SEARCHES) if (outcome[name] === undefined) waiting.push({ seed, name });
}
const folder = mkdtempSync(join(tmpdir(), "curvewise-demo-"));

async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { seed, name } = next;
    const search = { name, seed, steps, storage: "memory:", folder: join(folder, `${name}-${seed}`) };
    const { best, ...rest } = await startSearch(search);
    outcomes.get(seed)[name] = { accuracy: best.value, ...rest };
    console.error(`seed ${seed}, ${name}: ${best.value} (${rest.processorSeconds} s of processor time)`);
    keep("demo", figures(), { isLast: false });
  }
}
try {
  await Promise.all(Array.from({ length: workers }, work));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const recorded = figures();
console.log(comparisonLines(recorded).join("\n"));
keep("demo", recorded);
