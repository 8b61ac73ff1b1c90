import { describe, expect, it } from "vitest";
import { keyOf } from "../core/candidates/params-key.js";
import { forgetComplete } from "../core/forgetting.js";
import { choice, float, int, type Space } from "../core/param.js";
import { createSearchSpace } from "../core/search-space.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { playStudy } from "../testing/played-study.js";
import { random, sobol } from "./index.js";

const SEED = 3;
const goal = { metric: "value", direction: "minimize" } as const;

/** Four combinations, and others without end. */
const branched: Space = {
  kind: choice(["none", "few", "many"]),
  level: int(1, 3, { when: { kind: "few" } }),
  rate: float(0, 1, { when: { kind: "many" } }),
};

/** The same with a default, so that the first trial is drawn in another way. */
const withDefault: Space = { ...branched, kind: choice(["none", "few", "many"], { default: "none" }) };

const played = (sampler: ReturnType<typeof random>, params: Space, trials: number) => {
  const space = createSearchSpace(params);
  return playStudy({ space, sampler, seed: SEED, trials, inFlight: 3, valueOf: (_, trial) => -trial });
};

describe.each([random(), sobol()])("$name where conditions leave few combinations", (choice) => {
  it.each([1, 40, 100])("proposes each of them once in %d trials", (trials) => {
    const all = [...played(choice, branched, trials).trials].map(({ params }) => params);
    expect(all).toHaveLength(trials);
    expect(new Set(all.map(keyOf)).size).toBe(trials);
  });

  it("has tried all of them after 40 trials", () => {
    const all = [...played(choice, branched, 40).trials].map(({ params }) => params);
    expect(all.filter(({ kind }) => kind !== "many")).toHaveLength(4);
  });

  it.each([
    ["without defaults", branched],
    ["with defaults", withDefault],
  ])("proposes the same after a restart that has forgotten its trials, %s", (_, params) => {
    const space = createSearchSpace(params);
    const whole = played(choice, params, 40);
    for (const count of [1, 2, 5, 20]) {
      const begun = played(choice, params, count);
      forgetComplete(begun, 0);
      expect([...begun.trials]).toHaveLength(1);
      const sampler = choice.create({ space, goal, maxSteps: 1, seed: SEED });
      sampler.restore?.(begun);
      for (let trial = count; trial < 40; trial++) {
        const asked = sampler.ask(trial, createRandom(SEED, trial, PURPOSE.params), begun);
        expect(asked).toEqual(whole.trials[trial]?.params);
        const event = {
          type: "trial-asked",
          trial,
          params: asked ?? {},
          seed: trial,
          sampler: choice.name,
        } as const;
        sampler.observe?.({ ...event, time: trial }, begun);
      }
    }
  });

  it("leaves out what others have tried", () => {
    const space = createSearchSpace(branched);
    const study = played(choice, branched, 0);
    const sampler = choice.create({ space, goal, maxSteps: 1, seed: SEED });
    sampler.restore?.(study);
    const others = [{ kind: "none" }, { kind: "few", level: 1 }, { kind: "few", level: 2 }];
    for (const [trial, params] of others.entries())
      sampler.observe?.({ type: "trial-asked", trial, params, seed: 1, sampler: "enqueued", time: 0 }, study);
    for (let trial = 3; trial < 40; trial++) {
      const asked = sampler.ask(trial, createRandom(SEED, trial, PURPOSE.params), study) ?? {};
      expect(others.map(keyOf)).not.toContain(keyOf(asked));
    }
  });
});
