import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventBody, StudyEvent } from "./events.js";
import { acrossReplicates, type Goal } from "./goal.js";
import { ofFirstTrainings, replicateSummary } from "./replicates.js";
import type { StudyDefinition } from "./study-definition.js";
import { applyEvent, beginStudy } from "./study-fold.js";
import { decodeImage, encodeImage } from "./study-image.js";
import { type StudyRecord } from "./study-record.js";
import { goalValue, presentTraining } from "./trial.js";

const goal: Goal = { metric: "loss", direction: "minimize", of: "last" };
const definition: StudyDefinition = {
  name: "replicated",
  goal,
  space: {},
  constraints: [],
  maxSteps: 2,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { target: 0.35 },
  seed: 1,
  replicates: 3,
  retries: 0,
};

const report = (attempt: number, step: number, loss: number): EventBody => ({
  type: "reported",
  trial: 0,
  attempt,
  step,
  metrics: { loss },
});
const start = (attempt: number): EventBody => ({
  type: "attempt-started",
  trial: 0,
  attempt,
  worker: "w",
  fromStep: 0,
});
const LOG: readonly EventBody[] = [
  { type: "study-created", definition },
  { type: "trial-asked", trial: 0, params: {}, seed: 5, sampler: "random" },
  start(1),
  report(1, 1, 0.9),
  report(1, 2, 0.3),
  { type: "replicated", trial: 0, attempt: 1, seed: 6 },
  start(2),
  report(2, 1, 0.7),
  report(2, 2, 0.6),
  { type: "replicated", trial: 0, attempt: 2, seed: 7 },
  start(3),
  report(3, 2, 0.3),
  { type: "finished", trial: 0, attempt: 3, state: "complete" },
];
const events: readonly StudyEvent[] = LOG.map((body, time) => ({ ...body, time }));

function studyAfter(count: number): StudyRecord {
  const [first, ...rest] = events.slice(0, count);
  if (first === undefined) throw new Error("the log is empty");
  const study = beginStudy(first);
  for (const event of rest) applyEvent(study, event);
  return study;
}

describe("a trial with replicates", () => {
  it("keeps the curve of its first training, and has one for each of the others", () => {
    const [trial] = studyAfter(LOG.length).trials;
    expect(trial?.curve.metrics.get("loss")).toEqual([0.9, 0.3]);
    expect(
      trial?.replicates.map(({ seed, curve }) => [seed, curve.steps, curve.metrics.get("loss")]),
    ).toEqual([
      [6, [1, 2], [0.7, 0.6]],
      [7, [2], [0.3]],
    ]);
    expect(studyAfter(LOG.length).totalSteps).toBe(6);
  });

  it("is measured by the trainings that have ended", () => {
    const valueAfter = (count: number): number | undefined => {
      const [trial] = studyAfter(count).trials;
      return trial && goalValue(trial, goal);
    };
    expect([4, 5, 6, 8, 9].map(valueAfter)).toEqual([0.9, 0.3, 0.3, 0.3, 0.3]);
    expect(valueAfter(10)).toBeCloseTo(0.45);
    expect(valueAfter(12)).toBeCloseTo(0.45);
    expect(valueAfter(13)).toBeCloseTo(0.4);
  });

  it("trains with its own seed each time, from the first step", () => {
    const present = (count: number) => {
      const [trial] = studyAfter(count).trials;
      return trial && presentTraining(trial);
    };
    expect([3, 7, 11].map((count) => present(count)?.seed)).toEqual([5, 6, 7]);
    expect(present(7)?.curve.steps).toEqual([]);
  });

  it("reaches the target only with what counts across them", () => {
    expect(studyAfter(LOG.length - 1).bestReported).toBeUndefined();
    expect(studyAfter(LOG.length).bestReported).toBeCloseTo(0.4);
  });

  it("has the snapshots of its present training", () => {
    const saved = (attempt: number, step: number): EventBody => ({
      type: "snapshot-saved",
      trial: 0,
      attempt,
      step,
      path: `${attempt}/${step}`,
      digest: "",
      bytes: 1,
    });
    const [created, asked, first, ...others] = LOG;
    if (created?.type !== "study-created" || asked === undefined || first === undefined)
      throw new Error("the log begins otherwise");
    const study = beginStudy({
      ...created,
      definition: { ...definition, goal: { ...goal, of: "best" } },
      time: 0,
    });
    const snapshots: (string | undefined)[] = [];
    for (const body of [asked, first, ...others]) {
      applyEvent(study, { ...body, time: 1 });
      if (body.type === "reported") applyEvent(study, { ...saved(body.attempt, body.step), time: 1 });
      if (body.type === "replicated" || body.type === "finished")
        snapshots.push(study.trials[0]?.snapshot?.path, study.trials[0]?.bestSnapshot?.path);
    }
    // The best report of the last training is at step 2.
    expect(snapshots).toEqual([undefined, undefined, undefined, undefined, "3/2", "3/2"]);
  });

  it("is the same in an image", () => {
    for (let count = 2; count <= LOG.length; count++) {
      const study = studyAfter(count);
      expect(decodeImage(encodeImage(study))).toEqual(study);
    }
  });

  it("has a summary", () => {
    const [trial] = studyAfter(LOG.length).trials;
    if (trial === undefined) throw new Error("there is no trial");
    const summary = replicateSummary(trial, goal);
    expect(summary).toMatchObject({ ended: 3, values: [0.3, 0.6, 0.3] });
    // The squares of -0.1, 0.2 and -0.1 over two.
    expect(summary?.deviation).toBeCloseTo(Math.sqrt(0.03));
    const [single] = studyAfter(5).trials;
    expect(single && replicateSummary(single, goal)).toBeUndefined();
  });

  it("shows only its first training to what goes by curves", () => {
    const shown = [...ofFirstTrainings(events)].filter(({ type }) => type === "reported");
    expect(shown).toEqual(events.slice(3, 5));
  });
});

describe("what counts across replicates", () => {
  it.each<[Goal["across"], number]>([
    [undefined, 3],
    ["mean", 3],
    ["median", 2.5],
    ["worst", 6],
  ])("by %s", (across, expected) => {
    const asked = across === undefined ? goal : { ...goal, across };
    expect(acrossReplicates([6, 1, 2, 3], asked)).toBe(expected);
  });

  it("is the least for the worst of a metric that should be large, and the middle one of three", () => {
    expect(acrossReplicates([0.8, 0.5, 0.9], { ...goal, direction: "maximize", across: "worst" })).toBe(0.5);
    expect(acrossReplicates([0.8, 0.5, 0.9], { ...goal, across: "median" })).toBe(0.8);
  });

  it("is nothing once a training diverged, and lies between the others otherwise", () => {
    const across = fc.constantFrom("mean", "median", "worst");
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(across, values, (rule, all) => {
        const value = acrossReplicates(all, { ...goal, across: rule });
        expect(value).toBeGreaterThanOrEqual(Math.min(...all) - 1e-9);
        expect(value).toBeLessThanOrEqual(Math.max(...all) + 1e-9);
        expect(acrossReplicates([...all, Number.POSITIVE_INFINITY], { ...goal, across: rule })).toBeNaN();
      }),
    );
  });
});
