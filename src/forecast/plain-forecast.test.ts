import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Goal } from "../core/goal.js";
import type { TransferredTrial } from "../core/study.js";
import { type CurveModel, createCurveModel } from "./curve-model.js";
import { explainedShare, gainAt, lineVariance } from "./end-line.js";
import { type PlainModel, type PlainNeighbour, plainModel } from "./plain-forecast.js";
import { rungSteps } from "./rung-steps.js";

type Value = number | null;

const trialOf = (number: number, steps: readonly number[], values: readonly Value[]): TransferredTrial => ({
  number,
  params: {},
  state: "running",
  curve: { steps, metrics: new Map([["loss", values]]) },
  inheritances: [],
});

/** A typical learning curve: it falls from a start to an end, or stays flat; rounded, so that many are alike. */
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

/** What a program reports of a curve: now and then nothing, or a divergence. */
const library = (maxSteps: number, least: number, most: number): fc.Arbitrary<TransferredTrial[]> => {
  const trouble = fc.constantFrom<Value>(null, null, null, Number.NaN, Number.POSITIVE_INFINITY);
  const run = fc.record({
    curve: falling(maxSteps),
    // Most end at or near a rung, since that is where schedulers stop them.
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
    of: fc.constantFrom("last", "best", undefined),
    offset: fc.constantFrom(0, 0, -3),
    earlier: fc.constantFrom(0, 0, 1, 2),
  })
  .chain(({ maxSteps, eta, minSteps, direction, of, offset, earlier }) => {
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
      goal: fc.constant<Goal>({ metric: "loss", direction, ...(of === undefined ? {} : { of }) }),
      rungs: fc.constant(rungs),
      trials: library(maxSteps, 1, 24).map(shifted),
      earlier: fc
        .tuple(...Array.from({ length: earlier }, () => library(maxSteps, 1, 12).map(shifted)))
        .map((studies) => studies.map((trials, place) => ({ name: `study-${place}`, trials }))),
    });
  });

/** Whether two numbers are equal up to rounding, which nearly equal values amplify. */
function areNear(actual = Number.NaN, wanted = Number.NaN): boolean {
  return Object.is(actual, wanted) || Math.abs(actual - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted));
}

/** The least number; NaN if there are none. */
const least = (numbers: readonly number[]): number =>
  numbers.length === 0 ? Number.NaN : Math.min(...numbers);

/** Where a model differs from the definition. */
function differences(model: CurveModel, plain: PlainModel): string[] {
  const found: string[] = [];
  const compare = (actual: number | undefined, wanted: number | undefined, what: string): void => {
    if (!areNear(actual, wanted)) found.push(`${what}: ${actual}, by definition ${wanted}`);
  };
  const outlook = model.outlook();
  const wantedOrder = [...plain.outlook.keys()].toSorted((a, b) => a - b).join(" ");
  if (outlook.map(({ trial }) => trial).join(" ") !== wantedOrder) found.push("the order of the outlook");
  for (const { trial, mean } of outlook) compare(mean, plain.outlook.get(trial), `outlook of ${trial}`);
  const forecasts = model.forecasts();
  compare(model.toCost(1), plain.isLogarithmic ? Math.E : 1, "scale");
  compare(forecasts.size, plain.forecasts.size, "forecasts");
  for (const [trial, wanted] of plain.forecasts) {
    const actual = forecasts.get(trial);
    const standing = model.standingOf(trial);
    compare(actual?.trial, trial, "trial");
    for (const [name, place] of [["forecast", actual] as const, ["standing", standing] as const]) {
      compare(place?.rung, wanted.rung, `rung in the ${name} of ${trial}`);
      compare(Number(place?.diverged), Number(wanted.diverged), `divergence in the ${name} of ${trial}`);
      compare(place?.present, wanted.present, `value in the ${name} of ${trial}`);
    }
    compare(actual?.mean, wanted.mean, `mean of ${trial}`);
    compare(actual?.deviation, wanted.deviation, `deviation of ${trial}`);
    const near = model.neighboursOf(trial);
    const wantedNear = plain.neighboursOf(trial);
    const names = (list: readonly PlainNeighbour[]) => list.map((each) => [each.study, each.trial].join("/"));
    const [said, meant] = [names(near).join(" "), names(wantedNear).join(" ")];
    if (said !== meant) found.push(`neighbours of ${trial}: ${said}, by definition ${meant}`);
    for (const [place, { distance, end }] of near.entries()) {
      compare(distance, wantedNear[place]?.distance, `distance ${place} of ${trial}`);
      compare(end, wantedNear[place]?.end, `end ${place} of ${trial}`);
    }
  }
  for (const [rung, wanted] of plain.lines.entries()) {
    const line = model.lineAt(rung);
    compare(line.count, wanted.count, `count at ${rung}`);
    compare(line.spread, wanted.spread, `spread at ${rung}`);
    compare(line.noise, wanted.noise, `noise at ${rung}`);
    compare(explainedShare(line), wanted.explained, `explained at ${rung}`);
    for (const value of [-1, 0.5, 3]) {
      compare(gainAt(line, value), wanted.gainAt(value), `gain at ${rung}`);
      compare(lineVariance(line, value), wanted.varianceAt(value), `variance at ${rung}`);
    }
  }
  return found;
}

/** The first reports of a trial. */
function beginning({ number, curve }: TransferredTrial, reports: number): TransferredTrial {
  const column = curve.metrics.get("loss") ?? [];
  return trialOf(number, curve.steps.slice(0, reports), column.slice(0, reports));
}

describe("forecasts: equality with the definition", () => {
  it("holds for 150 random libraries with ties, gaps, diverged curves and earlier studies", () => {
    fc.assert(
      fc.property(scenario, fc.infiniteStream(fc.nat()), ({ goal, rungs, trials, earlier }, choices) => {
        const model = createCurveModel(goal, rungs);
        const order = trials
          .map((trial) => ({ trial, key: choices.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key);
        const transferred = (choices.next().value ?? 0) % (trials.length + 1);
        for (const [place, { trial }] of order.entries()) {
          if (place === transferred) model.transfer(earlier);
          model.update(trial);
        }
        if (transferred === trials.length) model.transfer(earlier);
        expect(differences(model, plainModel(goal, rungs, trials, earlier))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("holds for single forecasts requested as reports come in", () => {
    fc.assert(
      fc.property(scenario, ({ goal, rungs, trials, earlier }) => {
        const model = createCurveModel(goal, rungs);
        model.transfer(earlier);
        for (const [place, trial] of trials.entries()) {
          model.update(beginning(trial, Math.ceil(trial.curve.steps.length / 2)));
          model.forecastOf(trial.number);
          model.update(trial);
          const { forecasts } = plainModel(goal, rungs, trials.slice(0, place + 1), earlier);
          const wanted = forecasts.get(trial.number);
          const actual = model.forecastOf(trial.number);
          expect(areNear(actual?.mean, wanted?.mean)).toBe(true);
          expect(areNear(actual?.deviation, wanted?.deviation)).toBe(true);
        }
        expect(differences(model, plainModel(goal, rungs, trials, earlier))).toEqual([]);
      }),
    );
  });

  it("holds for the most promising trial at a rung, and after any other question", () => {
    fc.assert(
      fc.property(scenario, fc.infiniteStream(fc.nat()), ({ goal, rungs, trials, earlier }, choices) => {
        const choice = (count: number): number => (choices.next().value ?? 0) % count;
        const model = createCurveModel(goal, rungs);
        model.transfer(earlier);
        const reports = trials.map(() => 0);
        for (let turn = 0; turn < 2 * trials.length; turn++) {
          const place = choice(trials.length);
          const trial = trials[place] ?? trialOf(0, [], []);
          reports[place] = Math.min(trial.curve.steps.length, (reports[place] ?? 0) + 1 + choice(6));
          const known = trials.map((each, index) => beginning(each, reports[index] ?? 0));
          model.update(known[place] ?? trial);
          // Each question brings other parts of the model up to date.
          if (choice(3) === 0) model.lineAt(choice(rungs.length));
          if (choice(3) === 0) model.forecastOf(choice(trials.length));
          if (choice(4) > 0) continue;
          const plain = plainModel(goal, rungs, known, earlier);
          const rung = choice(rungs.length - 1 || 1);
          const optimism = choice(4);
          const isAllowed = (number: number): boolean => number % 4 !== turn % 4;
          const score = (number = -1): number => {
            const { mean, deviation } = plain.forecasts.get(number) ?? { mean: Number.NaN, deviation: 0 };
            return mean - optimism * deviation;
          };
          const scores = [...plain.forecasts]
            .filter(([number, each]) => each.rung === rung && !each.diverged && isAllowed(number))
            .filter(() => rung < rungs.length - 1)
            .map(([number]) => score(number));
          const found = model.mostPromising(rung, optimism, isAllowed);
          expect(areNear(score(found?.trial), least(scores))).toBe(true);
          expect(areNear(found?.mean, plain.forecasts.get(found?.trial ?? -1)?.mean)).toBe(true);
          expect(areNear(found?.deviation, plain.forecasts.get(found?.trial ?? -1)?.deviation)).toBe(true);
          expect(choice(3) === 0 ? differences(model, plain) : []).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("is exact between a model that was asked as reports came and one that learns of all at once", () => {
    fc.assert(
      fc.property(scenario, fc.infiniteStream(fc.nat()), ({ goal, rungs, trials, earlier }, choices) => {
        const choice = (count: number): number => (choices.next().value ?? 0) % count;
        const [asked, fresh] = [createCurveModel(goal, rungs), createCurveModel(goal, rungs)];
        for (const model of [asked, fresh]) model.transfer(earlier);
        const most = Math.max(0, ...trials.map(({ curve }) => curve.steps.length));
        for (let reports = 1; reports <= most; reports++) {
          for (const trial of trials) {
            asked.update(beginning(trial, reports));
            asked.forecastOf(choice(trials.length));
            if (choice(9) === 0) asked.mostPromising(choice(rungs.length), 1, () => true);
          }
        }
        for (const trial of trials) fresh.update(trial);
        const told = (model: CurveModel) =>
          [...model.forecasts().values()]
            .map(({ trial, mean, deviation }) => ({ trial, mean, deviation }))
            .toSorted((a, b) => a.trial - b.trial);
        expect(told(asked)).toEqual(told(fresh));
      }),
      { numRuns: 60 },
    );
  });

  it("holds for long trainings, compared at 100 steps and at the rungs, even when reports come one by one", () => {
    const rungs = [1, 3, 9, 27, 81, 243, 250];
    fc.assert(
      fc.property(library(250, 2, 8), (trials) => {
        const goal: Goal = { metric: "loss", direction: "minimize" };
        const atOnce = createCurveModel(goal, rungs);
        const oneByOne = createCurveModel(goal, rungs);
        for (const trial of trials) {
          atOnce.update(trial);
          for (let reports = 1; reports <= trial.curve.steps.length; reports++) {
            oneByOne.update(beginning(trial, reports));
          }
        }
        const plain = plainModel(goal, rungs, trials);
        expect(differences(atOnce, plain)).toEqual([]);
        expect(differences(oneByOne, plain)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
