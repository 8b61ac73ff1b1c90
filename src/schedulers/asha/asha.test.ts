import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Goal } from "../../core/goal.js";
import type { Scheduler } from "../../core/scheduler.js";
import type { Study } from "../../core/study.js";
import type { Trial } from "../../core/trial.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import { simulateStudy, simulationSettings } from "../../testing/simulated-study.js";
import { asha } from "./asha.js";

type Options = Parameters<typeof asha>[0];

const LOSS: Goal = { metric: "loss", direction: "minimize" };

const create = (options: Options, maxSteps: number | undefined, goal = LOSS): Scheduler =>
  asha(options).create({ goal, maxSteps, seed: 0 });

const record = (options: Options, maxSteps: number, goal = LOSS): RecordedStudy =>
  recordStudy(goal, create(options, maxSteps, goal));

describe("asha, type promotion: an example computed by hand", () => {
  it("lets the best half of a rung go on, deepest rung first", () => {
    // Rungs at the steps 1, 2 and 4 of 8; eta 2.
    const recorded = record({ eta: 2 }, 8);
    const { scheduler, study } = recorded;
    const [a, b, c, d] = [recorded.start(), recorded.start(), recorded.start(), recorded.start()];

    // One trial at rung 1: the best floor(1 / 2) = 0 may go on.
    const first = recorded.report(a, 1, { loss: 0.5 });
    expect(first).toEqual({
      action: "pause",
      explanation: {
        rule: "asha/promotion",
        reason:
          "Its loss at rung 1, 0.5, has rank 1 of the 1 trial that reached it, of which the best 0 (one in 2) may go on.",
        values: { rung: 1, bracket: 0, reached: 1, promotable: 0, rank: 1, value: 0.5 },
      },
    });
    recorded.pause(a);
    expect(scheduler.resume?.(study)).toBeUndefined();

    // Two trials: the best one may go on, and that is a.
    expect(recorded.report(b, 1, { loss: 0.7 }).action).toBe("pause");
    recorded.pause(b);
    const promotion = scheduler.resume?.(study);
    expect(promotion?.trial).toBe(a.number);
    expect(promotion?.explanation.values).toEqual({
      rung: 1,
      bracket: 0,
      reached: 2,
      promotable: 1,
      rank: 1,
      value: 0.5,
      threshold: 0.5,
    });
    recorded.resume(a);
    expect(scheduler.resume?.(study)).toBeUndefined();

    // c is now the best of three, of which one may go on: it need not pause.
    expect(recorded.report(c, 1, { loss: 0.4 }).action).toBe("continue");
    // The best two of four, c and a, may go on; d is third.
    expect(recorded.report(d, 1, { loss: 0.6 }).action).toBe("pause");
    recorded.pause(d);
    expect(scheduler.resume?.(study)).toBeUndefined();

    // Rung 2 has a; then c, which is better. The better of the two may go on, so c does.
    expect(recorded.report(a, 2, { loss: 0.3 }).action).toBe("pause");
    recorded.pause(a);
    expect(recorded.report(c, 2, { loss: 0.2 }).action).toBe("continue");
    expect(recorded.report(c, 4, { loss: 0.1 }).action).toBe("pause");
    recorded.pause(c);

    // Two more at rung 1; of six the best three may go on: e, c, a. e waits at rung 1, and nobody at a deeper rung may
    // go on.
    const e = recorded.start();
    expect(recorded.report(e, 1, { loss: 0.35 }).action).toBe("continue");
    const f = recorded.start();
    expect(recorded.report(f, 1, { loss: 0.9 }).action).toBe("pause");
    // At rung 2, e is worse than a and c; one of three may go on.
    expect(recorded.report(e, 2, { loss: 0.34 }).action).toBe("pause");
    recorded.pause(e);
    recorded.pause(f);
    expect(scheduler.resume?.(study)).toBeUndefined();
  });

  it("stops a trial that diverged at a rung, and ranks it last", () => {
    const recorded = record({ eta: 2 }, 8);
    const { explanation, action } = recorded.report(recorded.start(), 1, { loss: Number.NaN });
    expect(action).toBe("stop");
    expect(explanation?.reason).toBe("Its loss diverged at rung 1.");
    // There are two trials at the rung, so the best half is this one.
    expect(recorded.report(recorded.start(), 1, { loss: 9 }).action).toBe("continue");
  });

  it("reverses if the goal is maximized", () => {
    const recorded = record({ eta: 2 }, 8, { metric: "loss", direction: "maximize" });
    recorded.pause(recorded.decided(1, { loss: 0.2 }));
    const second = recorded.start();
    const { action, explanation } = recorded.report(second, 1, { loss: 0.3 });
    expect(action).toBe("continue");
    expect(explanation?.values).toMatchObject({ rank: 1, value: 0.3, threshold: 0.3 });
  });

  it("resumes the best trial of the deepest rung rather than end a study without a result", () => {
    const recorded = record({ eta: 3 }, 9);
    const { scheduler, study } = recorded;
    const [a, b] = [recorded.decided(1, { loss: 0.5 }), recorded.decided(1, { loss: 0.4 })];
    recorded.pause(a);
    recorded.pause(b);
    expect(scheduler.resume?.(study, false)).toBeUndefined();
    expect(scheduler.resume?.(study, true)?.trial).toBe(b.number);
    recorded.resume(b);
    expect(recorded.report(b, 3, { loss: 0.45 }).action).toBe("pause");
    recorded.pause(b);
    expect(scheduler.resume?.(study, true)?.trial).toBe(b.number);
    recorded.resume(b);
    recorded.complete(b);
    expect(scheduler.resume?.(study, true)).toBeUndefined();
  });
});

/** A trial's costs by the place of the rung at which they are recorded, directly from the definition. */
function recordsByDefinition(trial: Trial, rungs: readonly number[], sign: number): (number | undefined)[] {
  const losses = trial.curve.metrics.get("loss") ?? [];
  return rungs.map((rung, place) => {
    const end = rungs[place + 1] ?? Number.POSITIVE_INFINITY;
    const at = trial.curve.steps.findIndex(
      (step, report) => step >= rung && step < end && (losses[report] ?? null) !== null,
    );
    const value = at < 0 ? null : (losses[at] ?? null);
    if (value === null) return undefined;
    return Number.isFinite(value) ? sign * value : Number.POSITIVE_INFINITY;
  });
}

/** Algorithm 2 of the paper, `get_job`, from the study alone. `rungs` ends with maxSteps. */
function jobByDefinition(study: Study, rungs: readonly number[], eta: number): number | undefined {
  const sign = study.definition.goal.direction === "minimize" ? 1 : -1;
  const records = study.trials.map((trial) => recordsByDefinition(trial, rungs, sign));
  for (let place = rungs.length - 2; place >= 0; place--) {
    const reached = study.trials
      .flatMap(({ number }) => {
        const cost = records[number]?.[place];
        return cost === undefined ? [] : [{ number, cost }];
      })
      .sort((a, b) => (a.cost === b.cost ? a.number - b.number : a.cost - b.cost));
    const candidates = reached.slice(0, Math.floor(reached.length / eta));
    const promotable = candidates.find(
      ({ number, cost }) =>
        Number.isFinite(cost) &&
        study.trials[number]?.state === "paused" &&
        (records[number] ?? []).slice(place + 1, -1).every((deeper) => deeper === undefined),
    );
    if (promotable !== undefined) return promotable.number;
  }
  return undefined;
}

describe("asha, type promotion: equality with the paper's algorithm", () => {
  it("holds whenever a worker is free", () => {
    let promotions = 0;
    fc.assert(
      fc.property(simulationSettings(), fc.integer({ min: 2, max: 4 }), (settings, eta) => {
        const goal: Goal = { metric: "loss", direction: settings.direction };
        const inner = create({ eta }, settings.maxSteps, goal);
        const rungs: number[] = [];
        for (let step = 1; step < settings.maxSteps; step *= eta) rungs.push(step);
        rungs.push(settings.maxSteps);
        const answers: (number | undefined)[] = [];
        const expected: (number | undefined)[] = [];
        simulateStudy(settings, {
          scheduler: {
            ...inner,
            resume: (study, isEnding, isClosed) => {
              const answer = inner.resume?.(study, isEnding, isClosed);
              if (isEnding !== true) {
                answers.push(answer?.trial);
                expected.push(jobByDefinition(study, rungs, eta));
              }
              return answer;
            },
          },
        });
        expect(answers).toEqual(expected);
        promotions += answers.filter((answer) => answer !== undefined).length;
      }),
      { numRuns: 40 },
    );
    expect(promotions).toBeGreaterThan(20);
  });
});

describe("asha, type stopping", () => {
  // Values of 24 trials at three rungs, and the rung at which each was stopped, made with Syne Tune 0.13.0's
  // StoppingRungSystem (numpy's random numbers, rounded so that ties occur).
  const golden = [
    {
      eta: 3,
      direction: "minimize",
      // biome-ignore format: a table
      values: [[0.9, 0.9, 0.7], [0.6, 0.3, 0.5], [0.9, 0.9, 0.9], [0.4, 0.4, 0.4], [1.2, 1.2, 1.3], [0.3, 0.4, 0.2], [0.2, 0.2, 0.3], [0.8, 0.8, 0.7], [0.1, 0.2, 0.1], [0.4, 0.6, 0.4], [0.5, 0.4, 0.5], [0.9, 0.7, 0.8], [0.8, 0.6, 0.7], [0.2, 0.2, 0.1], [0.9, 1.1, 1.0], [0.8, 0.8, 0.7], [0.5, 0.6, 0.5], [1.0, 1.2, 1.1], [1.1, 0.9, 1.1], [1.2, 1.1, 1.0], [0.5, 0.4, 0.2], [1.1, 1.1, 1.0], [0.5, 0.4, 0.7], [0.6, 0.6, 0.7]],
      // biome-ignore format: a table
      stopped: [null, null, 1, 3, 1, null, null, 1, null, 3, 1, 1, 1, null, 1, 1, 1, 1, 1, 1, 3, 1, 3, 1],
    },
    {
      eta: 4,
      direction: "maximize",
      // biome-ignore format: a table
      values: [[0.3, 0.3, 0.1], [0.4, 0.2, 0.2], [1.1, 1.1, 1.1], [0.7, 0.7, 0.9], [0.8, 0.9, 0.8], [1.0, 1.1, 1.1], [0.5, 0.4, 0.6], [0.9, 1.0, 1.0], [0.4, 0.2, 0.1], [0.7, 0.9, 0.7], [0.1, 0.1, 0.2], [1.1, 1.0, 0.9], [0.5, 0.3, 0.4], [0.1, 0.3, 0.2], [0.4, 0.3, 0.4], [0.3, 0.2, 0.1], [0.8, 0.8, 0.9], [0.9, 1.1, 1.0], [0.1, 0.2, 0.3], [0.7, 0.6, 0.6], [0.6, 0.5, 0.4], [0.5, 0.7, 0.4], [0.2, 0.1, 0.3], [0.9, 0.9, 0.9]],
      // biome-ignore format: a table
      stopped: [null, 4, null, 1, 4, null, 1, 1, 1, 1, 1, 4, 1, 1, 1, 1, 4, 16, 1, 1, 1, 1, 1, 4],
    },
  ] as const;

  it.each(golden)("decides as Syne Tune does, eta $eta", ({ eta, direction, values, stopped }) => {
    const recorded = record({ type: "stopping", eta }, eta ** 3, { metric: "loss", direction });
    const decided = values.map((losses) => {
      const trial = recorded.start();
      const rung = losses.findIndex(
        (loss, place) => recorded.report(trial, eta ** place, { loss }).action === "stop",
      );
      return rung < 0 ? null : eta ** rung;
    });
    expect(decided).toEqual(stopped);
  });

  it("explains by rank", () => {
    const recorded = record({ type: "stopping", eta: 2 }, 8);
    recorded.decided(1, { loss: 0.5 });
    expect(recorded.report(recorded.start(), 1, { loss: 0.75 })).toEqual({
      action: "stop",
      explanation: {
        rule: "asha/stopping",
        reason: "Its loss at rung 1, 0.75, has rank 2 of 2 so far: beyond the best 1, one in 2.",
        values: { rung: 1, bracket: 0, reached: 2, best: 1, rank: 2, value: 0.75, threshold: 0.5 },
      },
    });
  });

  it("never resumes a paused trial", () => {
    expect(create({ type: "stopping" }, 8).resume).toBeUndefined();
  });
});

describe("asha: rungs", () => {
  const rungsOf = (options: Options, steps: readonly number[], maxSteps: number): (number | undefined)[] => {
    const recorded = record({ type: "stopping", ...options }, maxSteps);
    const trial = recorded.start();
    return steps.map((step) => recorded.report(trial, step, { loss: 1 }).explanation?.values["rung"]);
  };
  const none = undefined;

  it("are at minSteps * eta^k before the end", () => {
    expect(rungsOf({ eta: 2 }, [1, 2, 3, 4, 5, 6, 7, 8], 8)).toEqual([1, 2, none, 4, none, none, none, none]);
    expect(rungsOf({ eta: 3, minSteps: 2 }, [1, 2, 3, 4, 5, 6, 7], 54)).toEqual([
      none,
      2,
      none,
      none,
      none,
      6,
      none,
    ]);
  });
  it("take the first report at or after them, and are skipped by programs that jump over them", () => {
    expect(rungsOf({ eta: 2 }, [3, 6, 9, 12, 15], 20)).toEqual([2, 4, 8, none, none]);
    expect(rungsOf({ eta: 2 }, [5, 10, 15, 20], 20)).toEqual([4, 8, none, none]);
  });
  it("wait for the goal metric", () => {
    const recorded = record({ type: "stopping", eta: 4 }, 20);
    const trial = recorded.start();
    expect(recorded.report(trial, 1, { other: 1 }).explanation).toBeUndefined();
    expect(recorded.report(trial, 2, { loss: 1 }).explanation?.values).toMatchObject({ rung: 1, reached: 1 });
  });
  it("start later in later brackets", () => {
    const settings = { eta: 2, type: "stopping", brackets: 3 } as const;
    const recorded = record(settings, 8);
    const firsts = new Map<number, number>();
    for (let index = 0; index < 700; index++) {
      const trial = recorded.start();
      for (const step of [1, 2, 4]) {
        const { explanation } = recorded.report(trial, step, { loss: 1 });
        if (explanation === undefined) continue;
        const { rung = 0, bracket = 0 } = explanation.values;
        expect(rung).toBe(2 ** bracket);
        firsts.set(bracket, (firsts.get(bracket) ?? 0) + 1);
        break;
      }
    }
    // Shares for three rungs: 4/4 * 2^3 = 8, 4/3 * 2^2 = 5.33, 4/2 * 2 = 4, of 17.33.
    expect((firsts.get(0) ?? 0) / 700).toBeCloseTo(8 / 17.33, 1);
    expect((firsts.get(1) ?? 0) / 700).toBeCloseTo(5.33 / 17.33, 1);
    expect((firsts.get(2) ?? 0) / 700).toBeCloseTo(4 / 17.33, 1);
  });
});

describe("asha: options", () => {
  it("has the paper's default", () => {
    expect(asha().options).toEqual({ type: "promotion", eta: 4, minSteps: 1, brackets: 1 });
  });
  it("needs maxSteps, beyond the first rung", () => {
    expect(() => create({}, undefined)).toThrow(
      expect.objectContaining({ code: "MAX_STEPS_MISSING", hint: expect.stringContaining("maxSteps") }),
    );
    expect(() => create({ minSteps: 9 }, 9)).toThrow(
      expect.objectContaining({
        code: "OPTIONS_INVALID",
        message: expect.stringContaining("its first rung, step 9, is not before"),
      }),
    );
    expect(() => create({}, 1)).not.toThrow();
  });
  it.each([{ eta: 1 }, { minSteps: 0 }, { brackets: 0 }, { unknown: 1 }])("refuses %j", (options) => {
    expect(() => asha({ ...options })).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
  });
});
