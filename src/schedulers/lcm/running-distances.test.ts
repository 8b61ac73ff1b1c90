import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Trial } from "../../core/trial.js";
import { createCurveLibrary, curveAtPoints } from "./curve-library.js";
import type { Match } from "./nearest.js";
import { createRunningDistances, KEPT_BYTES } from "./running-distances.js";

const POINTS = 6;
const points = Array.from({ length: POINTS }, (_, index) => index + 1);
const COUNT = 3;

type Values = readonly (number | null)[];

function trialOf(number: number, values: Values, state: Trial["state"] = "running"): Trial {
  return {
    number,
    params: {},
    seed: 0,
    sampler: "random",
    state,
    attempt: 1,
    failures: 0,
    worker: undefined,
    curve: { steps: values.map((_, index) => index + 1), metrics: new Map([["loss", values]]) },
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

/** By definition: all distances over the points that both have, sorted. */
function bruteForce(
  library: readonly { trial: number; values: Values }[],
  own: Values,
  upTo: number,
): Match[] {
  const matches: Match[] = [];
  for (const [row, { trial, values }] of library.entries()) {
    let sum = 0;
    let common = 0;
    let isComparable = true;
    for (let index = 0; index < upTo; index++) {
      const [x, y] = [own[index] ?? null, values[index] ?? null];
      if (x === null || y === null) continue;
      common += 1;
      if (!Number.isFinite(x) || !Number.isFinite(y)) isComparable = false;
      else sum += (x - y) * (x - y);
    }
    if (common > 0 && isComparable) matches.push({ row, trial, distance: Math.sqrt(sum) });
  }
  return matches.sort((a, b) => a.distance - b.distance || a.trial - b.trial).slice(0, COUNT);
}

const value = fc.oneof(
  // Few different values, so that distances are often equal.
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 3 }).map((n) => n / 3) },
  { weight: 1, arbitrary: fc.constantFrom(null, Number.NaN, Number.POSITIVE_INFINITY, 1e-170, 1e150) },
  { weight: 3, arbitrary: fc.double({ min: -3, max: 3, noNaN: true }) },
);
const dense = fc.integer({ min: 0, max: 3 }).map((n) => n / 3);
/** A library whose curves do or do not have all points, and a sequence of actions. */
const scenario = fc.constantFrom(value, dense).chain((each) => {
  const curve = fc.array(each, { minLength: POINTS, maxLength: POINTS });
  return fc.record({
    running: fc.array(fc.oneof(curve, fc.array(value, { minLength: POINTS, maxLength: POINTS })), {
      minLength: 1,
      maxLength: 3,
    }),
    happenings: fc.array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.record({ kind: fc.constant("join" as const), curve, number: fc.nat(1e6) }),
        },
        {
          weight: 4,
          arbitrary: fc.record({
            kind: fc.constantFrom("ask" as const, "advance" as const),
            which: fc.nat(2),
            points: fc.integer({ min: 1, max: POINTS }),
          }),
        },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), which: fc.nat(2) }) },
        { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
      ),
      { minLength: 1, maxLength: 40, size: "max" },
    ),
  });
});

const goal = { metric: "loss", direction: "minimize" } as const;

describe("distances of running trials", () => {
  it.each([
    ["all are kept", KEPT_BYTES],
    ["hardly any are kept", 600],
  ])("match the definition, whatever joins meanwhile, when %s", (_, keptBytes) => {
    fc.assert(
      fc.property(scenario, ({ running, happenings }) => {
        const library = createCurveLibrary({ goal, maxSteps: POINTS, metric: "loss", points });
        let distances = createRunningDistances(library, "loss", keptBytes);
        const joined: { trial: number; values: Values }[] = [];
        const reached = running.map(() => 0);
        const found: (readonly Match[])[] = [];
        const expected: (readonly Match[])[] = [];
        for (const happening of happenings) {
          if (happening.kind === "restart") {
            distances = createRunningDistances(library, "loss", keptBytes);
            continue;
          }
          if (happening.kind === "join") {
            const before = library.size;
            const number = 10 + happening.number;
            if (joined.some(({ trial }) => trial === number)) continue;
            library.add(trialOf(number, happening.curve, "complete"));
            if (library.size > before) joined.push({ trial: number, values: happening.curve });
            continue;
          }
          const which = happening.which % running.length;
          if (happening.kind === "forget") {
            distances.forget(which);
            continue;
          }
          const own = running[which] ?? [];
          // The number of points only grows, as in a training.
          const upTo = Math.max(happening.points, reached[which] ?? 0);
          reached[which] = upTo;
          const trial = trialOf(which, own.slice(0, upTo));
          if (happening.kind === "advance") {
            distances.advance(trial, upTo);
            continue;
          }
          found.push(distances.nearest(trial, upTo, COUNT).matches);
          expected.push(bruteForce(joined, own, upTo));
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 250 },
    );
  });

  it("include the trial's own curve at the requested points", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: POINTS, maxLength: POINTS }), fc.nat(POINTS), (own, upTo) => {
        const library = createCurveLibrary({ goal, maxSteps: POINTS, metric: "loss", points });
        const distances = createRunningDistances(library, "loss");
        const trial = trialOf(0, own);
        expect([...distances.nearest(trial, upTo, COUNT).own.subarray(0, upTo)]).toEqual([
          ...curveAtPoints(trial, "loss", points).subarray(0, upTo),
        ]);
      }),
    );
  });

  it("hold for a library of thousands, for which the arrays have to grow", () => {
    const library = createCurveLibrary({ goal, maxSteps: POINTS, metric: "loss", points });
    const distances = createRunningDistances(library, "loss");
    const own = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    const joined: { trial: number; values: Values }[] = [];
    let state = 1;
    for (let upTo = 1; upTo <= POINTS; upTo++) {
      for (let each = 0; each < 700; each++) {
        const values = own.map(() => {
          state = (state * 48271) % 2147483647;
          return state / 2147483647;
        });
        const trial = 5000 - joined.length;
        joined.push({ trial, values });
        library.add(trialOf(trial, values, "complete"));
      }
      const { matches } = distances.nearest(trialOf(0, own.slice(0, upTo)), upTo, COUNT);
      expect(matches).toEqual(bruteForce(joined, own, upTo));
    }
  });
});
