import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SamplerChoice } from "../src/core/sampler.js";
import type { SchedulerChoice } from "../src/core/scheduler.js";
import { cmaes, regularizedEvolution, samplers, tpe } from "../src/samplers/index.js";
import { asha, hyperband, lcm, median, pbt } from "../src/schedulers/index.js";
import { studyAfter } from "../src/testing/earlier-studies.js";
import * as ofSamplers from "../src/testing/sampler-contract/simulated-sampler.js";
import * as ofSchedulers from "../src/testing/scheduler-contract/simulated-scheduler.js";
import {
  moments,
  SIMULATED_SPACE,
  simulateSampler,
  simulateStudy,
  simulationSettings,
} from "../src/testing/simulated-study.js";

/*
 * Samplers and schedulers know nothing of requests. Where people pause, resume and stop trials and have others tried,
 * they must nevertheless answer after a restart as they would have without.
 */

const RUNS = 15;
const REQUESTS = { requests: 0.15 };

const chosenSamplers: Readonly<Record<string, () => SamplerChoice>> = {
  random: () => samplers.random(),
  sobol: () => samplers.sobol(),
  grid: () => samplers.grid({ levels: 3 }),
  tpe: () => tpe({ startup: 2 }),
  cmaes: () => cmaes({ population: 3 }),
  curve: () => samplers.curve(),
  nsga2: () => samplers.nsga2({ population: 8 }),
  "regularized-evolution": () => regularizedEvolution({ population: 4, sample: 2 }),
  "differential-evolution": () => samplers["differential-evolution"]({ population: 4 }),
};
const chosenSchedulers: Readonly<Record<string, SchedulerChoice>> = {
  median: median({ startup: 2 }),
  "asha, promotion": asha(),
  "asha, stopping": asha({ type: "stopping" }),
  hyperband: hyperband(),
  lcm: lcm(),
  "lcm, promote": lcm({ mode: "promote" }),
  pbt: pbt({ population: 6, interval: 2 }),
  "pbt, synchronous": pbt({ population: 5, interval: 3, mode: "synchronous" }),
};

describe("where people act on a study, after a restart at any moment", () => {
  it.each(Object.keys(chosenSamplers))("%s proposes the same", (name) => {
    const choose = chosenSamplers[name] ?? samplers.random;
    let requested = 0;
    fc.assert(
      fc.property(simulationSettings(), moments(), (settings, share) => {
        const space = SIMULATED_SPACE;
        const sampler = ofSamplers.create(() => choose(), space, settings);
        const simulation = simulateSampler(settings, choose().name, { space, sampler, ...REQUESTS });
        requested += simulation.events.filter(({ type }) => type === "requested").length;
        const events = 1 + Math.floor(share * simulation.events.length);
        const later = simulation.questions.filter((question) => question.events >= events);
        const start = ofSamplers.reopenedAfter(simulation, events);
        const again = ofSamplers.create(() => choose(), space, settings);
        expect(ofSamplers.answersFrom(again, simulation, start)).toEqual(
          ofSamplers.askedOf({ ...simulation, questions: later }),
        );
      }),
      { numRuns: RUNS },
    );
    expect(requested).toBeGreaterThan(0);
  });

  it.each(Object.keys(chosenSchedulers))("%s decides the same", (name) => {
    const choice = chosenSchedulers[name] ?? median();
    let requested = 0;
    fc.assert(
      fc.property(simulationSettings(), moments(), (drawn, share) => {
        // Populations need a few steps.
        const settings = { ...drawn, maxSteps: Math.max(drawn.maxSteps, 4) };
        const scheduler = ofSchedulers.create(choice, settings);
        const simulation = simulateStudy(settings, { scheduler, ...REQUESTS });
        requested += simulation.events.filter(({ type }) => type === "requested").length;
        const events = 1 + Math.floor(share * simulation.events.length);
        const start = ofSchedulers.reopened(studyAfter(simulation, events));
        const again = ofSchedulers.create(choice, settings);
        expect(ofSchedulers.answersFrom(again, simulation, simulation.questions, start)).toEqual(
          ofSchedulers.answersSince(simulation.questions, events),
        );
      }),
      { numRuns: RUNS },
    );
    expect(requested).toBeGreaterThan(0);
  });
});
