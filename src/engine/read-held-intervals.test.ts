import { describe, expect, it } from "vitest";
import type { EventBody } from "../core/events.js";
import { forgetComplete } from "../core/forgetting.js";
import { memoryStorage } from "../storage/memory.js";
import { ALICE, definitionOf, NOW, request } from "../testing/storage-contract/example-events.js";
import { readHeldIntervals } from "./read-held-intervals.js";
import { readStudy } from "./read-study.js";

/** A trial that was forecast to end with a loss from 0.2 to 0.4 at step 1, and from 0.3 to 0.5 at step 4. */
function forecast(trial: number, loss: number, end: "complete" | "paused" = "complete"): EventBody[] {
  const decided = (step: number, low: number, high: number): EventBody[] => [
    { type: "reported", trial, attempt: 1, step, metrics: { loss: 1 / step } },
    {
      type: "decided",
      trial,
      attempt: 1,
      step,
      action: "continue",
      explanation: { rule: "lcm/promote", reason: "", values: { rung: step, low, high } },
    },
  ];
  return [
    { type: "trial-asked", trial, params: {}, seed: trial, sampler: "random" },
    { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 },
    ...decided(1, 0.2, 0.4),
    ...decided(4, 0.3, 0.5),
    { type: "reported", trial, attempt: 1, step: 9, metrics: { loss } },
    end === "complete"
      ? { type: "finished", trial, attempt: 1, state: "complete" }
      : { type: "paused", trial, attempt: 1 },
  ];
}

async function stored(...bodies: readonly EventBody[][]) {
  const storage = memoryStorage();
  await storage.createStudy(definitionOf("digits"), NOW);
  const lease = await storage.acquire("digits", request(ALICE));
  await storage.append(
    lease,
    bodies.flat().map((body, index) => ({ ...body, time: NOW + index })),
  );
  return storage;
}

describe("reading how often intervals held", () => {
  it("judges complete trials alone, whether they are still at hand or not", async () => {
    const storage = await stored(
      forecast(0, 0.35),
      forecast(1, 0.25),
      forecast(2, 0.35, "paused"),
      forecast(3, 0.6),
      forecast(4, Number.NaN),
    );
    const whole = await readStudy(storage, "digits");
    const reduced = await readStudy(storage, "digits");
    forgetComplete(reduced, 0);
    expect(reduced.trials[0]).toBeUndefined();
    for (const study of [whole, reduced])
      expect(await readHeldIntervals(storage, study)).toEqual({ forecasts: 6, held: 3 });
  });

  it("leaves out trials from before a change of the study", async () => {
    const storage = await stored(forecast(0, 0.6), forecast(1, 0.35));
    const study = await readStudy(storage, "digits");
    expect(await readHeldIntervals(storage, { ...study, renewedAt: 1 })).toEqual({ forecasts: 2, held: 2 });
    expect(await readHeldIntervals(storage, { ...study, renewedAt: 2 })).toBeUndefined();
  });

  it("looks at the newest 200", async () => {
    const trials = Array.from({ length: 201 }, (_, trial) => forecast(trial, trial === 0 ? 0.6 : 0.35));
    const storage = await stored(...trials);
    const study = await readStudy(storage, "digits");
    expect(await readHeldIntervals(storage, study)).toEqual({ forecasts: 400, held: 400 });
  });
});
