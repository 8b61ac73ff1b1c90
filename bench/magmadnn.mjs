// Random search, ASHA, Learning Curve Matching (as published, and as today with the sampler curve) and population based
// training on networks of MagmaDNN: examples/magmadnn, which must have been built (see its README.md).
//   npm run bench:magmadnn                                 20 seeds; those in the file already are not run again
//   npm run bench:magmadnn -- --seeds 3                    the first 3
//   npm run bench:magmadnn -- --searches 2                 so many searches at a time, each with one worker
//   npm run bench:magmadnn -- --afresh                     all again
//   npm run bench:magmadnn -- --summary                    runs nothing, but says again what the file holds
//   npm run bench:magmadnn -- --json                       the last line is the result as JSON
// Each search has as many steps as 20 complete trainings. Compared is the best accuracy that any training reported
// within so many steps, and within the seconds that the quickest search of the same seed took. Seconds are by the clock,
// with whatever else the machine did. Tests: Wilcoxon's signed-rank test of the differences, seed by seed,
// Holm-corrected over the other rules.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { holm, meanInterval, wilcoxonSignedRank } from "../dist/analysis/index.js";
import { loadStudy } from "../dist/config/index.js";
import { curve, random } from "../dist/samplers/index.js";
import { asha, lcm, none, pbt } from "../dist/schedulers/index.js";
import { keep, machine, resultFile } from "./machine.mjs";
import { oneSearch } from "./one-search.mjs";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    from: { type: "string", default: "1" },
    searches: { type: "string", default: "1" },
    afresh: { type: "boolean", default: false },
    summary: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const [seeds, from, searches] = [values.seeds, values.from, values.searches].map(Number);
const TRAININGS = 20;
const EXAMPLE = resolve(import.meta.dirname, "../examples/magmadnn");
const plan = await loadStudy(join(EXAMPLE, "study-lcm.yaml"));
const steps = TRAININGS * plan.definition.maxSteps;
const BUDGETS = [steps / 4, steps / 2, steps];

// Starting the program costs about as much as some steps, so no rule pauses after one.
const OURS = "lcm + curve";
const RULES = {
  "random search": { sampler: random(), scheduler: none() },
  "ASHA, eta 4": { sampler: random(), scheduler: asha({ eta: 4, minSteps: 2 }) },
  "lcm, published": { sampler: random(), scheduler: lcm({ mode: "poster", accumulate: 5 }) },
  [OURS]: { sampler: curve(), scheduler: lcm({ minSteps: 2 }) },
  pbt: {
    sampler: random(),
    scheduler: pbt({ population: TRAININGS, interval: 4, evolve: ["lr", "momentum"] }),
  },
};

/** One search: every new best accuracy with the steps and seconds until then, and the seconds of all. */
async function search(rule, seed) {
  const improvements = [];
  let done = 0;
  const failures = [];
  const onEvent = (event, seconds) => {
    if (event.type === "failed") failures.push(event.error);
    if (event.type !== "reported") return;
    done += 1;
    const { accuracy } = event.metrics;
    if (accuracy > (improvements.at(-1)?.accuracy ?? 0))
      improvements.push({ steps: done, seconds, accuracy });
  };
  const seconds = await oneSearch(plan, rule, { seed, steps, slots: 1, onEvent });
  if (failures.length > 0) throw new Error(`a training failed: ${JSON.stringify(failures[0])}`);
  return { seconds, steps: done, improvements };
}

const bestWithin = ({ improvements }, unit, most) =>
  improvements.findLast((each) => each[unit] <= most)?.accuracy ?? 0;

/** What is compared: a name, and the accuracy of a rule in a seed's outcome. */
const COMPARISONS = [
  ...BUDGETS.map((budget) => ({
    name: `within ${budget} steps`,
    of: (outcome, rule) => bestWithin(outcome[rule], "steps", budget),
  })),
  {
    name: "within equal seconds",
    of: (outcome, rule) => {
      const least = Math.min(...Object.keys(RULES).map((name) => outcome[name].seconds));
      return bestWithin(outcome[rule], "seconds", least);
    },
  },
];

/** By comparison and rule: the mean, its interval, the lead of ours seed by seed, and the test of it. */
function compare(outcomes) {
  const others = Object.keys(RULES).filter((name) => name !== OURS);
  return COMPARISONS.map(({ name, of }) => {
    // Images of 1,000, so the difference is exact once it is rounded.
    const leads = others.map((rule) =>
      outcomes.map((each) => Math.round((of(each, OURS) - of(each, rule)) * 1000) / 1000),
    );
    const tests = leads.map((each) => wilcoxonSignedRank(each).pValue);
    const corrected = holm(tests);
    return {
      name,
      rules: Object.keys(RULES).map((rule) => {
        const place = others.indexOf(rule);
        const count = (holds) => leads[place].filter(holds).length;
        return {
          rule,
          ...meanInterval(outcomes.map((each) => of(each, rule))),
          ...(place < 0
            ? {}
            : {
                lead: meanInterval(leads[place]),
                ahead: count((lead) => lead > 0),
                level: count((lead) => lead === 0),
                behind: count((lead) => lead < 0),
                p: tests[place],
                holm: corrected[place],
              }),
        };
      }),
    };
  });
}

const figure = (value) => (Number.isFinite(value) ? value.toFixed(4).replace(/^(-?)0/, "$1") : "-");
function print(comparisons, count) {
  const { cpu, cores, node } = machine();
  console.log(
    `best accuracy, ${count} seeds; ${cpu}, ${cores} cores, Node ${node}; ahead, level and behind: ${OURS}`,
  );
  for (const { name, rules } of comparisons) {
    console.log(`\n${name}`);
    for (const { rule, mean, low, high, lead, ahead, level, behind, p, holm: after } of rules) {
      const against =
        lead === undefined
          ? ""
          : `${OURS} ${lead.mean < 0 ? "" : "+"}${figure(lead.mean)}, ${ahead}/${level}/${behind}, p = ${p.toPrecision(2)}, Holm ${after.toPrecision(2)}`;
      console.log(`${rule.padEnd(16)}${figure(mean)} [${figure(low)}, ${figure(high)}]  ${against}`);
    }
  }
}

const file = resultFile("magmadnn");
const before = !values.afresh && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
const outcomes = new Map(before?.steps === steps ? before.seeds.map((each) => [each.seed, each]) : []);
const whole = () =>
  [...outcomes.values()]
    .filter((outcome) => Object.keys(RULES).every((name) => outcome[name] !== undefined))
    .sort((a, b) => a.seed - b.seed);

// Seed by seed, so that drifts in the machine's speed affect all rules alike, and an early end leaves whole seeds.
const waiting = [];
for (let seed = from; seed < from + seeds && !values.summary; seed++) {
  if (outcomes.has(seed)) continue;
  outcomes.set(seed, { seed });
  for (const name of Object.keys(RULES)) waiting.push({ seed, name });
}
async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { seed, name } = next;
    const outcome = await search(RULES[name], seed);
    outcomes.get(seed)[name] = outcome;
    console.error(
      `seed ${seed}, ${name}: ${outcome.improvements.at(-1)?.accuracy} in ${outcome.seconds.toFixed(1)} s`,
    );
    keep("magmadnn", { steps, searches, seeds: whole() }, { isLast: false });
  }
}
await Promise.all(Array.from({ length: searches }, work));
const recorded = whole();
const comparisons = compare(recorded);
print(comparisons, recorded.length);
keep("magmadnn", { steps, searches, comparisons, seeds: recorded });
