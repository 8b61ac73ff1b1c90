import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { earlierStudies, studyAfter } from "../testing/earlier-studies.js";
import { simulateStudy, simulationSettings } from "../testing/simulated-study.js";
import type { Study } from "./study.js";
import { decodeImage, encodeImage } from "./study-image.js";
import {
  allWishes,
  decodeTransferred,
  encodeTransferred,
  MAX_TRANSFERRED_POINTS,
  MAX_TRANSFERRED_TRIALS,
  requireTransferred,
  transferredStudy,
  transferredTo,
} from "./transferred-study.js";
import type { Trial } from "./trial.js";

const settings = {
  seed: 3,
  inFlight: 4,
  trials: 20,
  maxSteps: 10,
  stride: 1,
  direction: "minimize",
  trouble: 0.2,
} as const;

const simulation = simulateStudy(settings);
const simulated = studyAfter(simulation, simulation.events.length + 1);
const [first] = simulated.trials;
if (first === undefined) throw new Error("the simulation has no trial");
const example: Trial = first;

/** A study whose trials have these losses at the steps 1, 2, ... */
const studyOf = (curves: readonly (readonly (number | null)[])[]): Study => ({
  ...simulated,
  trials: curves.map((losses, number) => ({
    ...example,
    number,
    inheritances: [],
    curve: { steps: losses.map((_, index) => index + 1), metrics: new Map([["loss", losses]]) },
  })),
});
const numbersOf = (study: ReturnType<typeof studyOf>) =>
  transferredStudy(study, "loss").trials.map(({ number }) => number);

describe("a transferred study", () => {
  it("survives the log and JSON unchanged, diverged and missing points included", () => {
    fc.assert(
      fc.property(simulationSettings(), (given) => {
        for (const study of earlierStudies(given, ["one", "two"])) {
          const event = encodeTransferred(study);
          expect(decodeTransferred(event)).toEqual(study);
          expect(JSON.parse(JSON.stringify(event))).toEqual(event);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("is in the study after its event, and in the study's image", () => {
    const transferred = earlierStudies(settings, ["one", "two"]);
    const begun = simulateStudy(settings, { transferred });
    const study = studyAfter(begun, 3);
    expect(study.transferred).toEqual(transferred);
    expect(decodeImage(encodeImage(study))?.transferred).toEqual(transferred);
  });

  it("writes steps that curves share once", () => {
    const { steps, trials } = encodeTransferred(
      transferredStudy(studyOf([[3], [3, 2, 1], [3, 2], [9, 8, 7]]), "loss"),
    );
    expect(steps).toEqual([[1, 2, 3]]);
    expect(trials.map(({ points }) => points)).toEqual([1, 3, 2, 3]);
  });

  it("has the requested metrics and no others", () => {
    const metrics = new Map([
      ["loss", [1]],
      ["accuracy", [0.5]],
      ["speed", [7]],
    ]);
    const study = {
      ...simulated,
      trials: [{ ...example, inheritances: [], curve: { steps: [1], metrics } }],
    };
    const of = (...others: string[]) => [
      ...(transferredStudy(study, "loss", others).trials[0]?.curve.metrics.keys() ?? []),
    ];
    expect(of()).toEqual(["loss"]);
    expect(of("accuracy", "loss", "unheard")).toEqual(["loss", "accuracy"]);
  });

  it("leaves out trials without a finite value, and those that went on with another trial's model", () => {
    const study = studyOf([[Number.NaN], [null], [2], []]);
    const copied = { at: 1, parent: 2, parentInheritances: 0, step: 1, value: 2, before: {}, reached: 1 };
    const heir: Trial = {
      ...example,
      number: 4,
      inheritances: [copied],
      curve: study.trials[2]?.curve ?? example.curve,
    };
    expect(numbersOf({ ...study, trials: [...study.trials, { ...heir, inheritances: [] }] })).toEqual([2, 4]);
    expect(transferredStudy({ ...study, trials: [...study.trials, heir] }, "loss").trials).toHaveLength(1);
  });

  it("keeps the trials trained furthest when there are too many", () => {
    const many = Array.from({ length: MAX_TRANSFERRED_TRIALS + 2 }, (_, number) =>
      number < 4 ? [1] : [2, 1],
    );
    expect(numbersOf(studyOf(many))).toEqual([0, 1, ...many.keys()].filter((n, i) => i < 2 || n >= 4));
  });

  it("thins long curves, least at the beginning, and keeps their ends", () => {
    const long = Array.from({ length: 10_000 }, (_, index) => 10_000 - index);
    const [trial] = transferredStudy(studyOf([long, [1]]), "loss").trials;
    const steps = trial?.curve.steps ?? [];
    expect(steps.length).toBeLessThanOrEqual(MAX_TRANSFERRED_POINTS);
    expect(steps.length).toBeGreaterThan(MAX_TRANSFERRED_POINTS / 2);
    expect(steps.slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(steps.at(-1)).toBe(10_000);
    expect(trial?.curve.metrics.get("loss")).toEqual(steps.map((step) => 10_001 - step));
    const gaps = steps.map((step, index) => step - (steps[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.ceil(10_000 / (MAX_TRANSFERRED_POINTS / 2)));
  });

  it("is small: 1,000 curves of 100 points take less than 3 MB of the log", () => {
    const curves = Array.from({ length: 1000 }, (_, trial) =>
      Array.from({ length: 100 }, (__, step) => Math.exp(-step / (20 + trial)) / 3),
    );
    const text = JSON.stringify(encodeTransferred(transferredStudy(studyOf(curves), "loss")));
    expect(text.length).toBeLessThan(3_000_000);
  });
});

describe("the combined wishes of several algorithms", () => {
  it("name each study once", () => {
    expect(allWishes([undefined, undefined])).toBeUndefined();
    expect(
      allWishes([{ studies: ["b", "a"], metrics: ["loss"] }, undefined, { studies: ["a", "c"] }]),
    ).toEqual({ studies: ["b", "a", "c"], metrics: ["loss"] });
  });
});

describe("an algorithm that asked for curves", () => {
  const study: Study = {
    ...simulated,
    transferred: ["a", "b"].map((name) => ({ name, trials: [] })),
  };

  it("is refused where one of them was not taken over, which is named", () => {
    for (const names of [[], ["a"], ["b", "a"]]) expect(() => requireTransferred(study, names)).not.toThrow();
    expect(() => requireTransferred(study, ["a", "c"])).toThrow(
      expect.objectContaining({
        code: "TRANSFER_MISSING",
        kind: "user",
        message: expect.stringContaining('study "c"'),
      }),
    );
  });

  it("gets them in the order in which it asked, without those that are not there", () => {
    expect(transferredTo(study, ["b", "c", "a"]).map(({ name }) => name)).toEqual(["b", "a"]);
    expect(transferredTo(study, [])).toEqual([]);
  });
});

describe("the curves that are taken over", () => {
  it("come back with their own steps where they share none, or only the first ones", () => {
    const ladders = [[1, 2, 3], [1, 2], [1, 4], [2, 4, 6], [5]];
    const study: Study = {
      ...simulated,
      trials: ladders.map((steps, number) => ({
        ...example,
        number,
        inheritances: [],
        curve: { steps, metrics: new Map([["loss", steps.map((step) => 1 / step)]]) },
      })),
    };
    const encoded = encodeTransferred(transferredStudy(study, "loss"));
    expect(encoded.steps).toEqual([[1, 2, 3], [2, 4, 6], [1, 4], [5]]);
    expect(decodeTransferred(encoded).trials.map(({ curve }) => curve.steps)).toEqual(ladders);
  });

  it("keep every fourth of 512 points, and some more that are ever wider apart", () => {
    const losses = Array.from({ length: 512 }, (_, place) => place);
    const kept = transferredStudy(studyOf([losses]), "loss").trials[0]?.curve;
    const even = Array.from({ length: 128 }, (_, place) => 4 * (place + 1));
    // 128 steps from 1 to 512, each so many times the one before: 512^(1/127).
    const wider: number[] = [];
    for (let place = 0, step = 1; place < 128; place++, step *= 512 ** (1 / 127))
      wider.push(Math.round(step));
    const steps = [...new Set([...even, ...wider])].toSorted((a, b) => a - b);
    expect(kept?.steps).toEqual(steps);
    expect(kept?.metrics.get("loss")).toEqual(steps.map((step) => step - 1));
    const odd = transferredStudy(studyOf([losses.slice(0, 300)]), "loss").trials[0]?.curve.steps ?? [];
    // Of 300 points even ones are 300/128 apart, rounded up.
    for (const step of [3, 5, 8, 10, 298, 300]) expect(odd).toContain(step);
  });

  it("are whole up to the limit, and thinned beyond it to no more than that", () => {
    const points = (count: number) =>
      transferredStudy(studyOf([Array.from({ length: count }, (_, place) => place)]), "loss").trials[0]?.curve
        .steps;
    expect(points(MAX_TRANSFERRED_POINTS)).toHaveLength(MAX_TRANSFERRED_POINTS);
    const thinned = points(MAX_TRANSFERRED_POINTS + 1) ?? [];
    expect(thinned.length).toBeLessThanOrEqual(MAX_TRANSFERRED_POINTS);
    expect([thinned[0], thinned.at(-1)]).toEqual([1, MAX_TRANSFERRED_POINTS + 1]);
    expect(new Set(thinned).size).toBe(thinned.length);
  });

  it("are those of the first trials among equally long ones, in the order of their numbers", () => {
    const long = [3, 2, 1];
    const short = [3];
    const curves = Array.from({ length: MAX_TRANSFERRED_TRIALS + 2 }, (_, trial) =>
      trial === 1 ? short : long,
    );
    const numbers = numbersOf(studyOf(curves));
    expect(numbers).toHaveLength(MAX_TRANSFERRED_TRIALS);
    expect([numbers[0], numbers[1], numbers.at(-1)]).toEqual([0, 2, MAX_TRANSFERRED_TRIALS]);
  });

  it("are wished for once each by all together, or not at all", () => {
    expect(allWishes([undefined, undefined])).toBeUndefined();
    expect(allWishes([{ studies: ["b"] }, undefined, { studies: ["a", "b"], metrics: ["m", "m"] }])).toEqual({
      studies: ["b", "a"],
      metrics: ["m"],
    });
  });
});
