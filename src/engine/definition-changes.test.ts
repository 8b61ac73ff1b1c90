import { describe, expect, it } from "vitest";
import { CurvewiseError } from "../core/errors.js";
import { choice, fixed, float, int, ordinal } from "../core/param.js";
import type {
  AlgorithmModule,
  Budget,
  ProgramDefinition,
  StudyDefinition,
} from "../core/study-definition.js";
import { type AgreedChanges, changesOf } from "./definition-changes.js";

const module: AlgorithmModule = { specifier: "./mine.mjs", folder: "/study", digest: "a".repeat(64) };
const program: ProgramDefinition = {
  command: ["python3", "train.py"],
  shell: false,
  folder: "/study",
  env: {},
  metrics: { kind: "lines" },
  killAfter: 10,
};
const recorded: StudyDefinition = {
  name: "digits",
  goal: { metric: "loss", direction: "minimize" },
  space: { lr: float(0, 1) },
  constraints: [],
  maxSteps: 4,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 10, time: 60, totalSteps: 100 },
  seed: 1,
  retries: 1,
  timeout: 5,
  program,
};

const changes = (now: Partial<StudyDefinition>, agreed?: AgreedChanges, before = recorded) =>
  changesOf(before, { ...before, ...now }, agreed);

function refusal(now: Partial<StudyDefinition>, agreed?: AgreedChanges, before = recorded): CurvewiseError {
  try {
    changes(now, agreed, before);
  } catch (error) {
    if (error instanceof CurvewiseError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a study that is run again", () => {
  it("has nothing to record when its definition is the same, absent and undefined being one", () => {
    expect(changes({})).toBeUndefined();
    const { timeout: _timeout, program: _program, maxSteps: _steps, ...plain } = recorded;
    expect(
      changesOf(plain, { ...plain, space: { lr: { ...float(0, 1), step: undefined } } }),
    ).toBeUndefined();
  });

  it("records just the parts that may change", () => {
    expect(changes({ retries: 3 })).toEqual({ type: "study-changed", retries: 3 });
    expect(changes({ timeout: 7 })).toEqual({ type: "study-changed", timeout: 7 });
    const quick = { ...program, killAfter: 1 };
    expect(changes({ program: quick })).toEqual({ type: "study-changed", program: quick });
    const { timeout: _timeout, ...unlimited } = recorded;
    expect(changesOf(recorded, unlimited)).toEqual({ type: "study-changed", timeout: null });
    expect(changesOf(unlimited, recorded)).toEqual({ type: "study-changed", timeout: 5 });
  });

  it.each<[string, Partial<StudyDefinition>, string]>([
    ["goal", { goal: { metric: "loss", direction: "maximize" } }, 'goal.direction: "minimize"'],
    ["space", { space: { lr: float(0, 2) } }, "space.lr.high: 1"],
    ["seed", { seed: 2 }, "seed: 1"],
    ["maxSteps", { maxSteps: 5 }, "maxSteps: 4"],
    ["sampler", { sampler: { name: "grid", options: {} } }, 'sampler.name: "random"'],
    ["scheduler", { scheduler: { name: "asha", options: {} } }, 'scheduler.name: "none"'],
  ])("is refused another %s, and told what was recorded", (_part, now, line) => {
    const error = refusal(now, { extend: true, acceptChangedAlgorithm: true });
    expect(error).toMatchObject({ code: "STUDY_CHANGED", kind: "user" });
    expect(error.message).toContain(`  - ${line}\n`);
  });

  it("is shown what is new with a plus alone, what is gone with a minus alone, and lists as a whole", () => {
    const { message } = refusal({ space: { mu: float(0, 1) }, constraints: ["a < b"] });
    const lines = message.split("\n").slice(1);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}- space\.lr: \{/));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}\+ space\.mu: \{/));
    expect(lines.filter((line) => line.includes("constraints"))).toEqual([
      "  - constraints: []",
      '  + constraints: ["a < b"]',
    ]);
    expect(lines).toHaveLength(4);
  });

  it("is shown a value that was or is null like any other", () => {
    const choiceOf = (level: null | { readonly deep: number }) => ({
      sampler: { name: "random", options: { level } },
    });
    const before = { ...recorded, ...choiceOf({ deep: 1 }) };
    expect(refusal(choiceOf(null), {}, before).message).toContain(
      '  - sampler.options.level: {"deep":1}\n  + sampler.options.level: null',
    );
  });
});

describe("a budget", () => {
  const { budget } = recorded;

  it.each<[keyof Budget, Budget]>([
    ["trials", { ...budget, trials: 9 }],
    ["time", { ...budget, time: 59 }],
    ["totalSteps", { ...budget, totalSteps: 99 }],
  ])("never gets smaller in its %s, even with consent, nor where another limit grows", (limit, smaller) => {
    const error = refusal({ budget: smaller }, { extend: true });
    expect(error).toMatchObject({ code: "STUDY_CHANGED", kind: "user" });
    expect(error.message).toContain("cannot be reduced");
    expect(error.message).toContain(`- budget.${limit}: `);
    const mixed = { trials: 20, time: 99, totalSteps: 200, [limit]: smaller[limit] };
    expect(refusal({ budget: mixed }, { extend: true }).message).toContain("cannot be reduced");
  });

  it("does not let a study end after fewer trials without a better one, or at a target that is easier to reach", () => {
    const before = { ...recorded, budget: { noBetterFor: 20, target: 0.5 } };
    const agreed = { extend: true };
    for (const smaller of [
      { noBetterFor: 19, target: 0.5 },
      { noBetterFor: 20, target: 0.6 },
    ]) {
      expect(refusal({ budget: smaller }, agreed, before).message).toContain("cannot be reduced");
    }
    for (const larger of [
      { noBetterFor: 21, target: 0.5 },
      { noBetterFor: 20, target: 0.4 },
      { target: 0.5 },
    ]) {
      expect(refusal({ budget: larger }, {}, before).message).toContain("was changed");
      expect(changes({ budget: larger }, agreed, before)).toEqual({ type: "study-changed", budget: larger });
    }
    const maximized = { ...before, goal: { metric: "accuracy", direction: "maximize" } as const };
    expect(changes({ ...maximized, budget: { target: 0.6 } }, agreed, maximized)).toMatchObject({
      budget: { target: 0.6 },
    });
    expect(refusal({ ...maximized, budget: { target: 0.4 } }, agreed, maximized).message).toContain(
      "reduced",
    );
  });

  it("does not get a limit that it did not have", () => {
    const before = { ...recorded, budget: { trials: 10 } };
    const error = refusal({ budget: { trials: 10, time: 1e9 } }, { extend: true }, before);
    expect(error.message).toContain("cannot be reduced");
  });

  it("gets larger, or loses a limit, with consent alone", () => {
    for (const larger of [{ ...budget, trials: 11 }, { trials: 10, time: 60 }, {}]) {
      expect(refusal({ budget: larger }).message).toContain("was changed");
      expect(refusal({ budget: larger }, { extend: false }).hint).toContain("--extend");
      expect(changes({ budget: larger }, { extend: true })).toEqual({
        type: "study-changed",
        budget: larger,
      });
    }
  });

  it("stays the same under consent too", () => {
    expect(changes({}, { extend: true })).toBeUndefined();
  });
});

describe.each(["sampler", "scheduler"] as const)("the module of a %s", (kind) => {
  const choice = { name: "mine", options: { level: 1 } };
  const loaded = { ...recorded, [kind]: { ...choice, module } };
  const withModule = (now: AlgorithmModule | undefined): Partial<StudyDefinition> => ({
    [kind]: now === undefined ? choice : { ...choice, module: now },
  });
  const other = { ...module, digest: "b".repeat(64) };

  it("may be elsewhere as long as its code is the same", () => {
    const moved = { ...module, folder: "/moved" };
    expect(changes(withModule(moved), {}, loaded)).toEqual({
      type: "study-changed",
      modules: { [kind]: moved },
    });
    expect(changes(withModule(module), {}, loaded)).toBeUndefined();
  });

  it("may have other code with consent alone, and the refusal shows both", () => {
    const error = refusal(withModule(other), {}, loaded);
    expect(error).toMatchObject({ code: "ALGORITHM_CHANGED", kind: "user" });
    expect(error.message).toContain(`  - ./mine.mjs, SHA-256 ${"a".repeat(12)}...`);
    expect(error.message).toContain(`  + ./mine.mjs, SHA-256 ${"b".repeat(12)}...`);
    expect(error.hint).toContain("--accept-changed-algorithm");
    const agreed = { acceptChangedAlgorithm: true };
    expect(changes(withModule(other), agreed, loaded)).toEqual({
      type: "study-changed",
      modules: { [kind]: other },
    });
  });

  it("is recorded when it was not known before, and stays when a program does not tell it", () => {
    const unknown = { ...recorded, [kind]: choice };
    expect(changes(withModule(module), {}, unknown)).toEqual({
      type: "study-changed",
      modules: { [kind]: module },
    });
    expect(changes(withModule(undefined), {}, loaded)).toBeUndefined();
  });

  it("does not hide that the options changed", () => {
    const now = { [kind]: { name: "mine", options: { level: 2 }, module } };
    expect(refusal(now, { acceptChangedAlgorithm: true }, loaded).message).toContain(
      `${kind}.options.level: 1`,
    );
  });
});

describe("a change that the user agrees to", () => {
  const agreed = { change: true };

  it("records what differs, and is refused without", () => {
    const sampler = { name: "tpe", options: { startup: 3 } };
    const scheduler = { name: "asha", options: {}, module };
    const parts: readonly Partial<StudyDefinition>[] = [
      { space: { lr: float(0, 2) } },
      { constraints: ["lr > 0"] },
      { maxSteps: 8 },
      { sampler },
      { scheduler },
      { maxSteps: 9, sampler, budget: { trials: 11, time: 60, totalSteps: 100 } },
    ];
    for (const part of parts) {
      expect(changes(part, agreed)).toEqual({ type: "study-changed", ...part });
      const { code, hint } = refusal(part);
      expect(code).toBe("STUDY_CHANGED");
      expect(hint).toContain("--change");
    }
    expect(changes({}, agreed)).toBeUndefined();
  });

  it("cannot be the goal, the seed or replicates, nor a smaller budget", () => {
    for (const part of [
      { seed: 2 },
      { replicates: 3 },
      { goal: { metric: "accuracy", direction: "maximize" } as const },
    ]) {
      const { code, hint } = refusal({ ...part, maxSteps: 8 }, agreed);
      expect(code).toBe("STUDY_CHANGED");
      expect(hint).not.toContain("--change");
    }
    expect(refusal({ budget: { trials: 9 } }, agreed).message).toContain("cannot be reduced");
  });

  it("gives earlier trials the defaults of added params, those in conditions first", () => {
    const space = {
      slope: float(0, 1, { default: 0.1, when: { kind: "b" } }),
      lr: float(0, 1),
      kind: choice(["a", "b"], { default: "b" }),
      bias: fixed(3),
      noise: float(0, 1, { when: { kind: "a" } }),
    };
    const filled = changes({ space }, agreed)?.filled;
    expect(filled).toEqual({ kind: "b", slope: 0.1, bias: 3 });
    expect(Object.keys(filled ?? {}).slice(0, 2)).toEqual(["kind", "slope"]);
  });

  it.each<[string, Partial<StudyDefinition>, string]>([
    ["removes a param", { space: { other: fixed(1) } }, 'the param "lr" was removed'],
    ["adds one without a default", { space: { lr: float(0, 1), b: int(1, 2) } }, "not known which value"],
    ["makes a number a text", { space: { lr: choice(["low", "high"]) } }, "none of its values"],
    ["moves a number to where it never was", { space: { lr: int(2, 3) } }, "none of its values"],
    ["lowers maxSteps", { maxSteps: 3 }, "maxSteps was lowered"],
  ])("is refused if it %s", (_, part, message) => {
    const error = refusal(part, agreed);
    expect(error.code).toBe("STUDY_CHANGED");
    expect(error.message).toContain(message);
    expect(error.hint).toBeDefined();
  });

  it("is refused if it adds or removes maxSteps, or raises it where trials have replicates", () => {
    const { maxSteps: _steps, ...endless } = recorded;
    expect(refusal({ maxSteps: 8 }, agreed, endless).message).toContain("maxSteps was added");
    expect(() => changesOf(recorded, endless, agreed)).toThrow("maxSteps was removed");
    expect(refusal({ maxSteps: 8 }, agreed, { ...recorded, replicates: 2 }).message).toContain("replicates");
  });

  it("may be another kind of param that shares values", () => {
    for (const lr of [choice([0.5, 7]), fixed(1), int(1, 5), ordinal([0, 1])]) {
      const { kind } = lr;
      expect(changes({ space: { lr } }, agreed)).toMatchObject({ space: { lr: { kind } } });
      const back = { ...recorded, space: { lr } };
      expect(changes({ space: { lr: float(0, 1) } }, agreed, back)).toMatchObject({ type: "study-changed" });
    }
  });
});
