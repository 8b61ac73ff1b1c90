// Seconds until networks reach an accuracy, by random search, ASHA, and Learning Curve Matching with its sampler:
// real trainings of the networks of examples/fashion-mnist/study.yaml, as programs, on this machine.
//   npm run bench:wall-clock                                    10 seeds, accuracy 0.85
//   npm run bench:wall-clock -- --seeds 3 --target 0.845 --steps 1200 --workers 2
//   npm run bench:wall-clock -- --json                          the last line is the result as JSON
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadStudy } from "../dist/config/index.js";
import { curve, random } from "../dist/samplers/index.js";
import { asha, lcm, none } from "../dist/schedulers/index.js";
import { keep, machine, median } from "./machine.mjs";
import { oneSearch } from "./one-search.mjs";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10" },
    target: { type: "string", default: "0.85" },
    steps: { type: "string", default: "1200" },
    workers: { type: "string", default: String(availableParallelism()) },
    json: { type: "boolean", default: false },
  },
});
const [seeds, target, steps, workers] = [values.seeds, values.target, values.steps, values.workers].map(
  Number,
);

// Starting a program costs about as much as two steps here, so no rule pauses earlier.
const RULES = {
  "random search": { sampler: random(), scheduler: none() },
  "ASHA, eta 4": { sampler: random(), scheduler: asha({ eta: 4, minSteps: 2 }) },
  "lcm + curve": { sampler: curve(), scheduler: lcm({ minSteps: 2 }) },
};

const plan = await loadStudy(join(import.meta.dirname, "../examples/fashion-mnist/study.yaml"));

async function secondsTo(rule, seed) {
  const reached = new AbortController();
  let seconds;
  const onEvent = (event, now) => {
    if (seconds !== undefined || event.type !== "reported" || event.metrics.accuracy < target) return;
    seconds = now;
    reached.abort();
  };
  const spent = await oneSearch(plan, rule, { seed, steps, slots: workers, onEvent, end: reached.signal });
  return { reached: seconds !== undefined, seconds: seconds ?? spent };
}

const results = Object.fromEntries(Object.keys(RULES).map((name) => [name, []]));
// Seed by seed, so that drifts in the machine's speed affect all rules alike.
for (let seed = 1; seed <= seeds; seed++) {
  for (const [name, rule] of Object.entries(RULES)) {
    const result = await secondsTo(rule, seed);
    results[name].push(result);
    console.error(
      `seed ${seed}, ${name}: ${result.reached ? "" : "not reached in "}${result.seconds.toFixed(1)} s`,
    );
  }
}

const { cpu, cores, node } = machine();
console.log(
  `accuracy ${target}, at most ${steps} steps, ${workers} workers, ${seeds} seeds; ${cpu}, ${cores} cores, Node ${node}`,
);
for (const [name, each] of Object.entries(results)) {
  const times = each.map(({ seconds }) => seconds);
  const mean = times.reduce((sum, value) => sum + value, 0) / times.length;
  const count = each.filter(({ reached }) => reached).length;
  console.log(
    `${name.padEnd(16)} reached ${count} of ${seeds}; seconds: mean ${mean.toFixed(1)}, median ${median(times).toFixed(1)}, each ${times.map((time) => time.toFixed(0)).join(" ")}`,
  );
}
keep("wall-clock", { target, steps, workers, seeds, results });
