import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Metrics } from "../../core/events.js";
import type { Goal } from "../../core/goal.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import { lcm } from "./lcm.js";

type Options = Parameters<typeof lcm>[0];

const ACCURACY: Goal = { metric: "accuracy", direction: "maximize" };
const LOSS: Goal = { metric: "loss", direction: "minimize" };

const record = (goal: Goal, maxSteps: number, options: Options): RecordedStudy =>
  recordStudy(goal, lcm({ mode: "poster", ...options }).create({ goal, maxSteps, seed: 0 }));

/** Loss curves from a list of values at the steps 2, 4, 6 and 8, with an accuracy at step 10. */
function train(recorded: RecordedStudy, losses: readonly number[], accuracy: number): void {
  const curve = Object.fromEntries(losses.map((loss, index) => [2 * (index + 1), { loss }]));
  recorded.complete(recorded.start({ ...curve, 10: { loss: 0, accuracy } }));
}

describe("lcm, mode poster: an example computed by hand", () => {
  const example = (): RecordedStudy => {
    const recorded = record(ACCURACY, 10, {
      accumulate: 4,
      cumulativePoints: [2, 4, 6, 8],
      checkpoints: [4, 6, 8],
      curve: "loss",
    });
    //                 step 2   4    6    8
    train(recorded, [1.0, 0.8, 0.6, 0.5], 0.8);
    train(recorded, [2.0, 1.6, 1.4, 1.3], 0.6);
    train(recorded, [1.5, 0.9, 0.5, 0.3], 0.9);
    train(recorded, [2.0, 2.0, 2.0, 2.0], 0.1);
    return recorded;
  };

  it("follows one trial over three checkpoints", () => {
    const recorded = example();
    const trial = recorded.start();
    expect(recorded.report(trial, 2, { loss: 1.3 })).toEqual({ action: "continue" });

    // Checkpoint 4, the trial's curve being (1.3, 1.2):
    //   d0 = sqrt((1.3 - 1.0)^2 + (1.2 - 0.8)^2) = sqrt(0.09 + 0.16) = sqrt(0.25) = 0.5
    //   d1 = sqrt((1.3 - 2.0)^2 + (1.2 - 1.6)^2) = sqrt(0.49 + 0.16) = sqrt(0.65) = 0.80623
    //   d2 = sqrt((1.3 - 1.5)^2 + (1.2 - 0.9)^2) = sqrt(0.04 + 0.09) = sqrt(0.13) = 0.36056  <- nearest
    //   d3 = sqrt((1.3 - 2.0)^2 + (1.2 - 2.0)^2) = sqrt(0.49 + 0.64) = sqrt(1.13) = 1.06301
    // Prediction: trial 2's accuracy 0.9. None of 0.8, 0.6, 0.9, 0.1 is better: rank percentage 0.
    const first = recorded.report(trial, 4, { loss: 1.2 });
    expect(first.action).toBe("continue");
    expect(first.explanation?.rule).toBe("lcm/poster");
    expect(first.explanation?.steps).toEqual([2, 4]);
    expect(first.explanation?.neighbours).toEqual([
      { trial: 2, distance: expect.closeTo(0.36056, 5), performance: 0.9 },
      { trial: 0, distance: expect.closeTo(0.5, 5), performance: 0.8 },
      { trial: 1, distance: expect.closeTo(0.80623, 5), performance: 0.6 },
      { trial: 3, distance: expect.closeTo(1.06301, 5), performance: 0.1 },
    ]);
    expect(first.explanation?.values).toEqual({
      checkpoint: 4,
      librarySize: 4,
      threshold: 0.5,
      prediction: 0.9,
      rankPercentage: 0,
      margin: -0.5,
      distance: expect.closeTo(0.36056, 5),
    });

    // Checkpoint 6, the curve going on with 1.3:
    //   d0 = sqrt(0.25 + (1.3 - 0.6)^2) = sqrt(0.74) = 0.86023
    //   d1 = sqrt(0.65 + (1.3 - 1.4)^2) = sqrt(0.66) = 0.81240  <- nearest
    //   d2 = sqrt(0.13 + (1.3 - 0.5)^2) = sqrt(0.77) = 0.87750
    //   d3 = sqrt(1.13 + (1.3 - 2.0)^2) = sqrt(1.62) = 1.27279
    // Prediction: 0.6. Better are 0.8 and 0.9, two of four: 50 %, which does not exceed 50 %.
    const second = recorded.report(trial, 6, { loss: 1.3 });
    expect(second.action).toBe("continue");
    expect(second.explanation?.neighbours).toEqual([
      { trial: 1, distance: expect.closeTo(0.8124, 5), performance: 0.6 },
      { trial: 0, distance: expect.closeTo(0.86023, 5), performance: 0.8 },
      { trial: 2, distance: expect.closeTo(0.8775, 5), performance: 0.9 },
      { trial: 3, distance: expect.closeTo(1.27279, 5), performance: 0.1 },
    ]);
    expect(second.explanation?.values).toMatchObject({ prediction: 0.6, rankPercentage: 0.5, margin: 0 });

    // Checkpoint 8, the curve going on with 2.4:
    //   d0 = sqrt(0.74 + (2.4 - 0.5)^2) = sqrt(4.35) = 2.08567
    //   d1 = sqrt(0.66 + (2.4 - 1.3)^2) = sqrt(1.87) = 1.36748
    //   d2 = sqrt(0.77 + (2.4 - 0.3)^2) = sqrt(5.18) = 2.27596
    //   d3 = sqrt(1.62 + (2.4 - 2.0)^2) = sqrt(1.78) = 1.33417  <- nearest
    // Prediction: 0.1. Better are 0.8, 0.6 and 0.9, three of four: 75 % exceeds 50 %, so it stops.
    const third = recorded.report(trial, 8, { loss: 2.4 });
    expect(third.action).toBe("stop");
    expect(third.explanation?.steps).toEqual([2, 4, 6, 8]);
    expect(third.explanation?.neighbours).toEqual([
      { trial: 3, distance: expect.closeTo(1.33417, 5), performance: 0.1 },
      { trial: 1, distance: expect.closeTo(1.36748, 5), performance: 0.6 },
      { trial: 0, distance: expect.closeTo(2.08567, 5), performance: 0.8 },
      { trial: 2, distance: expect.closeTo(2.27596, 5), performance: 0.9 },
    ]);
    expect(third.explanation?.values).toMatchObject({ prediction: 0.1, rankPercentage: 0.75, margin: 0.25 });
    expect(third.explanation?.reason).toBe(
      "Its loss up to step 8 is nearest to that of trial 3 (distance 1.334), which ended at accuracy 0.1: " +
        "75 % of 4 complete trainings did better, above the limit of 50 %.",
    );
  });

  it("adds complete trainings to the library while others train", () => {
    const recorded = example();
    const trial = recorded.start({ 2: { loss: 2 }, 4: { loss: 2 }, 6: { loss: 2 } });
    // The far curve of trial 5 changes no distance, but its 0.7 is better than the prediction 0.1: 4 of 5.
    train(recorded, [10, 10, 10, 10], 0.7);
    const decision = recorded.report(trial, 8, { loss: 2 });
    expect(decision.explanation?.values).toMatchObject({ librarySize: 5, rankPercentage: 0.8, distance: 0 });
  });

  it("breaks ties between curves by the lower trial number, even if that trial was completed later", () => {
    const recorded = record(ACCURACY, 10, {
      accumulate: 2,
      cumulativePoints: [2],
      checkpoints: [4],
      curve: "loss",
    });
    const early = recorded.start({ 2: { loss: 1 }, 10: { accuracy: 0.2 } });
    train(recorded, [3], 0.9);
    recorded.complete(early);
    const trial = recorded.start({ 2: { loss: 2 } });
    const { explanation } = recorded.report(trial, 4, { loss: 2 });
    expect(explanation?.neighbours?.map((neighbour) => neighbour.trial)).toEqual([0, 1]);
    expect(explanation?.values["prediction"]).toBe(0.2);
  });
});

describe("lcm, mode poster: a study without earlier ones", () => {
  it("goes on stopping bad trials, however many it has stopped", () => {
    const recorded = record(LOSS, 2, { accumulate: 2, cumulativePoints: [1], checkpoints: [1] });
    for (const loss of [1, 2, 5]) recorded.complete(recorded.start({ 1: { loss }, 2: { loss } }));
    // Nearest to the one that ended at 5: two of three did better.
    const actions = Array.from({ length: 12 }, () => {
      const trial = recorded.start();
      const { action } = recorded.report(trial, 1, { loss: 5 });
      recorded.stop(trial);
      return action;
    });
    expect(new Set(actions)).toEqual(new Set(["stop"]));
  });
});

describe("lcm, mode poster: equality with the definition", () => {
  const POINTS = 6;
  // Few distinct values, so that distances and performances are often equal.
  const value = fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 4 }).map((n) => n / 2) },
    { weight: 1, arbitrary: fc.constantFrom(null, null, Number.NaN, Number.POSITIVE_INFINITY) },
    { weight: 2, arbitrary: fc.double({ min: -3, max: 3, noNaN: true }) },
  );
  const curve = fc.array(value, { minLength: POINTS, maxLength: POINTS });
  const performance = fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 0, max: 5 }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY) },
  );
  const scenario = fc.record({
    library: fc.array(fc.record({ curve, performance }), { minLength: 1, maxLength: 40 }),
    own: curve,
    checkpoint: fc.integer({ min: 1, max: POINTS }),
    points: fc.uniqueArray(fc.integer({ min: 1, max: POINTS }), { minLength: 1 }),
    accumulate: fc.integer({ min: 1, max: 5 }),
    stopRank: fc.constantFrom(0, 0.2, 0.5, 0.9),
    direction: fc.constantFrom("minimize", "maximize"),
  });

  type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

  /** Directly from the definition: every distance, the nearest, its performance, the share of better ones. */
  function byDefinition({ library, own, checkpoint, points, accumulate, stopRank, direction }: Scenario) {
    if (library.length < accumulate) return { action: "continue" };
    const compared = points.toSorted((a, b) => a - b).filter((point) => point <= checkpoint);
    const distances = library.map(({ curve: other }, trial) => {
      const both = compared.filter((p) => own[p - 1] !== null && other[p - 1] !== null);
      const squares = both.map((p) => (Number(own[p - 1]) - Number(other[p - 1])) ** 2);
      const finite = both.every((p) => Number.isFinite(own[p - 1]) && Number.isFinite(other[p - 1]));
      const sum = squares.reduce((total, square) => total + square, 0);
      return { trial, both, distance: both.length > 0 && finite ? Math.sqrt(sum) : Number.POSITIVE_INFINITY };
    });
    const near = distances
      .filter(({ distance }) => distance < Number.POSITIVE_INFINITY)
      .toSorted((a, b) => a.distance - b.distance || a.trial - b.trial);
    const [nearest] = near;
    if (nearest === undefined) return { action: "continue" };
    const of = (trial: number): number => library[trial]?.performance ?? Number.NaN;
    const better = (a: number, b: number): boolean => {
      if (!Number.isFinite(a)) return false;
      if (!Number.isFinite(b)) return true;
      return direction === "minimize" ? a < b : a > b;
    };
    const prediction = of(nearest.trial);
    const rankPercentage =
      library.filter((each) => better(each.performance, prediction)).length / library.length;
    return {
      action: rankPercentage > stopRank ? "stop" : "continue",
      rankPercentage,
      prediction: Number.isFinite(prediction) ? prediction : undefined,
      distance: nearest.distance,
      steps: nearest.both,
      neighbours: near
        .slice(0, 5)
        .map(({ trial, distance }) => ({ trial, distance, performance: of(trial) })),
    };
  }

  it("holds for 200 random libraries, ties and diverged curves included", () => {
    fc.assert(
      fc.property(scenario, (drawn) => {
        const { library, own, checkpoint, points, accumulate, stopRank, direction } = drawn;
        const recorded = record({ metric: "score", direction }, POINTS + 1, {
          accumulate,
          stopRank,
          cumulativePoints: points,
          checkpoints: [checkpoint],
          curve: "loss",
        });
        const rows = (values: readonly (number | null)[]): Record<number, Metrics> =>
          Object.fromEntries(values.map((loss, index) => [index + 1, loss === null ? {} : { loss }]));
        for (const each of library) {
          recorded.complete(
            recorded.start({ ...rows(each.curve), [POINTS + 1]: { score: each.performance } }),
          );
        }
        const trial = recorded.start(rows(own.slice(0, checkpoint - 1)));
        const last = own[checkpoint - 1] ?? null;
        const { action, explanation } = recorded.report(
          trial,
          checkpoint,
          last === null ? {} : { loss: last },
        );
        const expected = byDefinition(drawn);
        expect({ action, ...pick(explanation) }).toEqual({ ...pick(undefined), ...expected });
      }),
      { numRuns: 200 },
    );
  });

  function pick(explanation: ReturnType<RecordedStudy["report"]>["explanation"]) {
    const { rankPercentage, prediction, distance } = explanation?.values ?? {};
    return {
      rankPercentage,
      prediction,
      distance,
      steps: explanation?.steps,
      neighbours: explanation?.neighbours,
    };
  }
});

describe("lcm, mode poster: accumulation", () => {
  it("stops nothing before `accumulate` complete trainings, and says so", () => {
    const recorded = record(LOSS, 10, { accumulate: 2 });
    recorded.complete(recorded.start({ 1: { loss: 1 }, 10: { loss: 0.1 } }));
    const trial = recorded.start();
    expect(recorded.report(trial, 1, { loss: 100 })).toEqual({
      action: "continue",
      explanation: {
        rule: "lcm/poster",
        reason: "Nothing is stopped before 2 complete trainings; there are 1 so far.",
        values: { checkpoint: 1, librarySize: 1, accumulate: 2 },
      },
    });
  });

  it("counts only trials that ended by themselves at maxSteps and reported the goal metric", () => {
    const recorded = record(LOSS, 10, { accumulate: 1 });
    recorded.complete(recorded.start({ 1: { loss: 1 }, 9: { loss: 0.1 } }));
    recorded.complete(recorded.start({ 1: { other: 1 }, 10: { other: 0.1 } }));
    recorded.start({ 1: { loss: 1 }, 10: { loss: 0.1 } });
    const trial = recorded.start();
    expect(recorded.report(trial, 1, { loss: 1 }).explanation?.values["librarySize"]).toBe(0);
  });

  it("takes the performance at maxSteps, not after it", () => {
    const recorded = record(LOSS, 10, { accumulate: 1 });
    recorded.complete(recorded.start({ 1: { loss: 1 }, 10: { loss: 0.3 }, 11: { loss: 0.2 } }));
    recorded.complete(
      recorded.start({ 1: { loss: 9 }, 7: { loss: 0.5 }, 14: { loss: 0.4 }, 21: { loss: 0.1 } }),
    );
    const trial = recorded.start();
    const { explanation } = recorded.report(trial, 1, { loss: 1 });
    expect(explanation?.neighbours?.map((neighbour) => neighbour.performance)).toEqual([0.3, 0.4]);
  });
});

describe("lcm, mode poster: programs that report at other steps", () => {
  const decisions = (stride: number): (number | undefined)[] => {
    const recorded = record(LOSS, 100, { accumulate: 1 });
    const steps = Array.from({ length: Math.ceil(100 / stride) }, (_, index) => stride * (index + 1));
    recorded.complete(recorded.start(Object.fromEntries(steps.map((step) => [step, { loss: 1 / step }]))));
    const trial = recorded.start();
    return steps.map(
      (step) => recorded.report(trial, step, { loss: 1 / step }).explanation?.values["checkpoint"],
    );
  };

  it("decides once for each checkpoint, at the first report at or after it", () => {
    expect(decisions(10)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, undefined]);
    // Reports at 7, 14, 21, .., 98, 105.
    const none = undefined;
    expect(decisions(7)).toEqual([none, 10, 20, none, 30, 40, none, 50, 60, 70, none, 80, 90, none, none]);
    // Reports at 35, 70, 105: the last checkpoint passed counts.
    expect(decisions(35)).toEqual([30, 70, undefined]);
  });

  it("records the first report at or after a point, but not one at or after the next point", () => {
    const recorded = record(LOSS, 40, { accumulate: 1, cumulativePoints: [10, 20, 30], checkpoints: [30] });
    recorded.complete(recorded.start({ 14: { loss: 3 }, 30: { loss: 1 }, 40: { loss: 1 } }));
    const trial = recorded.start({ 10: { loss: 5 }, 20: { loss: 100 } });
    // At 10 the other curve has 3 (from step 14), at 20 none, at 30 it has 1: sqrt((5 - 3)^2 + (4 - 1)^2).
    const { explanation } = recorded.report(trial, 31, { loss: 4 });
    expect(explanation?.steps).toEqual([10, 30]);
    expect(explanation?.values["distance"]).toBe(Math.sqrt(13));
  });

  it("makes no decision at the end of a training", () => {
    const recorded = record(LOSS, 10, { accumulate: 1 });
    recorded.complete(recorded.start({ 10: { loss: 1 } }));
    const trial = recorded.start({ 8: { loss: Number.NaN } });
    expect(recorded.report(trial, 10, { loss: Number.NaN })).toEqual({ action: "continue" });
  });
});

describe("lcm, mode poster: diverged trainings", () => {
  const library = (): RecordedStudy => {
    const recorded = record(LOSS, 10, { accumulate: 2, cumulativePoints: [1, 2], checkpoints: [2] });
    recorded.complete(recorded.start({ 1: { loss: 3 }, 2: { loss: 2 }, 10: { loss: 1 } }));
    recorded.complete(recorded.start({ 1: { loss: 5 }, 2: { loss: 6 }, 10: { loss: Number.NaN } }));
    return recorded;
  };

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "stops one whose goal is %d",
    (loss) => {
      const recorded = library();
      const decision = recorded.report(recorded.start({ 1: { loss: 3 } }), 2, { loss });
      expect(decision.action).toBe("stop");
      expect(decision.explanation?.values).toEqual({
        checkpoint: 2,
        librarySize: 2,
        threshold: 0.5,
        rankPercentage: 0.5,
      });
      expect(decision.explanation?.reason).toContain("diverged");
    },
  );

  it("lets a trial go on that had diverged for a while, since no curve can be compared with it", () => {
    const recorded = library();
    const decision = recorded.report(recorded.start({ 1: { loss: Number.NaN } }), 2, { loss: 2 });
    expect(decision.action).toBe("continue");
    expect(decision.explanation?.reason).toBe(
      "None of 2 complete trainings has a loss that can be compared up to step 2.",
    );
  });

  it("predicts the worst from a curve that diverged later", () => {
    const recorded = record(LOSS, 10, { accumulate: 3, cumulativePoints: [1, 2], checkpoints: [2] });
    for (const end of [1, 2, Number.NaN]) {
      recorded.complete(recorded.start({ 1: { loss: 3 * end || 5 }, 2: { loss: 6 }, 10: { loss: end } }));
    }
    // The nearest ended diverged; the other two are better: 2 of 3.
    const decision = recorded.report(recorded.start({ 1: { loss: 5 } }), 2, { loss: 6 });
    expect(decision.action).toBe("stop");
    expect(decision.explanation?.values["rankPercentage"]).toBe(2 / 3);
    expect(decision.explanation?.values).not.toHaveProperty("prediction");
    expect(decision.explanation?.reason).toContain("which diverged: 66.7 % of 3");
  });
});

describe("lcm: options", () => {
  const create = (options: Options, maxSteps: number | undefined) => () =>
    lcm({ mode: "poster", ...options }).create({ goal: LOSS, maxSteps, seed: 0 });

  it("needs maxSteps, either the study's or its own", () => {
    expect(create({}, undefined)).toThrow(
      expect.objectContaining({ code: "MAX_STEPS_MISSING", hint: expect.stringContaining("maxSteps") }),
    );
    expect(create({ maxSteps: 30 }, undefined)).not.toThrow();
    expect(create({ maxSteps: 30 }, 20)).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
  });

  it("promotes by default, and records only what the user specified", () => {
    expect(lcm().options).toEqual({ mode: "promote" });
    expect(lcm({ mode: "poster", stopRank: 0.4 }).options).toEqual({ mode: "poster", stopRank: 0.4 });
  });

  it("uses the published values unless the user gives others", () => {
    const given = { accumulate: 10, cumulativePoints: 10, checkpoints: 10, stopRank: 0.5 };
    const decisions = [{}, given].map((options) => {
      const recorded = record(LOSS, 10, options);
      for (let n = 0; n < 10; n++) {
        const loss = n / 10;
        recorded.complete(recorded.start({ 1: { loss }, 5: { loss }, 10: { loss } }));
      }
      return [0.31, 0.62].map((loss) => recorded.report(recorded.start({}), 1, { loss }));
    });
    expect(decisions[0]).toEqual(decisions[1]);
    expect(decisions[0]?.map(({ action }) => action)).toEqual(["continue", "stop"]);
  });

  it("needs a curve to match in mode poster, but not in mode promote", () => {
    expect(create({ accumulate: 0 }, 10)).toThrow(
      expect.objectContaining({
        code: "OPTIONS_INVALID",
        message: expect.stringContaining("accumulate is 0"),
      }),
    );
    expect(create({ accumulate: 1 }, 10)).not.toThrow();
    expect(create({ mode: "promote", accumulate: 0 }, 10)).not.toThrow();
  });

  it("accepts each option in the modes that it belongs to, and curves of other metrics in mode poster", () => {
    const everything: Options[] = [
      { mode: "promote", accumulate: 1, eta: 2, minSteps: 2, optimism: 1, audit: 0.1 },
      { mode: "stop", eta: 2, minSteps: 2 },
      { mode: "poster", accumulate: 1, cumulativePoints: 5, checkpoints: [2], stopRank: 0.1, curve: "error" },
    ];
    for (const options of everything)
      expect(create({ ...options, maxSteps: 10, transfer: [] }, 10)).not.toThrow();
  });

  it.each<[Options, string]>([
    [{ stopRank: 0.4 }, "poster"],
    [{ cumulativePoints: 5 }, "poster"],
    [{ checkpoints: 5 }, "poster"],
    [{ mode: "stop", curve: "error" }, "poster"],
    [{ mode: "stop", accumulate: 3 }, "promote or mode: poster"],
    [{ mode: "poster", eta: 3 }, "promote or mode: stop"],
    [{ mode: "poster", minSteps: 3 }, "promote or mode: stop"],
    [{ mode: "poster", optimism: 1 }, "promote"],
    [{ mode: "stop", audit: 0.1 }, "promote"],
  ])("refuses %j and names the mode that it belongs to", (options, modes) => {
    expect(() => lcm(options).create({ goal: LOSS, maxSteps: 10, seed: 0 })).toThrow(
      expect.objectContaining({ code: "OPTIONS_INVALID", hint: expect.stringContaining(`mode: ${modes}`) }),
    );
  });

  it.each([
    [{ checkpoints: [10] }, "checkpoint 10 is not before"],
    [{ cumulativePoints: [11] }, "cumulative point 11 lies beyond"],
  ])("refuses %j for a training of 10 steps", (options, message) => {
    expect(create(options, 10)).toThrow(
      expect.objectContaining({ code: "OPTIONS_INVALID", message: expect.stringContaining(message) }),
    );
  });

  // The last values that make sense.
  it.each([
    { accumulate: 0 },
    { eta: 2, minSteps: 1 },
    { eta: 100 },
    { optimism: 0, audit: 0 },
    { optimism: 10, audit: 1 },
    { stopRank: 0, cumulativePoints: 1, checkpoints: 10_000 },
    { stopRank: 1, checkpoints: [0.5] },
    { curve: "a" },
    { maxSteps: 0.5 },
  ])("takes %j", (options) => {
    expect(lcm({ ...options }).options).toMatchObject(options);
  });

  it.each([
    { accumulate: -1 },
    { eta: 1 },
    { eta: 101 },
    { minSteps: 0 },
    { optimism: -0.1 },
    { optimism: 10.1 },
    { audit: -0.1 },
    { audit: 1.1 },
    { stopRank: -0.1 },
    { stopRank: 1.5 },
    { checkpoints: 0 },
    { checkpoints: 10_001 },
    { checkpoints: [] },
    { checkpoints: [0] },
    { checkpoints: [-1] },
    { curve: "" },
    { maxSteps: 0 },
    { unknown: 1 },
  ])("refuses %j", (options) => {
    expect(() => lcm({ ...options })).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
  });
});
