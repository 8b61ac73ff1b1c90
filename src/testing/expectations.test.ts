import { expect, it } from "vitest";
import { random } from "../samplers/index.js";
import { median } from "../schedulers/index.js";
import { bindingLaws } from "./laws.js";
import type { SamplerExpectations } from "./sampler-contract/simulated-sampler.js";
import { samplerLaws, samplerSubject } from "./sampler-contract.js";
import type { SchedulerExpectations } from "./scheduler-contract/simulated-scheduler.js";
import { schedulerLaws, schedulerSubject } from "./scheduler-contract.js";

const lawsOfSampler = (expectations: SamplerExpectations): string[] =>
  bindingLaws(
    samplerSubject(() => random(), expectations),
    samplerLaws,
  ).map(({ name }) => name);
const lawsOfScheduler = (expectations: SchedulerExpectations): string[] =>
  bindingLaws(schedulerSubject(median(), expectations), schedulerLaws).map(({ name }) => name);

it("takes a sampler for one that learns if nothing else is said", () => {
  const others = { repeats: true, local: true };
  expect(samplerSubject(() => random(), others)).toMatchObject({ independent: false, learns: true });
  expect(lawsOfSampler(others)).toEqual(lawsOfSampler({ ...others, independent: false }));
  const whatever = "proposes the same whatever is in flight and whatever is reported";
  expect(lawsOfSampler(others)).not.toContain(whatever);
  expect(lawsOfSampler({ ...others, independent: true })).toContain(whatever);
});

it("takes a scheduler for one that acts and compares if nothing else is said", () => {
  expect(lawsOfScheduler({})).toEqual(lawsOfScheduler({ acts: true, compares: true }));
  expect(lawsOfScheduler({ acts: false })).not.toEqual(lawsOfScheduler({}));
});
