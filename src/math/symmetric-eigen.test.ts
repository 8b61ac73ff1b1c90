import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.js";
import { symmetricEigen } from "./symmetric-eigen.js";

/** The largest difference between two matrices. */
const away = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, place) => Math.max(most, Math.abs(value - (b[place] ?? Number.NaN))), 0);

/** The sum over i of value i times vector i by itself. */
function composed(values: Float64Array, vectors: Float64Array): Float64Array {
  const size = values.length;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++)
        matrix[row * size + column] =
          (matrix[row * size + column] ?? 0) +
          (values[i] ?? 0) * (vectors[i * size + row] ?? 0) * (vectors[i * size + column] ?? 0);
  return matrix;
}

function randomMatrix(size: number, seed: number, thin: number): Float64Array {
  const random = createRandom(seed, size, 0);
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = row; column < size; column++) {
      const value = random.uniform() < thin ? 0 : random.normal();
      matrix[row * size + column] = value;
      matrix[column * size + row] = value;
    }
  return matrix;
}

describe("eigenvalues of a symmetric matrix", () => {
  it("give the matrix back with their orthonormal vectors", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 }), fc.nat(), fc.constantFrom(0, 0.7), (size, seed, thin) => {
        const matrix = randomMatrix(size, seed, thin);
        const { values, vectors } = symmetricEigen(matrix, size);
        expect(away(matrix, composed(values, vectors))).toBeLessThan(1e-12);
        const unit = composed(new Float64Array(size).fill(1), vectors);
        const identity = Float64Array.from(unit, (_, place) => (place % (size + 1) === 0 ? 1 : 0));
        expect(away(identity, unit)).toBeLessThan(1e-13);
      }),
      { numRuns: 100 },
    );
  });

  it("of second differences are those of the formula", () => {
    const size = 60;
    const matrix = new Float64Array(size * size);
    for (let row = 0; row < size; row++) {
      matrix[row * size + row] = 2;
      if (row + 1 < size) {
        matrix[row * size + row + 1] = -1;
        matrix[(row + 1) * size + row] = -1;
      }
    }
    const { values } = symmetricEigen(matrix, size);
    const known = Float64Array.from(values, (_, k) => 2 - 2 * Math.cos((Math.PI * (k + 1)) / (size + 1)));
    expect(away(values.toSorted(), known)).toBeLessThan(1e-13);
  });

  it("of a diagonal matrix are its entries, also where they are equal or span all sizes", () => {
    const entries = [3, 3, 1e-300, 0, -7, 1e300, 5];
    const size = entries.length;
    const matrix = new Float64Array(size * size);
    for (const [place, entry] of entries.entries()) matrix[place * size + place] = entry;
    expect([...symmetricEigen(matrix, size).values]).toEqual(entries);
  });

  it("are found in a matrix of 200 rows, and leave it as it is", () => {
    const matrix = randomMatrix(200, 1, 0);
    const before = Float64Array.from(matrix);
    const { values, vectors } = symmetricEigen(matrix, 200);
    expect(away(matrix, composed(values, vectors))).toBeLessThan(1e-11);
    expect(matrix).toEqual(before);
  });
});
