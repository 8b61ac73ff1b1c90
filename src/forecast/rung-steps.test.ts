import { expect, it } from "vitest";
import { rungSteps } from "./rung-steps.js";

it("puts each rung eta times as far as the one before, all below the end", () => {
  expect(rungSteps({ minSteps: 1, eta: 3, maxSteps: 81 })).toEqual([1, 3, 9, 27]);
  expect(rungSteps({ minSteps: 1, eta: 3, maxSteps: 82 })).toEqual([1, 3, 9, 27, 81]);
  expect(rungSteps({ minSteps: 2, eta: 4, maxSteps: 100 })).toEqual([2, 8, 32]);
  expect(rungSteps({ minSteps: 1, eta: 4, maxSteps: 64 })).toEqual([1, 4, 16]);
  expect(rungSteps({ minSteps: 5, eta: 2, maxSteps: 5 })).toEqual([]);
});
