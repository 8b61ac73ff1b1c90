// Seconds until a training reaches a loss, if its program takes long to start: random search, ASHA, and Learning Curve
// Matching with its sampler, with and without parked programs, and with starts counted. Programs sleep through their
// starts and steps (a step takes 0.1 s), so several studies run at the same time, and none of them needs the processor.
// A study that has not reached the loss when its time is up counts as if it had at that moment.
//   npm run bench:wall-clock-starts                                 starts of 0.05, 1 and 10 s, 5 seeds
//   npm run bench:wall-clock-starts -- --starts 1 --seeds 3 --workers 4 --at-once 6
//   npm run bench:wall-clock-starts -- --json                       the last line is the result as JSON
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { createSearchSpace, float } from "../dist/core/index.js";
import { secondsPerStart, secondsPerStep } from "../dist/core/pace.js";
import { runStudy } from "../dist/engine/index.js";
import { secondsSaved } from "../dist/forecast/steps-saved.js";
import { localLauncher } from "../dist/launchers/index.js";
import { curve, random } from "../dist/samplers/index.js";
import { asha, lcm, none } from "../dist/schedulers/index.js";
import { memoryStorage } from "../dist/storage/index.js";
import { keep, machine, median } from "./machine.mjs";

const { values } = parseArgs({
  options: {
    starts: { type: "string", default: "0.05,1,10" },
    seeds: { type: "string", default: "5" },
    workers: { type: "string", default: "4" },
    "at-once": { type: "string", default: "8" },
    // Seconds of a study at most if starts take no time, and a quarter more for each second of a start.
    patience: { type: "string", default: "120" },
    target: { type: "string", default: "0.14" },
    // A single study, in a process of its own, so that none waits for what another one computes.
    one: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const starts = values.starts.split(",").map(Number);
const [seeds, workers, atOnce, patience, target] = [
  values.seeds,
  values.workers,
  values["at-once"],
  values.patience,
  values.target,
].map(Number);
const MAX_STEPS = 27;
const STEP = 0.1;

const RULES = {
  "random search": { sampler: random(), scheduler: none() },
  "ASHA, stopping": { sampler: random(), scheduler: asha({ type: "stopping" }), park: 0 },
  "ASHA, promotion": { sampler: random(), scheduler: asha(), park: 0 },
  "ASHA, promotion, parked": { sampler: random(), scheduler: asha() },
  "ASHA, promotion, parked, counted": { sampler: random(), scheduler: asha(), countStarts: true },
  "lcm + curve": { sampler: curve(), scheduler: lcm(), park: 0 },
  "lcm + curve, parked": { sampler: curve(), scheduler: lcm() },
  "lcm + curve, parked, counted": { sampler: curve(), scheduler: lcm(), countStarts: true },
};

const space = createSearchSpace({
  rate: float(1e-4, 1, { log: true }),
  momentum: float(0, 0.99),
  decay: float(1e-6, 1e-2, { log: true }),
});

async function secondsTo({ sampler, scheduler, park, countStarts = false }, start, seed) {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-wall-clock-"));
  const storage = memoryStorage();
  const program = {
    command: ["python3", "-I", "-S", "train.py", `--start=${start}`, `--step=${STEP}`, "${args}"],
    shell: false,
    folder: join(import.meta.dirname, "wall-clock"),
    env: {},
    metrics: { kind: "lines" },
    killAfter: 30,
    buffering: "none-of-ours",
    ...(park === undefined ? {} : { park }),
  };
  const launcher = localLauncher({ program, slots: workers });
  const reached = new AbortController();
  const begun = performance.now();
  const limit = patience * (1 + start / 4);
  const timer = setTimeout(() => reached.abort(), 1000 * limit);
  const since = () => (performance.now() - begun) / 1000;
  let seconds;
  try {
    const { study } = await runStudy({
      storage,
      launcher,
      folder,
      space,
      sampler,
      scheduler,
      definition: {
        name: "starts",
        goal: { metric: "loss", direction: "minimize", of: "last" },
        space: space.space,
        constraints: [],
        maxSteps: MAX_STEPS,
        sampler: { name: sampler.name, options: sampler.options },
        scheduler: { name: scheduler.name, options: scheduler.options },
        budget: {},
        seed,
        retries: 0,
        ...(countStarts ? { countStarts } : {}),
        program,
      },
      interrupt: reached.signal,
      kill: reached.signal,
      onEvent: (event) => {
        if (seconds === undefined && event.type === "reported" && event.metrics.loss <= target) {
          seconds = since();
          reached.abort();
        }
      },
    });
    const { pace, totalSteps } = study;
    return {
      reached: seconds !== undefined,
      seconds: seconds ?? limit,
      starts: pace.starts,
      restarts: pace.restarts,
      parked: pace.parked,
      steps: totalSteps,
      secondsPerStart: secondsPerStart(pace) ?? null,
      secondsPerStep: secondsPerStep(pace) ?? null,
      secondsSaved: secondsSaved(study) ?? null,
    };
  } finally {
    clearTimeout(timer);
    await launcher.close();
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.one !== undefined) {
  const { rule, start, seed } = JSON.parse(values.one);
  console.log(JSON.stringify(await secondsTo(RULES[rule], start, seed)));
  process.exit(0);
}

const results = [];
const figures = () => ({ target, patience, workers, seeds, maxSteps: MAX_STEPS, step: STEP, results });
const given = [`--workers=${workers}`, `--patience=${patience}`, `--target=${target}`];
// Seed by seed, so that drifts in the machine's speed affect all rules alike.
const jobs = Array.from({ length: seeds }, (_, seed) =>
  starts.flatMap((start) => Object.keys(RULES).map((rule) => ({ rule, start, seed: seed + 1 }))),
).flat();
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { rule, start, seed } = job;
      const args = [import.meta.filename, ...given, `--one=${JSON.stringify(job)}`];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const result = { ...job, ...JSON.parse(stdout) };
      results.push(result);
      keep("wall-clock-starts", figures(), { isLast: false });
      console.error(
        `start ${start} s, seed ${seed}, ${rule}: ${result.reached ? "" : "not reached in "}${result.seconds.toFixed(1)} s, ${result.starts} starts, ${result.steps} steps`,
      );
    }
  }),
);

const { cpu, cores, node } = machine();
console.log(
  `loss ${target}, ${MAX_STEPS} steps of ${STEP} s, at most ${patience} s and a quarter more for each second of a start, ${workers} workers, ${seeds} seeds; ${cpu}, ${cores} cores, Node ${node}`,
);
const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
for (const start of starts) {
  for (const rule of Object.keys(RULES)) {
    const each = results.filter((result) => result.rule === rule && result.start === start);
    const times = each.map(({ seconds }) => seconds);
    const count = each.filter(({ reached }) => reached).length;
    console.log(
      `start ${start} s  ${rule.padEnd(33)} reached ${count} of ${seeds}; seconds: mean ${mean(times).toFixed(1)}, median ${median(times).toFixed(1)}; starts ${mean(each.map(({ starts: number }) => number)).toFixed(0)}; steps ${mean(each.map(({ steps }) => steps)).toFixed(0)}`,
    );
  }
}
keep("wall-clock-starts", figures());
