// The convolutional network of bench/trainer.mjs in Curvewise's trainer, jax-js and TensorFlow.js: two convolutions of
// 3 x 3 with 8 and 16 filters, each followed by a maximum over 2 x 2, then 64 units.
import { createTrainer } from "../../trainer/dist/index.js";
import { jaxJs as trainedByJaxJs } from "./jax-js.mjs";
import { BATCH, BATCHES, batchesOf, MOMENTUM, RATE, uniformWithin } from "./setup.mjs";

export const NAME = "28x28-conv8-pool-conv16-pool-64-10";

/** Sizes of the weights: [filters, channels, 3, 3] or [inputs, units]. */
const SHAPES = [
  [8, 1, 3, 3],
  [16, 8, 3, 3],
  [16 * 7 * 7, 64],
  [64, 10],
];
const inputsOf = (shape) => (shape.length === 4 ? shape[1] * 9 : shape[0]);

function firstWeights() {
  const within = uniformWithin();
  return SHAPES.map((shape) =>
    within(
      shape.reduce((a, b) => a * b),
      Math.sqrt(6 / inputsOf(shape)),
    ),
  );
}

/** A contender: `run(iterations)` trains, `loss()` returns its current training loss. */
export function curvewise(data, simd) {
  const trainer = createTrainer(
    {
      layers: [
        { kind: "image", height: 28, width: 28 },
        { kind: "conv2d", filters: 8, padding: 1 },
        { kind: "maxpool" },
        { kind: "conv2d", filters: 16, padding: 1 },
        { kind: "maxpool" },
        64,
        10,
      ],
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

/** Images are batch x channel x line x column. */
export function jaxJs(data, peers) {
  const around = [
    [1, 1],
    [1, 1],
  ];
  return trainedByJaxJs(data, peers, {
    layers: firstWeights().map((weights, i) => ({
      weights,
      shape: SHAPES[i],
      biases: i < 2 ? [1, SHAPES[i][0], 1, 1] : [SHAPES[i][1]],
    })),
    inputShape: [BATCH, 1, 28, 28],
    forward: ({ lax, nn, numpy: np }, [first, second, third, last], x) => {
      let y = x;
      for (const [layer, filters, edge] of [
        [first, 8, 28],
        [second, 16, 14],
      ]) {
        y = nn.relu(np.add(lax.convWithGeneralPadding(y, layer.w, [1, 1], around), layer.b));
        y = np.max(y.reshape([BATCH, filters, edge / 2, 2, edge / 2, 2]), [3, 5]);
      }
      y = nn.relu(np.add(np.matmul(y.reshape([BATCH, 16 * 7 * 7]), third.w), third.b));
      return np.add(np.matmul(y, last.w), last.b);
    },
  });
}

/**
 * With TensorFlow.js's own momentum optimizer. Images are batch x line x column x channel. Its WebAssembly back end
 * lacks the gradient of a filter; that is a convolution too, of the images with the derivatives of the outputs, batch
 * and channels exchanged, and is computed as one here.
 */
export async function tfjs(data, peers) {
  const tf = peers("@tensorflow/tfjs");
  peers("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
  await tf.ready();
  const convolve = tf.customGrad((x, w, save) => {
    save([x, w]);
    return {
      value: tf.conv2d(x, w, 1, "same"),
      gradFunc: (dy, [x, w]) => [
        tf.conv2dTranspose(dy, w, x.shape, 1, "same"),
        tf.transpose(
          tf.conv2d(tf.transpose(x, [3, 1, 2, 0]), tf.transpose(dy, [1, 2, 0, 3]), 1, 1),
          [1, 2, 0, 3],
        ),
      ],
    };
  });
  const layers = firstWeights().map((w, i) => {
    const shape = SHAPES[i];
    const value =
      shape.length === 4 ? tf.transpose(tf.tensor4d(w, shape), [2, 3, 1, 0]) : tf.tensor2d(w, shape);
    return { w: tf.variable(value), b: tf.variable(tf.zeros([shape.length === 4 ? shape[0] : shape[1]])) };
  });
  const optimizer = tf.train.momentum(RATE, MOMENTUM);
  const inputs = batchesOf(data).map(({ pixels, labels }) => ({
    x: tf.tensor4d(pixels, [BATCH, 28, 28, 1]),
    oneHot: tf.oneHot(tf.tensor1d(labels, "int32"), 10),
  }));
  const lossOf = ({ x, oneHot }) => {
    let y = x;
    for (const { w, b } of layers.slice(0, 2)) {
      y = tf.maxPool(tf.relu(tf.add(convolve(y, w), b)), 2, 2, "valid");
    }
    y = tf.relu(tf.add(tf.matMul(y.reshape([BATCH, 16 * 7 * 7]), layers[2].w), layers[2].b));
    y = tf.add(tf.matMul(y, layers[3].w), layers[3].b);
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
