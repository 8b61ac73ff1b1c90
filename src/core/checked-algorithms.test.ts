import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createRandom, PURPOSE } from "../math/random.js";
import { checkedSamplerChoice } from "./checked-sampler.js";
import { checkedSchedulerChoice } from "./checked-scheduler.js";
import { defineSampler, defineScheduler } from "./define.js";
import { sampleParams } from "./draw/sample-params.js";
import { CurvewiseError } from "./errors.js";
import { choice, float, type Params } from "./param.js";
import type { Sampler, SamplerChoice } from "./sampler.js";
import type { Scheduler, SchedulerChoice } from "./scheduler.js";
import { createSearchSpace } from "./search-space.js";
import { applyEvent } from "./study-fold.js";
import { type StudyRecord, studyRecord } from "./study-record.js";

const goal = { metric: "loss", direction: "minimize" } as const;
const space = createSearchSpace({ rate: float(0, 1), optimizer: choice(["sgd", "adam"]) }, [
  { name: "rate < 0.9", holds: ({ rate }) => Number(rate) < 0.9 },
]);
const setup = { goal, maxSteps: 9, seed: 1, space };
const module = { specifier: "./mine.mjs", folder: "/somewhere", digest: "00" };

/** A study with the trial 0 running, 1 paused and 2 failed. */
function study(): StudyRecord {
  const record = studyRecord(
    {
      name: "checked",
      goal,
      space: space.params,
      constraints: ["rate < 0.9"],
      sampler: { name: "mine", options: {} },
      scheduler: { name: "mine", options: {} },
      budget: {},
      seed: 1,
      retries: 0,
    },
    0,
  );
  for (const trial of [0, 1, 2]) {
    const params = { rate: 0.5, optimizer: "sgd" };
    applyEvent(record, { type: "trial-asked", trial, params, seed: 1, sampler: "mine", time: 1 });
    applyEvent(record, { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0, time: 1 });
  }
  applyEvent(record, { type: "paused", trial: 1, attempt: 1, time: 1 });
  const error = { code: "PROGRAM_FAILED", message: "exit code 1" };
  applyEvent(record, { type: "failed", trial: 2, attempt: 1, error, output: [], retry: false, time: 1 });
  return record;
}

/** What is thrown, as text. */
function fault(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CurvewiseError) return `${error.code}: ${error.message} [${error.hint ?? ""}]`;
    throw error;
  }
  return "nothing";
}

describe("a checked sampler", () => {
  // JavaScript code can answer with anything.
  const answering = (answer: unknown): SamplerChoice => ({
    name: "mine",
    module,
    options: {},
    create: () => {
      const sampler: Sampler = { ask: () => ({}) };
      return Object.assign(sampler, { ask: () => answer });
    },
  });
  const ask = (choice: SamplerChoice, candidates?: readonly Params[]) =>
    checkedSamplerChoice(choice)
      .create({ ...setup, ...(candidates === undefined ? {} : { candidates }) })
      .ask(7, createRandom(1, 7, PURPOSE.params), study());

  it.each([
    [[0.5, "sgd"], 'it proposed [0.5,"sgd"] for trial 7'],
    [null, "it proposed null for trial 7"],
    ["rate=0.5", 'it proposed "rate=0.5" for trial 7'],
    [{ rate: 0.5, optimizer: null }, 'it proposed {"rate":0.5,"optimizer":null} for trial 7'],
    [{ rate: Number.NaN, optimizer: "sgd" }, '"rate" cannot be null'],
    [{ rate: 0.5 }, '"optimizer" is missing'],
    [{ rate: 0.5, optimizer: "sgd", more: 1 }, '"more" is not in the search space'],
    [{ rate: 0.95, optimizer: "sgd" }, "the constraint rate < 0.9 does not hold"],
    [Promise.resolve({}), "it proposed a promise, but it must answer synchronously"],
  ])("refuses %s", (answer, message) => {
    const told = fault(() => ask(answering(answer)));
    expect(told).toContain("ALGORITHM_FAILED: sampler mine (./mine.mjs), in `ask`: ");
    expect(told).toContain(message);
  });

  it("passes valid proposals on, and protects them from later changes", () => {
    const params = { rate: 0.5, optimizer: "sgd" };
    const answer = ask(answering(params));
    params.rate = 7;
    expect(answer).toEqual({ rate: 0.5, optimizer: "sgd" });
    expect(ask(answering(undefined))).toBeUndefined();
  });

  it("passes on the candidate object itself, which identifies it", () => {
    const candidate = { rate: 0.95, optimizer: "sgd" };
    expect(ask(answering(candidate), [candidate])).toBe(candidate);
  });

  it("keeps what it says that it will do, if it is text", () => {
    const plan = (value: unknown) =>
      checkedSamplerChoice({
        ...answering({}),
        create: () => {
          const sampler: Sampler = { ask: () => ({}) };
          Reflect.set(sampler, "plan", value);
          return sampler;
        },
      }).create(setup).plan;
    expect(plan("goes along the edges")).toBe("goes along the edges");
    expect([plan(undefined), plan(7)]).toEqual([undefined, undefined]);
  });

  it("says who threw, and leaves deliberate errors as they are", () => {
    const throwing = (error: Error): SamplerChoice => ({
      name: "mine",
      options: {},
      create: () => ({
        ask: () => {
          throw error;
        },
      }),
    });
    expect(fault(() => ask(throwing(new TypeError("x is not a function"))))).toContain(
      "ALGORITHM_FAILED: sampler mine threw in `ask`: x is not a function",
    );
    expect(fault(() => ask(throwing(new CurvewiseError("SPACE_UNSATISFIABLE", "no params"))))).toMatch(
      /^SPACE_UNSATISFIABLE: no params/,
    );
  });

  it("may be an instance of a class", () => {
    class Counting {
      #asked = 0;
      readonly size = 2;
      ask(): Params | undefined {
        this.#asked += 1;
        return this.#asked > this.size ? undefined : { rate: this.#asked / 10, optimizer: "adam" };
      }
    }
    const counting = defineSampler({
      name: "counting",
      summary: "Counts.",
      options: z.strictObject({}),
      create: () => new Counting(),
    });
    const sampler = checkedSamplerChoice(counting()).create(setup);
    const rates = [0, 1, 2].map((trial) => sampler.ask(trial, createRandom(1, trial, 0), study())?.["rate"]);
    expect(rates).toEqual([0.1, 0.2, undefined]);
    expect(sampler.size).toBe(2);
  });

  it("must be one", () => {
    const made: SamplerChoice = { ...answering({}), create: () => JSON.parse("{}") };
    expect(fault(() => checkedSamplerChoice(made).create(setup))).toContain(
      "in `create`: it made an object without `ask`",
    );
  });
});

describe("a checked scheduler", () => {
  const explanation = { rule: "mine", reason: "It is so.", values: { loss: Number.NaN } };
  const parts = (methods: object): SchedulerChoice => ({
    name: "mine",
    module,
    options: {},
    create: () => {
      const scheduler: Scheduler = {
        restore: () => {},
        observe: () => {},
        decide: () => ({ action: "continue" }),
      };
      return Object.assign(scheduler, methods);
    },
  });
  const decide = (answer: unknown) => {
    const record = study();
    const [trial] = record.trials;
    if (trial === undefined) throw new Error("no trial");
    return checkedSchedulerChoice(parts({ decide: () => answer }))
      .create(setup)
      .decide(trial, 3, record);
  };
  const resume = (answer: unknown) =>
    checkedSchedulerChoice(parts({ resume: () => answer }))
      .create(setup)
      .resume?.(study());
  const exploit = {
    parent: 1,
    snapshot: { step: 2, path: "trial-1/s", digest: "00" },
    value: 0.5,
    params: { rate: 0.1, optimizer: "adam" },
  };

  it.each([
    [{ action: "continue" }],
    [{ action: "continue", explanation }],
    [{ action: "pause", explanation: { ...explanation, steps: [1, 2] } }],
    [
      {
        action: "stop",
        explanation: { ...explanation, neighbours: [{ trial: 1, distance: 0, performance: 1 }] },
      },
    ],
    [{ action: "exploit", explanation, exploit }],
  ])("gives %j", (decision) => {
    expect(decide(decision)).toEqual(decision);
  });

  it.each([
    [undefined, "it answered trial 0 at step 3 with nothing"],
    ["stop", 'it answered trial 0 at step 3 with "stop"'],
    [{ action: "halt" }, "action: "],
    [{ action: "stop" }, "explanation: "],
    [{ action: "stop", explanation: { ...explanation, reason: undefined } }, "explanation.reason: "],
    [
      { action: "stop", explanation: { ...explanation, values: { loss: "low" } } },
      "explanation.values.loss: ",
    ],
    [{ action: "stop", explanation: { ...explanation, figure: 1 } }, 'Unrecognized key: "figure"'],
    [{ action: "continue", because: "so" }, 'Unrecognized key: "because"'],
    [{ action: "exploit", explanation, exploit: { ...exploit, parent: 9 } }, "there is no trial 9"],
    [
      { action: "exploit", explanation, exploit: { ...exploit, params: { rate: 3, optimizer: "adam" } } },
      '"rate" cannot be 3',
    ],
    [Promise.resolve({ action: "continue" }), "a promise, but it must answer synchronously"],
  ])("refuses %j", (answer, message) => {
    const told = fault(() => decide(answer));
    expect(told).toContain("ALGORITHM_FAILED: scheduler mine (./mine.mjs), in `decide`: ");
    expect(told).toContain(message);
    expect(told).toContain("nothing recorded is lost");
  });

  it("keeps what it says that it will do, if it is text", () => {
    const plan = (value: unknown) => checkedSchedulerChoice(parts({ plan: value })).create(setup).plan;
    expect(plan("stops the lower half")).toBe("stops the lower half");
    expect([plan(undefined), plan(7)]).toEqual([undefined, undefined]);
  });

  it("lets paused trials go on, and failed ones too with another trial's model", () => {
    expect(resume(undefined)).toBeUndefined();
    expect(resume({ trial: 1, explanation })).toEqual({ trial: 1, explanation });
    expect(resume({ trial: 2, explanation, exploit })).toEqual({ trial: 2, explanation, exploit });
  });

  it.each([
    [{ trial: 0, explanation }, "it resumed trial 0, which is running"],
    [{ trial: 2, explanation }, "it resumed trial 2, which is failed"],
    [{ trial: 3, explanation }, "it resumed trial 3, which does not exist"],
    [{ trial: 1 }, "explanation: "],
    [1, "it answered with 1"],
  ])("does not resume by %j", (answer, message) => {
    expect(fault(() => resume(answer))).toContain(message);
  });

  it("never pauses if it has no `resume`, and keeps its other properties", () => {
    const plain = checkedSchedulerChoice(parts({ population: 4, snapshotEvery: 2 })).create(setup);
    expect(plain.resume).toBeUndefined();
    expect(plain).toMatchObject({ population: 4, snapshotEvery: 2 });
  });

  it("must have its methods", () => {
    const lacking = parts({ observe: undefined });
    expect(fault(() => checkedSchedulerChoice(lacking).create(setup))).toContain("restore, observe, decide");
  });

  it("says who threw", () => {
    const throwing = defineScheduler({
      name: "throwing",
      summary: "Throws.",
      options: z.strictObject({}),
      create: () => ({
        restore: () => {
          throw new Error("boom");
        },
        observe: () => {},
        decide: () => ({ action: "continue" }),
      }),
    });
    const scheduler = checkedSchedulerChoice(throwing()).create(setup);
    expect(fault(() => scheduler.restore(study()))).toContain("scheduler throwing threw in `restore`: boom");
  });
});

describe("a sampler that draws", () => {
  it("passes the checks, whatever it draws", () => {
    const drawing = checkedSamplerChoice({
      name: "drawing",
      options: {},
      create: (given) => ({ ask: (_trial, random) => sampleParams(given.space, random) }),
    }).create(setup);
    for (let trial = 0; trial < 200; trial++) {
      expect(drawing.ask(trial, createRandom(1, trial, PURPOSE.params), study())).toBeDefined();
    }
  });
});

describe("an algorithm that makes mistakes of JavaScript", () => {
  const options = z.strictObject({});
  const later = async (): Promise<void> => {
    throw new Error("too late");
  };
  const samplerOf = (make: () => object): Sampler => {
    const made = defineSampler({ name: "mine", summary: "Mine.", options, create: () => Object(make()) });
    return checkedSamplerChoice({ ...made(), module }).create({
      ...setup,
      space: createSearchSpace({ rate: float(0, 1, { default: 0.5 }) }, []),
    });
  };
  const schedulerOf = (make: () => object): Scheduler => {
    const made = defineScheduler({ name: "mine", summary: "Mine.", options, create: () => Object(make()) });
    return checkedSchedulerChoice({ ...made(), module }).create(setup);
  };
  const methods = { restore: () => {}, observe: () => {}, decide: () => ({ action: "continue" }) };
  const event = { type: "retried", trial: 2, time: 1 } as const;

  it("is told that observe and restore answer at once", async () => {
    const promise =
      /^ALGORITHM_FAILED: (sampler|scheduler) mine \(\.\/mine\.mjs\), in `(observe|restore)`: it answered with a promise/;
    const ask = (): Params => ({ rate: 0.25 });
    const sampler = samplerOf(() => ({ ask, observe: later, restore: later }));
    expect(fault(() => sampler.observe?.(event, study()))).toMatch(promise);
    expect(fault(() => sampler.restore?.(study()))).toMatch(promise);
    const scheduler = schedulerOf(() => ({ ...methods, observe: later, restore: later }));
    expect(fault(() => scheduler.observe(event, study()))).toMatch(promise);
    expect(fault(() => scheduler.restore(study()))).toMatch(promise);
  });

  it("is told which methods are missing", () => {
    expect(fault(() => samplerOf(() => ({ aks: 1 })))).toContain("it made an object without `ask`");
    expect(fault(() => schedulerOf(() => ({ decide: methods.decide })))).toContain(
      "it made an object without `restore`, `observe`",
    );
  });

  it("is shown the numbers that JSON does not have", () => {
    const ask = (): Params => ({ rate: Number.NaN, text: "NaN", list: [1, Number.NEGATIVE_INFINITY] });
    const sampler = samplerOf(() => ({ ask }));
    const record = study();
    record.askedBy.set("mine", 1);
    expect(fault(() => sampler.ask(3, createRandom(1, 3, PURPOSE.params), record))).toContain(
      'it proposed {"rate":NaN,"text":"NaN","list":[1,-Infinity]} for trial 3',
    );
  });

  it("cannot change the params of a trial", () => {
    const [trial] = study().trials;
    expect(() => Object.assign(trial?.params ?? {}, { rate: 9 })).toThrow(TypeError);
  });
});
