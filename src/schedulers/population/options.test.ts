import { describe, expect, it } from "vitest";
import { z } from "zod";
import { float } from "../../core/param.js";
import { createSearchSpace } from "../../core/search-space.js";
import { checkNames, intervalOf, perturbationOptions, populationOptions, spaceOf } from "./options.js";

const space = createSearchSpace({ rate: float(0, 1), momentum: float(0, 1) });
const refused = (code: string, message: string, hint: string) =>
  expect.objectContaining({
    code,
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
  });

describe("options of populations", () => {
  const options = z.strictObject({ ...populationOptions, ...perturbationOptions });

  it("have the defaults that their descriptions give", () => {
    expect(options.parse({})).toEqual({
      population: 16,
      burnIn: 0,
      quantile: 0.25,
      mode: "asynchronous",
      factors: [0.8, 1.2],
      resample: 0.25,
    });
  });

  // The last value that makes sense, and the first that does not.
  it.each([
    ["population", 1, 0],
    ["population", 100_000, 100_001],
    ["interval", 1, 0],
    ["burnIn", 0, -1],
    // Replacing more than half would need more models than are left.
    ["quantile", 0.5, 0.51],
    ["quantile", 0.01, 0],
    ["resample", 0, -0.01],
    ["resample", 1, 1.01],
    ["factors", [0.1], []],
    ["factors", [0.1], [0]],
    ["evolve", ["rate"], []],
    ["evolve", { rate: { factors: [2], resample: 1 } }, { rate: { factors: [], resample: 1 } }],
    ["evolve", { rate: {} }, { rate: { factor: 2 } }],
  ])("accept %s %j, but not %j", (name, last, beyond) => {
    expect(options.safeParse({ [name]: last }).success).toBe(true);
    expect(options.safeParse({ [name]: beyond }).success).toBe(false);
  });
});

describe("the interval between decisions", () => {
  it.each([
    [100, 5],
    [101, 6],
    [20, 1],
    [3, 1],
    [0.5, 1],
  ])("is a twentieth of a training of %d steps, rounded up: %d", (maxSteps, interval) => {
    expect(intervalOf("pbt", undefined, maxSteps)).toBe(interval);
  });

  it("is what the user gave, for as long as a training is longer, or has no known end", () => {
    expect(intervalOf("pbt", 7, undefined)).toBe(7);
    expect(intervalOf("pbt", 9, 10)).toBe(9);
    for (const interval of [10, 11]) {
      expect(() => intervalOf("pbt", interval, 10)).toThrow(
        refused("OPTIONS_INVALID", `scheduler pbt: its interval, ${interval} steps`, "several times"),
      );
    }
  });

  it("has to be given where the end of a training is unknown", () => {
    expect(() => intervalOf("pb2", undefined, undefined)).toThrow(
      refused("MAX_STEPS_MISSING", "scheduler pb2 needs an interval", "maxSteps or the scheduler's interval"),
    );
  });
});

describe("the params that evolve", () => {
  it("are those of the study's space, which there must be", () => {
    const setup = { goal: { metric: "loss", direction: "minimize" }, maxSteps: 10, seed: 0 } as const;
    expect(spaceOf("pbt", { ...setup, space })).toBe(space);
    expect(() => spaceOf("pbt", setup)).toThrow(
      refused("SPACE_MISSING", "scheduler pbt needs", "changes its params"),
    );
  });

  it("are named as in the space: the first name that is not is shown, and those that there are", () => {
    expect(() => checkNames("pbt", ["momentum", "rate"], space)).not.toThrow();
    expect(() => checkNames("pbt", ["rate", "rat", "momentun"], space)).toThrow(
      refused("OPTIONS_INVALID", 'there is no param "rat"', "The params are rate, momentum."),
    );
    // What every object inherits is not a param.
    expect(() => checkNames("pbt", ["toString"], space)).toThrow(
      refused("OPTIONS_INVALID", "toString", "rate"),
    );
  });
});
