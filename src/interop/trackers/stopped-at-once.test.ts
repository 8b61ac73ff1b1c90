import { expect, it } from "vitest";
import type { EventBody } from "../../core/events.js";
import { createStoppedAtOnce } from "./stopped-at-once.js";

const started = (trial: number): EventBody => ({
  type: "attempt-started",
  trial,
  attempt: 1,
  worker: "w",
  fromStep: 0,
});
const requested = (action: "pause" | "stop", trial?: number): EventBody => ({
  type: "requested",
  by: "ana",
  action,
  ...(trial === undefined ? {} : { trial }),
});

it("tells trials that are stopped by a request alone from those whose attempts end later", () => {
  const stoppedBy = createStoppedAtOnce();
  const log: readonly EventBody[] = [
    started(0),
    started(1),
    requested("stop", 0),
    requested("stop", 2),
    requested("pause", 1),
    requested("stop"),
    { type: "released", trial: 1, attempt: 1, reason: "request" },
    requested("stop", 1),
  ];
  expect(log.map((event) => stoppedBy({ ...event, time: 0 }))).toEqual([
    undefined,
    undefined,
    undefined,
    2,
    undefined,
    undefined,
    undefined,
    1,
  ]);
});
