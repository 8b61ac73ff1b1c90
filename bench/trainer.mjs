#!/usr/bin/env node
// Training iterations per second of processor time (that is, of one core) of a 784-128-64-10 network (rectified,
// softmax cross-entropy, momentum 0.9) at batch 32 on the Fashion-MNIST images of this repository: Curvewise's trainer
// compared with jax-js (its WebAssembly backend, compiled by jit) and TensorFlow.js (its WebAssembly backend, SIMD).
//
//   npm run build && npm ci --prefix bench/peers-js && node bench/trainer.mjs [--json] [--rounds N]
//
// All run in this one process, one after the other in each round; figures are medians over rounds, and the ratio is
// taken within each round, so that a change in the machine's speed affects all alike. The peers are given batches
// prepared in advance; the trainer gathers and converts its own. Each must have lowered its training loss. Writes
// bench/results/trainer.json. `--json` prints that as the last line.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createTrainer, loadImageFolder } from "../trainer/dist/index.js";
import "./machine.mjs";

const LAYERS = [784, 128, 64, 10];
const BATCH = 32;
const RATE = 0.01;
const MOMENTUM = 0.9;
const BATCHES = 64;
const WARM_UP_SECONDS = 1;
const ROUND_SECONDS = 0.3;

const { values: options } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "15" } },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("--rounds takes a whole number from 1");
  process.exit(2);
}
const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
if (!existsSync(folder("./peers-js/node_modules"))) {
  console.error("The peers are not installed. Install them: npm ci --prefix bench/peers-js");
  process.exit(2);
}
const peers = createRequire(new URL("./peers-js/package.json", import.meta.url));

const data = await loadImageFolder(folder("../data/fashion-mnist"));
const batches = Array.from({ length: BATCHES }, (_, b) => ({
  pixels: Float32Array.from(
    data.train.images.subarray(b * BATCH * LAYERS[0], (b + 1) * BATCH * LAYERS[0]),
    (byte) => byte / 255,
  ),
  labels: Int32Array.from(data.train.labels.subarray(b * BATCH, (b + 1) * BATCH)),
}));

/** Initial weights, the same for both peers: uniform within He's bound. */
function firstWeights() {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return LAYERS.slice(1).map((outputs, i) => {
    const bound = Math.sqrt(6 / LAYERS[i]);
    return Float32Array.from({ length: LAYERS[i] * outputs }, () => (2 * uniform() - 1) * bound);
  });
}

/** A contender: `run(iterations)` trains, `loss()` returns its current training loss. */
function curvewise() {
  const trainer = createTrainer(
    {
      layers: LAYERS,
      optimizer: { kind: "sgd", momentum: MOMENTUM },
      learningRate: RATE,
      batchSize: BATCH,
      seed: 1,
    },
    data,
  );
  return {
    name: "curvewise",
    run: async (iterations) => trainer.trainIterations(iterations),
    loss: async () => trainer.evaluate().loss,
  };
}

/** As in jax-js's documentation: one compiled function for the whole step. */
async function jaxJs() {
  const {
    init,
    defaultDevice,
    blockUntilReady,
    jit,
    nn,
    numpy: np,
    tree,
    valueAndGrad,
  } = peers("@jax-js/jax");
  await init("wasm");
  defaultDevice("wasm");
  const forward = (parameters, x) => {
    let y = x;
    parameters.forEach(({ w, b }, i) => {
      y = np.add(np.matmul(y, w), b);
      if (i < parameters.length - 1) y = nn.relu(y);
    });
    return y;
  };
  const lossOf = (parameters, x, oneHot) =>
    nn
      .logSoftmax(forward(parameters, x))
      .mul(oneHot)
      .sum()
      .mul(-1 / BATCH);
  const step = jit((parameters, velocities, x, oneHot) => {
    const [loss, gradient] = valueAndGrad(lossOf)(tree.ref(parameters), x, oneHot);
    const moved = tree.map((v, g) => v.mul(MOMENTUM).sub(g.mul(RATE)), velocities, gradient);
    return [tree.map((p, v) => p.add(v), parameters, tree.ref(moved)), moved, loss];
  });
  let parameters = firstWeights().map((w, i) => ({
    w: np.array(w).reshape([LAYERS[i], LAYERS[i + 1]]),
    b: np.zeros([LAYERS[i + 1]]),
  }));
  let velocities = tree.map((p) => np.zerosLike(p), tree.ref(parameters));
  const inputs = batches.map(({ pixels, labels }) => ({
    x: np.array(pixels).reshape([BATCH, LAYERS[0]]),
    oneHot: nn.oneHot(np.array(labels, { dtype: np.int32 }), 10),
  }));
  await blockUntilReady(tree.ref(inputs));
  let next = 0;
  let last = Number.NaN;
  return {
    name: "@jax-js/jax wasm",
    run: async (iterations) => {
      for (let i = 0; i < iterations; i++) {
        const { x, oneHot } = inputs[next++ % BATCHES];
        const [after, moved, loss] = step(parameters, velocities, x.ref, oneHot.ref);
        parameters = after;
        velocities = moved;
        if (i === iterations - 1) last = (await loss.data())[0];
        else loss.dispose();
      }
    },
    loss: async () => last,
  };
}

/** With TensorFlow.js's own momentum optimizer. */
async function tfjs() {
  const tf = peers("@tensorflow/tfjs");
  peers("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
  await tf.ready();
  const layers = firstWeights().map((w, i) => ({
    w: tf.variable(tf.tensor2d(w, [LAYERS[i], LAYERS[i + 1]])),
    b: tf.variable(tf.zeros([LAYERS[i + 1]])),
  }));
  const optimizer = tf.train.momentum(RATE, MOMENTUM);
  const inputs = batches.map(({ pixels, labels }) => ({
    x: tf.tensor2d(pixels, [BATCH, LAYERS[0]]),
    oneHot: tf.oneHot(tf.tensor1d(labels, "int32"), 10),
  }));
  const lossOf = ({ x, oneHot }) => {
    let y = x;
    layers.forEach(({ w, b }, i) => {
      y = tf.add(tf.matMul(y, w), b);
      if (i < layers.length - 1) y = tf.relu(y);
    });
    return tf.losses.softmaxCrossEntropy(oneHot, y);
  };
  let next = 0;
  return {
    name: "@tensorflow/tfjs wasm",
    run: async (iterations) => {
      for (let i = 0; i < iterations; i++)
        tf.tidy(() => optimizer.minimize(() => lossOf(inputs[next++ % BATCHES])));
    },
    loss: async () => tf.tidy(() => lossOf(inputs[0]).dataSync()[0]),
  };
}

/** Iterations per second of processor time, over about `seconds` of it. */
async function measure(contender, seconds, chunk) {
  const start = process.cpuUsage();
  let done = 0;
  for (;;) {
    await contender.run(chunk);
    done += chunk;
    const { user, system } = process.cpuUsage(start);
    const spent = (user + system) / 1e6;
    if (spent >= seconds) return done / spent;
  }
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const contenders = [curvewise(), await jaxJs(), await tfjs()];
const chunks = [];
for (const contender of contenders) {
  const speed = await measure(contender, WARM_UP_SECONDS, 10);
  chunks.push(Math.max(1, Math.round(speed / 20)));
}
const speeds = contenders.map(() => []);
for (let round = 0; round < rounds; round++) {
  for (const [i, contender] of contenders.entries()) {
    speeds[i].push(await measure(contender, ROUND_SECONDS, chunks[i]));
  }
}
const results = [];
for (const [i, contender] of contenders.entries()) {
  const loss = await contender.loss();
  if (!(loss < 1.5)) throw new Error(`${contender.name} has not learned: its loss is ${loss}`);
  results.push({
    name: contender.name,
    stepsPerSecond: Math.round(median(speeds[i])),
    fastest: Math.round(Math.max(...speeds[i])),
    ofCurvewise: Number(median(speeds[i].map((speed, round) => speed / speeds[0][round])).toFixed(4)),
    loss: Number(loss.toFixed(3)),
  });
}
const summary = {
  bench: "trainer",
  network: LAYERS.join("-"),
  batch: BATCH,
  rounds,
  node: process.version,
  processor: cpus()[0]?.model ?? "unknown",
  results,
};
console.log(
  `${summary.network}, batch ${BATCH}, ${rounds} rounds, Node ${process.version}, ${summary.processor}`,
);
console.log("trainer                  steps/s  fastest  ratio to curvewise");
for (const { name, stepsPerSecond, fastest, ofCurvewise } of results) {
  console.log(
    `${name.padEnd(22)}  ${String(stepsPerSecond).padStart(8)} ${String(fastest).padStart(8)}  ${ofCurvewise.toFixed(3)}`,
  );
}
await mkdir(folder("./results"), { recursive: true });
await writeFile(folder("./results/trainer.json"), `${JSON.stringify(summary, null, 2)}\n`);
if (options.json) console.log(JSON.stringify(summary));
