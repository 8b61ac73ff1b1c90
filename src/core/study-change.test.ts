import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { simulateStudy, simulationSettings } from "../testing/simulated-study.js";
import type { EventBody, StudyChanged } from "./events.js";
import { fittingStudy } from "./fitting-study.js";
import { choice, float, int, type Params, type Space } from "./param.js";
import { fitsSpace, renewsAlgorithms } from "./study-change.js";
import type { StudyDefinition } from "./study-definition.js";
import { applyEvent } from "./study-fold.js";
import { decodeImage, encodeImage } from "./study-image.js";
import { type StudyRecord, studyRecord } from "./study-record.js";

const definition: StudyDefinition = {
  name: "changes",
  goal: { metric: "loss", direction: "minimize" },
  space: { lr: float(0, 1), kind: choice(["a", [1, 2], null]) },
  constraints: [],
  maxSteps: 4,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: {},
  seed: 1,
  retries: 0,
};

function after(...bodies: readonly EventBody[]): StudyRecord {
  const study = studyRecord(definition, 0);
  for (const [index, body] of bodies.entries()) applyEvent(study, { ...body, time: 1000 * (1 + index) });
  return study;
}

const asked = (trial: number, params: Params): EventBody => ({
  type: "trial-asked",
  trial,
  params,
  seed: trial,
  sampler: "random",
});
/** A trial that is trained to step 4. */
const complete = (trial: number, params: Params): EventBody[] => [
  asked(trial, params),
  { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 },
  { type: "reported", trial, attempt: 1, step: 4, metrics: { loss: 1 } },
  { type: "finished", trial, attempt: 1, state: "complete" },
];
const changed = (change: Omit<StudyChanged, "type">): StudyChanged => ({ type: "study-changed", ...change });

describe("a change of a study", () => {
  it("gives added params to the trials in which their conditions hold, in the order of the space", () => {
    const space: Space = {
      depth: int(1, 4, { default: 2 }),
      ...definition.space,
      width: float(0, 1, { default: 0.5, when: { kind: "a" } }),
      slope: float(0, 1, { default: 0.25, when: { width: { min: 0.4 } } }),
    };
    const filled = { depth: 2, width: 0.5, slope: 0.25 };
    const study = after(
      asked(0, { lr: 0.1, kind: "a" }),
      asked(1, { lr: 0.2, kind: [1, 2] }),
      changed({ space, filled }),
    );
    expect(study.trials.map(({ params }) => params)).toEqual([
      { depth: 2, lr: 0.1, kind: "a", width: 0.5, slope: 0.25 },
      { depth: 2, lr: 0.2, kind: [1, 2] },
    ]);
    expect(Object.keys(study.trials[0]?.params ?? {})).toEqual(["depth", "lr", "kind", "width", "slope"]);
    expect([...study.outside]).toEqual([]);
    expect(study.definition.space).toBe(space);
  });

  it("gives them to models that were given up, and to those with which trials will go on", () => {
    const snapshot = { step: 4, path: "trial-0/s", digest: "ab" };
    const exploit = { parent: 0, snapshot, value: 1, params: { lr: 0.3, kind: "a" } };
    const explanation = { rule: "r", reason: "because", values: {} };
    const saved: EventBody = { type: "snapshot-saved", trial: 0, attempt: 1, bytes: 1, ...snapshot };
    const study = after(
      ...complete(0, { lr: 0.1, kind: "a" }).toSpliced(3, 0, saved),
      asked(1, { lr: 0.2, kind: "a" }),
      { type: "attempt-started", trial: 1, attempt: 1, worker: "w", fromStep: 0 },
      { type: "reported", trial: 1, attempt: 1, step: 2, metrics: { loss: 2 } },
      { type: "decided", trial: 1, attempt: 1, step: 2, action: "exploit", explanation, exploit },
      { type: "exploited", trial: 1, parent: 0, value: 1, params: exploit.params, ...snapshot },
      { type: "decided", trial: 1, attempt: 1, step: 4, action: "exploit", explanation, exploit },
      changed({ space: { ...definition.space, depth: int(1, 4) }, filled: { depth: 3 } }),
    );
    const [, trial] = study.trials;
    expect(trial?.params).toEqual({ lr: 0.3, kind: "a", depth: 3 });
    expect(trial?.inheritances.map(({ before }) => before)).toEqual([{ lr: 0.2, kind: "a", depth: 3 }]);
    expect(trial?.exploiting?.params).toEqual({ lr: 0.3, kind: "a", depth: 3 });
  });

  it("notes which trials are outside of the space, which samplers then do not see", () => {
    const study = after(
      asked(0, { lr: 0.1, kind: "a" }),
      asked(1, { lr: 0.9, kind: [1, 2] }),
      asked(2, { lr: 0.2, kind: null }),
      changed({ space: { lr: float(0, 0.5), kind: choice(["a", "b"]) } }),
      asked(3, { lr: 0.3, kind: "b" }),
    );
    expect([...study.outside]).toEqual([1, 2]);
    expect(study.trials).toHaveLength(4);
    const seen = fittingStudy(study);
    expect([...seen.trials].map(({ number }) => number)).toEqual([0, 3]);
    expect(seen.trials).toHaveLength(4);
    expect(decodeImage(encodeImage(study))).toEqual(study);
    applyEvent(study, { ...changed({ space: definition.space }), time: 9000 });
    expect([...study.outside]).toEqual([3]);
    expect([...fittingStudy(study).trials].map(({ number }) => number)).toEqual([0, 1, 2]);
    expect(study.renewedAt).toBe(4);
  });

  it.each(["waiting", "paused"] as const)("lets complete trials train on: %s", (state) => {
    const study = after(
      ...complete(0, { lr: 0.1, kind: "a" }),
      ...complete(1, { lr: 0.2, kind: "a" }),
      ...complete(2, { lr: 0.3, kind: "a" }),
      changed({ maxSteps: 8, reopened: { trials: [1, 0], state } }),
    );
    expect([...study.byState[state]]).toEqual([1, 0]);
    expect([...study.byState.complete]).toEqual([2]);
    expect(study.trials.map(({ completion }) => completion)).toEqual([undefined, undefined, 0]);
    expect(study.trials.map((trial) => trial.state)).toEqual([state, state, "complete"]);
    expect(study.definition.maxSteps).toBe(8);
    expect(decodeImage(encodeImage(study))).toEqual(study);
  });

  it("cannot reopen a trial that is not complete", () => {
    const reopened = { trials: [0], state: "waiting" } as const;
    expect(() => after(asked(0, { lr: 0.1, kind: "a" }), changed({ maxSteps: 8, reopened }))).toThrow(
      "trial 0 is waiting and cannot be reopened",
    );
    expect(() => after(changed({ maxSteps: 8, reopened }))).toThrow("trial 0 is unknown");
  });

  it("creates algorithms again only where they depend on it", () => {
    const algorithm = { name: "tpe", options: {} };
    for (const change of [
      { space: {} },
      { constraints: [] },
      { maxSteps: 2 },
      { sampler: algorithm },
      { scheduler: algorithm },
    ]) {
      expect(renewsAlgorithms(changed(change))).toBe(true);
    }
    expect(renewsAlgorithms(changed({ budget: {}, retries: 1, timeout: 1, modules: {} }))).toBe(false);
    const module = { specifier: "./m.mjs", folder: "/", digest: "ab" };
    const study = after(changed({ sampler: { ...algorithm, module }, modules: { scheduler: module } }));
    expect(study.definition.sampler).toEqual({ ...algorithm, module });
    expect(study.definition.scheduler).toEqual({ ...definition.scheduler, module });
  });

  it("tells params that fit a space from others", () => {
    const space = { lr: float(0, 1), when: float(0, 1, { when: { lr: { max: 0.5 } } }) };
    expect(fitsSpace(space, { lr: 0.5, when: 1 })).toBe(true);
    expect(fitsSpace(space, { lr: 0.5 })).toBe(false);
    expect(fitsSpace(space, { lr: 0.6 })).toBe(true);
    expect(fitsSpace(space, { lr: 0.6, when: 1 })).toBe(false);
    expect(fitsSpace(space, { lr: 0.6, other: 1 })).toBe(false);
  });

  it("gives the same study in pieces through an image as in one go, wherever it happens", () => {
    const spaces: readonly Space[] = [
      { rate: float(0, 0.5) },
      { rate: float(0, 2), depth: int(1, 4, { default: 2 }) },
      { rate: choice([0.5, null]) },
    ];
    fc.assert(
      fc.property(
        simulationSettings(),
        fc.constantFrom(...spaces),
        fc.nat({ max: 1000 }),
        fc.constantFrom("waiting", "paused"),
        (settings, space, share, state) => {
          const { definition: begun, events } = simulateStudy(settings);
          const study = studyRecord(begun, 0);
          const cut = Math.floor((share / 1000) * events.length);
          for (const event of events.slice(0, cut)) applyEvent(study, event);
          const trials = [...study.byState.complete].filter((number) => number % 2 === 0);
          const change = changed({
            space,
            ...("depth" in space ? { filled: { depth: 2 } } : {}),
            maxSteps: settings.maxSteps + 1,
            reopened: { trials, state },
          });
          const copy = decodeImage(encodeImage(study));
          if (copy === undefined) throw new Error("the image is in another format");
          for (const each of [study, copy]) applyEvent(each, { ...change, time: study.updatedAt });
          expect(copy).toEqual(study);
          expect(decodeImage(encodeImage(study))).toEqual(study);
          const misfits = study.trials.filter(({ params }) => !fitsSpace(space, params));
          expect([...study.outside]).toEqual(misfits.map(({ number }) => number));
        },
      ),
      { numRuns: 60 },
    );
  });
});
