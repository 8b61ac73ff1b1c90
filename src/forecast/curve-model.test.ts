import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Trial } from "../core/trial.js";
import { createCurveModel } from "./curve-model.js";

const goal = { metric: "loss", direction: "minimize" } as const;

function trialOf(number: number, losses: readonly (number | null)[], every = 1): Trial {
  return {
    number,
    params: {},
    seed: 0,
    sampler: "random",
    state: "running",
    attempt: 1,
    failures: 0,
    worker: "w",
    curve: {
      steps: losses.map((_, index) => (index + 1) * every),
      metrics: new Map([["loss", losses]]),
    },
    replicates: [],
    unspared: false,
    pauses: [],
    parked: false,
    decision: undefined,
    snapshot: undefined,
    bestSnapshot: undefined,
    exploiting: undefined,
    inheritances: [],
    failure: undefined,
    askedAt: 0,
    startedAt: 0,
    endedAt: undefined,
    completion: undefined,
    trainedFor: 0,
  };
}

describe("the curve model", () => {
  const rungs = [1, 4, 16];

  it("takes a finished training's lowest value as its end", () => {
    const model = createCurveModel(goal, rungs);
    model.update(
      trialOf(
        0,
        Array.from({ length: 16 }, (_, i) => (i === 9 ? 0.5 : 1)),
      ),
    );
    const forecast = model.forecasts().get(0);
    expect(forecast).toMatchObject({ rung: 2, deviation: 0, diverged: false });
    expect(model.toCost(forecast?.mean ?? 0)).toBeCloseTo(0.5, 12);
  });

  it("expects a curve like ones that stayed flat to stay flat, and is surer of it than of a curve like no other", () => {
    const model = createCurveModel(goal, rungs);
    const flat = Math.LN2;
    // Four flat trainings and four that fall, all trained to the end.
    for (let n = 0; n < 4; n++) model.update(trialOf(n, Array<number>(16).fill(flat + n * 1e-5)));
    for (let n = 4; n < 8; n++) {
      model.update(
        trialOf(
          n,
          Array.from({ length: 16 }, (_, i) => (0.71 + n / 500) * 0.8 ** i),
        ),
      );
    }
    model.update(trialOf(8, [flat + 2e-5]));
    model.update(trialOf(9, [0.7]));
    const forecasts = model.forecasts();
    const [stuck, open] = [forecasts.get(8), forecasts.get(9)];
    expect(model.toCost(stuck?.mean ?? 0)).toBeGreaterThan(0.6);
    expect(stuck?.deviation ?? 1).toBeLessThan((open?.deviation ?? 0) / 2);
    expect(
      model
        .neighboursOf(8)
        .slice(0, 4)
        .map(({ trial }) => trial)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 1, 2, 3]);
  });

  it("treats a diverged training as over: it will not get better", () => {
    const model = createCurveModel(goal, rungs);
    for (let n = 0; n < 3; n++)
      model.update(
        trialOf(
          n,
          Array.from({ length: 16 }, (_, i) => 2 / (i + 1)),
        ),
      );
    model.update(trialOf(3, [2, 1.5, Number.NaN]));
    const forecast = model.forecasts().get(3);
    expect(forecast).toMatchObject({ diverged: true, deviation: 0 });
    expect(model.toCost(forecast?.mean ?? 0)).toBeCloseTo(1.5, 12);
  });

  it("compares raw values once one of them is not positive", () => {
    const model = createCurveModel({ metric: "loss", direction: "maximize" }, rungs);
    model.update(trialOf(0, [0.5, 0.7, 0.8, 0.9]));
    expect(model.toCost(model.forecasts().get(0)?.present ?? 0)).toBeCloseTo(-0.9, 12);
  });

  it("treats a cost of 0 as having no logarithm", () => {
    const model = createCurveModel(goal, rungs);
    model.update(trialOf(0, [0.5, 0]));
    expect(model.toCost(model.forecasts().get(0)?.present ?? 1)).toBe(0);
  });

  it("places programs that rarely report at the rungs that they have passed", () => {
    const model = createCurveModel(goal, rungs);
    model.update(trialOf(0, [3, 2], 5));
    expect(model.standingOf(0)).toMatchObject({ rung: 1 });
    model.update(trialOf(1, [1]));
    expect(model.standingOf(1)).toMatchObject({ rung: 0 });
  });

  const curves = fc.array(
    fc.array(
      fc.option(fc.oneof(fc.double({ min: 1e-3, max: 9, noNaN: true }), fc.constant(Number.NaN)), {
        freq: 9,
      }),
      {
        minLength: 1,
        maxLength: 16,
      },
    ),
    { minLength: 1, maxLength: 12 },
  );

  it("makes the same forecasts however curves are ordered and split on arrival", () => {
    fc.assert(
      fc.property(curves, fc.infiniteStream(fc.nat()), (all, choices) => {
        const atOnce = createCurveModel(goal, rungs);
        for (const [number, curve] of all.entries()) atOnce.update(trialOf(number, curve));
        const pieces = createCurveModel(goal, rungs);
        const left = all.map((curve, number) => ({ number, curve, shown: 0 }));
        while (left.length > 0) {
          const place = (choices.next().value ?? 0) % left.length;
          const entry = left[place];
          if (entry === undefined) break;
          entry.shown += 1;
          pieces.update(trialOf(entry.number, entry.curve.slice(0, entry.shown)));
          if (entry.shown % 3 === 0) pieces.forecasts();
          if (entry.shown === entry.curve.length) left.splice(place, 1);
        }
        const told = (model: typeof atOnce) =>
          all.map((_, number) => {
            const { mean, deviation, rung, present } = model.forecasts().get(number) ?? {};
            return { mean, deviation, rung, present, near: model.neighboursOf(number) };
          });
        expect(told(pieces)).toEqual(told(atOnce));
      }),
    );
  });

  it("makes the same forecasts after trials continued with older or newer models of others", () => {
    const inherited = (trial: Trial, step: number): Trial => ({
      ...trial,
      inheritances: [
        { at: 1, reached: 1, parent: 0, parentInheritances: 0, step, value: 1, before: {} },
        ...trial.inheritances,
      ],
    });
    fc.assert(
      fc.property(curves, fc.constantFrom(0, 4), fc.infiniteStream(fc.nat(16)), (all, offset, choices) => {
        const trials = all.map((positive, number) => {
          const curve = positive.map((value) => (value === null ? null : value - offset));
          const step = choices.next().value ?? 0;
          // The curve has no points beyond the model's step but those reported since.
          return {
            before: trialOf(number, curve),
            after: inherited(trialOf(number, curve.slice(0, step)), step),
          };
        });
        const [late, grown] = [createCurveModel(goal, rungs), createCurveModel(goal, rungs)];
        for (const { before } of trials) grown.update(before);
        grown.forecasts();
        for (const { after } of trials) {
          grown.update(after);
          grown.forecastOf(after.number);
          late.update(after);
        }
        const told = (model: typeof late) =>
          all.map((_, number) => {
            const { mean, deviation, rung, present } = model.forecastOf(number) ?? {};
            return { mean, deviation, rung, present, near: model.neighboursOf(number) };
          });
        expect(told(grown)).toEqual(told(late));
        expect(grown.toCost(1)).toBe(late.toCost(1));
      }),
    );
  });

  it("never expects an end worse than what was already reached", () => {
    fc.assert(
      fc.property(curves, (all) => {
        const model = createCurveModel(goal, rungs);
        for (const [number, curve] of all.entries()) model.update(trialOf(number, curve));
        for (const { mean, present, deviation } of model.forecasts().values()) {
          expect(mean).toBeLessThanOrEqual(present);
          expect(deviation).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  describe("with curves from earlier studies", () => {
    const study = (name: string, ...losses: readonly (readonly number[])[]) => ({
      name,
      trials: losses.map((each, number) => trialOf(number, each)),
    });
    const flat = (value: number) => Array.from({ length: 16 }, () => value);
    const falling = (value: number) => [value, ...Array.from({ length: 15 }, () => value / 4)];

    it("does not depend on when they were added", () => {
      fc.assert(
        fc.property(curves, curves, (earlier, own) => {
          const transferred = [study("one", ...earlier.map((each) => each.map((value) => value ?? 1)))];
          const before = createCurveModel(goal, rungs);
          const after = createCurveModel(goal, rungs);
          before.transfer(transferred);
          for (const [number, losses] of own.entries()) {
            before.update(trialOf(number, losses));
            after.update(trialOf(number, losses));
            after.forecasts();
          }
          after.transfer(transferred);
          for (const number of own.keys()) {
            expect(after.forecastOf(number)?.mean).toEqual(before.forecastOf(number)?.mean);
            expect(after.neighboursOf(number)).toEqual(before.neighboursOf(number));
          }
        }),
      );
    });

    it("forecasts nothing from them alone", () => {
      const model = createCurveModel(goal, rungs);
      model.transfer([study("old", falling(8), falling(16), falling(32))]);
      model.update(trialOf(0, [2]));
      expect(model.toCost(model.forecastOf(0)?.mean ?? 0)).toBeCloseTo(2, 12);
      expect(model.neighboursOf(0)).toEqual([]);
    });

    it("uses at most as many of them as neighbours as of its own", () => {
      const model = createCurveModel(goal, rungs);
      const many = Array.from({ length: 9 }, (_, index) => falling(2 + index / 100));
      model.transfer([study("one", ...many), study("two", ...many)]);
      for (const [number, losses] of [...many, [2]].entries()) model.update(trialOf(number, losses));
      const near = model.neighboursOf(9).map(({ study: name, trial }) => [trial, name]);
      expect(near.slice(0, 4)).toEqual([
        [0, undefined],
        [0, "one"],
        [0, "two"],
        [1, undefined],
      ]);
      expect(near.filter(([, name]) => name === undefined)).toHaveLength(7);
      expect(near).toHaveLength(14);
    });

    it("gives its own curves more weight", () => {
      const expected = (...earlier: readonly (readonly number[])[]) => {
        const model = createCurveModel(goal, rungs);
        if (earlier.length > 0) model.transfer([study("old", ...earlier)]);
        for (const [number, losses] of [falling(2), falling(2.01), flat(2.02), [2.005]].entries()) {
          model.update(trialOf(number, losses));
        }
        return model.forecastOf(3)?.mean ?? 0;
      };
      const alone = expected();
      expect(Math.abs(expected(flat(2), falling(2.01)) - alone)).toBeLessThan(0.2);
    });

    it("gives up logarithms if they have a value that is not positive", () => {
      const model = createCurveModel(goal, rungs);
      model.transfer([study("old", flat(-1), [3, ...flat(1)])]);
      model.update(trialOf(0, [2]));
      expect(model.toCost(5)).toBe(5);
      model.transfer([study("old", flat(1))]);
      expect(Number.isFinite(model.forecastOf(0)?.mean)).toBe(true);
    });
  });
});
