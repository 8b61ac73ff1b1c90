// One of the demo's searches, as a program: node examples/fashion-mnist/search.mjs flagship --seed 1 --steps 320
// Everything about it is what a user of the library writes: createStudy, and a function that trains a network.
// Prints a line of JSON after each step, and as the last line what the search found.
//   --seed N         (1)          --steps N        training steps of all networks together (320)
//   --storage PLACE  (memory)     --folder FOLDER  for snapshots
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { asha, choice, createStudy, curve, float, int, lcm, none, random } from "curvewise";
import { rateAt, scheduleFromParams, scheduleSpace } from "curvewise/schedules";
import { createTrainer, loadImageFolder } from "../../trainer/dist/index.js";

const MAX_STEPS = 16;
/** With 16 of these steps, a complete training passes 3.3 times over the 12,000 images. */
const IMAGES_PER_STEP = 2500;
const BATCH = 64;

const SPACE = {
  lr: float(1e-5, 1, { log: true }),
  optimizer: choice(["sgd", "adam"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
  depth: int(1, 4), // hidden layers
  width: int(16, 64, { log: true }), // units per layer
  activation: choice(["relu", "tanh", "sigmoid"]),
  l2: float(1e-6, 0.1, { log: true }),
  ...scheduleSpace({
    unit: "step",
    constant: {},
    exponential: { factor: float(0.7, 1) },
    cosine: { duration: MAX_STEPS },
  }),
};

const RULES = {
  random: { sampler: random(), scheduler: none() },
  asha: { sampler: random(), scheduler: asha() },
  flagship: { sampler: curve(), scheduler: lcm() },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: String(20 * MAX_STEPS) },
    storage: { type: "string", default: "memory:" },
    folder: { type: "string" },
  },
});
const [name = ""] = positionals;
const rule = RULES[name];
if (rule === undefined) {
  console.error(`there is no search "${name}"\nGive one of ${Object.keys(RULES).join(", ")}.`);
  process.exit(2);
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const data = await loadImageFolder(join(import.meta.dirname, "../../data/fashion-mnist"));
let steps = 0;

/** Trains one network, from its first step or from where it was paused. */
async function train(trial) {
  const { lr, optimizer, momentum, depth, width, activation, l2 } = trial.params;
  const schedule = scheduleFromParams(trial.params, { rate: lr });
  const trainer = createTrainer(
    {
      layers: [data.train.inputs, ...Array.from({ length: depth }, () => width), 10],
      activation,
      optimizer: optimizer === "sgd" ? { kind: "sgd", momentum } : { kind: "adam" },
      learningRate: (_iteration, images) => rateAt(schedule, Math.floor(images / IMAGES_PER_STEP)),
      l2,
      batchSize: BATCH,
      seed: trial.seed,
    },
    data,
  );
  if (trial.resume !== undefined) trainer.load(await readFile(trial.resume.path));
  for (let step = (trial.resume?.step ?? 0) + 1; step <= MAX_STEPS; step++) {
    while (trainer.imagesSeen < step * IMAGES_PER_STEP) trainer.trainIterations(1);
    const action = await trial.report(step, trainer.evaluate());
    steps += 1;
    say({ steps });
    if (action === "pause") {
      const file = `step-${step}.snapshot`;
      await writeFile(join(trial.folder, file), trainer.save());
      await trial.snapshot(step, file);
    }
    if (action !== "continue") return;
  }
}

const study = createStudy({
  name: `demo-${name}`,
  goal: { maximize: "accuracy" },
  space: SPACE,
  maxSteps: MAX_STEPS,
  ...rule,
  seed: Number(values.seed),
  storage: values.storage,
  ...(values.folder === undefined ? {} : { folder: resolve(values.folder) }),
});
// With one worker, nothing depends on which training is faster: the same seed finds the same, whenever it runs.
const best = await study.run(train, { totalSteps: Number(values.steps), workers: 1 });
const { trials, byState, totalSteps } = await study.read();
const { user, system } = process.cpuUsage();
say({
  best,
  trials: trials.length,
  complete: byState.complete.size,
  steps: totalSteps,
  processorSeconds: Math.round((user + system) / 1e5) / 10,
});
