import { describe, expect, it } from "vitest";
import type { Goal } from "../../core/goal.js";
import { choice, float, int, type Space } from "../../core/param.js";
import type { SamplerSetup } from "../../core/sampler.js";
import { createSearchSpace } from "../../core/search-space.js";
import { createRandom } from "../../math/random.js";
import { playStudy } from "../../testing/played-study.js";
import { cmaes, gp, tpe } from "../index.js";
import { auto } from "./auto.js";
import { firstOf, planOf, planText, proposerOf } from "./plan.js";

const LOSS: Goal = { metric: "loss", direction: "minimize" };
const NUMBERS = { lr: float(1e-4, 1, { log: true }), width: int(1, 512), depth: int(1, 3) };
const setupOf = (space: Space, change: Partial<SamplerSetup> = {}): SamplerSetup => ({
  space: createSearchSpace(space),
  goal: LOSS,
  maxSteps: undefined,
  seed: 1,
  ...change,
});
const floats = (length: number): Space =>
  Object.fromEntries(Array.from({ length }, (_, index) => [`x${index}`, float(0, 1)]));
const others = (count: number): Goal => ({
  ...LOSS,
  others: Array.from({ length: count }, (_, index) => ({ metric: `m${index}`, direction: "minimize" })),
});

describe("the plan of auto", () => {
  it.each([
    [
      "numbers",
      setupOf(NUMBERS),
      "gp and tpe up to trial 249, cmaes and tpe from trial 250 on: there are only ends to learn from, and 3 params",
    ],
    [
      "learning curves",
      setupOf(NUMBERS, { maxSteps: 30 }),
      "curve up to trial 249, cmaes and tpe from trial 250 on: there are learning curves to learn from",
    ],
    [
      "learning curves under constraints on metrics, which curve does not know",
      setupOf(NUMBERS, {
        maxSteps: 30,
        goal: { ...LOSS, constraints: [{ metric: "memory", comparison: "<=", limit: 16 }] },
      }),
      "gp and tpe up to trial 249, cmaes and tpe from trial 250 on: there are only ends to learn from, and 3 params",
    ],
    [
      "conditions",
      setupOf({ kind: choice(["a", "b"]), lr: float(0, 1, { when: { kind: "a" } }) }),
      "gp and tpe up to trial 249, tpe from trial 250 on: there are only ends to learn from, and 2 params",
    ],
    [
      "dozens of params",
      setupOf(floats(40)),
      "gp and tpe up to trial 249, cmaes and tpe from trial 250 on: there are only ends to learn from, and 40 params",
    ],
    [
      "learning curves of dozens of params",
      setupOf(floats(40), { maxSteps: 30 }),
      "gp and tpe up to trial 249, cmaes and tpe from trial 250 on: there are 40 params to search",
    ],
    [
      "many params",
      setupOf(floats(80)),
      "tpe up to trial 499, cmaes and tpe from trial 500 on: there are 80 params to search",
    ],
    [
      "two goals",
      setupOf(NUMBERS, { goal: others(1) }),
      "gp and tpe up to trial 249, nsga2 from trial 250 on: there are 2 goals",
    ],
    [
      "four goals",
      setupOf(NUMBERS, { goal: others(3) }),
      "gp and tpe up to trial 249, nsga3 from trial 250 on: there are 4 goals",
    ],
    [
      "many choices, for which there is one sampler early and late",
      setupOf(
        Object.fromEntries(Array.from({ length: 61 }, (_, index) => [`c${index}`, choice(["a", "b"])])),
      ),
      "tpe: there are 61 params to search",
    ],
    [
      "a single param",
      setupOf({ x: float(0, 1) }),
      "gp and tpe up to trial 249, cmaes and tpe from trial 250 on: there are only ends to learn from, and 1 param",
    ],
    [
      "params of one value each",
      setupOf({ kind: choice(["only"]), width: int(5, 5) }, { maxSteps: 30, goal: others(1) }),
      "random: no param has more than one value",
    ],
    ["a population", setupOf(NUMBERS, { repeats: true }), "random: a population changes params itself"],
  ])("for %s", (_, setup, text) => {
    expect(planText(planOf(setup))).toBe(text);
  });

  it("says which trial is the first that a sampler may be given", () => {
    const plan = planOf(setupOf(NUMBERS));
    expect((["gp", "tpe", "cmaes"] as const).map((name) => firstOf(plan, name))).toEqual([0, 0, 250]);
  });

  it("gives each trial to one sampler by its number", () => {
    const plan = planOf(setupOf(NUMBERS));
    expect([0, 1, 2, 3, 249, 250, 251].map((trial) => proposerOf(plan, trial))).toEqual([
      "gp",
      "gp",
      "tpe",
      "gp",
      "gp",
      "cmaes",
      "tpe",
    ]);
  });

  it("is what happens: each trial has the params that its sampler would propose from the trials so far", () => {
    const space = createSearchSpace({ x: float(0, 1), y: float(0, 1) });
    const played = playStudy({
      space,
      sampler: auto(),
      valueOf: ({ x, y }) => (Number(x) - 0.3) ** 2 + (Number(y) - 0.6) ** 2,
      seed: 5,
      trials: 24,
    });
    const setup = setupOf(space.params, { goal: played.definition.goal, maxSteps: 1, seed: 5 });
    const plan = planOf(setup);
    const choices = { gp, tpe, cmaes };
    for (const { number, params } of played.trials.slice(12)) {
      const earlier = playStudy({
        space,
        sampler: auto(),
        valueOf: ({ x, y }) => (Number(x) - 0.3) ** 2 + (Number(y) - 0.6) ** 2,
        seed: 5,
        trials: number,
      });
      const name = proposerOf(plan, number);
      const sampler = choices[name === "gp" || name === "tpe" ? name : "cmaes"]().create(setup);
      sampler.restore?.(earlier);
      expect(sampler.ask(number, createRandom(5, number, 0), earlier)).toEqual(params);
    }
  });
});
