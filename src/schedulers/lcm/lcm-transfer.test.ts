import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Goal } from "../../core/goal.js";
import type { TransferredStudy, TransferredTrial } from "../../core/study.js";
import { applyEvent } from "../../core/study-fold.js";
import { encodeTransferred } from "../../core/transferred-study.js";
import { earlierStudies } from "../../testing/earlier-studies.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import { simulateStudy, simulationSettings } from "../../testing/simulated-study.js";
import { combined, lcm, threshold } from "../index.js";

const GOAL: Goal = { metric: "loss", direction: "minimize" };

function earlierTrial(
  number: number,
  losses: readonly number[],
  state: TransferredTrial["state"] = "complete",
) {
  const steps = losses.map((_, index) => index + 1);
  return {
    number,
    params: {},
    state,
    curve: { steps, metrics: new Map([["loss", losses]]) },
    inheritances: [],
  };
}
const study = (name: string, ...curves: readonly (readonly number[])[]): TransferredStudy => ({
  name,
  trials: curves.map((losses, number) => earlierTrial(number, losses)),
});

function record(
  options: Parameters<typeof lcm>[0],
  maxSteps: number,
  ...earlier: readonly TransferredStudy[]
) {
  const scheduler = lcm(options).create({ goal: GOAL, maxSteps, seed: 0 });
  const recorded: RecordedStudy = recordStudy(GOAL, scheduler);
  for (const each of earlier) {
    const event = { ...encodeTransferred(each), time: 0 };
    applyEvent(recorded.study, event);
    scheduler.observe(event, recorded.study);
  }
  return recorded;
}

describe("lcm with curves from earlier studies, mode poster", () => {
  const options = { mode: "poster", accumulate: 3, cumulativePoints: 4, checkpoints: 4 } as const;
  const old = study("old", [9, 8, 7, 6], [5, 4, 3, 2], [7, 6, 5, 4]);

  it("judges even the first trial of a study", () => {
    const recorded = record({ ...options, transfer: ["old"] }, 4, old);
    // At step 1 its distances to the curves are 0.1, 3.9 and 1.9; the nearest ended at 6, and two of three did better.
    const { action, explanation } = recorded.report(recorded.start(), 1, { loss: 8.9 });
    expect(action).toBe("stop");
    expect(explanation?.values).toMatchObject({ librarySize: 3, prediction: 6, rankPercentage: 2 / 3 });
    expect(explanation?.neighbours).toEqual([
      { trial: 0, study: "old", distance: expect.closeTo(0.1, 12), performance: 6 },
      { trial: 2, study: "old", distance: expect.closeTo(1.9, 12), performance: 4 },
      { trial: 1, study: "old", distance: expect.closeTo(3.9, 12), performance: 2 },
    ]);
    expect(explanation?.reason).toContain("nearest to that of trial old/0 (distance 0.1)");
  });

  it("on ties prefers its own curves, then the study named first", () => {
    const recorded = record({ ...options, transfer: ["new", "old"] }, 4, old, study("new", [7, 6, 5, 4]));
    recorded.complete(recorded.start({ 1: { loss: 7 }, 2: { loss: 6 }, 3: { loss: 5 }, 4: { loss: 4 } }));
    const { explanation } = recorded.report(recorded.start(), 1, { loss: 7 });
    expect(explanation?.neighbours?.slice(0, 3)).toEqual([
      { trial: 0, distance: 0, performance: 4 },
      { trial: 0, study: "new", distance: 0, performance: 4 },
      { trial: 2, study: "old", distance: 0, performance: 4 },
    ]);
  });

  it("takes longer trainings' values at this study's end, and ignores shorter ones", () => {
    const longer = study("longer", [9, 8, 7, 6, 5, 4], [5, 4, 3, 2, 1, 1]);
    const shorter = study("shorter", [9, 8, 7]);
    const cutOff: TransferredStudy = { name: "cut", trials: [earlierTrial(5, [7, 7, 7, 7, 7], "stopped")] };
    const recorded = record(
      { ...options, transfer: ["longer", "shorter", "cut"] },
      4,
      longer,
      shorter,
      cutOff,
    );
    const { explanation } = recorded.report(recorded.start(), 1, { loss: 9 });
    expect(explanation?.neighbours).toEqual([
      { trial: 0, study: "longer", distance: 0, performance: 6 },
      { trial: 5, study: "cut", distance: 2, performance: 7 },
      { trial: 1, study: "longer", distance: 4, performance: 2 },
    ]);
  });

  it("trains some trials to the end if none is as good as in the earlier studies", () => {
    const recorded = record({ ...options, transfer: ["old"] }, 4, old);
    const ends = Array.from({ length: 8 }, () => {
      const trial = recorded.start();
      for (let step = 1; step <= 3; step++) {
        if (recorded.report(trial, step, { loss: 50 - step }).action === "stop") {
          recorded.stop(trial);
          return step;
        }
      }
      recorded.report(trial, 4, { loss: 46 });
      recorded.complete(trial);
      return 4;
    });
    // After three stopped trials without a complete one, one is completed; then three more are stopped before the next.
    expect(ends).toEqual([1, 1, 1, 4, 1, 1, 1, 4]);
  });
});

describe("lcm with curves from earlier studies, mode stop", () => {
  const old = study("old", [3, 2, 1], [5, 4, 3], [7, 6, 5], [9, 8, 7]);
  const record1 = () => record({ mode: "stop", eta: 2, transfer: ["old"] }, 3, old);

  it("ranks the first trials among the earlier studies' trials", () => {
    const recorded = record1();
    // Rungs are the steps 1 and 2. Among 3, 5, 7, 9 and its own 8 it is fourth; the best three go on.
    const first = recorded.report(recorded.start(), 1, { loss: 8 });
    expect(first).toMatchObject({
      action: "stop",
      explanation: { values: { rank: 4, reached: 5, best: 3 } },
    });
    expect(first.explanation?.reason).toContain("rank 4 of 5 so far, 4 of them in earlier studies");
    expect(recorded.report(recorded.start(), 1, { loss: 4 }).action).toBe("continue");
  });

  it("ignores them once more than eta of its own have reached the rung", () => {
    const recorded = record1();
    for (const loss of [80, 70]) expect(recorded.report(recorded.start(), 1, { loss }).action).toBe("stop");
    const third = recorded.report(recorded.start(), 1, { loss: 60 });
    expect(third).toMatchObject({ action: "continue", explanation: { values: { rank: 1, reached: 3 } } });
  });
});

describe("lcm with curves from earlier studies, mode promote", () => {
  /** Curves that fall by a factor right after the first step, then stay flat. */
  const falling = (first: number, factor: number) => [
    first,
    ...Array.from({ length: 15 }, () => first * factor),
  ];
  const old = study("old", falling(1, 0.5), falling(2, 0.5), falling(3, 0.5), falling(4, 0.5));

  /**
   * A study with two trials that continued with a shift of -0.1 in the logarithm, and one that has just begun at
   * `first`.
   */
  const forecastOf = (first: number, ...earlier: readonly TransferredStudy[]) => {
    const options = earlier.length === 0 ? {} : { transfer: earlier.map(({ name }) => name) };
    const recorded = record(options, 16, ...earlier);
    for (const loss of [20, 30]) {
      const trial = recorded.start({ 1: { loss } });
      recorded.report(trial, 16, { loss: loss * Math.exp(-0.1) });
      recorded.complete(trial);
    }
    const { explanation } = recorded.report(recorded.start(), 1, { loss: first });
    return { explanation, forecast: explanation?.values["forecast"] ?? Number.NaN };
  };

  it("lets them correct what its own trials predict", () => {
    const alone = forecastOf(2);
    const helped = forecastOf(2, old);
    // All fell by the same factor there, so similar curves do not contradict the line.
    expect(helped.forecast).toBeCloseTo(alone.forecast, 1);
    expect(helped.explanation?.neighbours?.[0]).toEqual({
      trial: 1,
      study: "old",
      distance: 0,
      forecast: 1,
    });
    const uneven = study("old", falling(1, 1), falling(2, 0.2), falling(3, 1), falling(4, 1));
    expect(forecastOf(2, uneven).forecast).toBeLessThan(alone.forecast - 0.02);
    const flat = study("old", falling(1, 0.2), falling(2, 1), falling(3, 0.2), falling(4, 0.2));
    expect(forecastOf(2, flat).forecast).toBeGreaterThan(alone.forecast + 0.02);
  });

  it("considers how they continued, not how much all of them fell", () => {
    const scaled = (factor: number) =>
      study("old", falling(1, factor), falling(2, 0.5 * factor), falling(3, factor), falling(4, factor));
    expect(forecastOf(2, scaled(0.01)).forecast).toBeCloseTo(forecastOf(2, scaled(0.9)).forecast, 6);
  });

  it("neither promotes them nor counts them towards its quotas", () => {
    const recorded = record({ transfer: ["old"], eta: 2, audit: 0 }, 16, old);
    const trial = recorded.start();
    const first = recorded.report(trial, 1, { loss: 2 });
    expect(first.explanation?.values).toMatchObject({ reached: 1, goneOn: 1 });
    recorded.pause(trial);
    // One of two may go on; there is only one.
    expect(recorded.scheduler.resume?.(recorded.study)).toBeUndefined();
  });
});

describe("transfer", () => {
  it.each(["promote", "stop", "poster"] as const)(
    "from studies without a curve changes nothing, mode %s",
    (mode) => {
      fc.assert(
        fc.property(simulationSettings(), (settings) => {
          const { direction, maxSteps, seed } = settings;
          const goal: Goal = { metric: "loss", direction };
          const accumulate = mode === "poster" ? { accumulate: 2 } : {};
          const answersOf = (
            options: Parameters<typeof lcm>[0],
            transferred: readonly TransferredStudy[],
          ) => {
            const scheduler = lcm({ mode, ...accumulate, ...options }).create({ goal, maxSteps, seed });
            const { questions } = simulateStudy(settings, { scheduler, transferred });
            return questions.map(({ answer }) => answer);
          };
          const nothing = [{ name: "empty", trials: [] }];
          expect(answersOf({ transfer: ["empty"] }, nothing)).toEqual(answersOf({}, nothing));
          // Nor do curves that were not requested.
          const others = earlierStudies(settings, ["other"]);
          expect(answersOf({ transfer: [] }, others)).toEqual(answersOf({}, others));
        }),
        { numRuns: 15 },
      );
    },
  );

  it("is what a combination asks for as well", () => {
    const choice = combined(
      threshold({ bound: 1 }),
      lcm({ mode: "poster", curve: "accuracy", transfer: ["a"] }),
    );
    const { transfer } = choice.create({ goal: GOAL, maxSteps: 4, seed: 0 });
    expect(transfer).toEqual({ studies: ["a"], metrics: ["accuracy"] });
  });

  it("is reported missing if a study took nothing over", () => {
    const recorded = record({ transfer: ["old", "older"] }, 4, study("old", [1, 1, 1, 1]));
    expect(() => recorded.decided(1, { loss: 1 })).toThrow(
      expect.objectContaining({ code: "TRANSFER_MISSING", message: expect.stringContaining('"older"') }),
    );
  });

  it("may name a study only once", () => {
    expect(() => lcm({ transfer: ["a", "a"] })).toThrow(expect.objectContaining({ code: "OPTIONS_INVALID" }));
  });
});
