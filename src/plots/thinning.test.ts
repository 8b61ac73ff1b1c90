import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateStudy } from "../../tests/page/generated-study.js";
import { handMadeStudy } from "../../tests/page/hand-made-study.js";
import { bestTrial, rankTrials } from "../core/best-trial.js";
import { goalValue, lastStep } from "../core/trial.js";
import { evenlySpaced } from "../math/evenly-spaced.js";
import { thinnedStudy } from "./thinning.js";

const EVERYTHING = { trials: Number.POSITIVE_INFINITY, points: Number.POSITIVE_INFINITY };

describe("evenlySpaced", () => {
  it("keeps as many as asked for, both ends, in order", () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.integer({ min: 2, max: 100 }), (length, most) => {
        const all = Array.from({ length }, (_, index) => index);
        const kept = evenlySpaced(all, most);
        expect(kept).toHaveLength(Math.min(length, most));
        expect(kept).toEqual(kept.toSorted((a, b) => a - b));
        expect([kept[0], kept.at(-1)]).toEqual([all[0], all.at(-1)]);
        const gaps = kept.slice(1).map((each, index) => each - (kept[index] ?? 0));
        const difference = gaps.length === 0 ? 0 : Math.max(...gaps) - Math.min(...gaps);
        expect(difference).toBeLessThanOrEqual(1);
      }),
    );
    expect(evenlySpaced([1, 2, 3], 1)).toEqual([1]);
    expect(evenlySpaced([1, 2, 3], 0)).toEqual([]);
  });
});

describe("a thinned study", () => {
  it("is the study itself if nothing is left out", () => {
    const { study } = generateStudy({ trials: 50 });
    expect(thinnedStudy(study, "loss", EVERYTHING).study).toBe(study);
    expect(thinnedStudy(study, "loss", { trials: 50, points: 1500 }).study).toBe(study);
  });

  it("has the best trials and others from all over the study", () => {
    const { study } = generateStudy({ trials: 400, failShare: 0, divergeShare: 0 });
    const { study: thin, drawn, of, best } = thinnedStudy(study, "loss", { ...EVERYTHING, trials: 40 });
    expect([thin.trials.length, drawn, of, best]).toEqual([40, 40, 400, 10]);
    const numbers = thin.trials.map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    for (const { trial } of rankTrials(study).slice(0, 10)) expect(numbers).toContain(trial.number);
    for (let tenth = 0; tenth < 10; tenth++) {
      expect(numbers.filter((number) => Math.floor(number / 40) === tenth).length).toBeGreaterThanOrEqual(3);
    }
  });

  it("keeps the ends and the peaks of long curves, and what the study measures trials by", () => {
    const loss = Array.from({ length: 1000 }, (_, index) =>
      index === 637 ? 199 : index === 401 ? -5 : 1000 / (index + 10),
    );
    const diverging = loss.map((value, index) => (index >= 900 ? Number.NaN : value));
    const { study } = handMadeStudy([{ loss }, { loss: diverging }, { loss: [3, 2] }]);
    const { study: thin, pointsPerCurve } = thinnedStudy(study, "loss", { trials: 10, points: 60 });
    expect(pointsPerCurve).toBe(20);
    const [long, diverged, short] = thin.trials;
    expect(long?.curve.steps.length).toBeLessThanOrEqual(20);
    const column = long?.curve.metrics.get("loss") ?? [];
    expect([
      column[0],
      column.at(-1),
      Math.max(...column.map(Number)),
      Math.min(...column.map(Number)),
    ]).toEqual([loss[0], loss.at(-1), 199, -5]);
    expect(long?.curve.steps.map((step) => loss[step - 1])).toEqual(column);
    expect(diverged?.curve.metrics.get("loss")?.filter(Number.isNaN).length).toBeGreaterThan(0);
    expect(diverged?.curve.steps).toContain(901);
    expect(short).toBe(study.trials[2]);
    for (const [index, trial] of thin.trials.entries()) {
      const whole = study.trials[index];
      expect(lastStep(trial)).toBe(whole && lastStep(whole));
      expect(goalValue(trial, study.definition.goal)).toEqual(
        whole && goalValue(whole, study.definition.goal),
      );
    }
    expect(bestTrial(thin)?.trial.number).toBe(bestTrial(study)?.trial.number);
  });
});
