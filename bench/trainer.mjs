#!/usr/bin/env node
// Training iterations per second of processor time (that is, of one core), batches of 32 of the Fashion-MNIST images of
// this repository, momentum 0.9: Curvewise's trainer, with relaxed and with plain SIMD, compared with jax-js (its
// WebAssembly backend, compiled by jit) and TensorFlow.js (its WebAssembly backend, SIMD). Two networks, rectified, with
// softmax cross-entropy: 784-128-64-10, also in C with OpenBLAS on one thread, and a convolutional one.
//
//   npm run build && npm ci --prefix bench/peers-js && node bench/trainer.mjs [--json] [--rounds N] [--only NETWORK]
//
// OpenBLAS needs a C compiler and its library (apt-get install gcc libopenblas-dev); otherwise it is left out. --cores
// names the kernels that it takes, by default Haswell (AVX2 and FMA), which also current AMD processors get.
//
// All run one after the other in each round, on this process's thread or, in the case of OpenBLAS, on the only one of a
// process of its own; figures are medians over rounds, and the ratio is taken within each round, so that a change in the
// machine's speed affects all alike. The peers are given batches prepared in advance; the trainer gathers and converts
// its own. Each must have lowered its training loss. On Node 20, relaxed SIMD is switched on. Writes
// bench/results/trainer.json. `--json` prints that as the last line.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { loadImageFolder } from "../trainer/dist/index.js";
import { keep, machine, median } from "./machine.mjs";
import * as convolutional from "./trainer/convolutional.mjs";
import * as dense from "./trainer/dense.mjs";
import { BATCH } from "./trainer/setup.mjs";

const WARM_UP_SECONDS = 1;
const ROUND_SECONDS = 0.3;
const NETWORKS = { dense, convolutional };

if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "15" },
    only: { type: "string" },
    cores: { type: "string", default: "Haswell" },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("--rounds takes a whole number from 1");
  process.exit(2);
}
if (options.only !== undefined && !Object.hasOwn(NETWORKS, options.only)) {
  console.error(`--only takes one of ${Object.keys(NETWORKS).join(", ")}`);
  process.exit(2);
}
const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
if (!existsSync(folder("./peers-js/node_modules"))) {
  console.error("The peers are not installed. Install them: npm ci --prefix bench/peers-js");
  process.exit(2);
}
const peers = createRequire(new URL("./peers-js/package.json", import.meta.url));
const data = await loadImageFolder(folder("../data/fashion-mnist"));

/** Iterations per second of processor time, over about `seconds` of it. */
async function measure(contender, seconds, chunk) {
  let done = 0;
  let spent = 0;
  while (spent < seconds) {
    const start = process.cpuUsage();
    const own = await contender.run(chunk);
    const { user, system } = process.cpuUsage(start);
    done += chunk;
    spent += own ?? (user + system) / 1e6;
  }
  return done / spent;
}

/** Trains one network in every library, in rounds. */
async function race(network) {
  const { NAME, curvewise, jaxJs, tfjs, openblas } = network;
  const contenders = [
    curvewise(data, "relaxed"),
    curvewise(data, "plain"),
    ...(openblas === undefined ? [] : options.cores.split(",").map((core) => openblas(data, core))),
    await jaxJs(data, peers),
    await tfjs(data, peers),
  ].filter((contender) => contender !== undefined);
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
    await contender.close?.();
    // Untrained it is 2.3, the logarithm of 10 classes; the slowest do few iterations.
    if (!(loss < 2)) throw new Error(`${contender.name} has not learned: its loss is ${loss}`);
    results.push({
      name: contender.name,
      stepsPerSecond: Math.round(median(speeds[i])),
      fastest: Math.round(Math.max(...speeds[i])),
      ofCurvewise: Number(median(speeds[i].map((speed, round) => speed / speeds[0][round])).toFixed(4)),
      loss: Number(loss.toFixed(3)),
    });
  }
  return { network: NAME, results };
}

const { cpu, node } = machine();
const networks = [];
for (const [name, network] of Object.entries(NETWORKS)) {
  if (options.only !== undefined && options.only !== name) continue;
  const raced = await race(network);
  networks.push(raced);
  console.log(`${raced.network}, batch ${BATCH}, ${rounds} rounds, Node ${node}, ${cpu}`);
  console.log("trainer                  steps/s  fastest  ratio to curvewise");
  for (const { name: contender, stepsPerSecond, fastest, ofCurvewise } of raced.results) {
    console.log(
      `${contender.padEnd(23)} ${String(stepsPerSecond).padStart(8)} ${String(fastest).padStart(8)}  ${ofCurvewise.toFixed(3)}`,
    );
  }
}
keep("trainer", { batch: BATCH, rounds, networks });
