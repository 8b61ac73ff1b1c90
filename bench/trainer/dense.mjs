// The dense network of bench/trainer.mjs in Curvewise's trainer, OpenBLAS, jax-js and TensorFlow.js.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createTrainer } from "../../trainer/dist/index.js";
import { jaxJs as trainedByJaxJs } from "./jax-js.mjs";
import { BATCH, BATCHES, batchesOf, MOMENTUM, RATE, uniformWithin } from "./setup.mjs";

const LAYERS = [784, 128, 64, 10];

export const NAME = LAYERS.join("-");

function firstWeights() {
  const within = uniformWithin();
  return LAYERS.slice(1).map((outputs, i) => within(LAYERS[i] * outputs, Math.sqrt(6 / LAYERS[i])));
}

/** A contender: `run(iterations)` trains, `loss()` returns its current training loss. */
export function curvewise(data, simd) {
  const trainer = createTrainer(
    {
      layers: LAYERS,
      optimizer: { kind: "sgd", momentum: MOMENTUM },
      learningRate: RATE,
      batchSize: BATCH,
      seed: 1,
      simd,
    },
    data,
  );
  return {
    name: `curvewise, ${simd} SIMD`,
    run: async (iterations) => trainer.trainIterations(iterations),
    loss: async () => trainer.evaluate().loss,
  };
}

export function jaxJs(data, peers) {
  return trainedByJaxJs(data, peers, {
    layers: firstWeights().map((weights, i) => ({
      weights,
      shape: [LAYERS[i], LAYERS[i + 1]],
      biases: [LAYERS[i + 1]],
    })),
    inputShape: [BATCH, LAYERS[0]],
    forward: ({ nn, numpy: np }, parameters, x) => {
      let y = x;
      parameters.forEach(({ w, b }, i) => {
        y = np.add(np.matmul(y, w), b);
        if (i < parameters.length - 1) y = nn.relu(y);
      });
      return y;
    },
  });
}

/** With TensorFlow.js's own momentum optimizer. */
export async function tfjs(data, peers) {
  const tf = peers("@tensorflow/tfjs");
  peers("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
  await tf.ready();
  const layers = firstWeights().map((w, i) => ({
    w: tf.variable(tf.tensor2d(w, [LAYERS[i], LAYERS[i + 1]])),
    b: tf.variable(tf.zeros([LAYERS[i + 1]])),
  }));
  const optimizer = tf.train.momentum(RATE, MOMENTUM);
  const inputs = batchesOf(data).map(({ pixels, labels }) => ({
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

/**
 * The same in C with OpenBLAS on one thread, in a process of its own that says how long it took. Undefined if there is no
 * C compiler or no OpenBLAS.
 *
 * @param core which of its kernels OpenBLAS takes, such as Haswell (AVX2 and FMA) or SkylakeX (AVX-512)
 */
export function openblas(data, core) {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-openblas-"));
  const program = join(folder, "openblas");
  const source = join(import.meta.dirname, "openblas.c");
  try {
    execFileSync("cc", ["-O3", "-march=native", "-o", program, source, "-lopenblas", "-lm"], {
      stdio: "pipe",
    });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const images = BATCH * BATCHES;
  const file = join(folder, "batches");
  const { inputs } = data.train;
  writeFileSync(
    file,
    Buffer.concat([data.train.images.subarray(0, images * inputs), data.train.labels.subarray(0, images)]),
  );
  const child = spawn(program, [file], {
    env: { ...process.env, OPENBLAS_NUM_THREADS: "1", OPENBLAS_CORETYPE: core },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const taken = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
  let last = Number.NaN;
  return {
    name: `OpenBLAS, ${core}`,
    /** Returns the processor seconds, since they are not of this process. */
    run: async (iterations) => {
      child.stdin.write(`${iterations}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("the program with OpenBLAS has ended");
      const [seconds, loss] = value.split(" ").map(Number);
      last = loss;
      return seconds;
    },
    loss: async () => last,
    close: async () => {
      child.stdin.end();
      const { value } = await taken.next();
      rmSync(folder, { recursive: true });
      if (value !== core) throw new Error(`OpenBLAS took its kernels for ${value} instead of ${core}`);
    },
  };
}
