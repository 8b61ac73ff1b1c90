import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createRandom, PURPOSE } from "../../math/random.js";
import { defineSampler } from "../define.js";
import { choice, fixed, float, int, type Params, type Space } from "../param.js";
import type { SamplerSetup } from "../sampler.js";
import { type Constraint, createSearchSpace, problemsOf } from "../search-space.js";
import { applyEvent } from "../study-fold.js";
import { type StudyRecord, studyRecord } from "../study-record.js";

const goal = { metric: "loss", direction: "minimize" } as const;

/** Proposes the lowest rate for ever. */
const lowest = defineSampler({
  name: "lowest",
  summary: "Proposes the lowest rate.",
  options: z.strictObject({}),
  create: () => ({ ask: () => ({ rate: 0 }) }),
});

const emptyStudy = (space: Space): StudyRecord =>
  studyRecord(
    {
      name: "known",
      goal,
      space,
      constraints: [],
      sampler: { name: "lowest", options: {} },
      scheduler: { name: "none", options: {} },
      budget: {},
      seed: 1,
      retries: 0,
    },
    0,
  );

/** Asks for trials one after the other; the first ones may be given by the user. */
function play(
  params: Space,
  trials: number,
  {
    enqueued = [],
    constraints = [],
    ...given
  }: { enqueued?: readonly Params[]; constraints?: readonly Constraint[] } & Partial<SamplerSetup> = {},
): (Params | undefined)[] {
  const space = createSearchSpace(params, constraints);
  const study = emptyStudy(params);
  const sampler = lowest().create({ space, goal, maxSteps: 9, seed: 1, ...given });
  sampler.restore?.(study);
  const add = (chosen: Params, by: string): void => {
    const trial = study.trials.length;
    const event = { type: "trial-asked", trial, params: chosen, seed: 1, sampler: by, time: 0 } as const;
    applyEvent(study, event);
    sampler.observe?.(event, study);
  };
  for (const each of enqueued) add(each, "enqueued");
  return Array.from({ length: trials }, () => {
    const trial = study.trials.length;
    const asked = sampler.ask(trial, createRandom(1, trial, PURPOSE.params), study);
    if (asked !== undefined) add(asked, "lowest");
    return asked;
  });
}

describe("the defaults of a space", () => {
  it("are the first trial of any sampler, once", () => {
    expect(play({ rate: float(0, 1, { default: 0.3 }) }, 3)).toEqual([
      { rate: 0.3 },
      { rate: 0 },
      { rate: 0 },
    ]);
  });

  it("leave samplers alone where there are none", () => {
    expect(play({ rate: float(0, 1), size: fixed(3) }, 2)).toEqual([{ rate: 0 }, { rate: 0 }]);
  });

  it("come after trials that the user enqueued, unless one of them has them", () => {
    const space = { rate: float(0, 1, { default: 0.3 }) };
    expect(play(space, 2, { enqueued: [{ rate: 0.7 }] })).toEqual([{ rate: 0.3 }, { rate: 0 }]);
    expect(play(space, 1, { enqueued: [{ rate: 0.3 }] })).toEqual([{ rate: 0 }]);
  });

  it("are of those params only that are on, and null like any other value", () => {
    const space = {
      kind: choice(["a", "b", null], { default: null }),
      size: int(1, 9, { default: 5, when: { kind: "a" } }),
    };
    expect(play(space, 1)).toEqual([{ kind: null }]);
  });

  it("are joined by draws, so that the constraints hold", () => {
    const space = { rate: float(0, 1, { default: 0.5 }), size: float(0, 1) };
    const rule = { name: "size < .1", holds: ({ size }: Params) => Number(size) < 0.1 };
    const [first] = play(space, 1, { constraints: [rule] });
    expect(first?.["rate"]).toBe(0.5);
    expect(problemsOf(createSearchSpace(space, [rule]), first ?? {})).toEqual([]);
  });

  it("give way to the sampler where no draw goes with them", () => {
    const space = { rate: float(0, 1, { default: 0.5 }), size: float(0, 1) };
    const rule = { name: "never", holds: ({ rate, size }: Params) => rate === 0 && size === undefined };
    expect(play(space, 1, { constraints: [rule] })).toEqual([{ rate: 0 }]);
  });

  it("are the most similar candidate", () => {
    const candidates = [0.1, 0.28, 0.9].map((rate): Params => ({ rate }));
    expect(play({ rate: float(0, 1, { default: 0.3 }) }, 1, { candidates })[0]).toBe(candidates[1]);
  });
});
