import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Explanation } from "../../core/decision.js";
import type { Exploit } from "../../core/exploit.js";
import { choice, fixed, float, int, ordinal } from "../../core/param.js";
import { createSearchSpace } from "../../core/search-space.js";
import {
  type SimulationSettings,
  simulatedGoal,
  simulateStudy,
  simulationSettings,
} from "../../testing/simulated-study.js";
import type { Evolution } from "../population/perturb.js";
import { pbt } from "./pbt.js";
import { type PlainAnswer, type PlainSettings, plainDecision, plainResumption } from "./plain-population.js";

const space = createSearchSpace(
  {
    rate: float(1e-3, 1, { log: true }),
    shift: float(-1, 1),
    grid: float(0, 1, { step: 0.1 }),
    depth: int(1, 9, { step: 2 }),
    optimizer: choice(["sgd", "adam", "rmsprop"]),
    batch: ordinal([16, 32, 64]),
    beta: float(0.5, 0.999, { when: { optimizer: "adam" } }),
    epochs: fixed(3),
  },
  [{ name: "small", holds: ({ rate, depth }) => Number(rate) * Number(depth) <= 4 }],
);

type Evolve = Extract<Parameters<typeof pbt>[0], object>["evolve"];

const options = fc.record({
  population: fc.constantFrom(1, 2, 3, 5, 8, 8, 16),
  interval: fc.constantFrom<number>(1, 1, 2, 3, 5),
  burnIn: fc.constantFrom(0, 0, 4),
  quantile: fc.constantFrom(0.1, 0.25, 0.5),
  exploit: fc.constantFrom("truncation", "truncation", "tournament", "t-test"),
  factors: fc.constantFrom<number[]>([0.8, 1.2], [0.5, 1, 3]),
  resample: fc.constantFrom(0, 0.25, 1),
  evolve: fc.constantFrom<Exclude<Evolve, undefined> | undefined>(undefined, undefined, ["rate", "batch"], {
    shift: { factors: [0.5] },
    optimizer: { resample: 0 },
    grid: {},
  }),
});
type Mode = "asynchronous" | "synchronous";
type Options = (typeof options extends fc.Arbitrary<infer Value> ? Value : never) & { readonly mode: Mode };

function evolutionsOf({ evolve, factors, resample }: Options): Map<string, Evolution> {
  const own: Record<string, Partial<Evolution>> = evolve === undefined
    ? Object.fromEntries(Object.keys(space.params).map((name) => [name, {}]))
    : Array.isArray(evolve)
      ? Object.fromEntries(evolve.map((name) => [name, {}]))
      : evolve;
  return new Map(Object.entries(own).map(([name, each]) => [name, { factors, resample, ...each }]));
}

/** What the product answers, as the definition has it. */
function told(
  action: PlainAnswer["action"],
  trial: number,
  answer: { readonly exploit?: Exploit; readonly explanation?: Explanation },
): PlainAnswer {
  const exploit = answer.exploit === undefined ? {} : { exploit: answer.exploit };
  return { action, trial, ...exploit, values: answer.explanation?.values };
}

interface Played {
  readonly found: readonly string[];
  readonly exploits: number;
}

/** Plays a study under the product: what it answered otherwise than the definition, and how often there was an exploit. */
function played(settings: SimulationSettings, chosen: Options): Played {
  const { seed, maxSteps } = settings;
  const goal = simulatedGoal(settings);
  const { evolve, mode, ...rest } = chosen;
  const given = { ...rest, mode, ...(evolve === undefined ? {} : { evolve }) };
  const product = pbt(given).create({ goal, maxSteps, seed, space });
  const plain: PlainSettings = {
    ...rest,
    goal,
    seed,
    maxSteps,
    space,
    isSynchronous: mode === "synchronous",
    evolutions: evolutionsOf(chosen),
  };
  const found: string[] = [];
  let exploits = 0;
  const compare = (
    events: number,
    actual: PlainAnswer | undefined,
    wanted: PlainAnswer | undefined,
  ): void => {
    const [said, meant] = [JSON.stringify(actual), JSON.stringify(wanted)];
    if (wanted?.exploit !== undefined) exploits += 1;
    if (said !== meant) found.push(`after ${events} events: ${said}, by definition ${meant}`);
  };
  simulateStudy(settings, {
    space,
    scheduler: {
      ...product,
      decide: (trial, step, study) => {
        const answer = product.decide(trial, step, study);
        compare(
          study.events,
          told(answer.action, trial.number, answer),
          plainDecision(plain, study, trial, step),
        );
        return answer;
      },
      resume: (study, isEnding = false, isClosed = isEnding) => {
        const answer = product.resume?.(study, isEnding, isClosed);
        const actual = answer && told("resume", answer.trial, answer);
        compare(study.events, actual, plainResumption(plain, study, isEnding, isClosed));
        return answer;
      },
    },
  });
  return { found, exploits };
}

describe("populations: equality with the definition", () => {
  it.each<Mode>(["asynchronous", "synchronous"])("holds for all answers in 40 random %s studies", (mode) => {
    let exploits = 0;
    fc.assert(
      fc.property(
        simulationSettings().filter(({ maxSteps }) => maxSteps > 1),
        options,
        (settings, chosen) => {
          const interval = Math.min(chosen.interval, settings.maxSteps - 1);
          const study = played(settings, { ...chosen, interval, mode });
          expect(study.found).toEqual([]);
          exploits += study.exploits;
        },
      ),
      { numRuns: 40 },
    );
    expect(exploits).toBeGreaterThan(10);
  });
});
