import "./testing/relaxed-simd.js";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SIMD } from "./kernel.js";
import type { LayerOption } from "./layer-options.js";
import { deviation } from "./testing/deviation.js";
import { createTrainer } from "./trainer.js";

const numbers = z.array(z.number());
const optimizers = z.union([
  z.strictObject({ kind: z.literal("sgd"), momentum: z.number() }),
  z.strictObject({ kind: z.literal("adam") }),
]);
const option = z.union([
  z.number(),
  z.strictObject({ kind: z.literal("image"), height: z.number(), width: z.number(), channels: z.number() }),
  z.strictObject({
    kind: z.literal("conv2d"),
    filters: z.number(),
    size: z.number().default(3),
    stride: z.number().default(1),
    padding: z.number().default(0),
  }),
  z.strictObject({ kind: z.literal("maxpool"), size: z.number().default(2), stride: z.number().default(2) }),
  z.strictObject({
    kind: z.literal("batchNorm"),
    momentum: z.number().default(0.1),
    epsilon: z.number().default(1e-5),
  }),
  z.strictObject({ kind: z.literal("gru"), units: z.number() }),
]) satisfies z.ZodType<LayerOption>;
const file = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      layers: z.array(option),
      activation: z.enum(["relu", "tanh", "sigmoid"]),
      optimizer: optimizers,
      learningRate: z.number(),
      l2: z.number(),
      images: z.array(numbers),
      labels: numbers,
      first: z.array(numbers),
      losses: numbers,
      arrays: z.array(numbers),
      evaluation: z.number(),
    }),
  ),
});

/** Written by goldens/generate.py. */
const { cases } = file.parse(
  JSON.parse(readFileSync(new URL("goldens/pytorch.json", import.meta.url), "utf8")),
);

describe.each(SIMD)("layers and optimizers give PyTorch's numbers: %s", (simd) => {
  it.each(cases)(
    "$name",
    ({ layers, activation, optimizer, learningRate, l2, images, labels, first, ...expected }) => {
      const train = {
        count: images.length,
        inputs: images[0]?.length ?? 0,
        images: Uint8Array.from(images.flat()),
        labels: Uint8Array.from(labels),
      };
      const options = {
        layers,
        activation,
        optimizer,
        learningRate,
        l2,
        batchSize: images.length,
        seed: 0,
        simd,
      };
      const trainer = createTrainer(options, { train });
      trainer.setParameters(first.map((array) => Float32Array.from(array)));
      const found = expected.losses.map(() => {
        trainer.trainIterations(1);
        return trainer.takeTrainingLoss();
      });
      found.forEach((loss, i) => {
        expect(Math.abs(loss / (expected.losses[i] ?? Number.NaN) - 1)).toBeLessThan(1e-5);
      });
      expect(deviation(trainer.parameters(), expected.arrays)).toBeLessThan(2e-5);
      expect(Math.abs(trainer.evaluate(train).loss / expected.evaluation - 1)).toBeLessThan(1e-5);
    },
  );
});
