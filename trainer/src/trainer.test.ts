import { exponential, rateAt } from "curvewise/schedules";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIVATIONS } from "./layer-options.js";
import { PURPOSE, randomStream, shuffleInto } from "./random.js";
import { deviation } from "./testing/deviation.js";
import {
  type PlainParameters,
  plainAdamStep,
  plainGradient,
  plainLoss,
  plainMomentumStep,
  plainZeros,
} from "./testing/plain-network.js";
import { plainBatch, randomImages } from "./testing/random-images.js";
import { createTrainer, type Trainer } from "./trainer.js";
import type { Optimizer, TrainerOptions } from "./trainer-options.js";

const asPlain = (trainer: Trainer): PlainParameters => trainer.parameters().map((array) => Array.from(array));

const SHAPES: readonly (readonly number[])[] = [
  [1, 2],
  [7, 5, 3],
  [13, 9, 6, 11],
  [8, 16, 8, 8],
  [30, 33, 1, 17, 2],
  [137, 12, 10],
];
const OPTIMIZERS: readonly Optimizer[] = [
  { kind: "sgd" },
  { kind: "sgd", momentum: 0.9 },
  { kind: "adam" },
  { kind: "adam", beta1: 0.5, beta2: 0.9, epsilon: 1e-4 },
];

describe("the kernel and plain loops in double precision", () => {
  for (const layers of SHAPES) {
    for (const activation of ACTIVATIONS) {
      for (const optimizer of OPTIMIZERS) {
        const name = `${layers.join("-")} ${activation} ${JSON.stringify(optimizer)}`;
        it(`agree to 1e-5 after three iterations: ${name}`, () => {
          const shape = { layers, activation };
          const set = randomImages(2, 11, layers[0] ?? 0, layers.at(-1) ?? 0);
          const l2 = 0.02;
          const rate = optimizer.kind === "sgd" ? 0.1 : 0.01;
          const trainer = createTrainer(
            { ...shape, optimizer, learningRate: rate, l2, batchSize: 5, seed: 3 },
            { train: set, test: set },
          );
          const parameters = asPlain(trainer);
          const firsts = plainZeros(parameters);
          const seconds = plainZeros(parameters);
          const order = new Uint32Array(set.count);
          shuffleInto(order, randomStream(3, PURPOSE.shuffling, 0));
          let trainingLoss = 0;
          // Batches of 5, 5, and the last image alone.
          for (let t = 1; t <= 3; t++) {
            const batch = plainBatch(set, order.subarray(5 * t - 5, 5 * t));
            trainingLoss += plainLoss(shape, parameters, batch) * batch.labels.length;
            const gradient = plainGradient(shape, parameters, batch, l2);
            if (optimizer.kind === "sgd") {
              plainMomentumStep(parameters, firsts, gradient, rate, optimizer.momentum ?? 0);
            } else {
              plainAdamStep(parameters, firsts, seconds, gradient, t, { ...optimizer, rate });
            }
          }
          trainer.trainIterations(3);
          expect([trainer.iteration, trainer.epoch, trainer.imagesSeen]).toEqual([3, 1, 11]);
          // Biases start at zero, and Adam moves each by about the rate however small its gradient is.
          const least = optimizer.kind === "adam" ? 3 * rate : 1e-30;
          expect(deviation(trainer.parameters(), parameters, least)).toBeLessThanOrEqual(1e-5);
          expect(Math.abs(trainer.takeTrainingLoss() / (trainingLoss / 11) - 1)).toBeLessThan(1e-5);
          const all = plainBatch(set, set.labels.keys());
          expect(Math.abs(trainer.evaluate().loss / plainLoss(shape, parameters, all) - 1)).toBeLessThan(
            1e-5,
          );
        });
      }
    }
  }

  it("agree in gradients for batches and widths of every remainder", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 70 }),
        fc.constantFrom(...ACTIVATIONS),
        fc.nat(1000),
        (layers, count, activation, seed) => {
          const set = randomImages(seed, count, layers[0] ?? 0, layers.at(-1) ?? 0);
          const trainer = createTrainer(
            {
              layers,
              activation,
              optimizer: { kind: "sgd" },
              learningRate: 1,
              batchSize: count,
              seed,
            },
            { train: set },
          );
          const parameters = asPlain(trainer);
          const gradient = plainGradient(
            { layers, activation },
            parameters,
            plainBatch(set, set.labels.keys()),
            0,
          );
          plainMomentumStep(parameters, plainZeros(parameters), gradient, 1, 0);
          trainer.trainIterations(1);
          // Sums over the batch may cancel: a bias of 0 then becomes tiny.
          expect(deviation(trainer.parameters(), parameters, 0.1)).toBeLessThanOrEqual(1e-5);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("agree in the loss for small and extreme activations and logits", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ACTIVATIONS),
        fc.float({ min: -30, max: 30, noNaN: true }),
        fc.float({ min: -60, max: 60, noNaN: true }),
        fc.nat(255),
        (activation, first, second, byte) => {
          const shape = { layers: [1, 1, 2], activation };
          const set = { count: 1, inputs: 1, images: Uint8Array.of(byte), labels: Uint8Array.of(1) };
          const trainer = createTrainer(
            { ...shape, optimizer: { kind: "sgd" }, learningRate: 1, batchSize: 1, seed: 0 },
            { train: set },
          );
          const parameters = [[first], [0], [second, 0], [0, 0]];
          trainer.setParameters(parameters.map((array) => Float32Array.from(array)));
          const expected = plainLoss(shape, parameters, plainBatch(set, [0]));
          expect(Math.abs(trainer.evaluate(set).loss - expected)).toBeLessThanOrEqual(
            1e-5 * Math.max(expected, 0.1),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

/*
 * Golden numbers from numpy 2.4 (double precision):
 *
 *   W1 = np.arange(1, 13).reshape(4, 3) / 20 - 0.3; b1 = np.array([0.1, -0.1, 0.05])
 *   W2 = np.arange(1, 7).reshape(3, 2) / 10 - 0.35; b2 = np.array([0.0, 0.2])
 *   X = np.array([[0, 51, 102, 255], [255, 204, 0, 51], [102, 0, 255, 153]]) / 255; y = np.array([0, 1, 1])
 *   def gradients(P, l2):
 *       W1, b1, W2, b2 = P
 *       H = np.tanh(X @ W1 + b1); Z = H @ W2 + b2
 *       S = np.exp(Z); S /= S.sum(1, keepdims=True)
 *       D = (S - np.eye(2)[y]) / 3; E = (D @ W2.T) * (1 - H * H)
 *       return [X.T @ E + l2 * W1, E.sum(0), H.T @ D + l2 * W2, D.sum(0)]
 *   # sgd(steps, rate, momentum, l2, factor, every): for t in range(steps)
 *       r = rate * factor ** (t // every); V = momentum * V - r * G; P = P + V
 *   # adam(steps, rate, beta1, beta2, epsilon, l2): for t in range(1, steps + 1)
 *       M = beta1 * M + (1 - beta1) * G; V = beta2 * V + (1 - beta2) * G * G
 *       P = P - rate * (M / (1 - beta1 ** t)) / (np.sqrt(V / (1 - beta2 ** t)) + epsilon)
 */
const GOLDEN: readonly {
  readonly name: string;
  readonly iterations: number;
  readonly options: Pick<TrainerOptions, "optimizer" | "learningRate" | "l2">;
  readonly expected: PlainParameters;
}[] = [
  {
    name: "sgd(1, 0.5, 0, 0, 1, 1)",
    iterations: 1,
    options: { optimizer: { kind: "sgd" }, learningRate: 0.5 },
    expected: [
      [
        -0.23972985, -0.19000364, -0.13966661, -0.09578835, -0.04616319, 0.00454501, 0.05358773, 0.10355621,
        0.15334833, 0.19702251, 0.24655078, 0.29740845,
      ],
      [0.10580432, -0.09487278, 0.05620159],
      [-0.22005039, -0.17994961, -0.0163769, 0.0163769, 0.16752687, 0.23247313],
      [-0.05474982, 0.25474982],
    ],
  },
  {
    name: "sgd(10, 0.5, 0.9, 0.01, 0.8, 3)",
    iterations: 10,
    options: {
      optimizer: { kind: "sgd", momentum: 0.9 },
      learningRate: (iteration) => rateAt(exponential({ rate: 0.5, factor: 0.8, every: 3 }), iteration),
      l2: 0.01,
    },
    expected: [
      [
        -0.67699318, -0.68021849, -0.32701348, -0.13088364, -0.07831083, -0.0053988, -0.17103702, -0.14272887,
        0.03327807, 0.58866304, 0.71730043, 0.46874434,
      ],
      [0.10730142, -0.04631383, 0.09149493],
      [0.7579878, -1.08996846, 0.95715041, -0.95715041, 0.76910442, -0.43712376],
      [-0.63802767, 0.83802767],
    ],
  },
  {
    name: "adam(10, 0.05, 0.9, 0.999, 1e-8, 0)",
    iterations: 10,
    options: { optimizer: { kind: "adam" }, learningRate: 0.05 },
    expected: [
      [
        -0.44283205, -0.39570376, -0.32756363, -0.25763084, -0.19860404, -0.15016928, -0.13627179,
        -0.08812171, -0.01912097, 0.40132499, 0.45052601, 0.49914609,
      ],
      [0.03880814, -0.12479165, -0.02279466],
      [0.21593161, -0.61593161, 0.41990898, -0.41990898, 0.53587331, -0.13587331],
      [-0.39789204, 0.59789204],
    ],
  },
  {
    name: "adam(10, 0.05, 0.8, 0.99, 1e-3, 0.02)",
    iterations: 10,
    options: {
      optimizer: { kind: "adam", beta1: 0.8, beta2: 0.99, epsilon: 1e-3 },
      learningRate: 0.05,
      l2: 0.02,
    },
    expected: [
      [
        -0.44425884, -0.40630085, -0.34507406, -0.22663897, -0.18450052, -0.17204005, -0.19671734,
        -0.16528535, -0.14611727, 0.38900199, 0.42850979, 0.42364336,
      ],
      [0.10006967, -0.04849616, 0.05266578],
      [0.21771298, -0.60430568, 0.41147562, -0.41147562, 0.5378285, -0.18957088],
      [-0.32549861, 0.52549861],
    ],
  },
];

describe("optimizers", () => {
  const set = {
    count: 3,
    inputs: 4,
    images: Uint8Array.of(0, 51, 102, 255, 255, 204, 0, 51, 102, 0, 255, 153),
    labels: Uint8Array.of(0, 1, 1),
  };
  for (const { name, iterations, options, expected } of GOLDEN) {
    it(`give numpy's numbers: ${name}`, () => {
      const trainer = createTrainer(
        { layers: [4, 3, 2], activation: "tanh", batchSize: 3, seed: 0, ...options },
        { train: set },
      );
      trainer.setParameters([
        Float32Array.from({ length: 12 }, (_, i) => (i + 1) / 20 - 0.3),
        Float32Array.of(0.1, -0.1, 0.05),
        Float32Array.from({ length: 6 }, (_, i) => (i + 1) / 10 - 0.35),
        Float32Array.of(0, 0.2),
      ]);
      trainer.trainIterations(iterations);
      expect(deviation(trainer.parameters(), expected)).toBeLessThanOrEqual(1e-5);
    });
  }
});

describe("a trainer", () => {
  const set = randomImages(4, 50, 20, 4);
  const options: TrainerOptions = {
    layers: [20, 15, 4],
    optimizer: { kind: "sgd", momentum: 0.9 },
    learningRate: 0.1,
    batchSize: 8,
    seed: 1,
  };

  it("gives the same bits for the same seed, and others for another", () => {
    const run = (seed: number): Uint8Array => {
      const trainer = createTrainer({ ...options, seed }, { train: set });
      trainer.trainIterations(20);
      return trainer.save();
    };
    expect(run(1)).toEqual(run(1));
    expect(run(2)).not.toEqual(run(1));
  });

  it("starts within the bounds of He and of Glorot", () => {
    const trainer = createTrainer({ ...options, layers: [20, 300, 4] }, { train: set });
    const [first = new Float32Array(), bias, last = new Float32Array()] = trainer.parameters();
    const largest = (array: Float32Array): number =>
      array.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    const he = Math.sqrt(6 / 20);
    const glorot = Math.sqrt(6 / 304);
    expect(largest(first)).toBeLessThanOrEqual(Math.fround(he));
    expect(largest(first)).toBeGreaterThan(0.99 * he);
    expect(largest(last)).toBeLessThanOrEqual(Math.fround(glorot));
    expect(largest(last)).toBeGreaterThan(0.98 * glorot);
    expect(bias).toEqual(new Float32Array(300));
    const variance = first.reduce((sum, w) => sum + w * w, 0) / first.length;
    expect(Math.abs(variance / (2 / 20) - 1)).toBeLessThan(0.05);
  });

  it("sees every image once in an epoch, in another order each time", () => {
    // One image per batch, and a rate of 0: the training losses of an epoch are those of the images, in its
    // order.
    const trainer = createTrainer({ ...options, learningRate: 0, batchSize: 1 }, { train: set });
    const epoch = (): number[] =>
      Array.from({ length: set.count }, () => {
        trainer.trainIterations(1);
        return trainer.takeTrainingLoss();
      });
    const [first, second] = [epoch(), epoch()];
    const sorted = (losses: number[]): number[] => [...losses].sort((a, b) => a - b);
    expect(trainer.epoch).toBe(2);
    expect(sorted(first)).toEqual(sorted(second));
    expect(first).not.toEqual(second);
  });

  it("asks a rate that is a function at every iteration", () => {
    const asked: (readonly [number, number])[] = [];
    const given: number[] = [];
    const trainer = createTrainer(
      {
        ...options,
        learningRate: (iteration, imagesSeen) => {
          asked.push([iteration, imagesSeen]);
          return 0.1 * 0.5 ** iteration;
        },
      },
      { train: set },
    );
    expect(trainer.learningRate).toBeNaN();
    asked.length = 0;
    for (let iteration = 0; iteration < 4; iteration++) {
      trainer.trainIterations(1);
      given.push(trainer.learningRate);
    }
    expect(asked).toEqual([0, 1, 2, 3].map((iteration) => [iteration, iteration * options.batchSize]));
    expect(given).toEqual([0.1, 0.05, 0.025, 0.0125]);
  });

  it("follows one of Curvewise's schedules", () => {
    const schedule = exponential({ rate: 0.1, factor: 0.5, every: 3 });
    const following = createTrainer(
      { ...options, learningRate: (iteration) => rateAt(schedule, iteration) },
      { train: set },
    );
    const halved = createTrainer(
      { ...options, learningRate: (iteration) => [0.1, 0.05, 0.025][Math.floor(iteration / 3)] ?? 0 },
      { train: set },
    );
    following.trainIterations(9);
    halved.trainIterations(9);
    expect(following.save()).toEqual(halved.save());
  });

  it("goes on with NaN when the training diverges", () => {
    const trainer = createTrainer({ ...options, learningRate: 1e30 }, { train: set, test: set });
    trainer.trainIterations(20);
    expect(trainer.takeTrainingLoss()).toBeNaN();
    expect(trainer.evaluate()).toEqual({ loss: Number.NaN, accuracy: 0 });
    const other = createTrainer({ ...options, learningRate: 1e30 }, { train: set, test: set });
    other.load(trainer.save());
    expect(other.evaluate().loss).toBeNaN();
  });

  it("evaluates any set of its width", () => {
    const trainer = createTrainer(options, { train: set });
    const other = randomImages(9, 131, 20, 4);
    const parts = [0, 1].map((i) => {
      const [from, to] = i === 0 ? [0, 70] : [70, 131];
      return trainer.evaluate({
        count: to - from,
        inputs: 20,
        images: other.images.subarray(from * 20, to * 20),
        labels: other.labels.subarray(from, to),
      });
    });
    const whole = trainer.evaluate(other);
    expect(whole.loss).toBeCloseTo(((parts[0]?.loss ?? 0) * 70 + (parts[1]?.loss ?? 0) * 61) / 131, 12);
    expect(whole.accuracy * 131).toBeCloseTo(
      (parts[0]?.accuracy ?? 0) * 70 + (parts[1]?.accuracy ?? 0) * 61,
      9,
    );
    expect(() => trainer.evaluate()).toThrow(expect.objectContaining({ code: "NO_TEST_SET" }));
  });

  const bad: readonly (readonly [string, Partial<TrainerOptions>, RegExp])[] = [
    ["one layer", { layers: [20] }, /1 entries/],
    ["a width of 0", { layers: [20, 0, 4] }, /width of layer 1 is 0/],
    ["a fractional width", { layers: [20, 2.5, 4] }, /width of layer 1 is 2.5/],
    ["a batch of 0", { batchSize: 0 }, /batch size is 0/],
    ["a momentum of 1", { optimizer: { kind: "sgd", momentum: 1 } }, /momentum is 1/],
    ["a beta of NaN", { optimizer: { kind: "adam", beta1: Number.NaN } }, /beta1 is NaN/],
    ["an epsilon of 0", { optimizer: { kind: "adam", epsilon: 0 } }, /epsilon is 0/],
    ["a negative rate", { learningRate: -1 }, /rate is -1/],
    ["an infinite rate", { learningRate: Number.POSITIVE_INFINITY }, /rate is Infinity/],
    ["a negative l2", { l2: -1 }, /l2 is -1/],
    ["a negative seed", { seed: -1 }, /seed is -1/],
  ];
  for (const [what, change, message] of bad) {
    it(`is refused with ${what}`, () => {
      const make = (): Trainer => createTrainer({ ...options, ...change }, { train: set });
      expect(make).toThrow(message);
      expect(make).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
    });
  }

  it("is refused with data that do not fit", () => {
    const make =
      (layers: readonly number[], train = set) =>
      (): Trainer =>
        createTrainer({ ...options, layers }, { train });
    expect(make([19, 4])).toThrow(/samples of 20 bytes, but the network has 19 inputs/);
    expect(make([20, 3])).toThrow(/label 3, but the network has 3 classes/);
    expect(make([20, 4], { ...set, count: 49 })).toThrow(/1000 bytes, not 49 x 20/);
    expect(make([20, 4], { ...set, labels: set.labels.subarray(1) })).toThrow(/50 samples but 49 labels/);
  });

  it("is refused when it cannot fit in memory", () => {
    const make = (): Trainer => createTrainer({ ...options, layers: [20, 60000, 60000, 4] }, { train: set });
    expect(make).toThrow(expect.objectContaining({ code: "TRAINER_MEMORY" }));
  });
});
