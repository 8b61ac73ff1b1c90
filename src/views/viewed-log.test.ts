import { expect, it } from "vitest";
import type { EventBody } from "../core/events.js";
import { float } from "../core/param.js";
import { createViewedLog } from "./viewed-log.js";

const definition = {
  name: "viewed",
  goal: { metric: "loss", direction: "minimize" as const },
  space: { lr: float(0, 1) },
  constraints: [],
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: {},
  seed: 1,
  retries: 1,
};

it("ends an attempt that a coordinator left open with the last event before the next one", () => {
  const log = createViewedLog(definition);
  const events: readonly (readonly [time: number, body: EventBody])[] = [
    [2, { type: "attempt-started", trial: 0, attempt: 1, worker: "w", fromStep: 0 }],
    [5, { type: "reported", trial: 0, attempt: 1, step: 1, metrics: { loss: 1 } }],
    [900, { type: "study-opened", host: "h", pid: 1 }],
    [901, { type: "released", trial: 0, attempt: 1, reason: "lost" }],
    [902, { type: "attempt-started", trial: 0, attempt: 2, worker: "w", fromStep: 0 }],
    [906, { type: "finished", trial: 0, attempt: 2, state: "complete" }],
  ];
  for (const [place, [time, body]] of events.entries()) log.add({ ...body, time }, place + 1);
  expect(log.attempts.map(({ from, to }) => [from, to])).toEqual([
    [2, 5],
    [902, 906],
  ]);
});
