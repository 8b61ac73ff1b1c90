import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { loadImageFolder } from "./image-folder.js";
import { createTrainer, type TrainerData } from "./trainer.js";
import type { Optimizer } from "./trainer-options.js";

describe("the Fashion-MNIST images that ship with the repository", () => {
  let data: TrainerData;
  beforeAll(async () => {
    data = await loadImageFolder(fileURLToPath(new URL("../../data/fashion-mnist", import.meta.url)));
  });

  const cases: readonly (readonly [Optimizer, number])[] = [
    [{ kind: "sgd", momentum: 0.9 }, 0.05],
    [{ kind: "adam" }, 0.001],
  ];
  for (const [optimizer, learningRate] of cases) {
    for (const activation of ["relu", "tanh"] as const) {
      it(`are told apart after two passes: ${optimizer.kind}, ${activation}`, () => {
        const trainer = createTrainer(
          {
            layers: [784, 128, 64, 10],
            activation,
            optimizer,
            learningRate,
            batchSize: 32,
            seed: 1,
          },
          data,
        );
        trainer.trainIterations(750);
        expect(trainer.epoch).toBe(2);
        expect(trainer.evaluate().accuracy).toBeGreaterThan(0.75);
      });
    }
  }
});
