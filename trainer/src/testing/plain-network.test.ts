import { describe, expect, it } from "vitest";
import { ACTIVATIONS } from "../layer-options.js";
import { randomStream } from "../random.js";
import { type PlainParameters, plainGradient, plainLoss } from "./plain-network.js";
import { plainBatch, randomImages } from "./random-images.js";

describe("the plain network that the kernel is compared with", () => {
  for (const activation of ACTIVATIONS) {
    it(`has the gradient of central finite differences (${activation})`, () => {
      const shape = { layers: [6, 5, 4, 3], activation };
      const random = randomStream(5, 1, 0);
      const draw = (length: number): number[] => Array.from({ length }, () => 2 * random.uniform() - 1);
      const parameters: PlainParameters = [draw(30), draw(5), draw(20), draw(4), draw(12), draw(3)];
      const batch = plainBatch(randomImages(3, 7, 6, 3), [0, 1, 2, 3, 4, 5, 6]);
      const l2 = 0.03;
      const gradient = plainGradient(shape, parameters, batch, l2);
      const penalty = (): number =>
        parameters.reduce(
          (sum, array, k) => (k % 2 === 1 ? sum : sum + array.reduce((s, w) => s + w * w, 0)),
          0,
        );
      const loss = (): number => plainLoss(shape, parameters, batch) + (l2 / 2) * penalty();
      const h = 1e-5;
      parameters.forEach((array, k) => {
        array.forEach((weight, i) => {
          array[i] = weight + h;
          const above = loss();
          array[i] = weight - h;
          const below = loss();
          array[i] = weight;
          expect(gradient[k]?.[i]).toBeCloseTo((above - below) / (2 * h), 8);
        });
      });
    });
  }
});
