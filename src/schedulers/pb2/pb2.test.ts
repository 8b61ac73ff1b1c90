import { describe, expect, it } from "vitest";
import type { EventBody } from "../../core/events.js";
import type { Exploit } from "../../core/exploit.js";
import { choice, float, int, type Params, type Space } from "../../core/param.js";
import { type Constraint, createSearchSpace, problemsOf } from "../../core/search-space.js";
import { applyEvent } from "../../core/study-fold.js";
import { studyRecord } from "../../core/study-record.js";
import { pb2 } from "./pb2.js";

const GOAL = { metric: "gain", direction: "maximize" } as const;
const INTERVAL = 5;

/** The gain of an interval: the best rate falls by a factor of 10 every 10 intervals, starting at 0.1. */
const gainOf = ({ rate }: Params, time: number): number =>
  Math.exp(-0.5 * ((Math.log10(Number(rate)) + 1 + time / 10) / 0.4) ** 2);

const rates: Space = { rate: float(1e-4, 1, { log: true }) };

interface Setup {
  readonly space?: Space;
  readonly constraints?: readonly Constraint[];
  readonly options?: Parameters<typeof pb2>[0];
  readonly seed?: number;
}

/**
 * A population whose members trained with the given params in each interval, and saved snapshots. They began far apart,
 * so that each is less fit than the one before.
 */
function trained(
  settings: readonly (readonly Params[])[],
  { space = rates, constraints = [], options, seed = 3 }: Setup = {},
) {
  const searchSpace = createSearchSpace(space, constraints);
  const scheduler = pb2({ population: settings.length, interval: INTERVAL, ...options }).create({
    goal: GOAL,
    maxSteps: 200,
    seed,
    space: searchSpace,
  });
  const definition = {
    name: "trained",
    goal: GOAL,
    space,
    constraints: constraints.map(({ name }) => name),
    maxSteps: 200,
    sampler: { name: "random", options: {} },
    scheduler: { name: "pb2", options: {} },
    budget: {},
    seed,
    retries: 0,
  };
  const study = studyRecord(definition, 0);
  const push = (event: EventBody): void => {
    const timed = { ...event, time: study.events };
    applyEvent(study, timed);
    scheduler.observe(timed, study);
  };
  scheduler.restore(study);
  const intervals = Math.max(...settings.map((each) => each.length));
  const values = settings.map((_, trial) => -100 * trial);
  const report = (trial: number, step: number): void =>
    push({ type: "reported", trial, attempt: 1, step, metrics: { gain: values[trial] ?? 0 } });
  for (const [trial, [params = {}]] of settings.entries()) {
    push({ type: "trial-asked", trial, params, seed: trial, sampler: "random" });
    push({ type: "attempt-started", trial, attempt: 1, worker: `w${trial}`, fromStep: 0 });
    report(trial, 1);
  }
  for (let interval = 0; interval < intervals; interval++) {
    for (const [trial, list] of settings.entries()) {
      const params = list[interval] ?? {};
      const step = INTERVAL * interval;
      const value = values[trial] ?? 0;
      const copied = { parent: (trial + 1) % settings.length, step, value, digest: "00", params };
      if (interval > 0) push({ type: "exploited", trial, path: `t${trial}/i${step}`, ...copied });
      values[trial] = value + gainOf(params, interval);
      report(trial, step + INTERVAL);
      const saved = { step: step + INTERVAL, path: `t${trial}/s${step}`, digest: "00", bytes: 1 };
      push({ type: "snapshot-saved", trial, attempt: 1, ...saved });
    }
  }
  const decide = (number: number) => {
    const trial = study.trials[number];
    if (trial === undefined) throw new Error("no such trial");
    const decision = scheduler.decide(trial, INTERVAL * intervals, study);
    if (decision.action !== "exploit") throw new Error(`it was told to ${decision.action}`);
    return decision;
  };
  return { study, push, decide, space: searchSpace };
}

/** Cycles through the rates from lowest to highest, so that all of them are tried at all times. */
const sweep = (members: number, intervals: number): Params[][] =>
  Array.from({ length: members }, (_, member) =>
    Array.from({ length: intervals }, (_, interval) => ({
      rate: 10 ** (-4 + (4 * ((5 * interval + 7 * member) % 17)) / 16),
    })),
  );

describe("pb2", () => {
  it("draws params at random while there is little to learn from", () => {
    const { decide } = trained(sweep(2, 1));
    const { exploit, explanation } = decide(1);
    expect(explanation.reason).toMatch(
      /, drawn at random, as there is too little to learn from \(2 intervals\)\.$/,
    );
    expect(explanation.values["intervals"]).toBe(2);
    const rates = new Set(
      [1, 2, 3, 4].map((seed) => trained(sweep(2, 1), { seed }).decide(1).exploit.params["rate"]),
    );
    expect(rates.size).toBe(4);
    expect(exploit.params["rate"]).toBeGreaterThanOrEqual(1e-4);
  });

  it.each([
    [3, "drawn at random"],
    [4, "the most promising after 4 intervals"],
  ])("has too little to learn from until four intervals have ended: %d", (members, finding) => {
    const { decide } = trained(sweep(members, 1));
    expect(decide(members - 1).explanation.reason).toContain(`, ${finding}`);
  });

  it.each([10, 20])(
    "finds the best rate after %d intervals, which differs from that of the first",
    (intervals) => {
      const { decide } = trained(sweep(4, intervals));
      const { exploit, explanation } = decide(3);
      const best = -1 - intervals / 10;
      expect(Math.abs(Math.log10(Number(exploit.params["rate"])) - best)).toBeLessThan(0.4);
      expect(explanation.rule).toBe("pb2");
      expect(explanation.reason).toContain(`, the most promising after ${4 * intervals} intervals.`);
      const { mean = 0, lengthscale = 0 } = explanation.values;
      expect(mean).toBeGreaterThan(0.5);
      expect(lengthscale).toBeGreaterThan(0);
    },
  );

  it("does not choose params for one member that another is about to try", () => {
    const logDistance = (a: Exploit, b: Exploit): number =>
      Math.abs(Math.log10(Number(a.params["rate"])) - Math.log10(Number(b.params["rate"])));
    // All that is known is that the lowest rates gain little.
    const low = [1, 2, 3, 4].map((member) => [{ rate: 1e-4 * member }, { rate: 1.5e-4 * member }]);
    const distances = (isPending: boolean): number[] =>
      Array.from({ length: 10 }, (_, seed) => {
        const { decide, push } = trained(low, { seed, options: { quantile: 0.5 } });
        const first = decide(3);
        const decided = { type: "decided", trial: 3, attempt: 1, step: 10, ...first } as const;
        push(
          isPending ? decided : { type: "note", code: "OTHER", message: "it draws other numbers as well" },
        );
        const second = decide(2);
        expect(second.explanation.values["open"]).toBe(isPending ? 1 : 0);
        return logDistance(first.exploit, second.exploit);
      });
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(distances(true))).toBeGreaterThan(5 * mean(distances(false)));
  });

  it("stays inside the space, its conditions and constraints, and changes the params that it is told to", () => {
    const space: Space = {
      ...rates,
      momentum: float(0, 0.99),
      layers: int(1, 4),
      optimizer: choice(["sgd", "adam"]),
      beta: float(0.5, 0.999, { when: { optimizer: "adam" } }),
      dropout: float(0, 0.5, { when: { layers: { min: 3 } } }),
    };
    const constraints = [
      { name: "momentum < 0.5", holds: (params: Params) => Number(params["momentum"]) < 0.5 },
    ];
    const settings = sweep(4, 6).map((list, member) =>
      list.map((params) => ({ ...params, momentum: 0.1 * member, layers: 2, optimizer: "sgd" })),
    );
    const seen = new Set<unknown>();
    for (let seed = 0; seed < 10; seed++) {
      const { decide, space: searchSpace } = trained(settings, { space, constraints, seed });
      const { params } = decide(3).exploit;
      expect(problemsOf(searchSpace, params)).toEqual([]);
      seen.add("beta" in params ? "beta" : params["optimizer"]);
      const some = trained(settings, { space, constraints, seed, options: { evolve: ["rate"] } });
      const { exploit } = some.decide(3);
      const { rate, ...others } = exploit.params;
      const { rate: old, ...kept } = some.study.trials[exploit.parent]?.params ?? {};
      expect(others).toEqual(kept);
      expect(rate).not.toBe(old);
    }
    // A neighbour in the list, which switches another param on, or a fresh draw.
    expect(seen).toContain("beta");
  });

  it("changes lists as pbt does if no number evolves", () => {
    const settings = sweep(4, 3).map((list) => list.map((params) => ({ ...params, optimizer: "adam" })));
    const space = { ...rates, optimizer: choice(["sgd", "adam", "rmsprop"]) };
    const { decide } = trained(settings, { space, options: { evolve: ["optimizer"] } });
    const { exploit, explanation } = decide(3);
    expect(["sgd", "adam", "rmsprop"]).toContain(exploit.params["optimizer"]);
    expect(explanation.values["intervals"]).toBeUndefined();
  });

  it.each([
    [{ evolve: ["rat"] }, "OPTIONS_INVALID"],
    [{ interval: 100 }, "OPTIONS_INVALID"],
  ])("refuses %j", (options, code) => {
    const space = createSearchSpace(rates);
    expect(() => pb2(options).create({ goal: GOAL, maxSteps: 100, seed: 0, space })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it("needs a space", () => {
    expect(() => pb2().create({ goal: GOAL, maxSteps: 100, seed: 0 })).toThrow(
      expect.objectContaining({ code: "SPACE_MISSING" }),
    );
  });
});
