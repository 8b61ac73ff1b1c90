// What a Learning Curve Matching decision costs, compared with one pass over as many numbers.
//   node bench/decision.mjs            a table
//   node bench/decision.mjs 500 2000   sizes other than 1,000, 10,000 and 100,000 curves
//   node bench/decision.mjs --json     the last line is {cases: [{curves, points, decisionMs, scanMs, ratio}]}
// A study of 1,000, 10,000 and 100,000 complete trainings with 100 reports each is restored; then new trials report
// step after step, and at each of 99 checkpoints the scheduler observes the report and decides. With each decision, the
// column of that checkpoint (a Float64Array) is summed once for comparison. The figures are medians. This is for the
// modes that match curves (poster, stop). The mode promote decides only at rungs, where it forecasts waiting curves; it
// has a separate table, with the processor time too, which does not depend on what else the machine does.
import { lcm } from "../dist/schedulers/index.js";
import { keep, median } from "./machine.mjs";
import { addTrial, emptyStudy, randomNumbers } from "./made-study.mjs";

const POINTS = 100;
const sizes = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const CASES = (sizes.length === 0 ? [1_000, 10_000, 100_000] : sizes.map(Number)).map((curves) => ({
  curves,
  trials: Math.min(40, Math.max(6, Math.round(120_000 / curves))),
}));
const goal = { metric: "loss", direction: "minimize", of: "last" };

function curve(random) {
  const floor = random();
  const speed = 1 + 6 * random();
  return Array.from(
    { length: POINTS },
    (_, index) => floor + (1 - floor) * Math.exp((-speed * index) / POINTS) + 0.02 * random(),
  );
}

const steps = Array.from({ length: POINTS }, (_, index) => index + 1);

function scan(column) {
  let sum = 0;
  for (let row = 0; row < column.length; row++) sum += column[row];
  return sum;
}

let checksum = 0;

function measure({ curves, trials }, choice, isCounted, withProcessor = false) {
  const random = randomNumbers(curves);
  const study = emptyStudy(goal, POINTS);
  const columns = steps.map(() => new Float64Array(curves));
  for (let row = 0; row < curves; row++) {
    const losses = curve(random);
    for (const [index, loss] of losses.entries()) columns[index][row] = loss;
    addTrial(study, "complete", steps, losses);
  }
  const scheduler = choice.create({ goal, maxSteps: POINTS, seed: 0 });
  scheduler.restore(study);
  const decisionMs = [];
  const scanMs = [];
  const processorMs = [];
  for (let run = 0; run <= trials; run++) {
    const losses = curve(random);
    const trial = addTrial(study, "running", [], []);
    for (let index = 0; index < POINTS - 1; index++) {
      const step = index + 1;
      trial.curve.steps.push(step);
      trial.curve.metrics.get("loss").push(losses[index]);
      const event = { type: "reported", trial: trial.number, attempt: 1, step, metrics: {}, time: 0 };
      const before = process.cpuUsage();
      const start = performance.now();
      scheduler.observe(event, study);
      const decision = scheduler.decide(trial, step, study);
      const decided = performance.now();
      const { user, system } = process.cpuUsage(before);
      checksum += scan(columns[index]);
      const scanned = performance.now();
      // The first trial warms up.
      if (run === 0 || !isCounted(decision)) continue;
      decisionMs.push(decided - start);
      processorMs.push((user + system) / 1000);
      scanMs.push(scanned - decided);
    }
    study.byState.running.delete(trial.number);
    study.byState.stopped.add(trial.number);
    trial.state = "stopped";
    const event = { type: "finished", trial: trial.number, attempt: 1, state: "stopped", time: 0 };
    if (run < trials) scheduler.observe(event, study);
  }
  if (decisionMs.length === 0) throw new Error("the scheduler decided nothing");
  const [decision, raw] = [median(decisionMs), median(scanMs)];
  return {
    curves,
    points: POINTS,
    decisionMs: Number(decision.toFixed(5)),
    scanMs: Number(raw.toFixed(5)),
    ratio: Number((decision / raw).toFixed(3)),
    ...(withProcessor ? { processorMs: Number(median(processorMs).toFixed(3)) } : {}),
  };
}

const matching = lcm({ mode: "poster", cumulativePoints: POINTS, checkpoints: POINTS });
const cases = CASES.map((size) =>
  measure(size, matching, ({ explanation }) => {
    if (explanation?.neighbours === undefined) throw new Error("the scheduler did not compare");
    return true;
  }),
);
console.table(cases);
const promotions = CASES.map((size) =>
  measure(size, lcm(), ({ explanation }) => explanation !== undefined, true),
);
console.log("In the mode promote, a decision at a rung:");
console.table(promotions);
if (!Number.isFinite(checksum)) throw new Error("the columns hold no numbers");
keep("decision", { cases, promotions });
// Last, so that programs can read the last line.
if (process.argv.includes("--json")) console.log(JSON.stringify({ cases }));
