import { describe, expect, it } from "vitest";
import { createRandom } from "../math/random.js";
import { callAlgorithm, shownValue, wrongAnswer } from "./algorithm-fault.js";
import { checkedSamplerChoice } from "./checked-sampler.js";
import { checkedSchedulerChoice } from "./checked-scheduler.js";
import { CurvewiseError } from "./errors.js";
import type { StudyEvent } from "./events.js";
import { forgetComplete } from "./forgetting.js";
import { float } from "./param.js";
import type { SamplerChoice } from "./sampler.js";
import type { SchedulerChoice } from "./scheduler.js";
import { createSearchSpace } from "./search-space.js";
import { applyEvent } from "./study-fold.js";
import { studyRecord } from "./study-record.js";

const space = createSearchSpace({ lr: float(0, 1) });
const goal = { metric: "loss", direction: "minimize" } as const;
const setup = { space, goal, maxSteps: 9, seed: 1 };
const study = studyRecord(
  {
    name: "s",
    goal,
    space: space.params,
    constraints: [],
    sampler: { name: "mine", options: {} },
    scheduler: { name: "mine", options: {} },
    budget: {},
    seed: 1,
    retries: 0,
  },
  0,
);
const event: StudyEvent = { type: "note", code: "N", message: "n", time: 0 };
const random = createRandom(1, 0, 0);

const module = { specifier: "./mine.mjs", folder: "/", digest: "ab" };
const failing = (message: string) =>
  expect.objectContaining({
    code: "ALGORITHM_FAILED",
    kind: "failure",
    message: expect.stringContaining(message),
  });
const boom = (): never => {
  throw new Error("boom");
};

describe("a fault of an algorithm", () => {
  it("names it, where it comes from, and the method", () => {
    const culprit = { kind: "sampler", name: "mine" } as const;
    expect(wrongAnswer(culprit, "ask", "it said no").message).toBe("sampler mine, in `ask`: it said no");
    expect(wrongAnswer({ ...culprit, module }, "ask", "no").message).toBe(
      "sampler mine (./mine.mjs), in `ask`: no",
    );
    const { hint } = wrongAnswer(culprit, "ask", "no");
    expect(hint).toMatch(/^Fix its code/);
    expect(wrongAnswer(culprit, "ask", "no", "It must say yes.").hint).toBe(`It must say yes. ${hint}`);
    expect(hint).not.toContain("--accept-changed-algorithm");
    expect(wrongAnswer({ ...culprit, module }, "ask", "no").hint).toContain("--accept-changed-algorithm");
  });

  it("that was thrown is kept as the cause, unless it is an error for people", () => {
    const culprit = { kind: "scheduler", name: "mine" } as const;
    expect(callAlgorithm(culprit, "decide", () => 7)).toBe(7);
    const cause = new Error("boom");
    const call = (thrown: unknown) => () =>
      callAlgorithm(culprit, "decide", () => {
        throw thrown;
      });
    expect(call(cause)).toThrow(
      expect.objectContaining({ cause, message: "scheduler mine threw in `decide`: boom" }),
    );
    expect(call("a text")).toThrow("scheduler mine threw in `decide`: a text");
    const own = new CurvewiseError("SPACE_UNSATISFIABLE", "no params");
    expect(call(own)).toThrow(own);
  });

  it.each<[unknown, string]>([
    [undefined, "nothing"],
    [Promise.resolve(), "a promise, but it must answer synchronously"],
    [Number.NaN, "NaN"],
    [1.5, "1.5"],
    [null, "null"],
    ["text", '"text"'],
    [{ a: 1 }, '{"a":1}'],
    [boom, "a function"],
    [Symbol("s"), "a symbol"],
    [1n, "a bigint"],
    [{ a: 1n }, "an object that is not plain data"],
    ["x".repeat(198), `"${"x".repeat(198)}"`],
    ["x".repeat(199), `"${"x".repeat(199)}...`],
  ])("shows an answer in a few words (%#)", (value, text) => {
    expect(shownValue(value)).toBe(text);
  });
});

describe("a sampler that is checked", () => {
  const made = (parts: object): SamplerChoice => ({
    name: "mine",
    options: {},
    create: () => Object.assign({ ask: () => ({ lr: 0.5 }) }, parts),
  });

  it("says what it is and wants, if it says so, and is told everything", () => {
    const heard: string[] = [];
    const parts = {
      size: 3,
      transfer: { studies: ["a"] },
      restore: () => void heard.push("restored"),
      observe: ({ type }: StudyEvent) => void heard.push(type),
    };
    const sampler = checkedSamplerChoice(made(parts)).create(setup);
    sampler.restore?.(study);
    sampler.observe?.(event, study);
    expect(heard).toEqual(["restored", "note"]);
    expect(sampler).toMatchObject({ size: 3, transfer: { studies: ["a"] } });
    const plain = checkedSamplerChoice(made({})).create(setup);
    expect(["size" in plain, "transfer" in plain]).toEqual([false, false]);
    plain.restore?.(study);
    plain.observe?.(event, study);
    expect(plain.ask(0, random, study)).toEqual({ lr: 0.5 });
  });

  it("is named whichever of its methods throws", () => {
    const sampler = checkedSamplerChoice(made({ restore: boom, observe: boom, ask: boom })).create(setup);
    expect(() => sampler.restore?.(study)).toThrow(failing("sampler mine threw in `restore`: boom"));
    expect(() => sampler.observe?.(event, study)).toThrow(failing("threw in `observe`: boom"));
    expect(() => sampler.ask(0, random, study)).toThrow(failing("threw in `ask`: boom"));
    const unmade: SamplerChoice = { name: "mine", options: {}, create: boom };
    expect(() => checkedSamplerChoice(unmade).create(setup)).toThrow(failing("threw in `create`: boom"));
  });

  it.each([null, undefined, 7, {}, { ask: 7 }])("is refused where %j was made", (answer) => {
    const choice = Object.assign(made({}), { create: () => answer });
    expect(() => checkedSamplerChoice(choice).create(setup)).toThrow(failing("in `create`: it made"));
  });
});

describe("a scheduler that is checked", () => {
  const made = (parts: object): SchedulerChoice => ({
    name: "mine",
    options: {},
    create: () =>
      Object.assign(
        { restore: () => {}, observe: () => {}, decide: () => ({ action: "continue" as const }) },
        parts,
      ),
  });
  const explanation = { rule: "r", reason: "because", values: {} };
  const snapshot = { step: 1, path: "p", digest: "d" };
  const begun = (number: number): StudyEvent[] => [
    { type: "trial-asked", trial: number, params: { lr: 0.5 }, seed: 1, sampler: "mine", time: 0 },
    { type: "attempt-started", trial: number, attempt: 1, worker: "w", fromStep: 0, time: 0 },
    { type: "reported", trial: number, attempt: 1, step: 1, metrics: { loss: 1 }, time: 0 },
  ];
  const running = studyRecord(study.definition, 0);
  for (const each of [...begun(0), ...begun(1)]) applyEvent(running, each);
  applyEvent(running, { type: "paused", trial: 1, attempt: 1, time: 0 });
  const [trial] = running.trials;
  if (trial === undefined) throw new Error("there is no trial");

  it("says what it is and wants, if it says so, and is told everything", () => {
    const heard: string[] = [];
    const scheduler = checkedSchedulerChoice(
      made({
        transfer: { studies: ["a"] },
        restore: () => void heard.push("restored"),
        observe: ({ type }: StudyEvent) => void heard.push(type),
        resume: (_: unknown, isEnding?: boolean) => void heard.push(`resume ${isEnding}`),
      }),
    ).create(setup);
    scheduler.restore(study);
    scheduler.observe(event, study);
    expect(scheduler.resume?.(study, true)).toBeUndefined();
    expect(heard).toEqual(["restored", "note", "resume true"]);
    expect(scheduler.transfer).toEqual({ studies: ["a"] });
    const plain = checkedSchedulerChoice(made({})).create(setup);
    expect(Object.keys(plain).toSorted()).toEqual(["decide", "observe", "restore"]);
  });

  it("is named whichever of its methods throws", () => {
    const parts = { restore: boom, observe: boom, decide: boom, resume: boom };
    const scheduler = checkedSchedulerChoice(made(parts)).create(setup);
    expect(() => scheduler.restore(study)).toThrow(failing("scheduler mine threw in `restore`: boom"));
    expect(() => scheduler.observe(event, study)).toThrow(failing("threw in `observe`: boom"));
    expect(() => scheduler.decide(trial, 1, running)).toThrow(failing("threw in `decide`: boom"));
    expect(() => scheduler.resume?.(study)).toThrow(failing("threw in `resume`: boom"));
    const unmade: SchedulerChoice = { name: "mine", options: {}, create: boom };
    expect(() => checkedSchedulerChoice(unmade).create(setup)).toThrow(failing("threw in `create`: boom"));
  });

  it.each([null, undefined, 7, {}, { restore: boom, observe: boom }, { restore: 1, observe: 1, decide: 1 }])(
    "is refused where %j was made",
    (answer) => {
      const choice = Object.assign(made({}), { create: () => answer });
      expect(() => checkedSchedulerChoice(choice).create(setup)).toThrow(failing("in `create`: it made"));
    },
  );

  it.each<[string, object]>([
    ["a rule without a name", { action: "stop", explanation: { ...explanation, rule: "" } }],
    ["a reason without a word", { action: "stop", explanation: { ...explanation, reason: "" } }],
    [
      "a neighbour that is not a trial",
      { action: "stop", explanation: { ...explanation, neighbours: [{ trial: -1, distance: 1 }] } },
    ],
    ["a pause without an explanation", { action: "pause" }],
    [
      "a model without a step",
      {
        action: "exploit",
        explanation,
        exploit: { parent: 0, snapshot: { ...snapshot, step: 0 }, value: 1, params: { lr: 1 } },
      },
    ],
    [
      "a model of a trial below zero",
      { action: "exploit", explanation, exploit: { parent: -1, snapshot, value: 1, params: { lr: 1 } } },
    ],
    [
      "a model without a value",
      {
        action: "exploit",
        explanation,
        exploit: { parent: 0, snapshot, value: Number.NaN, params: { lr: 1 } },
      },
    ],
    [
      "params that are not values",
      {
        action: "exploit",
        explanation,
        exploit: { parent: 0, snapshot, value: 1, params: { lr: Number.NaN } },
      },
    ],
    ["more than it was asked", { action: "continue", exploit: {} }],
  ])("does not decide with %s", (_what, answer) => {
    const scheduler = checkedSchedulerChoice(made({ decide: () => answer })).create(setup);
    expect(() => scheduler.decide(trial, 1, running)).toThrow(failing("it answered trial 0 at step 1 with"));
  });

  it("gives models of the last trial that there is, and checks params where the space is known", () => {
    const exploit = (parent: number, lr: number) => ({
      action: "exploit",
      explanation,
      exploit: { parent, snapshot, value: 1, params: { lr }, waits: true },
    });
    const decide = (answer: object, given: Parameters<SchedulerChoice["create"]>[0] = setup) =>
      checkedSchedulerChoice(made({ decide: () => answer }))
        .create(given)
        .decide(trial, 1, running);
    expect(decide(exploit(1, 0.5))).toEqual(exploit(1, 0.5));
    expect(() => decide(exploit(2, 9))).toThrow(
      failing('it lets a trial go on with trial 2\'s model: there is no trial 2; "lr" cannot be 9'),
    );
    const { space: _space, ...unknown } = setup;
    expect(decide(exploit(1, 9), unknown)).toEqual(exploit(1, 9));
    const resuming = made({ resume: () => ({ trial: 1, explanation, exploit: exploit(1, 9).exploit }) });
    expect(() => checkedSchedulerChoice(resuming).create(setup).resume?.(running)).toThrow(
      failing("in `resume`: it lets a trial go on with trial 1's model"),
    );
  });

  it("resumes no trial that was forgotten, since that is complete", () => {
    const forgetful = studyRecord(study.definition, 0);
    for (const each of [...begun(0), ...begun(1)]) applyEvent(forgetful, each);
    for (const number of [0, 1]) {
      applyEvent(forgetful, { type: "finished", trial: number, attempt: 1, state: "complete", time: 0 });
    }
    forgetComplete(forgetful, 0);
    expect(forgetful.trials[1]).toBeUndefined();
    const scheduler = checkedSchedulerChoice(made({ resume: () => ({ trial: 1, explanation }) })).create(
      setup,
    );
    expect(() => scheduler.resume?.(forgetful)).toThrow(failing("it resumed trial 1, which is complete"));
  });
});
