import { exponential, rateAt } from "curvewise/schedules";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACTIVATIONS } from "./layer-options.js";
import { randomImages } from "./testing/random-images.js";
import { createTrainer, type Trainer } from "./trainer.js";
import type { Optimizer, TrainerOptions } from "./trainer-options.js";

const set = randomImages(8, 37, 11, 3);

function trainer(change: Partial<TrainerOptions> = {}, train = set): Trainer {
  return createTrainer(
    {
      layers: [11, 9, 3],
      optimizer: { kind: "sgd", momentum: 0.9 },
      learningRate: (iteration) => rateAt(exponential({ rate: 0.05, factor: 0.9, every: 4 }), iteration),
      l2: 0.001,
      batchSize: 5,
      seed: 6,
      ...change,
    },
    { train, test: set },
  );
}

describe("a snapshot", () => {
  it("resumes to the bits of an uninterrupted training, wherever it was taken", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Optimizer>({ kind: "sgd", momentum: 0.9 }, { kind: "adam" }),
        fc.constantFrom(...ACTIVATIONS),
        fc.nat(25),
        fc.nat(25),
        fc.nat(2 ** 40),
        (optimizer, activation, before, after, seed) => {
          const whole = trainer({ optimizer, activation, seed });
          whole.trainIterations(before + after);
          const first = trainer({ optimizer, activation, seed });
          first.trainIterations(before);
          const second = trainer({ optimizer, activation, seed });
          second.trainIterations(3);
          second.load(first.save());
          second.trainIterations(after);
          expect(second.save()).toEqual(whole.save());
          expect(second.evaluate()).toEqual(whole.evaluate());
          expect(second.takeTrainingLoss()).toEqual(whole.takeTrainingLoss());
        },
      ),
      { numRuns: 60 },
    );
  });

  it("may go on with another rate, momentum, L2, batch and seed", () => {
    const first = trainer();
    first.trainIterations(10);
    const second = trainer({
      optimizer: { kind: "sgd", momentum: 0 },
      learningRate: 0,
      l2: 0,
      batchSize: 3,
      seed: 7,
    });
    second.load(first.save());
    expect(second.imagesSeen).toBe(first.imagesSeen);
    second.trainIterations(5);
    expect(second.evaluate()).toEqual(first.evaluate());
  });

  it("is refused by a trainer that differs, with the differences shown, and changes nothing there", () => {
    const bytes = trainer().save();
    const cases: readonly (readonly [Trainer, RegExp])[] = [
      [trainer({ layers: [11, 8, 3] }), /layers \[11,9,3\] \(here \[11,8,3\]\)/],
      [trainer({ activation: "tanh" }), /activation "relu" \(here "tanh"\)/],
      [trainer({ optimizer: { kind: "adam" } }), /optimizer "sgd" \(here "adam"\)/],
      [trainer({}, randomImages(8, 36, 11, 3)), /images 37 \(here 36\)/],
    ];
    for (const [other, message] of cases) {
      const before = other.save();
      expect(() => other.load(bytes)).toThrow(message);
      expect(() => other.load(bytes)).toThrow(expect.objectContaining({ code: "SNAPSHOT_MISMATCH" }));
      expect(other.save()).toEqual(before);
    }
  });

  it("is refused when it is none, cut off anywhere, or changed anywhere", () => {
    const own = trainer();
    own.trainIterations(4);
    const bytes = own.save();
    const refused = expect.objectContaining({ code: "SNAPSHOT_INVALID" });
    expect(() => own.load(new Uint8Array())).toThrow(refused);
    expect(() => own.load(Buffer.from("{}"))).toThrow(refused);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => own.load(bytes.subarray(0, length))).toThrow(refused);
      }),
    );
    const header = bytes.indexOf(0x7b);
    const numbers = bytes.length - 4 * (11 * 9 + 9 + 9 * 3 + 3) * 2;
    expect(header).toBe(12);
    fc.assert(
      fc.property(
        fc.integer({ min: numbers, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const changed = Uint8Array.from(bytes);
          changed[at] = (changed[at] ?? 0) ^ by;
          expect(() => own.load(changed)).toThrow(refused);
        },
      ),
    );
  });
});
