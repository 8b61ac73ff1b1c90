import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRandom } from "../../math/random.js";
import { createSobolSequence, MOST_DIMENSIONS } from "./sobol-sequence.js";

interface Golden {
  readonly first: readonly (readonly number[])[];
  readonly wide: { readonly index: number; readonly point: readonly number[] };
}
const golden: Golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../tests/goldens/sobol.json"), "utf8"),
);

const pointAt = (sequence: ReturnType<typeof createSobolSequence>, index: number, dimensions: number) =>
  Array.from({ length: dimensions }, (_, dimension) => sequence.at(index, dimension));

describe("the Sobol sequence", () => {
  it("is scipy's, in all dimensions", () => {
    const sequence = createSobolSequence(MOST_DIMENSIONS);
    expect(golden.first.map((_, index) => pointAt(sequence, index, 12))).toEqual(golden.first);
    expect(golden.wide.point).toHaveLength(MOST_DIMENSIONS);
    expect(pointAt(sequence, golden.wide.index, MOST_DIMENSIONS)).toEqual(golden.wide.point);
    expect(sequence.at(1, MOST_DIMENSIONS)).toBeNaN();
  });

  it("has one of 256 points in each 256th of every dimension, and differs by seed, when scrambled", () => {
    const sequences = [1, 2].map((seed) => createSobolSequence(40, createRandom(seed, 0, 0)));
    for (const sequence of sequences) {
      for (let dimension = 0; dimension < 40; dimension++) {
        const cells = Array.from({ length: 256 }, (_, index) =>
          Math.floor(256 * sequence.at(512 + index, dimension)),
        );
        expect(new Set(cells).size).toBe(256);
      }
      // The first two dimensions are a net: one of 256 points in each of 16 times 16 squares.
      const squares = Array.from({ length: 256 }, (_, index) =>
        [0, 1].map((dimension) => Math.floor(16 * sequence.at(index, dimension))).join(),
      );
      expect(new Set(squares).size).toBe(256);
    }
    const [one, other] = sequences.map((sequence) => pointAt(sequence, 7, 40));
    expect(one).not.toEqual(other);
    expect(pointAt(createSobolSequence(40, createRandom(1, 0, 0)), 7, 40)).toEqual(one);
  });

  it("puts each point anywhere when scrambled", () => {
    const firsts = Array.from({ length: 400 }, (_, seed) =>
      createSobolSequence(2, createRandom(seed, 0, 0)).at(0, 1),
    );
    const mean = firsts.reduce((sum, each) => sum + each / firsts.length, 0);
    // The standard deviation of such a mean is 0.014.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.06);
  });
});
