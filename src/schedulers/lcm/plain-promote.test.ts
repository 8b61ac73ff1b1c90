import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Explanation } from "../../core/decision.js";
import type { Scheduler } from "../../core/scheduler.js";
import { earlierStudies } from "../../testing/earlier-studies.js";
import {
  type SimulationSettings,
  simulatedGoal,
  simulateStudy,
  simulationSettings,
} from "../../testing/simulated-study.js";
import { lcm } from "./lcm.js";
import {
  type PlainReason,
  type PlainResumption,
  type PlainStanding,
  plainDecision,
  plainResumption,
} from "./plain-promote.js";
import type { PromoteSettings } from "./promote.js";

interface Options extends Pick<PromoteSettings, "eta" | "minSteps" | "accumulate" | "optimism" | "audit"> {
  readonly transfer: string[];
}

/** How the text of each reason begins. */
const WORDS: Record<PlainReason, RegExp | undefined> = {
  diverged: /^Its loss diverged at step \d+,/,
  "between rungs": undefined,
  accumulated: /^The first (1 trial is|\d+ trials are) trained to the end\.$/,
  "first rung": /^(The first trials go on to step \d+|Step \d+ says too little)/,
  audited: /^It was drawn to be trained to its end/,
  waits: /^It waits at step \d+, forecast to end at loss /,
};

const areNear = (a = Number.NaN, b = Number.NaN): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));

/** Where an explanation differs from the definition. */
function wrongIn(explanation: Explanation | undefined, standing: PlainStanding | undefined): string[] {
  if (standing === undefined) return [];
  const { neighbours: wantedNear, ...wanted } = standing;
  const near = explanation?.neighbours ?? [];
  const wrong = Object.entries(wanted).filter(
    ([name, value]) => Number.isFinite(value) && !areNear(explanation?.values[name], value),
  );
  const names = near.map(({ study, trial }) => [study, trial].join("/")).join(" ");
  const wantedNames = wantedNear.map(({ study, trial }) => [study, trial].join("/")).join(" ");
  const isFar = near.some(({ distance, forecast }, place) => {
    const other = wantedNear[place];
    return !areNear(distance, other?.distance) || !areNear(forecast, other?.end);
  });
  return [
    ...wrong.map(([name, value]) => `${name} ${explanation?.values[name]}, by definition ${value}`),
    ...(names === wantedNames ? [] : [`neighbours ${names}, by definition ${wantedNames}`]),
    ...(near.length === 0 && explanation?.neighbours !== undefined ? ["an empty list of neighbours"] : []),
    ...(isFar ? ["neighbours are farther away or end differently"] : []),
  ];
}

/** Whether a reason that names a forecast gives its range where it has one, and none otherwise. */
function hasRange({ reason, values }: Explanation): boolean {
  if (values["low"] === undefined) return /at loss \S+:/.test(reason);
  const [, end, low, high] = /at loss (\S+) \((\S+) to (\S+)\)/.exec(reason) ?? [];
  return Number(low) <= Number(end) && Number(end) <= Number(high);
}

function kindOf({ optimism, toBeat }: PlainResumption): string {
  if (optimism !== undefined) return "promoted";
  return toBeat === undefined ? "last resort" : "challenger";
}

/** The product, with a list of all answers that differ from the definition. */
function compared(
  settings: PromoteSettings,
  product: Scheduler,
  found: string[],
  reasons: Set<string>,
): Scheduler {
  return {
    ...product,
    decide: (trial, step, study) => {
      const answer = product.decide(trial, step, study);
      const wanted = plainDecision(settings, study, trial);
      const at = `trial ${trial.number} at step ${step}: `;
      reasons.add(wanted.reason);
      if (answer.action !== wanted.action)
        found.push(`${at}${answer.action}, by definition ${wanted.action}`);
      const words = WORDS[wanted.reason];
      const reason = answer.explanation?.reason;
      if (words === undefined ? reason !== undefined : !words.test(reason ?? "")) {
        found.push(`${at}${reason}, by definition ${wanted.reason}`);
      }
      if (wanted.reason === "waits" && answer.explanation !== undefined && !hasRange(answer.explanation))
        found.push(`${at}${reason}`);
      if (answer.explanation?.values["firstRung"] !== wanted.firstRung) found.push(`${at}first rung`);
      found.push(...wrongIn(answer.explanation, wanted.standing).map((each) => at + each));
      return answer;
    },
    resume: (study, isEnding = false, isClosed = isEnding) => {
      const answer = product.resume?.(study, isEnding, isClosed);
      const wanted = plainResumption(settings, study, isEnding, isClosed);
      const at = `after ${study.events} events: `;
      if (wanted !== undefined) reasons.add(kindOf(wanted));
      if (answer?.trial !== wanted?.trial)
        found.push(`${at}${answer?.trial}, by definition ${wanted?.trial}`);
      if (answer?.explanation?.values["optimism"] !== wanted?.optimism) found.push(`${at}optimism`);
      if (answer?.explanation?.values["toBeat"] !== wanted?.toBeat) found.push(`${at}to beat`);
      found.push(...wrongIn(answer?.explanation, wanted?.standing).map((each) => at + each));
      return answer;
    },
  };
}

/** Plays a study under the product; returns where it differs from the definition. */
function played(settings: SimulationSettings, options: Options, reasons: Set<string>): string[] {
  const { seed, maxSteps } = settings;
  const goal = simulatedGoal(settings);
  const found: string[] = [];
  const product = lcm(options).create({ goal, maxSteps, seed });
  const scheduler = compared({ goal, maxSteps, seed, ...options }, product, found, reasons);
  simulateStudy(settings, { scheduler, transferred: earlierStudies(settings, options.transfer) });
  return found;
}

describe("lcm, mode promote: equality with the definition", () => {
  const options = fc.record({
    eta: fc.constantFrom(2, 3, 4),
    minSteps: fc.constantFrom(1, 1, 2),
    accumulate: fc.constantFrom(0, 0, 1, 3),
    optimism: fc.constantFrom(0, 3, 3),
    audit: fc.constantFrom(0, 0.02, 0.5),
    transfer: fc.constantFrom<string[]>([], [], ["one"], ["one", "two"]),
  });

  const minStepsOf = (settings: SimulationSettings, chosen: Options): Options =>
    settings.maxSteps > 2 ? chosen : { ...chosen, minSteps: 1 };

  it("holds at every report and for every free worker of 8 random studies", () => {
    fc.assert(
      fc.property(simulationSettings(), options, (settings, chosen) => {
        expect(played(settings, minStepsOf(settings, chosen), new Set())).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  it("holds for every clause: these studies cover all of them", () => {
    const reasons = new Set<string>();
    const drawn = fc.sample(fc.tuple(simulationSettings(), options), { seed: 1, numRuns: 20 });
    for (const [settings, chosen] of drawn) {
      expect(played(settings, minStepsOf(settings, chosen), reasons)).toEqual([]);
    }
    const clauses = [...Object.keys(WORDS), "promoted", "challenger", "last resort"];
    expect(clauses.filter((clause) => !reasons.has(clause))).toEqual([]);
  });
});
