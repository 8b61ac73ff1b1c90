import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Goal } from "../../core/goal.js";
import type { Study } from "../../core/study.js";
import { applyEvent } from "../../core/study-fold.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import { simulateStudy, simulationSettings } from "../../testing/simulated-study.js";
import { hyperband } from "./hyperband.js";
import { hyperbandPlan, survivors } from "./hyperband-plan.js";

type Options = Parameters<typeof hyperband>[0];

const LOSS: Goal = { metric: "loss", direction: "minimize" };

const record = (options: Options, maxSteps: number): RecordedStudy =>
  recordStudy(LOSS, hyperband(options).create({ goal: LOSS, maxSteps, seed: 0 }));

describe("hyperband: its brackets", () => {
  it("are those of Algorithm 1 of arXiv 1603.06560 for R = 81 and eta = 3", () => {
    const { cycle } = hyperbandPlan(1, 3, 81);
    // n = ceil(5 * 3^s / (s + 1)), r = 81 * 3^-s, by hand for s = 4, .., 0.
    expect(cycle.map(({ halvings }) => halvings)).toEqual([4, 3, 2, 1, 0]);
    expect(cycle.map(({ trials }) => trials)).toEqual([81, 34, 15, 8, 5]);
    expect(cycle.map(({ steps }) => steps)).toEqual([[1, 3, 9, 27], [3, 9, 27], [9, 27], [27], []]);
    // n_i = floor(n * 3^-i), and floor(n_i / 3) go on.
    expect([0, 1, 2, 3].map((rung) => survivors(81, 3, rung))).toEqual([27, 9, 3, 1]);
    expect([0, 1, 2].map((rung) => survivors(34, 3, rung))).toEqual([11, 3, 1]);
    expect([0, 1].map((rung) => survivors(15, 3, rung))).toEqual([5, 1]);
    expect(survivors(8, 3, 0)).toBe(2);
  });
  it("have rungs at whole steps if maxSteps is not a power of eta", () => {
    expect(hyperbandPlan(1, 3, 30).cycle.map(({ steps }) => steps)).toEqual([[1, 3, 10], [3, 10], [10], []]);
    expect(hyperbandPlan(4, 3, 30).cycle.map(({ steps }) => steps)).toEqual([[10], []]);
  });
  it("follow each other without gaps, in repeated cycles", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 2, max: 5 }),
        fc.integer({ min: 1, max: 100 }),
        (minSteps, eta, maxSteps) => {
          const plan = hyperbandPlan(minSteps, eta, maxSteps);
          let start = 0;
          for (let bracket = 0; bracket < 3 * plan.cycle.length; bracket++) {
            const trials = plan.cycle[bracket % plan.cycle.length]?.trials ?? 0;
            expect(plan.placeOf(start)).toMatchObject({ bracket, start, trials });
            expect(plan.placeOf(start + trials - 1)).toMatchObject({ bracket, start });
            start += trials;
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("hyperband: an example computed by hand", () => {
  it("waits for all of a bracket, then lets the best go on", () => {
    // R = 4, eta 2: brackets of 4, 3 and 3 trials; the first one has rungs at 1 and 2.
    const recorded = record({ eta: 2 }, 4);
    const { scheduler, study } = recorded;
    const trials = [0.4, 0.2, 0.3].map((loss) => {
      const trial = recorded.start();
      expect(recorded.report(trial, 1, { loss }).action).toBe("pause");
      recorded.pause(trial);
      expect(scheduler.resume?.(study)).toBeUndefined();
      return trial;
    });
    // The fourth trial settles the rung; it is the worst, so 0.2 and 0.3 go on.
    const last = recorded.start();
    const { action, explanation } = recorded.report(last, 1, { loss: 0.5 });
    expect(action).toBe("pause");
    expect(explanation).toEqual({
      rule: "hyperband",
      reason:
        "Its loss at rung 1, 0.5, has rank 4 of the 4 trials of its bracket that reached it so far; " +
        "the best 2 go on once no other trial is on its way there.",
      values: { rung: 1, bracket: 0, reached: 4, promotable: 2, rank: 4, value: 0.5 },
    });
    recorded.pause(last);
    const [, best, second] = trials;
    expect(scheduler.resume?.(study)?.trial).toBe(best?.number);
    if (best === undefined || second === undefined) throw new Error("there are three");
    recorded.resume(best);
    expect(scheduler.resume?.(study)?.trial).toBe(second.number);
    recorded.resume(second);
    expect(scheduler.resume?.(study)).toBeUndefined();
    // Meanwhile, a free worker begins the next bracket, of 3 trials with a rung at 2.
    const next = recorded.start();
    expect(recorded.report(next, 1, { loss: 0.1 })).toEqual({ action: "continue" });
    expect(recorded.report(next, 2, { loss: 0.1 }).explanation?.values).toMatchObject({
      bracket: 1,
      rung: 2,
    });
    // Rung 2 of the first bracket: one of two goes on. The second to arrive is the better one, so it need not pause.
    expect(recorded.report(best, 2, { loss: 0.19 }).action).toBe("pause");
    recorded.pause(best);
    expect(recorded.report(second, 2, { loss: 0.1 }).action).toBe("continue");
    expect(scheduler.resume?.(study)).toBeUndefined();
  });

  it("does not wait for stopped trials, and stops diverged ones", () => {
    const recorded = record({ eta: 2 }, 2);
    // Brackets of 2 and 2 trials.
    const diverged = recorded.start();
    expect(recorded.report(diverged, 1, { loss: Number.NaN }).action).toBe("stop");
    recorded.stop(diverged);
    expect(recorded.report(recorded.start(), 1, { loss: 7 }).action).toBe("continue");
  });

  it("closes a bracket that can no longer be filled", () => {
    const recorded = record({ eta: 2 }, 4);
    const { scheduler, study } = recorded;
    const [worse, better] = [recorded.decided(1, { loss: 0.5 }), recorded.decided(1, { loss: 0.4 })];
    recorded.pause(worse);
    recorded.pause(better);
    expect(scheduler.resume?.(study, false)).toBeUndefined();
    expect(scheduler.resume?.(study, true)?.trial).toBe(better.number);
  });

  it("gives the last bracket the trials left in the budget", () => {
    const recorded = record({ eta: 2 }, 4);
    recorded.study.definition = { ...recorded.study.definition, budget: { trials: 2 } };
    recorded.pause(recorded.decided(1, { loss: 0.5 }));
    expect(recorded.report(recorded.start(), 1, { loss: 0.4 }).action).toBe("continue");
  });

  it("closes its last bracket when the budget is cut to what there is", () => {
    const recorded = record({ eta: 2 }, 4);
    const { scheduler, study } = recorded;
    for (const loss of [0.5, 0.4]) recorded.pause(recorded.decided(1, { loss }));
    expect(scheduler.resume?.(study)).toBeUndefined();
    const event = { type: "study-changed", budget: { trials: 2 }, time: 1 } as const;
    applyEvent(study, event);
    scheduler.observe(event, study);
    expect(scheduler.resume?.(study)?.trial).toBe(1);
  });
});

describe("hyperband: the law of a bracket", () => {
  it("only the best go on, and only after all have arrived", () => {
    let promotions = 0;
    fc.assert(
      fc.property(simulationSettings(), fc.integer({ min: 2, max: 3 }), (settings, eta) => {
        const goal: Goal = { metric: "loss", direction: settings.direction };
        const inner = hyperband({ eta }).create({ goal, maxSteps: settings.maxSteps, seed: 0 });
        const plan = hyperbandPlan(1, eta, settings.maxSteps);
        const flaws: string[] = [];
        const check = (study: Study, number: number, rung: number): void => {
          const { bracket, start, trials: size } = plan.placeOf(number);
          const count = Math.min(size, settings.trials - start);
          const members = study.trials.slice(start, start + count);
          if (members.length < count) flaws.push(`bracket ${bracket} is not full`);
          // A trial that is still running has been recorded there, or further up.
          const late = members.find(
            ({ state, curve }) =>
              (state === "running" || state === "waiting") &&
              !curve.steps.some(
                (step, report) => step >= rung && (curve.metrics.get("loss")?.[report] ?? null) !== null,
              ),
          );
          if (late !== undefined) flaws.push(`trial ${late.number} is on the way`);
        };
        simulateStudy(settings, {
          scheduler: {
            ...inner,
            resume: (study, isEnding = false, isClosed = isEnding) => {
              const answer = inner.resume?.(study, isEnding, isClosed);
              if (answer === undefined) return undefined;
              promotions += 1;
              if (!isClosed) {
                const { rung = 0, rank = 0, promotable = 0 } = answer.explanation.values;
                check(study, answer.trial, rung);
                if (rank > promotable) flaws.push(`rank ${rank} of ${promotable} goes on`);
              }
              return answer;
            },
          },
        });
        expect(flaws).toEqual([]);
      }),
      { numRuns: 40 },
    );
    expect(promotions).toBeGreaterThan(10);
  });
});
