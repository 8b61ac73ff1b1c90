import "./testing/relaxed-simd.js";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Simd } from "./kernel.js";
import type { LayerOption } from "./layer-options.js";
import { randomImages } from "./testing/random-images.js";
import { createTrainer, type Trainer } from "./trainer.js";

const set = randomImages(3, 40, 64, 4);
const image = { kind: "image", height: 8, width: 8 } as const;
const NETWORKS: Readonly<Record<string, readonly LayerOption[]>> = {
  dense: [64, 24, 4],
  convolutional: [
    image,
    { kind: "conv2d", filters: 5 },
    { kind: "batchNorm" },
    { kind: "maxpool" },
    { kind: "dropout", rate: 0.2 },
    4,
  ],
  recurrent: [image, { kind: "gru", units: 11 }, 4],
};

function trained(name: string, simd?: Simd): Trainer {
  const trainer = createTrainer(
    {
      layers: NETWORKS[name] ?? [],
      optimizer: { kind: "sgd", momentum: 0.9 },
      learningRate: 0.02,
      batchSize: 7,
      seed: 2,
      ...(simd === undefined ? {} : { simd }),
    },
    { train: set },
  );
  trainer.trainIterations(30);
  return trainer;
}

/** Of all arrays that evaluation needs. */
function digest(trainer: Trainer): string {
  const numbers = trainer.parameters().map((array) => Buffer.from(array.buffer));
  return createHash("sha256").update(Buffer.concat(numbers)).digest("hex").slice(0, 16);
}

describe("the instructions that multiply", () => {
  it.each(Object.keys(NETWORKS))(
    "are relaxed by default, and give nearly what plain ones give: %s",
    (name) => {
      const [usual, relaxed, plain] = [trained(name), trained(name, "relaxed"), trained(name, "plain")];
      expect([usual.simd, relaxed.simd, plain.simd]).toEqual(["relaxed", "relaxed", "plain"]);
      expect(usual.save()).toEqual(relaxed.save());
      const loss = plain.evaluate(set).loss;
      expect(Math.abs(relaxed.evaluate(set).loss / loss - 1)).toBeLessThan(1e-3);
      relaxed.load(plain.save());
      expect(Math.abs(relaxed.evaluate(set).loss / loss - 1)).toBeLessThan(1e-5);
    },
  );

  // The bits of this trainer itself, on Node 20 on x86-64: other engines and processors must give the same.
  it.each([
    ["dense", "4712287bae1d15bf"],
    ["convolutional", "661d3ceaa3f7594a"],
    ["recurrent", "bb020423dca7e1ce"],
  ])("give the same bits everywhere if they are plain: %s", (name, expected) => {
    expect(digest(trained(name, "plain"))).toBe(expected);
  });

  it("are refused if they are unknown", () => {
    const options = {
      layers: [64, 4],
      optimizer: { kind: "sgd" },
      learningRate: 0.1,
      batchSize: 4,
      seed: 1,
      ...JSON.parse('{ "simd": "wide" }'),
    };
    expect(() => createTrainer(options, { train: set })).toThrow(/simd is "wide"/);
  });
});
