import "./testing/relaxed-simd.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SIMD } from "./kernel.js";
import { ACTIVATIONS, type LayerOption } from "./layer-options.js";
import { planNetwork } from "./layer-plan.js";
import { PURPOSE, randomStream, shuffleInto } from "./random.js";
import { deviation } from "./testing/deviation.js";
import {
  type PlainParameters,
  plainAdamStep,
  plainMomentumStep,
  plainZeros,
} from "./testing/plain-network.js";
import { plainOutcome } from "./testing/plain-stack.js";
import { plainBatch, randomImages } from "./testing/random-images.js";
import { randomNetwork } from "./testing/random-layers.js";
import { createTrainer, type Trainer } from "./trainer.js";
import type { Optimizer, TrainerOptions } from "./trainer-options.js";

const image = { kind: "image", height: 7, width: 6, channels: 2 } as const;
const NETWORKS: Readonly<Record<string, readonly LayerOption[]>> = {
  "a convolution": [image, { kind: "conv2d", filters: 5 }, 3],
  "convolutions and pools": [
    image,
    { kind: "conv2d", filters: 8, size: 3, padding: 1 },
    { kind: "maxpool" },
    { kind: "conv2d", filters: 9, size: 2, stride: 2, padding: 1 },
    { kind: "maxpool", size: 2, stride: 1 },
    4,
  ],
  "a window of one pixel": [
    image,
    { kind: "conv2d", filters: 3, size: 1 },
    { kind: "conv2d", filters: 9, size: 1 },
    3,
  ],
  dropout: [
    image,
    { kind: "dropout", rate: 0.1 },
    { kind: "conv2d", filters: 4 },
    { kind: "dropout", rate: 0.4 },
    9,
    { kind: "dropout", rate: 0.5 },
    3,
  ],
  "batch normalization": [
    image,
    { kind: "batchNorm", activation: "linear" },
    { kind: "conv2d", filters: 4, activation: "tanh" },
    { kind: "maxpool" },
    { kind: "batchNorm" },
    6,
    { kind: "dropout", rate: 0.2 },
    { kind: "batchNorm", momentum: 0.5 },
    3,
  ],
  "a recurrent unit": [image, { kind: "gru", units: 9 }, 3],
  "a recurrent unit behind a convolution": [
    image,
    { kind: "conv2d", filters: 3, padding: 2 },
    { kind: "gru", units: 4 },
    { kind: "dropout", rate: 0.3 },
    5,
    3,
  ],
};
const OPTIMIZERS: readonly Optimizer[] = [
  { kind: "sgd", momentum: 0.9 },
  { kind: "adam", epsilon: 1e-3 },
];

/** Numbers as Curvewise's trainer begins with, each moved a little: biases that are not 0, scales that are not 1. */
function moved(trainer: Trainer): PlainParameters {
  const random = randomStream(5, 9, 0);
  const parameters = trainer
    .parameters()
    .map((array) => array.map((value) => value + 0.2 * random.uniform()));
  trainer.setParameters(parameters);
  return parameters.map((array) => Array.from(array));
}

/** Trains a plain copy, whose numbers are `parameters`, on batches of 5, 5 and 3 images, and returns the mean loss. */
function trainPlain(
  options: TrainerOptions,
  parameters: PlainParameters,
  set: ReturnType<typeof randomImages>,
): number {
  const { layers, activation = "relu", optimizer, l2 = 0, seed } = options;
  const plan = planNetwork(layers, activation);
  const order = new Uint32Array(set.count);
  shuffleInto(order, randomStream(seed, PURPOSE.shuffling, 0));
  const rate = Number(options.learningRate);
  const [firsts, seconds] = [plainZeros(parameters), plainZeros(parameters)];
  let loss = 0;
  for (let t = 0; t < 3; t++) {
    const batch = plainBatch(set, order.subarray(5 * t, 5 * t + 5));
    const outcome = plainOutcome(plan, parameters, batch, { seed, iteration: t });
    loss += outcome.loss * batch.labels.length;
    const gradient = outcome.gradient(l2);
    // Running statistics have moved; their gradient is 0, so the optimizer leaves them there.
    parameters.splice(0, parameters.length, ...outcome.arrays);
    if (optimizer.kind === "sgd") {
      plainMomentumStep(parameters, firsts, gradient, rate, optimizer.momentum ?? 0);
    } else {
      plainAdamStep(parameters, firsts, seconds, gradient, t + 1, { ...optimizer, rate });
    }
  }
  return loss / set.count;
}

describe.each(SIMD)("layers in the kernel (%s) and in plain loops in double precision", (simd) => {
  for (const [name, layers] of Object.entries(NETWORKS)) {
    for (const activation of ACTIVATIONS) {
      it.each(OPTIMIZERS)(`agree after three iterations: ${name}, ${activation}, $kind`, (optimizer) => {
        const plan = planNetwork(layers, activation);
        const set = randomImages(2, 13, plan.inputs, plan.classes);
        const options = {
          layers,
          activation,
          optimizer,
          learningRate: 0.01,
          l2: 0.02,
          batchSize: 5,
          seed: 3,
          simd,
        };
        const trainer = createTrainer(options, { train: set, test: set });
        const parameters = moved(trainer);
        const loss = trainPlain(options, parameters, set);
        trainer.trainIterations(3);
        expect(trainer.imagesSeen).toBe(13);
        expect(deviation(trainer.parameters(), parameters, 0.1)).toBeLessThanOrEqual(1e-5);
        expect(Math.abs(trainer.takeTrainingLoss() / loss - 1)).toBeLessThan(1e-5);
        const evaluated = plainOutcome(plan, parameters, plainBatch(set, set.labels.keys()), undefined);
        expect(Math.abs(trainer.evaluate().loss / evaluated.loss - 1)).toBeLessThan(1e-5);
      });
    }
  }

  it("agree in gradients for random layers, sizes and batches", () => {
    fc.assert(
      fc.property(
        randomNetwork(ACTIVATIONS, { edge: 11, width: 17 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(1000),
        ({ layers, activation }, count, seed) => {
          const plan = planNetwork(layers, activation);
          const set = randomImages(seed, count, plan.inputs, plan.classes);
          const trainer = createTrainer(
            { layers, activation, optimizer: { kind: "sgd" }, learningRate: 1, batchSize: count, seed, simd },
            { train: set },
          );
          const parameters = moved(trainer);
          const order = new Uint32Array(count);
          shuffleInto(order, randomStream(seed, PURPOSE.shuffling, 0));
          const outcome = plainOutcome(plan, parameters, plainBatch(set, order), { seed, iteration: 0 });
          const expected = outcome.arrays;
          plainMomentumStep(expected, plainZeros(expected), outcome.gradient(0), 1, 0);
          trainer.trainIterations(1);
          expect(deviation(trainer.parameters(), expected, 1)).toBeLessThanOrEqual(2e-5);
        },
      ),
      { numRuns: 100, seed: simd === "plain" ? 1 : 2 },
    );
  });
});

describe("a network of every kind of layer", () => {
  const layers: readonly LayerOption[] = [
    image,
    { kind: "conv2d", filters: 4 },
    { kind: "batchNorm" },
    { kind: "maxpool", size: 2, stride: 1 },
    { kind: "dropout", rate: 0.25 },
    { kind: "gru", units: 6 },
    7,
    3,
  ];
  const set = randomImages(8, 37, 84, 3);
  const make = (change: Partial<TrainerOptions> = {}): Trainer =>
    createTrainer(
      { layers, optimizer: { kind: "adam" }, learningRate: 0.01, batchSize: 5, seed: 6, ...change },
      { train: set, test: set },
    );

  it("resumes to the bits of an uninterrupted training, wherever it was taken", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OPTIMIZERS),
        fc.nat(25),
        fc.nat(25),
        fc.nat(2 ** 40),
        (optimizer, before, after, seed) => {
          const whole = make({ optimizer, seed, l2: 0.001 });
          whole.trainIterations(before + after);
          const first = make({ optimizer, seed, l2: 0.001 });
          first.trainIterations(before);
          first.evaluate();
          const second = make({ optimizer, seed, l2: 0.001 });
          second.trainIterations(3);
          second.load(first.save());
          second.trainIterations(after);
          expect(second.save()).toEqual(whole.save());
          expect(second.evaluate()).toEqual(whole.evaluate());
        },
      ),
      { numRuns: 40 },
    );
  });

  it("gives the same bits for the same seed, and others for another", () => {
    const run = (seed: number): Uint8Array => {
      const trainer = make({ seed });
      trainer.trainIterations(20);
      return trainer.save();
    };
    expect(run(1)).toEqual(run(1));
    expect(run(2)).not.toEqual(run(1));
  });

  it("learns again once a good snapshot is loaded after it diverged", () => {
    const good = make();
    good.trainIterations(5);
    const bytes = good.save();
    const diverged = make({ optimizer: { kind: "sgd" }, learningRate: 1e30 });
    diverged.trainIterations(10);
    expect(diverged.takeTrainingLoss()).toBeNaN();
    diverged.setParameters(good.parameters());
    expect(diverged.evaluate()).toEqual(good.evaluate());
    const other = make({ learningRate: (iteration) => (iteration < 5 ? 1e38 : 0.01) });
    other.trainIterations(5);
    expect(other.takeTrainingLoss()).toBeNaN();
    other.load(bytes);
    good.trainIterations(8);
    other.trainIterations(8);
    expect(other.save()).toEqual(good.save());
  });

  it("refuses snapshots of other layers, with the difference shown", () => {
    const other = make({ layers: layers.map((layer) => (layer === 7 ? 8 : layer)) });
    expect(() => other.load(make().save())).toThrow(/"units":6\},7,3\] \(here .*"units":6\},8,3\]\)/);
    const slower = make({
      layers: layers.map((layer) =>
        typeof layer === "object" && layer.kind === "dropout" ? { kind: "dropout", rate: 0.5 } : layer,
      ),
    });
    expect(() => slower.load(make().save())).toThrow(expect.objectContaining({ code: "SNAPSHOT_MISMATCH" }));
    const explicit = make({
      layers: layers.map((layer) =>
        typeof layer === "object" && layer.kind === "conv2d"
          ? { kind: "conv2d", filters: 4, size: 3, stride: 1, padding: 0, activation: "linear" }
          : layer,
      ),
    });
    explicit.load(make().save());
    expect(explicit.evaluate()).toEqual(make().evaluate());
  });
});

describe("dropout", () => {
  it("drops the share that it is given, others in each iteration, and nothing in evaluation", () => {
    const set = {
      count: 64,
      inputs: 400,
      images: new Uint8Array(25600).fill(255),
      labels: new Uint8Array(64),
    };
    const layers: LayerOption[] = [400, { kind: "dropout", rate: 0.3 }, 2];
    const trainer = createTrainer(
      {
        layers: [{ kind: "image", height: 20, width: 20 }, ...layers.slice(1)],
        optimizer: { kind: "sgd" },
        learningRate: 1,
        batchSize: 64,
        seed: 4,
      },
      { train: set },
    );
    const silent = [new Float32Array(800), new Float32Array(2)];
    const kept = (): number[] => {
      trainer.setParameters(silent);
      trainer.trainIterations(1);
      // The gradient of a weight of class 1: half the mean of its input over the batch.
      const [weights = new Float32Array()] = trainer.parameters();
      return Array.from({ length: 400 }, (_, i) => -2 * 0.7 * (weights[2 * i + 1] ?? Number.NaN));
    };
    const [first, second] = [kept(), kept()];
    const mean = first.reduce((sum, share) => sum + share, 0) / 400;
    expect(Math.abs(mean - 0.7)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 25600));
    const spread = first.reduce((sum, share) => sum + (share - mean) ** 2, 0) / 400;
    expect(Math.abs(spread / ((0.3 * 0.7) / 64) - 1)).toBeLessThan(0.4);
    expect(second).not.toEqual(first);
    trainer.setParameters([Float32Array.from({ length: 800 }, (_, i) => (i % 2) / 400), new Float32Array(2)]);
    expect(trainer.evaluate(set).loss).toBeCloseTo(Math.log(1 + Math.E), 5);
  });
});

describe("layers are refused", () => {
  const bad: readonly (readonly [string, readonly LayerOption[], RegExp])[] = [
    [
      "a convolution of numbers",
      [84, { kind: "conv2d", filters: 2 }, 3],
      /layer 1 \(conv2d\) is given numbers/,
    ],
    [
      "a pool behind a dense layer",
      [image, 5, { kind: "maxpool" }, 3],
      /layer 2 \(maxpool\) is given numbers/,
    ],
    [
      "a window that is too large",
      [image, { kind: "conv2d", filters: 2, size: 7 }, 3],
      /is 7 x 7, its image 7 x 6/,
    ],
    ["no filters", [image, { kind: "conv2d", filters: 0 }, 3], /filters of layer 1 \(conv2d\) is 0/],
    ["a stride of 0", [image, { kind: "maxpool", stride: 0 }, 3], /stride of layer 1 \(maxpool\) is 0/],
    [
      "padding that windows may see alone",
      [image, { kind: "conv2d", filters: 2, padding: 3 }, 3],
      /padding .* is 3/,
    ],
    ["dropout of everything", [image, { kind: "dropout", rate: 1 }, 3], /rate of layer 1 \(dropout\) is 1/],
    [
      "a momentum of 0",
      [image, { kind: "batchNorm", momentum: 0 }, 3],
      /momentum of layer 1 \(batchNorm\) is 0/,
    ],
    [
      "an epsilon of 0",
      [image, { kind: "batchNorm", epsilon: 0 }, 3],
      /epsilon of layer 1 \(batchNorm\) is 0/,
    ],
    ["no units", [image, { kind: "gru", units: 0 }, 3], /width of layer 1 \(gru\) is 0/],
    ["images in the middle", [84, image, 3], /layer 1 \(image\) is not the first entry/],
    ["no inputs", [{ kind: "gru", units: 2 }, 3], /begins with gru/],
    ["no classes", [image, { kind: "gru", units: 3 }], /ends with gru/],
    [
      "an activation of classes",
      [84, { kind: "dense", units: 3, activation: "relu" }],
      /ends with an activation, relu/,
    ],
    ["an image without a line", [{ ...image, height: 0 }, 3], /height of images is 0/],
  ];
  it.each(bad)("with %s", (_, layers, message) => {
    const make = (): Trainer =>
      createTrainer(
        { layers, optimizer: { kind: "sgd" }, learningRate: 0.1, batchSize: 4, seed: 1 },
        { train: randomImages(1, 4, 84, 3) },
      );
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
  });
});
