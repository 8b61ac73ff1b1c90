import { describe, expect, it } from "vitest";
import type { Goal } from "../../core/goal.js";
import type { Budget } from "../../core/study-definition.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import { simulateStudy } from "../../testing/simulated-study.js";
import { lcm } from "./lcm.js";

const LOSS: Goal = { metric: "loss", direction: "minimize" };

const promoted = (): RecordedStudy =>
  recordStudy(LOSS, lcm({ audit: 0 }).create({ goal: LOSS, maxSteps: 64, seed: 0 }));

const SETTINGS = { trials: 40, maxSteps: 20, stride: 1, direction: "minimize", trouble: 0 } as const;

describe("lcm, mode promote: options", () => {
  it("has the defaults that its description names", () => {
    const answers = [{}, { accumulate: 0, eta: 2, minSteps: 1, optimism: 3, audit: 0.02 }].map((options) => {
      const scheduler = lcm(options).create({ goal: { ...LOSS, of: "last" }, maxSteps: 20, seed: 3 });
      return simulateStudy({ ...SETTINGS, seed: 3, inFlight: 8 }, { scheduler }).questions;
    });
    expect(answers[0]?.length).toBeGreaterThan(100);
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe("lcm, mode promote: many trials in flight", () => {
  it("lets the first eight go on, and pauses the others at the first rung until one of those returns", () => {
    const recorded = promoted();
    const trials = Array.from({ length: 40 }, () => recorded.start());
    const actions = trials.map((trial, place) => recorded.report(trial, 1, { loss: 1 + place / 40 }).action);
    expect(actions).toEqual([...Array(8).fill("continue"), ...Array(32).fill("pause")]);
  });

  it("lets trials pass the first rung once it has proved uninformative", () => {
    const recorded = promoted();
    const trials = Array.from({ length: 8 }, () => recorded.start());
    const last = recorded.start();
    for (const [place, trial] of trials.entries()) recorded.report(trial, 1, { loss: 1 + place / 1000 });
    // Later values have nothing to do with the first step.
    for (const [place, trial] of trials.entries()) {
      const loss = [0.9, 0.2, 0.6, 0.4][place % 4] ?? 1;
      for (const step of [2, 3, 4]) recorded.report(trial, step, { loss });
    }
    const decision = recorded.report(last, 1, { loss: 1.0045 });
    expect(decision.action).toBe("continue");
    expect(decision.explanation?.values["firstRung"]).toBe(4);
  });
});

describe("lcm, mode promote: one at a time and several", () => {
  /** The trials that were let go on, in order, under the rule of version 0.1.0 and under the present one. */
  const courses = (inFlight: number, options: Parameters<typeof lcm>[0]) =>
    [undefined, "best" as const].map((of) => {
      const goal: Goal = of === undefined ? LOSS : { ...LOSS, of };
      const scheduler = lcm(options).create({ goal, maxSteps: 20, seed: 4 });
      const { events } = simulateStudy({ ...SETTINGS, seed: 4, inFlight }, { scheduler });
      return events.flatMap((event) => (event.type === "resumed" ? [event.trial] : []));
    });

  it("lets the same trials go on as before while one trains at a time, and others when several do", () => {
    const [before, now] = courses(1, { eta: 4 });
    expect(before?.length).toBeGreaterThan(5);
    expect(now).toEqual(before);
    const [formerly, present] = courses(16, { eta: 4 });
    expect(present).not.toEqual(formerly);
  });

  it("spaces rungs by a factor of 2, and by 4 under version 0.1.0", () => {
    const [before, now] = courses(1, {});
    expect(before).toEqual(courses(1, { eta: 4 })[0]);
    expect(now).toEqual(courses(1, { eta: 2 })[1]);
    expect(now).not.toEqual(before);
  });
});

describe("lcm, mode promote: a goal metric that is not in every report", () => {
  /** Reports another metric at each step and the goal metric only at some, like programs that validate now and then. */
  function trained(recorded: RecordedStudy, every: number, end: number): (string | number)[] {
    const trial = recorded.start();
    for (let step = 1; step < 64; step++) {
      const validation = step % every === 0 ? { loss: end + 1 / step } : {};
      const { action, explanation } = recorded.report(trial, step, { train_loss: 1 / step, ...validation });
      if (action !== "continue") {
        recorded.pause(trial);
        return [action, step, explanation?.values["rung"] ?? 0, explanation?.values["forecast"] ?? Infinity];
      }
    }
    recorded.complete(trial);
    return ["complete"];
  }

  it("decides nothing before its first value, and by that at the highest rung below it", () => {
    const recorded = promoted();
    const ends = Array.from({ length: 16 }, (_, place) => trained(recorded, 5, 1 + place / 16));
    // Of the rungs 1, 4 and 16 the first value, of step 5, tells of the second; three go on to learn what that tells.
    expect(ends.slice(0, 3).map(([action, step, rung]) => [action, step, rung])).toEqual([
      ["pause", 16, 16],
      ["pause", 16, 16],
      ["pause", 16, 16],
    ]);
    for (const [action, step, rung, forecast] of ends.slice(4)) {
      expect([
        [5, 4],
        [16, 16],
      ]).toContainEqual([step, rung]);
      expect(action).toBe("pause");
      expect(forecast).toBeLessThan(2.3);
    }
  });

  it("never pauses what tells its goal metric only at the end", () => {
    const recorded = promoted();
    const ends = Array.from({ length: 16 }, () => trained(recorded, 64, 1));
    expect(new Set(ends.flat())).toEqual(new Set(["complete"]));
    expect(recorded.scheduler.resume?.(recorded.study, true)).toBeUndefined();
  });

  it("does not take a trial without a value for a bad one", () => {
    const recorded = promoted();
    const silent = Array.from({ length: 12 }, () => {
      const trial = recorded.start();
      expect(recorded.report(trial, 1, { train_loss: 1 }).action).toBe("continue");
      expect(recorded.report(trial, 4, { train_loss: 1 }).action).toBe("continue");
      return trial;
    });
    // They do not count at the rungs either: of one trial that came to a rung, none goes on.
    const told = recorded.start();
    const { explanation } = recorded.report(told, 1, { loss: 1 });
    expect(explanation?.values).toMatchObject({ rung: 1, reached: 1 });
    expect(silent).toHaveLength(12);
  });
});

describe("lcm, mode promote: forecasts and promotions computed by hand", () => {
  const ACCURACY: Goal = { metric: "accuracy", direction: "maximize" };

  /** Two complete trainings and two that wait at step 1. Costs are negative accuracies, compared without logarithms. */
  const example = (options: Parameters<typeof lcm>[0] = {}, seed = 0, goal = ACCURACY): RecordedStudy => {
    const scheduler = lcm({ eta: 2, audit: 0, ...options }).create({ goal, maxSteps: 4, seed });
    const recorded = recordStudy(goal, scheduler);
    recorded.complete(recorded.start({ 1: { accuracy: 0.4 }, 2: { accuracy: 0.6 }, 4: { accuracy: 0.9 } }));
    recorded.complete(recorded.start({ 1: { accuracy: 0.6 }, 2: { accuracy: 0.65 }, 4: { accuracy: 0.7 } }));
    return recorded;
  };

  it("expects a curve like no other to follow the line", () => {
    const recorded = example();
    const { action, explanation } = recorded.report(recorded.start(), 1, { accuracy: 0.5 });
    // Values at step 1: -0.4, -0.6, -0.5, their variance (0.01 + 0.01 + 0) / 3 = 1/150. Two went deeper, with the gains
    // -0.5 and -0.1: -0.3 on average, around the value -0.5.
    // Slope: Sxx = 0.02, Sxy = 0.1 * -0.2 + -0.1 * 0.2 = -0.04; -0.04 / (0.02 + 2/150) = -1.2.
    // Noise: residuals -0.08 and 0.08; (0.0128 + 2 * 0.25 / 150) / (2 + 2) = 0.0040333.
    // No curve is near: (0.1)^2 in a kernel of 2 * 0.01 / 150 weighs exp(-75).
    // Mean: -0.5 - 0.3 = -0.8. Variance: noise + noise * (1/2 + 0) = 0.00605.
    expect(explanation?.values["forecast"]).toBeCloseTo(0.8, 12);
    expect(explanation?.values["deviation"]).toBeCloseTo(Math.sqrt(0.00605), 12);
    expect(explanation?.neighbours).toEqual([
      { trial: 0, distance: expect.closeTo(0.1, 12), forecast: expect.closeTo(0.9, 12) },
      { trial: 1, distance: expect.closeTo(0.1, 12), forecast: expect.closeTo(0.7, 12) },
    ]);
    expect(explanation?.values).toMatchObject({ rung: 1, reached: 3, goneOn: 3, best: 0.5 });
    // It goes on: step 1 explains too little. Its share: signal (1 - 1.2)^2 / 150 = 0.00026667, over signal and noise 0.062;
    // worth 1 / (1 * (1 / 0.062 - 1 + 0.5)) = 0.064.
    // Step 2: values -0.6 and -0.65, variance 0.000625; gains -0.3 and -0.05. Slope -0.00625 / (0.00125 + 0.00125) = -2.5,
    // noise (2 * 0.0625^2 + 2 * 0.25 * 0.000625) / 4 = 0.00203125, signal 1.5^2 * 0.000625 = 0.00140625: share 0.4091,
    // worth 1 / (2 * (1 / 0.4091 - 1 + 0.5)) = 0.257.
    expect(action).toBe("continue");
    expect(explanation?.values["firstRung"]).toBe(2);
  });

  it("gives the interval of a forecast once one went on", () => {
    const recorded = example();
    // The same forecast as above: 0.8, with a deviation of the root of 0.00605; 2.05 of those on either side.
    const { explanation } = recorded.report(recorded.start(), 1, { accuracy: 0.5 });
    expect(explanation?.values["low"]).toBeCloseTo(0.8 - 2.05 * Math.sqrt(0.00605), 12);
    expect(explanation?.values["high"]).toBeCloseTo(0.8 + 2.05 * Math.sqrt(0.00605), 12);
    const first = recordStudy(ACCURACY, lcm({ audit: 0 }).create({ goal: ACCURACY, maxSteps: 4, seed: 0 }));
    const without = first.report(first.start(), 1, { accuracy: 0.5 }).explanation;
    expect(Object.keys(without?.values ?? {})).toContain("best");
    expect(Object.keys(without?.values ?? {})).not.toContain("low");
  });

  it("says how many may go on from a rung and how many others have", () => {
    const best: Goal = { ...ACCURACY, of: "best" };
    const reasonWith = (running: number): string | undefined => {
      const scheduler = lcm({ audit: 0, eta: 2 }).create({ goal: best, maxSteps: 4, seed: 0 });
      const recorded = recordStudy(best, scheduler);
      for (const value of [0.4, 0.6]) {
        const curve = [1, 2, 4].map((step) => [step, { accuracy: value + step / 100 }] as const);
        recorded.complete(recorded.start(Object.fromEntries(curve)));
      }
      for (let other = 0; other < running; other++) recorded.start();
      return recorded.report(recorded.start(), 1, { accuracy: 0.5 }).explanation?.reason;
    };
    // Alone, those that never paused count too; while others train, only those that went on after a pause.
    expect(reasonWith(0)).toMatch(/\): of the 3 trials that reached it 1 may go on, and 2 others have\.$/);
    expect(reasonWith(1)).toMatch(/\): of the 3 trials that reached it 1 may go on, and no other has yet\.$/);
  });

  it("gives no range for the end where no trial has gone on", () => {
    const recorded = recordStudy(
      ACCURACY,
      lcm({ audit: 0, eta: 2 }).create({ goal: ACCURACY, maxSteps: 4, seed: 0 }),
    );
    const trials = [recorded.start(), recorded.start(), recorded.start()];
    const reasons = trials.map(
      (trial, place) => recorded.report(trial, 1, { accuracy: 0.5 + place / 10 }).explanation?.reason,
    );
    expect(reasons[2]).toBe(
      "It waits at step 1, forecast to end at accuracy 0.7: of the 3 trials that reached it 1 may go on, and 2 others have.",
    );
  });

  it("expects a curve like another one to continue like it, with less uncertainty", () => {
    const recorded = example();
    recorded.report(recorded.start(), 1, { accuracy: 0.5 });
    const { explanation } = recorded.report(recorded.start(), 1, { accuracy: 0.4 });
    // Values: -0.4, -0.6, -0.5, -0.4 with the mean -0.475: variance (0.005625 + 0.015625 + 0.000625 + 0.005625) / 4 = 0.006875.
    const weight = 0.02 + 2 * 0.006875;
    const slope = -0.04 / weight;
    // Trial 0 has the same curve, so it has weight 1; the line misses it by the residual.
    const line = -0.3 + slope * 0.1;
    const residual = -0.5 - line;
    const correction = residual / (1 + 0.5);
    const noise = (2 * residual ** 2 + 2 * 0.25 * 0.006875) / (2 + 2);
    const doubt = noise + noise * (1 / 2 + 0.01 / weight);
    const variance = ((residual - correction) ** 2 + 0.5 * doubt) / (1 + 0.5);
    // 0.4 + 0.4185 + 0.0543 = 0.8728 with a deviation of 0.0547, while the line alone gives 0.8185 and 0.0866.
    expect(explanation?.values["forecast"]).toBeCloseTo(0.4 - line - correction, 12);
    expect(explanation?.values["forecast"]).toBeCloseTo(0.8728, 4);
    expect(explanation?.values["deviation"]).toBeCloseTo(Math.sqrt(variance), 12);
    expect(explanation?.values["deviation"]).toBeCloseTo(0.0547, 4);
  });

  /** Four trials wait at step 1 besides the two that went on; returns the one that goes on. */
  const promoted = (optimism: number, seed: number, accuracies = [0.5, 0.4, 0.5, 0.5]) => {
    const recorded = example({ optimism }, seed);
    for (const accuracy of accuracies) {
      const trial = recorded.start();
      recorded.report(trial, 1, { accuracy });
      recorded.pause(trial);
    }
    return recorded.scheduler.resume?.(recorded.study);
  };

  it("lets one in eta go on: the third of six, not of five", () => {
    expect(promoted(0, 0, [0.5, 0.4, 0.5])).toBeUndefined();
    expect(promoted(0, 0)?.trial).toBe(3);
  });

  it("chooses the lower number of two with the same curve", () => {
    expect(promoted(0, 0, [0.5, 0.5, 0.5, 0.5])?.trial).toBe(2);
  });

  it.each(["first", "last"])(
    "at the end, lets the lower number of two with the same forecast go on: it paused %s",
    (when) => {
      const recorded = example();
      // The best report counts: they end no worse than at 0.95, and trial 0 ended at 0.9.
      const trials = [recorded.start(), recorded.start()];
      for (const trial of trials) recorded.report(trial, 1, { accuracy: 0.95 });
      for (const trial of when === "first" ? trials : trials.toReversed()) recorded.pause(trial);
      // Two of four have gone on from step 1, which is one in two.
      const resumption = recorded.scheduler.resume?.(recorded.study, true);
      expect(resumption).toMatchObject({ trial: 2, explanation: { values: { toBeat: 0.9 } } });
    },
  );

  /** Of a study with this budget whose last trial is forecast to end below the best: what goes on at the end. */
  const resumedAtEnd = (budget: Budget) => {
    const scheduler = lcm({ eta: 2, audit: 0 }).create({ goal: ACCURACY, maxSteps: 4, seed: 0 });
    const recorded = recordStudy(ACCURACY, scheduler, budget);
    for (const accuracy of [0.9, 0.7])
      recorded.complete(recorded.start({ 1: { accuracy: 0.4 }, 4: { accuracy } }));
    // Two of three have gone on from step 1, so there is no room for it.
    const last = recorded.start();
    recorded.report(last, 1, { accuracy: 0.3 });
    recorded.pause(last);
    return scheduler.resume?.(recorded.study, true);
  };

  it.each([
    ["there are no more params to try", {}],
    ["steps are left", { trials: 3, totalSteps: 100 }],
  ])("at the end, goes on with what is not forecast to be the best: %s", (_, budget) => {
    const resumption = resumedAtEnd(budget);
    expect(resumption?.trial).toBe(2);
    expect(resumption?.explanation.reason).toContain("not better than the 0.9 of trial 0");
    expect(resumption?.explanation.values["forecast"]).toBeLessThan(0.9);
  });

  it.each([
    ["its trials are used up", { trials: 3 }],
    ["its trials are used up within a limit of time", { trials: 3, time: 1e9 }],
    ["it found nothing better", { trials: 3, totalSteps: 100, noBetterFor: 1 }],
    ["more is not worth its price", { worthwhile: { price: 1, value: 1 } }],
  ])("at the end, leaves out what is not forecast to be the best: %s", (_, budget) => {
    expect(resumedAtEnd(budget)).toBeUndefined();
  });

  it("promotes the best mean without optimism, and a more uncertain one if enough optimism is drawn", () => {
    const drawn = Array.from({ length: 40 }, (_, seed) => promoted(10, seed)).map((resumption) => ({
      trial: resumption?.trial,
      optimism: resumption?.explanation.values["optimism"] ?? Number.NaN,
    }));
    // The values -0.4, -0.6, -0.5, -0.4, -0.5, -0.5 have the variance 0.0047222: weight 0.0294444, slope -1.358491, noise
    // (2 * 0.0641509^2 + 0.0023611) / 4 = 0.00264795.
    // Trial 2, as 4 and 5: mean -0.8, variance 1.5 * noise = 0.00397193, deviation 0.0630234.
    // Trial 3, like trial 0: correction -0.0641509 / 1.5, mean -0.4 - 0.4358491 - 0.0427673 = -0.8786164, variance
    // ((0.0641509 - 0.0427673)^2 + 0.5 * noise * (1.5 + 0.01 / 0.0294444)) / 1.5 = 0.0019286, deviation 0.0439156.
    const breakEven = (0.8786164 - 0.8) / (0.0630234 - 0.0439156);
    for (const { trial, optimism } of drawn) expect(trial).toBe(optimism < breakEven ? 3 : 2);
    expect(Math.min(...drawn.map(({ optimism }) => optimism))).toBeLessThan(1);
    expect(Math.max(...drawn.map(({ optimism }) => optimism))).toBeGreaterThan(9);
  });
});
