import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Goal } from "../core/goal.js";
import type { TransferredTrial } from "../core/study.js";
import { type CurveModel, createCurveModel } from "./curve-model.js";
import { explainedShare, gainAt, lineVariance } from "./end-line.js";
import { plainModel } from "./plain-forecast.js";
import { rungSteps } from "./rung-steps.js";

type Value = number | null;

const trialOf = (number: number, steps: readonly number[], values: readonly Value[]): TransferredTrial => ({
  number,
  params: {},
  state: "running",
  curve: { steps, metrics: new Map([["loss", values]]) },
  inheritances: [],
});

/** A curve as trainings have them: it falls from a start to an end, or stays flat; rounded, so that many are alike. */
const falling = (length: number): fc.Arbitrary<number[]> =>
  fc
    .record({
      start: fc.integer({ min: 1, max: 9 }),
      share: fc.constantFrom(0.05, 0.2, 0.5, 0.9, 1),
      speed: fc.constantFrom(0.3, 1, 4),
      digits: fc.constantFrom(1, 2, 6),
    })
    .map(({ start, share, speed, digits }) =>
      Array.from({ length }, (_, place) => {
        const left = Math.exp((-speed * 4 * place) / length);
        return Math.max(0.1, Number((start * (share + (1 - share) * left)).toFixed(digits)));
      }),
    );

/** What a program reports of a curve: now and then nothing, or that it diverged. */
const library = (maxSteps: number, least: number, most: number): fc.Arbitrary<TransferredTrial[]> => {
  const trouble = fc.constantFrom<Value>(null, null, null, Number.NaN, Number.POSITIVE_INFINITY);
  const run = fc.record({
    curve: falling(maxSteps),
    // Most end at or near a rung, as the scheduler lets them.
    length: fc.oneof(
      fc.constantFrom(1, 2, 4, 5, 9, 16, maxSteps, maxSteps),
      fc.integer({ min: 0, max: maxSteps }),
    ),
    stride: fc.constantFrom(1, 1, 1, 2, 3, 7),
    troubles: fc.array(fc.record({ place: fc.nat(maxSteps), value: trouble }), { maxLength: 2 }),
    isTroubled: fc.nat(5).map((chance) => chance === 0),
    shift: fc.constantFrom(0, 0, 0, 5e-4),
  });
  return fc.array(run, { minLength: least, maxLength: most }).map((runs) =>
    runs.map(({ curve, length, stride, troubles, isTroubled, shift }, number) => {
      const kept = [...curve.keys()].filter((place) => place < length && (place + 1) % stride === 0);
      const values = kept.map((place): Value => (curve[place] ?? 0) + shift);
      if (isTroubled)
        for (const { place, value } of troubles) if (place < values.length) values[place] = value;
      return trialOf(
        number,
        kept.map((place) => place + 1),
        values,
      );
    }),
  );
};

const scenario = fc
  .record({
    maxSteps: fc.constantFrom(1, 2, 10, 16, 27),
    eta: fc.constantFrom(2, 3, 4),
    minSteps: fc.constantFrom(1, 1, 2),
    direction: fc.constantFrom("minimize", "minimize", "maximize"),
    offset: fc.constantFrom(0, 0, -3),
    earlier: fc.constantFrom(0, 0, 1, 2),
  })
  .chain(({ maxSteps, eta, minSteps, direction, offset, earlier }) => {
    const rungs = [...rungSteps({ minSteps, eta, maxSteps }), maxSteps];
    const shifted = (trials: readonly TransferredTrial[]): TransferredTrial[] =>
      trials.map((trial) => {
        const column = trial.curve.metrics.get("loss") ?? [];
        return trialOf(
          trial.number,
          trial.curve.steps,
          column.map((value) => (value === null ? null : value + offset)),
        );
      });
    return fc.record({
      goal: fc.constant<Goal>({ metric: "loss", direction }),
      rungs: fc.constant(rungs),
      trials: library(maxSteps, 1, 24).map(shifted),
      earlier: fc
        .tuple(...Array.from({ length: earlier }, () => library(maxSteps, 1, 12).map(shifted)))
        .map((studies) => studies.map((trials, place) => ({ name: `study-${place}`, trials }))),
    });
  });

/** Equal but for rounding, which values that are much alike lay bare. */
function expectNear(actual = Number.NaN, wanted = Number.NaN, what = ""): void {
  if (Object.is(actual, wanted)) return;
  const share = Math.abs(actual - wanted) / Math.max(1, Math.abs(wanted));
  expect(share, `${what}: ${actual}, by definition ${wanted}`).toBeLessThan(1e-6);
}

function expectDefined(model: CurveModel, plain: ReturnType<typeof plainModel>): void {
  expect(model.toCost(1)).toBe(plain.isLogarithmic ? Math.E : 1);
  const forecasts = model.forecasts();
  expect([...forecasts.keys()].toSorted((a, b) => a - b)).toEqual(
    [...plain.forecasts.keys()].toSorted((a, b) => a - b),
  );
  for (const [trial, wanted] of plain.forecasts) {
    const actual = forecasts.get(trial);
    expect(actual).toMatchObject({ trial, rung: wanted.rung, diverged: wanted.diverged });
    expect(model.standingOf(trial)).toMatchObject({ rung: wanted.rung, diverged: wanted.diverged });
    expectNear(actual?.least, wanted.least, `least of ${trial}`);
    expectNear(actual?.mean, wanted.mean, `mean of ${trial}`);
    expectNear(actual?.deviation, wanted.deviation, `deviation of ${trial}`);
    const near = model.neighboursOf(trial);
    const wantedNear = plain.neighbours.get(trial) ?? [];
    expect(near.map(({ trial: each, study }) => [each, study])).toEqual(
      wantedNear.map(({ trial: each, study }) => [each, study]),
    );
    for (const [place, { distance, end }] of near.entries()) {
      expectNear(distance, wantedNear[place]?.distance, `distance ${place} of ${trial}`);
      expectNear(end, wantedNear[place]?.end, `end ${place} of ${trial}`);
    }
  }
  for (const [rung, wanted] of plain.lines.entries()) {
    const line = model.lineAt(rung);
    expect(line.count).toBe(wanted.count);
    expectNear(line.spread, wanted.spread, `spread at ${rung}`);
    expectNear(line.noise, wanted.noise, `noise at ${rung}`);
    for (const value of [-1, 0.5, 3]) {
      expectNear(gainAt(line, value), wanted.gainAt(value), `gain at ${rung}`);
      expectNear(lineVariance(line, value), wanted.varianceAt(value), `variance at ${rung}`);
    }
    expectNear(explainedShare(line), wanted.explained, `explained at ${rung}`);
  }
}

describe("forecasts: equality with the definition", () => {
  it("holds for 500 random libraries, with ties, gaps, diverged curves and earlier studies", () => {
    fc.assert(
      fc.property(scenario, ({ goal, rungs, trials, earlier }) => {
        const model = createCurveModel(goal, rungs);
        model.transfer(earlier);
        for (const trial of trials) model.update(trial);
        expectDefined(model, plainModel(goal, rungs, trials, earlier));
      }),
      { numRuns: 500 },
    );
  });

  it("holds for one forecast alone, asked for as reports come in", () => {
    fc.assert(
      fc.property(scenario, ({ goal, rungs, trials, earlier }) => {
        const model = createCurveModel(goal, rungs);
        model.transfer(earlier);
        for (const [place, trial] of trials.entries()) {
          const { curve } = trial;
          const half = Math.ceil(curve.steps.length / 2);
          const column = curve.metrics.get("loss") ?? [];
          model.update(trialOf(trial.number, curve.steps.slice(0, half), column.slice(0, half)));
          model.forecastOf(trial.number);
          model.update(trial);
          const wanted = plainModel(goal, rungs, trials.slice(0, place + 1), earlier);
          // Values of trials to come may be in another scale.
          if (!wanted.isLogarithmic || goal.direction === "maximize") continue;
          const actual = model.forecastOf(trial.number);
          expectNear(actual?.mean, wanted.forecasts.get(trial.number)?.mean, `mean of ${trial.number}`);
          expectNear(actual?.deviation, wanted.forecasts.get(trial.number)?.deviation, "deviation");
        }
        expectDefined(model, plainModel(goal, rungs, trials, earlier));
      }),
    );
  });

  it("holds for long trainings, whose curves are compared at 100 steps and at the rungs", () => {
    const rungs = [1, 3, 9, 27, 81, 243, 250];
    fc.assert(
      fc.property(library(250, 2, 8), (trials) => {
        const goal: Goal = { metric: "loss", direction: "minimize" };
        const model = createCurveModel(goal, rungs);
        for (const trial of trials) model.update(trial);
        expectDefined(model, plainModel(goal, rungs, trials));
      }),
      { numRuns: 20 },
    );
  });
});
