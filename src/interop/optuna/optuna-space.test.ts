import { expect, it } from "vitest";
import { foundSpace } from "./optuna-space.js";
import type { OptunaTrial } from "./optuna-study.js";

it("the range of a param is found however many trials have it", () => {
  const distribution = { name: "FloatDistribution", low: 0, high: 1, log: false, step: undefined } as const;
  const trials = Array.from(
    { length: 200_000 },
    (_, place): OptunaTrial => ({
      state: "COMPLETE",
      startedAt: undefined,
      endedAt: undefined,
      params: new Map([["lr", { internal: place / 100_000, distribution }]]),
      values: [1],
      intermediates: new Map(),
      userAttributes: {},
      systemAttributes: {},
    }),
  );
  const warnings: string[] = [];
  expect(foundSpace(trials, warnings).space["lr"]).toMatchObject({ kind: "float", low: 0, high: 1.99999 });
  expect(warnings).toEqual(['Some values of "lr" are outside of its range; here it is 0 to 1.99999.']);
}, 60_000);
