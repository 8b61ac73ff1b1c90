import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StudyEvent } from "../core/events.js";
import { foundSchedule } from "../core/found-schedule.js";
import { copiesOf, historyOf } from "../core/lineage.js";
import { choice, float, type Params } from "../core/param.js";
import { createSearchSpace } from "../core/search-space.js";
import { applyEvent } from "../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../core/study-record.js";
import { lastStep } from "../core/trial.js";
import { pbt } from "../schedulers/index.js";
import { paramsAt, parseScheduleFile } from "../schedules/index.js";
import { simulateStudy, simulationSettings } from "../testing/simulated-study.js";
import { lineageFlaws } from "./lineage.js";

const space = createSearchSpace({
  rate: float(1e-4, 1, { log: true }),
  shift: float(-1, 1),
  optimizer: choice(["sgd", "adam"]),
  momentum: float(0, 0.99, { when: { optimizer: "sgd" } }),
});

interface Played {
  readonly study: StudyRecord;
  readonly events: readonly StudyEvent[];
}

/** Populations with many replaced members, failures, pauses, lost snapshots and late copies. */
const populations: fc.Arbitrary<Played> = fc
  .tuple(
    simulationSettings(),
    fc.constantFrom("truncation", "tournament"),
    fc.constantFrom("asynchronous", "synchronous"),
  )
  .map(([settings, exploit, mode]) => {
    const maxSteps = settings.maxSteps + 3;
    const goal = { metric: "loss", direction: settings.direction };
    const scheduler = pbt({ population: settings.trials, interval: 1, quantile: 0.5, exploit, mode }).create({
      goal,
      maxSteps,
      seed: settings.seed,
      space,
    });
    const { definition, events } = simulateStudy({ ...settings, maxSteps }, { space, scheduler });
    const study = studyRecord(definition, 0);
    for (const event of events) applyEvent(study, event);
    return { study, events };
  });

/** By trial and step: the params with which its current model was trained there, found by walking through the log. */
function stepsOfModels(events: readonly StudyEvent[]): Params[][] {
  const present: { params: Params; steps: Params[]; copied: readonly Params[] }[] = [];
  const files = new Map<string, readonly Params[]>();
  for (const event of events) {
    if (event.type === "trial-asked") present.push({ params: event.params, steps: [], copied: [] });
    const life = "trial" in event ? present[event.trial ?? -1] : undefined;
    if (life === undefined) continue;
    if (event.type === "reported") while (life.steps.length < event.step) life.steps.push(life.params);
    if (event.type === "snapshot-saved") files.set(event.path, life.steps.slice(0, event.step));
    if ((event.type === "decided" || event.type === "resumed") && event.exploit !== undefined)
      life.copied = files.get(event.exploit.snapshot.path) ?? [];
    if (event.type !== "exploited") continue;
    life.steps = [...life.copied];
    life.params = event.params;
    files.set(event.path, [...life.copied]);
  }
  return present.map(({ steps }) => steps);
}

describe("the lineage of simulated populations", () => {
  it("is a valid tree, with the params from the log at every step", () => {
    let copies = 0;
    fc.assert(
      fc.property(populations, ({ study, events }) => {
        expect(lineageFlaws(study, events)).toEqual([]);
        copies += copiesOf(study).length;
        const trained = stepsOfModels(events);
        for (const { number } of study.trials) {
          const history = historyOf(study, number);
          const expanded = history.flatMap(({ fromStep, toStep, params }) =>
            Array.from({ length: toStep - fromStep }, () => params),
          );
          expect(expanded).toEqual(trained[number]);
        }
      }),
      { numRuns: 60 },
    );
    expect(copies).toBeGreaterThan(1000);
  });

  it("never contains a model that was copied before it existed", () => {
    fc.assert(
      fc.property(populations, ({ study, events }) => {
        const copies = copiesOf(study, events);
        const made = new Map(copies.map((copy) => [`${copy.child}/${copy.inheritances}`, copy.time ?? 0]));
        for (const { child, parent, parentInheritances, time } of copies) {
          expect(parent).not.toBe(child);
          expect(made.get(`${parent}/${parentInheritances}`) ?? 0).toBeLessThanOrEqual(time ?? 0);
        }
        expect(copies.map(({ time }) => time)).toEqual(
          events.flatMap(({ type, time }) => (type === "exploited" ? [time] : [])),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("can be retrained from its file", () => {
    fc.assert(
      fc.property(populations, ({ study, events }) => {
        const trained = stepsOfModels(events);
        for (const trial of study.trials) {
          const text = JSON.stringify(foundSchedule(study, trial.number));
          const file = parseScheduleFile(JSON.parse(text));
          expect(file.steps).toBe(lastStep(trial));
          const again = (trained[trial.number] ?? []).map((_, done) => paramsAt(file, done));
          expect(again).toEqual(trained[trial.number]);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("the check of a lineage", () => {
  /** The first simulated population with a copy that has been trained since, and its trial. */
  const played = fc
    .sample(populations, { numRuns: 50, seed: 4 })
    .find(({ study }) => study.trials.some(({ inheritances }) => inheritances.length > 1));
  const copied = played?.study.trials.find(({ inheritances }) => inheritances.length > 1);
  const flawsAfter = (change: (study: StudyRecord, trial: number) => void): string[] => {
    if (played === undefined || copied === undefined) throw new Error("no population has such a trial");
    const study = structuredClone(played.study);
    change(study, copied.number);
    return lineageFlaws(study, played.events);
  };
  const inheritance = (study: StudyRecord, trial: number) => {
    const inheritances = study.trials[trial]?.inheritances ?? [];
    const first = inheritances[0];
    if (first === undefined) throw new Error("the trial has not inherited");
    return { inheritances, first };
  };

  it("finds nothing wrong with an intact study", () => {
    expect(flawsAfter(() => {})).toEqual([]);
  });

  it.each<[string, (study: StudyRecord, trial: number) => void]>([
    [
      "another parent",
      (study, trial) => {
        const { inheritances, first } = inheritance(study, trial);
        inheritances[0] = { ...first, parent: first.parent === 0 ? 1 : 0 };
      },
    ],
    ["a missing copy", (study, trial) => inheritance(study, trial).inheritances.pop()],
    [
      "another step",
      (study, trial) => {
        const { inheritances, first } = inheritance(study, trial);
        inheritances[0] = { ...first, step: first.step + 1000 };
      },
    ],
    [
      "a model that comes from itself",
      (study, trial) => {
        const { inheritances, first } = inheritance(study, trial);
        inheritances[0] = { ...first, parent: trial, parentInheritances: 1 };
      },
    ],
    [
      "other params",
      (study, trial) => {
        const subject = study.trials[trial];
        const last = historyOf(study, trial).at(-1);
        if (subject === undefined || last === undefined) throw new Error("the trial has trained nothing");
        for (const each of study.trials) {
          each.params = { ...each.params, rate: 7 };
          for (const [index, old] of each.inheritances.entries())
            each.inheritances[index] = { ...old, before: { ...old.before, rate: 7 } };
        }
      },
    ],
    ["a missing trial", (study) => study.trials.pop()],
  ])("finds %s", (_what, change) => {
    expect(flawsAfter(change)).not.toEqual([]);
  });
});
