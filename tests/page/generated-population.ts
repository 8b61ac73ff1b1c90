import type { StudyEvent } from "../../src/core/events.js";
import { choice, float, int, type Space } from "../../src/core/param.js";
import type { SearchSpace } from "../../src/core/search-space.js";
import { applyEvent, beginStudy } from "../../src/core/study-fold.js";
import { pbt } from "../../src/schedulers/index.js";
import { simulateStudy } from "../../src/testing/simulated-study.js";
import type { GeneratedStudy } from "./generated-study.js";

// Not createSearchSpace: logs made by other versions may hold names that it refuses, and pages must stand them.
const params: Space = {
  lr: float(1e-4, 1, { log: true }),
  "<b>kind": choice(["<i>", "plain"]),
  batch: int(16, 256),
};
const space: SearchSpace = { params, order: Object.keys(params), constraints: [] };

/** A made-up population in which models are copied often, with failures, lost snapshots, and trials that go back. */
export function generatePopulation(seed = 3, trials = 12): GeneratedStudy {
  const scheduler = pbt({ population: trials, interval: 1, quantile: 0.5, evolve: ["lr", "<b>kind"] });
  const settings = {
    seed,
    inFlight: 4,
    trials,
    maxSteps: 20,
    stride: 1,
    direction: "minimize",
    trouble: 0.02,
  } as const;
  const goal = { metric: "loss", direction: settings.direction } as const;
  const simulated = simulateStudy(settings, {
    space,
    scheduler: scheduler.create({ goal, maxSteps: settings.maxSteps, seed, space }),
  });
  const created: StudyEvent = { type: "study-created", definition: simulated.definition, time: 0 };
  const study = beginStudy(created);
  for (const event of simulated.events) applyEvent(study, event);
  return { study, events: [created, ...simulated.events] };
}
