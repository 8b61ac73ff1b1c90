import { describe, expect, it } from "vitest";
import { choice, float, int, type Params } from "../core/param.js";
import { createSearchSpace, problemsOf } from "../core/search-space.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { studyRecord } from "../core/study-record.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { list } from "./list.js";

const definition: StudyDefinition = {
  name: "s",
  goal: { metric: "loss", direction: "minimize" },
  space: {},
  constraints: [],
  sampler: { name: "list", options: {} },
  scheduler: { name: "none", options: {} },
  budget: {},
  seed: 7,
  retries: 0,
};

const space = createSearchSpace(
  {
    rate: float(0, 1),
    optimizer: choice(["sgd", "adam"]),
    momentum: float(0, 1, { when: { optimizer: "sgd" } }),
    wide: int(1, 4),
    narrow: int(1, 4),
  },
  [{ name: "wide >= narrow", holds: ({ wide, narrow }) => Number(wide) >= Number(narrow) }],
);

const make = (trials: Record<string, string | number | boolean>[]) =>
  list({ trials }).create({
    space,
    goal: { metric: "loss", direction: "minimize" },
    maxSteps: undefined,
    seed: 7,
  });

const askAll = (trials: Record<string, string | number | boolean>[], stream: (trial: number) => number) => {
  const sampler = make(trials);
  return trials.map((_, trial) =>
    sampler.ask(trial, createRandom(stream(trial), trial, PURPOSE.params), studyRecord(definition, 0)),
  );
};

describe("list", () => {
  it("gives complete entries as they are, and then nothing", () => {
    const entries = [
      { narrow: 1, wide: 2, rate: 0.5, optimizer: "adam" },
      { rate: 1, optimizer: "sgd", momentum: 0.9, wide: 4, narrow: 4 },
    ];
    const sampler = make(entries);
    const study = studyRecord(definition, 0);
    const ask = (trial: number) => sampler.ask(trial, createRandom(7, trial, PURPOSE.params), study);
    expect(sampler.size).toBe(2);
    expect([ask(0), ask(1), ask(2), ask(3)]).toEqual([...entries, undefined, undefined]);
  });

  it("draws what an entry leaves out from the trial's stream, within conditions and constraints", () => {
    const entries = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0 ? { momentum: 0.5, wide: 1 } : { narrow: 4 },
    );
    const drawn = askAll(entries, () => 1);
    for (const [index, params] of drawn.entries()) {
      expect(params).toMatchObject(entries[index] ?? {});
      expect(problemsOf(space, params ?? {})).toEqual([]);
    }
    expect(drawn[0]).toMatchObject({ optimizer: "sgd", narrow: 1 });
    expect(askAll(entries, () => 1)).toEqual(drawn);
    expect(askAll(entries, () => 2)).not.toEqual(drawn);
    expect(new Set(drawn.map((params: Params | undefined) => params?.["rate"])).size).toBe(50);
  });

  it.each([
    [{ rat: 0.1 }, '"rat" is not in the search space'],
    [{ toString: 1 }, '"toString" is not in the search space'],
    [{ rate: 2 }, '"rate" cannot be 2'],
    [{ optimizer: "adam", momentum: 0.5 }, '"momentum" is set, but its condition does not hold'],
    [{ rate: 0.1, optimizer: "adam", wide: 1, narrow: 2 }, "the constraint wide >= narrow does not hold"],
    [{ wide: 1, narrow: 2 }, "wide >= narrow refused"],
  ])("names the problem with the entry %j", (entry, problem) => {
    expect(() => make([{ rate: 0.1 }, { ...entry }])).toThrow(
      expect.objectContaining({
        code: "LIST_INVALID",
        message: expect.stringMatching(/^list: entry 2 does not fit the space: /),
      }),
    );
    expect(() => make([{ rate: 0.1 }, { ...entry }])).toThrow(problem);
  });

  it("refuses an empty list", () => {
    expect(() => list({ trials: [] })).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
  });
});
