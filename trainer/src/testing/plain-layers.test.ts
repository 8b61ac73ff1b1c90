import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planNetwork } from "../layer-plan.js";
import { randomStream } from "../random.js";
import { createTrainer } from "../trainer.js";
import type { PlainParameters } from "./plain-network.js";
import { plainOutcome } from "./plain-stack.js";
import { plainBatch, randomImages } from "./random-images.js";
import { randomNetwork } from "./random-layers.js";

/** Running statistics do not change the loss of training. */
const isRunning = (kind: string, array: number): boolean => kind === "batchNorm" && array >= 2;

describe("the plain layers that the kernel is compared with", () => {
  it("have the gradient of central finite differences, for random layers and sizes", () => {
    fc.assert(
      fc.property(
        randomNetwork(["tanh", "sigmoid"], { edge: 6, width: 5 }),
        fc.integer({ min: 2, max: 4 }),
        fc.nat(1000),
        ({ layers, activation }, count, seed) => {
          const plan = planNetwork(layers, activation);
          const set = randomImages(seed, count, plan.inputs, plan.classes);
          const trainer = createTrainer(
            { layers, activation, optimizer: { kind: "sgd" }, learningRate: 0, batchSize: 1, seed },
            { train: set },
          );
          const random = randomStream(seed, 9, 0);
          // Biases that are not 0, or else the windows of zeros of an image would tie.
          const parameters: PlainParameters = trainer
            .parameters()
            .map((array) => Array.from(array, (value) => value + 0.2 * random.uniform()));
          const batch = plainBatch(set, set.labels.keys());
          const training = { seed, iteration: 3 };
          const l2 = 0.03;
          const { gradient } = plainOutcome(plan, parameters, batch, training);
          const found = gradient(l2);
          const unpenalized = gradient(0);
          const kinds = plan.layers.flatMap(({ layer }) =>
            Array.from(
              {
                length: { dense: 2, conv2d: 2, batchNorm: 4, gru: 4, maxpool: 0, dropout: 0, flatten: 0 }[
                  layer.kind
                ],
              },
              (_, k) => ({ kind: layer.kind, k }),
            ),
          );
          const h = 1e-5;
          parameters.forEach((array, index) => {
            const { kind, k } = kinds[index] ?? { kind: "", k: 0 };
            const isWeight = kind !== "batchNorm" && k % 2 === 0;
            // Some numbers of each array: all of them take too long.
            for (let i = 0; i < array.length; i += Math.ceil(array.length / 6)) {
              const value = array[i] ?? 0;
              array[i] = value + h;
              const above = plainOutcome(plan, parameters, batch, training).loss;
              array[i] = value - h;
              const below = plainOutcome(plan, parameters, batch, training).loss;
              array[i] = value;
              const expected = isRunning(kind, k) ? 0 : (above - below) / (2 * h);
              expect(unpenalized[index]?.[i]).toBeCloseTo(expected, 7);
              expect(found[index]?.[i]).toBeCloseTo(expected + (isWeight ? l2 * value : 0), 7);
            }
          });
        },
      ),
      { numRuns: 100, seed: 1 },
    );
  });
});
