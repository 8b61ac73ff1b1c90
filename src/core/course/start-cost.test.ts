import { expect, it } from "vitest";
import type { Decision } from "../decision.js";
import { type Pace, unknownPace } from "../pace.js";
import type { StudyDefinition } from "../study-definition.js";
import { firstPause, unlessTooDear } from "./start-cost.js";

/** Starts of 8 s and steps of 0.5 s: a start is 16 steps. */
const DEAR: Pace = {
  ...unknownPace(),
  first: { reports: 2, seconds: 17, steps: 2 },
  later: { seconds: 5, steps: 10 },
};
const definition: StudyDefinition = {
  name: "s",
  goal: { metric: "loss", direction: "minimize" },
  space: {},
  constraints: [],
  sampler: { name: "random", options: {} },
  scheduler: { name: "asha", options: {} },
  budget: {},
  seed: 0,
  retries: 0,
  countStarts: true,
};
const PAUSE: Decision = { action: "pause", explanation: { rule: "asha", reason: "at a rung", values: {} } };

it("says that a pause pays from a quarter of a start's steps", () => {
  expect(firstPause(DEAR)).toBe(4);
});

it("is the same where paused programs wait: other trials have to be started anyway", () => {
  expect(firstPause({ ...DEAR, restarts: 1, parked: 3 })).toBe(4);
});

it("lets everything pause where starts take no time, and nothing where steps take none", () => {
  expect(firstPause({ ...DEAR, first: { reports: 2, seconds: 1, steps: 2 } })).toBe(0);
  expect(firstPause({ ...DEAR, later: { seconds: 0, steps: 4 } })).toBe(Number.POSITIVE_INFINITY);
  expect(
    firstPause({ ...DEAR, first: { reports: 2, seconds: 0, steps: 2 }, later: { seconds: 0, steps: 4 } }),
  ).toBe(0);
});

it("knows nothing before starts and steps were measured", () => {
  expect(firstPause({ ...DEAR, later: { seconds: 0, steps: 0 } })).toBeUndefined();
  expect(firstPause({ ...DEAR, first: { reports: 0, seconds: 0, steps: 0 } })).toBeUndefined();
});

it("lets a training go on that would pause too early, and says why", () => {
  const study = { definition, pace: DEAR };
  expect(unlessTooDear(study, 3, PAUSE)).toMatchObject({
    action: "continue",
    explanation: {
      rule: "start-cost",
      reason: "asha would pause at step 3, but a start takes as long as 16.0 steps: pausing pays from step 4",
      values: { secondsPerStart: 8, secondsPerStep: 0.5, firstPause: 4 },
    },
  });
  expect(unlessTooDear(study, 4, PAUSE)).toBe(PAUSE);
});

it("lets a training go on before it is known what a start costs, or if steps take no time", () => {
  const reasonWith = (pace: Pace): string | undefined =>
    unlessTooDear({ definition, pace }, 9, PAUSE).explanation?.reason;
  expect(reasonWith(unknownPace())).toBe(
    "asha would pause at step 9, but it is not known yet what a start costs",
  );
  expect(reasonWith({ ...DEAR, later: { seconds: 0, steps: 4 } })).toBe(
    "asha would pause at step 9, but steps take no time beside a start: pausing never pays",
  );
});

it("changes nothing else, and nothing where the study does not want it", () => {
  const { countStarts: _not, ...plain } = definition;
  expect(unlessTooDear({ definition: plain, pace: DEAR }, 1, PAUSE)).toBe(PAUSE);
  const others: Decision[] = [
    { action: "continue" },
    { action: "stop", explanation: { rule: "median", reason: "worse", values: {} } },
  ];
  for (const each of others) expect(unlessTooDear({ definition, pace: DEAR }, 1, each)).toBe(each);
});
