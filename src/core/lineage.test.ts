import { describe, expect, it } from "vitest";
import { isCurvewiseError } from "./errors.js";
import type { EventBody } from "./events.js";
import { foundSchedule } from "./found-schedule.js";
import { copiesOf, countCopies, evolvingParams, historyOf, paramsTowards, stagesOf } from "./lineage.js";
import { choice, fixed, float, type Params } from "./param.js";
import { applyEvent } from "./study-fold.js";
import { type StudyRecord, studyRecord, type TrialRecord } from "./study-record.js";
import { presentValue } from "./trial.js";

const explanation = { rule: "pbt", reason: "It is the least fit.", values: {} };

const SGD: Params = { optimizer: "sgd", momentum: 0.9 };

/**
 * A population of three, written event by event at the times 1, 2, 3 and so on.
 *
 * @param first the optimizer with which all begin
 */
function population(first = SGD) {
  const events: (EventBody & { readonly time: number })[] = [];
  const study: StudyRecord = studyRecord(
    {
      name: "written",
      goal: { metric: "loss", direction: "minimize" },
      space: {
        lr: float(0, 1),
        shift: float(-1, 1),
        optimizer: choice(["sgd", "adam"]),
        momentum: float(0, 1, { when: { optimizer: "sgd" } }),
        batch: fixed(32),
      },
      constraints: [],
      sampler: { name: "random", options: {} },
      scheduler: { name: "pbt", options: {} },
      budget: {},
      seed: 1,
      retries: 0,
    },
    0,
  );
  const push = (body: EventBody): void => {
    const event = { ...body, time: events.length + 1 };
    events.push(event);
    applyEvent(study, event);
  };
  const trialOf = (number: number): TrialRecord => {
    const trial = study.trials[number];
    if (trial === undefined) throw new Error(`there is no trial ${number}`);
    return trial;
  };
  const params = (lr: number, rest = SGD): Params => ({
    lr,
    shift: 0,
    ...rest,
    batch: 32,
  });
  const report = (trial: number, ...steps: readonly number[]): void => {
    for (const step of steps)
      push({ type: "reported", trial, attempt: 1, step, metrics: { loss: 10 * trial + step / 100 } });
  };
  const save = (trial: number, step: number): void =>
    push({
      type: "snapshot-saved",
      trial,
      attempt: 1,
      step,
      path: `t${trial}/${step}`,
      digest: "d",
      bytes: 1,
    });
  const decide = (trial: number, parent: number, lr: number, rest?: Params): void => {
    const { snapshot } = trialOf(parent);
    if (snapshot === undefined) throw new Error("the parent has no snapshot");
    const exploit = { parent, snapshot, value: 10 * parent, params: params(lr, rest) };
    push({ type: "decided", trial, attempt: 1, step: 1, action: "exploit", explanation, exploit });
  };
  const copy = (trial: number): void => {
    const { exploiting } = trialOf(trial);
    if (exploiting === undefined) throw new Error("nothing is to be copied");
    const { parent, snapshot, value, params: after } = exploiting;
    const names = { trial, parent, step: snapshot.step, value, path: `t${trial}/in`, digest: "d" };
    push({ type: "exploited", ...names, params: after });
  };
  for (const trial of [0, 1, 2]) {
    push({
      type: "trial-asked",
      trial,
      params: params(0.1 * (trial + 1), first),
      seed: trial,
      sampler: "random",
    });
    push({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
  }
  return { study, events, report, save, decide, copy, trialOf, params };
}

/** The steps, trial and learning rate of each part of a history. */
const shortHistory = (study: StudyRecord, trial: number) =>
  historyOf(study, trial).map((part) => [part.fromStep, part.toStep, part.trial, part.params["lr"]]);

describe("a trial's history", () => {
  it("is its own until it inherits", () => {
    const { study, report } = population();
    expect(historyOf(study, 1)).toEqual([]);
    report(1, 1, 2, 5);
    expect(shortHistory(study, 1)).toEqual([[0, 5, 1, 0.2]]);
  });

  it("goes back through ancestors to a root", () => {
    const { study, report, save, decide, copy } = population();
    report(0, 5, 10);
    save(0, 10);
    report(1, 5);
    decide(1, 0, 0.08);
    copy(1);
    // It has the parent's model, of a step that it never reached itself, and has trained nothing yet.
    expect(shortHistory(study, 1)).toEqual([[0, 10, 0, 0.1]]);
    report(1, 12, 15);
    save(1, 12);
    report(2, 20);
    decide(2, 1, 0.064);
    copy(2);
    report(2, 13);
    expect(shortHistory(study, 2)).toEqual([
      [0, 10, 0, 0.1],
      [10, 12, 1, 0.08],
      [12, 13, 2, 0.064],
    ]);
    expect(shortHistory(study, 0)).toEqual([[0, 10, 0, 0.1]]);
    expect(shortHistory(study, 1)).toEqual([
      [0, 10, 0, 0.1],
      [10, 15, 1, 0.08],
    ]);
  });

  it("is that of the chosen model, even if the parent switched to another one before the copy", () => {
    const { study, report, save, decide, copy } = population();
    report(0, 4, 8);
    save(0, 8);
    report(1, 6);
    save(1, 6);
    decide(2, 1, 0.3);
    decide(1, 0, 0.08);
    copy(1);
    report(1, 9);
    copy(2);
    report(2, 7);
    expect(shortHistory(study, 2)).toEqual([
      [0, 6, 1, 0.2],
      [6, 7, 2, 0.3],
    ]);
    expect(copiesOf(study).find(({ child }) => child === 2)?.copied["lr"]).toBe(0.2);
  });

  it("may lead back to the trial itself", () => {
    const { study, report, save, decide, copy, trialOf } = population();
    report(0, 5);
    save(0, 5);
    decide(1, 0, 0.2);
    copy(1);
    report(1, 10);
    save(1, 10);
    report(0, 7);
    decide(0, 1, 0.4);
    copy(0);
    report(0, 11);
    expect(shortHistory(study, 0)).toEqual([
      [0, 5, 0, 0.1],
      [5, 10, 1, 0.2],
      [10, 11, 0, 0.4],
    ]);
    expect(stagesOf(trialOf(0)).map(({ fromStep, toStep }) => [fromStep, toStep])).toEqual([
      [0, 7],
      [10, 11],
    ]);
  });

  it("is refused if it is circular", () => {
    const { study, trialOf } = population();
    const source = { at: 0, reached: null, step: 0, value: 1, before: {}, parentInheritances: 1 };
    trialOf(0).inheritances.push({ ...source, parent: 1 });
    trialOf(1).inheritances.push({ ...source, parent: 0 });
    const code = (act: () => unknown): string | undefined => {
      try {
        act();
      } catch (error) {
        return isCurvewiseError(error) ? error.code : String(error);
      }
      return undefined;
    };
    expect(code(() => historyOf(study, 0))).toBe("LOG_INVALID");
    expect(code(() => historyOf(study, 7))).toBe("LOG_INVALID");
    trialOf(1).inheritances.push({ ...source, parent: 9 });
    expect(code(() => copiesOf(study))).toBe("LOG_INVALID");
  });
});

describe("a lineage that was changed from outside", () => {
  const source = { at: 5, reached: null, step: 5, value: 1, before: {}, parentInheritances: 0 };
  /** Trial 0 has reached step 9, trial 1 step 6 after it was given trial 0's model of step 5. */
  function pair() {
    const { study, report, trialOf } = population();
    report(0, 3, 9);
    trialOf(1).inheritances.push({ ...source, parent: 0 });
    report(1, 6);
    return { study, trialOf };
  }
  const broken = (message: string) =>
    expect.objectContaining({
      code: "LOG_INVALID",
      kind: "failure",
      message: `the lineage of trial 1 is broken: ${message}`,
    });

  it("is whole before that, also from a model that was trained no further", () => {
    const { study, trialOf } = pair();
    expect(historyOf(study, 1).map(({ trial, fromStep, toStep }) => [trial, fromStep, toStep])).toEqual([
      [0, 0, 5],
      [1, 5, 6],
    ]);
    expect(historyOf(study, 1, 0).map(({ trial, toStep }) => [trial, toStep])).toEqual([[1, 5]]);
    trialOf(1).inheritances.push({ ...source, parent: 0, step: 9 });
    expect(historyOf(study, 1).map(({ trial, fromStep, toStep }) => [trial, fromStep, toStep])).toEqual([
      [0, 0, 9],
    ]);
  });

  it.each([-1, 2])("has no model %d", (model) => {
    const { study } = pair();
    expect(() => historyOf(study, 1, model)).toThrow(broken(`it leads to model ${model} of trial 1`));
  });

  it.each<[string, object, string]>([
    ["a parent that does not exist", { parent: 7 }, "there is no trial 7"],
    ["a model that its parent never had", { parentInheritances: 1 }, "it leads to model 1 of trial 0"],
    ["a step that its parent never reached", { step: 10 }, "model 0 of trial 0 has no step 10, only 0 to 9"],
    ["a step below zero", { step: -1 }, "model 0 of trial 0 has no step -1, only 0 to 9"],
  ])("is refused with %s", (_what, change, message) => {
    const { study, trialOf } = pair();
    trialOf(1).inheritances.splice(0, 1, { ...source, parent: 0, ...change });
    expect(() => historyOf(study, 1)).toThrow(broken(message));
  });

  it("is refused with a step that is older than its parent's own beginning", () => {
    const { study, trialOf } = pair();
    trialOf(2).inheritances.push({ ...source, parent: 1, parentInheritances: 1, step: 4 });
    expect(() => historyOf(study, 2)).toThrow("model 1 of trial 1 has no step 4, only 5 to 6");
  });
});

describe("the family tree", () => {
  it("has every copy, with what changed and when", () => {
    const { study, events, report, save, decide, copy } = population();
    report(0, 5);
    save(0, 5);
    report(2, 6);
    decide(2, 0, 0.08);
    copy(2);
    const first = events.length;
    report(1, 4);
    decide(1, 0, 0.12);
    copy(1);
    const second = events.length;
    report(2, 7);
    const copies = copiesOf(study, events);
    expect(
      copies.map(({ child, parent, at, step, value, time }) => [child, parent, at, step, value, time]),
    ).toEqual([
      [2, 0, 6, 5, 0, first],
      [1, 0, 4, 5, 0, second],
    ]);
    expect(
      copies.map(({ before, copied, params }) => [before, copied, params].map((each) => each["lr"])),
    ).toEqual([
      [0.30000000000000004, 0.1, 0.08],
      [0.2, 0.1, 0.12],
    ]);
    expect(copiesOf(study).map(({ child, time }) => [child, time])).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    expect(countCopies(study)).toBe(2);
    expect(evolvingParams(study)).toEqual(["lr"]);
  });

  it("knows the params with which each point of a curve was trained", () => {
    const { report, save, decide, copy, trialOf } = population();
    report(0, 5);
    save(0, 5);
    report(1, 4, 9);
    decide(1, 0, 0.08);
    copy(1);
    report(1, 6);
    // The points at 4 and 6 are left: 9 belonged to the model that was dropped.
    expect(trialOf(1).curve.steps).toEqual([4, 6]);
    expect([1, 4, 5, 6].map((step) => paramsTowards(trialOf(1), step)["lr"])).toEqual([0.2, 0.2, 0.2, 0.08]);
  });
});

describe("the value of a trial's present model", () => {
  it("is the copied model's until the trial reports again", () => {
    const { study, report, save, decide, copy, trialOf } = population();
    report(1, 5);
    save(1, 5);
    report(2, 5);
    expect(presentValue(trialOf(2), study.definition.goal)).toBe(20.05);
    decide(2, 1, 0.1);
    copy(2);
    expect(presentValue(trialOf(2), study.definition.goal)).toBe(10);
    report(2, 6);
    expect(presentValue(trialOf(2), study.definition.goal)).toBe(20.06);
  });
});

describe("the schedule that a study found", () => {
  it("has rates, switches and what stayed the same", () => {
    const { study, report, save, decide, copy } = population();
    report(0, 5, 10);
    save(0, 10);
    decide(1, 0, 0.08, { optimizer: "adam", shift: -0.5 });
    copy(1);
    report(1, 20);
    save(1, 20);
    decide(2, 1, 0.08, { optimizer: "sgd", momentum: 0.5, shift: -0.5 });
    copy(2);
    report(2, 30);
    expect(foundSchedule(study, 2)).toEqual({
      study: "written",
      trial: 2,
      goal: { metric: "loss", direction: "minimize" },
      value: 20.3,
      steps: 30,
      params: { batch: 32 },
      schedules: {
        lr: {
          piecewise: {
            changes: [
              { from: 0, rate: 0.1 },
              { from: 10, rate: 0.08 },
            ],
          },
          unit: "step",
        },
      },
      switches: {
        shift: [
          { from: 0, value: 0 },
          { from: 10, value: -0.5 },
        ],
        optimizer: [
          { from: 0, value: "sgd" },
          { from: 10, value: "adam" },
          { from: 20, value: "sgd" },
        ],
        momentum: [
          { from: 0, value: 0.9 },
          { from: 10, value: null },
          { from: 20, value: 0.5 },
        ],
      },
    });
  });

  it("says that a param was off at first", () => {
    const { study, report, save, decide, copy } = population({ optimizer: "adam" });
    report(0, 10);
    save(0, 10);
    decide(1, 0, 0.1, SGD);
    copy(1);
    report(1, 20);
    const { params, switches } = foundSchedule(study, 1);
    expect(params).toEqual({ lr: 0.1, shift: 0, batch: 32 });
    expect(switches).toEqual({
      optimizer: [
        { from: 0, value: "adam" },
        { from: 10, value: "sgd" },
      ],
      momentum: [
        { from: 0, value: null },
        { from: 10, value: 0.9 },
      ],
    });
  });

  it("is constant without inheritances, and for a trial that trained nothing", () => {
    const { study, report, params } = population();
    report(1, 3);
    expect(foundSchedule(study, 1)).toMatchObject({
      value: 10.03,
      steps: 3,
      params: params(0.2),
      schedules: {},
    });
    expect(foundSchedule(study, 0)).toMatchObject({
      value: null,
      steps: 0,
      params: params(0.1),
      switches: {},
    });
  });
});
