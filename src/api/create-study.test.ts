import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { choice, createStudy, fixed, float, list, median } from "./index.js";

const given = { name: "s", goal: { minimize: "loss" }, space: { x: float(0, 1) } } as const;

/** Calls it as a JavaScript program would, without type checks. */
function callWith(options: unknown): unknown {
  return Reflect.apply(createStudy, undefined, [options]);
}

describe("createStudy, called without types", () => {
  it.each<[string, unknown, string, RegExp]>([
    ["nothing", undefined, "needs an object of options", /createStudy\(\{ name/],
    ["no name", { ...given, name: undefined }, "name is missing", /name: /],
    ["an empty name", { ...given, name: "" }, "name must not be empty", /name: /],
    ["a mistyped option", { ...given, maxStep: 30 }, '"maxStep" is not an option', /Did you mean "maxSteps"/],
    ["no goal", { ...given, goal: undefined }, "goal is missing", /goal: /],
    ["a goal as text", { ...given, goal: "loss" }, "goal must be an object", /goal: /],
    [
      "two goals",
      { ...given, goal: { minimize: "a", maximize: "b" } },
      "goal must name one metric",
      /goal: /,
    ],
    [
      "a mistyped goal",
      { ...given, goal: { minimise: "a" } },
      '"goal.minimise" is not an option',
      /minimize/,
    ],
    ["an unknown scheduler", { ...given, scheduler: "asho" }, 'no scheduler "asho"', /Did you mean "asha"/],
    ["an unknown sampler", { ...given, sampler: "zzzzzzzz" }, 'no sampler "zzzzzzzz"', /random/],
    ["a definition that was not called", { ...given, sampler: 3 }, "sampler must be a name", /createStudy/],
    ["something else as storage", { ...given, storage: 7 }, "storage must be a location", /createStudy/],
    ["a list of options", [given], "needs an object of options", /createStudy/],
    [
      "a name that leads out of a folder",
      { ...given, name: "../x" },
      "name must be at most 128 letters",
      /name: /,
    ],
    ["the folder above as a name", { ...given, name: ".." }, "name must be at most 128 letters", /name: /],
    [
      "a value as a param",
      { ...given, space: { x: 3 } },
      "space.x must be what a call such as float",
      /space: /,
    ],
    [
      "a param as study.yaml has it",
      { ...given, space: { x: { float: [0, 1] } } },
      "space.x must be what a call such as float",
      /space: /,
    ],
    [
      "a goal and several goals",
      { ...given, goals: [{ minimize: "a" }, { minimize: "b" }] },
      "a study has either goal or goals",
      /remove goal/,
    ],
    ["no goal", { ...given, goal: undefined }, "goal is missing", /createStudy/],
    [
      "one of several goals alone",
      { ...given, goal: undefined, goals: [{ minimize: "a" }] },
      "goals must have at least two goals",
      /createStudy/,
    ],
    [
      "a list of goals as the goal",
      { ...given, goal: [{ minimize: "a" }, { minimize: "b" }] },
      "goal is one goal; several are given as goals: [{",
      /createStudy/,
    ],
    [
      "one goal as several",
      { ...given, goal: undefined, goals: { minimize: "a" } },
      "one goal is given as goal",
      /createStudy/,
    ],
    [
      "an unknown rule across replicates",
      { ...given, replicates: 3, goal: { minimize: "loss", across: "middle" } },
      'goal.across must be "mean" or "median" or "worst"',
      /createStudy/,
    ],
    ["a fraction of steps", { ...given, maxSteps: 1.5 }, "maxSteps must be a whole number", /createStudy/],
  ])("refuses %s", (_, options, message, hint) => {
    expect(() => callWith(options)).toThrow(
      expect.objectContaining({
        code: "STUDY_INVALID",
        message: expect.stringContaining(message),
        hint: expect.stringMatching(hint),
      }),
    );
  });

  it("refuses a rule as study.yaml has it, which would be the limit of a metric", () => {
    expect(() => callWith({ ...given, constraints: { low: "x < 1" } })).toThrow(
      expect.objectContaining({
        code: "GOAL_INVALID",
        message: 'the constraint on metric "low" is "x < 1"',
        hint: expect.stringContaining("a function in TypeScript"),
      }),
    );
  });

  it("refuses runs that it cannot make", async () => {
    const study = createStudy(given);
    const run = async (...all: readonly unknown[]): Promise<unknown> => Reflect.apply(study.run, study, all);
    await expect(run("train.js", { trials: 1 })).rejects.toMatchObject({ code: "STUDY_INVALID" });
    await expect(run(() => 1, { maxTrials: 1 })).rejects.toMatchObject({
      message: 'the options of the run: "maxTrials" is not an option',
      hint: expect.stringContaining("trials"),
    });
    await expect(run(() => 1, { workers: 1e9 })).rejects.toMatchObject({
      message: "the options of the run: workers must be at most 100000",
    });
    await expect(run(() => 1, { trials: 0 })).rejects.toMatchObject({
      message: "the options of the run: trials must be at least 1",
    });
  });
});

describe("createStudy", () => {
  it("says what counts across replicates", async () => {
    const study = createStudy({
      ...given,
      goal: { minimize: "loss", across: "worst" },
      replicates: 3,
      sampler: list({ trials: [{ x: 0.5 }] }),
    });
    let trainings = 0;
    const best = await study.run(() => [4, 9, 2][trainings++], { trials: 1 });
    expect(best.value).toBe(9);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["throws", () => JSON.parse("{"), /^the constraint "odd" threw for {"x":0\.\d+}: /],
    ["promises", async () => false, /^the constraint "odd" returns a promise$/],
  ])("names a constraint that %s", async (_, holds, message) => {
    // As a program in JavaScript may write it.
    const constraints: Record<string, () => boolean> = {};
    Reflect.set(constraints, "odd", holds);
    const study = createStudy({ ...given, constraints });
    await expect(study.run(() => 1, { trials: 1 })).rejects.toMatchObject({
      code: "CONSTRAINT_FAILED",
      message: expect.stringMatching(message),
    });
  });

  it("tells trainings that diverged from none that ended", async () => {
    const run = createStudy(given).run(() => Number.NaN, { trials: 2 });
    await expect(run).rejects.toMatchObject({
      code: "NO_COMPLETE_TRIAL",
      message: 'no trial of study "s" has a finite loss: all that were trained to the end (2) diverged',
    });
  });
});

describe("createStudy, with names and locations", () => {
  it("opens the database that it names for as long as it needs it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "create-study-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const storage = join(folder, "x.db");
    const make = () =>
      createStudy({ ...given, storage, folder, sampler: "random", scheduler: "lcm", maxSteps: 4 });
    const best = await make().run(
      async (trial) => {
        for (let step = 1; step <= 4; step++) {
          if ((await trial.report(step, { loss: trial.params.x })) !== "continue") return;
        }
      },
      { trials: 5 },
    );
    expect(existsSync(storage)).toBe(true);
    expect(await make().best()).toEqual(best);
    expect((await make().read()).trials).toHaveLength(5);
    const session = await make().open({ trials: 6 });
    const asked = await session.ask();
    await asked?.report(4, { loss: -1 });
    await asked?.complete();
    await session.close();
    expect((await make().best())?.value).toBe(-1);
    const [shadow] = await make().shadows("asha");
    expect(shadow?.scheduler.name).toBe("asha");
  });

  it("keeps a study in memory between its calls", async () => {
    const study = createStudy({ ...given, storage: "memory:" });
    await study.run(({ params }) => params.x, { trials: 3 });
    expect((await study.read()).trials).toHaveLength(3);
  });
});

describe("a training that returns a number", () => {
  it("has reported it, at its last step", async () => {
    const study = createStudy({ ...given, maxSteps: 7 });
    const best = await study.run(({ params }) => params.x, { trials: 3 });
    expect(best.value).toBe(best.params.x);
    expect((await study.read()).trials.map(({ curve }) => curve.steps)).toEqual([[7], [7], [7]]);
  });

  it("has not, if it reported something itself", async () => {
    const study = createStudy(given);
    const train = async (trial: { report(step: number, metrics: { loss: number }): Promise<unknown> }) => {
      await trial.report(1, { loss: 5 });
      return 1;
    };
    expect((await study.run(train, { trials: 1 })).value).toBe(5);
  });

  it("is told how to report if it did neither", async () => {
    const study = createStudy(given);
    await expect(study.run(() => {}, { trials: 3 })).rejects.toMatchObject({
      code: "TRIALS_FAILING",
      hint: expect.stringContaining('trial.report(step, {"loss":0.5})'),
    });
  });
});

describe("null, lists and mappings as values", () => {
  it("come to the function as what they are, with their types, whoever proposes them", async () => {
    const space = {
      layers: choice([null, [64, 64], [32]]),
      optimizer: fixed({ name: "adam", betas: [0.9, 0.99] }),
    } as const;
    const seen: unknown[] = [];
    const trials = [{ layers: null }, { layers: [64, 64] }, { layers: [32] }];
    const study = createStudy({
      ...given,
      space,
      maxSteps: 2,
      sampler: list({ trials }),
      scheduler: median({ startup: 1 }),
      enqueue: [{ layers: [32] }],
    });
    const best = await study.run(
      async ({ params, report }) => {
        const layers: readonly [64, 64] | readonly [32] | null = params.layers;
        seen.push(layers);
        await report(1, { loss: layers?.length ?? 9 });
        await report(2, { loss: layers?.length ?? 9 });
      },
      { trials: 4, workers: 1 },
    );
    expect(seen).toEqual([[32], null, [64, 64], [32]]);
    expect(best.params).toEqual({ layers: [32], optimizer: { name: "adam", betas: [0.9, 0.99] } });
    expect(() => Reflect.apply(Array.prototype.push, best.params.layers, [1])).toThrow(TypeError);
  });
});
