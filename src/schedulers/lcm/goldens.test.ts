import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Goal } from "../../core/goal.js";
import { type RecordedStudy, recordStudy } from "../../testing/recorded-study.js";
import { lcm } from "./lcm.js";

/** What a case says about a forecast. */
interface Told {
  readonly forecast?: number;
  readonly deviation?: number;
  readonly neighbours?: readonly number[];
  readonly firstRung?: number;
  readonly optimism?: number;
}

type Move =
  | { readonly start: number }
  | (Told & {
      readonly report: number;
      readonly step: number;
      readonly value: number | "NaN" | null;
      readonly action: string;
      readonly audited?: boolean;
    })
  | { readonly pause: number }
  | { readonly stop: number }
  | { readonly complete: number }
  | { readonly resume: number }
  | (Told & { readonly free: number | null; readonly events: number })
  | (Told & { readonly ending: number | null; readonly events: number });

/** A case of goldens/promote.json, which goldens/promote.py writes with Python. */
interface Golden {
  readonly name: string;
  readonly goal: "minimize" | "maximize";
  readonly maxSteps: number;
  readonly seed: number;
  readonly options: Parameters<typeof lcm>[0];
  readonly moves: readonly Move[];
}

const { cases }: { readonly cases: readonly Golden[] } = JSON.parse(
  readFileSync(new URL("goldens/promote.json", import.meta.url), "utf8"),
);

const TOLERANCE = 1e-9;

type Explained = ReturnType<RecordedStudy["report"]>["explanation"];

/** Where an explanation differs from Python's. */
function differencesOf(explanation: Explained, { neighbours, ...values }: Told): string[] {
  const found = Object.entries(values).flatMap(([name, value]) => {
    const actual = explanation?.values[name] ?? Number.NaN;
    const isEqual = Math.abs(actual - value) <= TOLERANCE * Math.max(1, Math.abs(value));
    return isEqual ? [] : [`${name} ${actual}, by Python ${value}`];
  });
  const near = (explanation?.neighbours ?? []).map(({ trial }) => trial).join(" ");
  const wanted = neighbours?.join(" ") ?? near;
  return near === wanted ? found : [...found, `neighbours ${near}, by Python ${wanted}`];
}

/** Plays the moves of a case; returns all answers that differ from Python's. */
function play({ goal: direction, maxSteps, seed, options, moves }: Golden): string[] {
  const goal: Goal = { metric: "score", direction, of: "best" };
  const recorded = recordStudy(goal, lcm(options).create({ goal, maxSteps, seed }));
  const { study, scheduler } = recorded;
  const trialOf = (number: number) => {
    const trial = study.trials[number];
    if (trial === undefined) throw new Error(`there is no trial ${number}`);
    return trial;
  };
  const answered = (move: Move): string[] => {
    if ("report" in move) {
      const { report, step, value, action, audited = false, ...told } = move;
      const metrics = value === null ? {} : { score: Number(value) };
      const { action: actual, explanation } = recorded.report(trialOf(report), step, metrics);
      const isAudited = explanation?.reason.startsWith("It was drawn") ?? false;
      const isRight = actual === action && isAudited === audited;
      return [...(isRight ? [] : [`${actual}: ${explanation?.reason}`]), ...differencesOf(explanation, told)];
    }
    if ("free" in move || "ending" in move) {
      const isEnding = "ending" in move;
      const { events, ...rest } = move;
      const { free, ending, ...told } = { free: null, ending: null, ...rest };
      const answer = scheduler.resume?.(study, isEnding);
      const trial = answer?.trial ?? null;
      const isRight = study.events === events && trial === (isEnding ? ending : free);
      return [
        ...(isRight ? [] : [`${trial} after ${study.events}`]),
        ...differencesOf(answer?.explanation, told),
      ];
    }
    if ("start" in move) recorded.start();
    else if ("pause" in move) recorded.pause(trialOf(move.pause));
    else if ("stop" in move) recorded.stop(trialOf(move.stop));
    else if ("complete" in move) recorded.complete(trialOf(move.complete));
    else recorded.resume(trialOf(move.resume));
    return [];
  };
  return moves.flatMap((move) => answered(move).map((each) => `${JSON.stringify(move)}: ${each}`));
}

describe("lcm, mode promote: agreement with a Python version written from its documentation", () => {
  it.each(cases)("gives the same answers: $name", (golden) => {
    expect(play(golden)).toEqual([]);
  });

  it("has every kind of answer", () => {
    const moves = cases.flatMap((each) => each.moves);
    const count = (holds: (move: Move) => boolean): number => moves.filter(holds).length;
    expect(count((move) => "report" in move && move.action === "stop")).toBeGreaterThan(0);
    expect(count((move) => "report" in move && move.audited === true)).toBeGreaterThan(0);
    expect(count((move) => "report" in move && move.firstRung !== undefined)).toBeGreaterThan(10);
    expect(count((move) => "free" in move && move.free !== null)).toBeGreaterThan(40);
    expect(count((move) => "ending" in move && move.ending !== null)).toBeGreaterThan(0);
  });
});
