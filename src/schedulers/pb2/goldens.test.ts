import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { EventBody } from "../../core/events.js";
import { float, type Params } from "../../core/param.js";
import { createSearchSpace } from "../../core/search-space.js";
import { applyEvent } from "../../core/study-fold.js";
import { type StudyRecord, studyRecord } from "../../core/study-record.js";
import { createRandom, PURPOSE } from "../../math/random.js";
import { createBandit } from "./bandit.js";
import { standardGains } from "./gains.js";
import { fitKernel, type KernelSettings } from "./kernel.js";

type Pair = readonly [rate: number, momentum: number];

interface Choice {
  readonly maximize: boolean;
  readonly interval: number;
  readonly seed: number;
  /** The most that momentum may be. */
  readonly most: number;
  readonly trials: readonly {
    readonly saved: number;
    readonly stages: readonly {
      readonly params: Pair;
      readonly start: readonly [step: number, value: number] | null;
      readonly reports: readonly (readonly [step: number, value: number | null])[];
    }[];
    readonly pending: { readonly params: Pair; readonly step: number } | null;
  }[];
  readonly trial: number;
  readonly parent: number;
  readonly expected: { readonly params: Pair } & Readonly<Record<string, unknown>>;
}

/** What goldens/bandit.py writes with numpy. */
interface Goldens {
  readonly gains: readonly {
    readonly times: readonly number[];
    readonly gains: readonly (number | null)[];
    readonly standard: readonly number[];
  }[];
  readonly fits: readonly (KernelSettings & {
    readonly points: readonly (readonly number[])[];
    readonly targets: readonly number[];
  })[];
  readonly choices: readonly Choice[];
}

const goldens: Goldens = JSON.parse(readFileSync(new URL("goldens/bandit.json", import.meta.url), "utf8"));

const paramsOf = ([rate, momentum]: Pair): Params => ({ rate, momentum });

/** The study of a case: all trials run, and one after the other reports all that it does. */
function studyOf({ maximize, trials }: Choice): StudyRecord {
  const direction = maximize ? "maximize" : "minimize";
  const study = studyRecord(
    {
      name: "golden",
      goal: { metric: "loss", direction },
      space: {},
      constraints: [],
      sampler: { name: "random", options: {} },
      scheduler: { name: "pb2", options: {} },
      budget: {},
      seed: 0,
      retries: 0,
    },
    0,
  );
  const push = (event: EventBody): void => applyEvent(study, { ...event, time: study.events });
  for (const [trial, { stages }] of trials.entries()) {
    const params = paramsOf(stages[0]?.params ?? [1, 0]);
    push({ type: "trial-asked", trial, params, seed: trial, sampler: "random" });
    push({ type: "attempt-started", trial, attempt: 1, worker: `w${trial}`, fromStep: 0 });
  }
  for (const [trial, { saved, stages, pending }] of trials.entries()) {
    const parent = (trial + 1) % trials.length;
    for (const { params, start, reports } of stages) {
      if (start !== null) {
        const [step, value] = start;
        const copied = { parent, step, value, path: `t${trial}/i${step}`, digest: "00" };
        push({ type: "exploited", trial, ...copied, params: paramsOf(params) });
      }
      for (const [step, value] of reports) {
        push({ type: "reported", trial, attempt: 1, step, metrics: { loss: value ?? Number.NaN } });
      }
    }
    push({ type: "snapshot-saved", trial, attempt: 1, step: saved, path: "s", digest: "00", bytes: 1 });
    if (pending === null) continue;
    const snapshot = { step: pending.step, path: "p", digest: "00" };
    const exploit = { parent, snapshot, value: 1, params: paramsOf(pending.params) };
    const explanation = { rule: "pb2", reason: "Test.", values: {} };
    push({ type: "decided", trial, attempt: 1, step: 5, action: "exploit", explanation, exploit });
  }
  return study;
}

describe("pb2: equality with numpy", () => {
  it.each(goldens.gains)("standardises gains, $gains", ({ times, gains, standard }) => {
    const intervals = gains.map((gain, place) => ({
      params: {},
      time: times[place] ?? 0,
      gain: gain ?? undefined,
    }));
    for (const [place, gain] of standardGains(intervals).entries()) {
      expect(gain).toBeCloseTo(standard[place] ?? Number.NaN, 10);
    }
  });

  it.each(goldens.fits)("fits a kernel to $points.length points", ({ points, targets, ...wanted }) => {
    const fitted = fitKernel(
      points.map((point) => Float64Array.from(point)),
      Float64Array.from(targets),
    );
    expect(Object.keys(fitted)).toEqual(Object.keys(wanted));
    expect(fitted.lengthscale).toBeCloseTo(wanted.lengthscale, 12);
    expect(fitted.forgetting).toBeCloseTo(wanted.forgetting, 12);
    expect(fitted.noise).toBeCloseTo(wanted.noise, 12);
  });

  it.each(goldens.choices)("chooses $expected.params after $expected.intervals intervals", (golden) => {
    const study = studyOf(golden);
    const { interval, seed, most, expected } = golden;
    const space = createSearchSpace({ rate: float(1e-4, 1, { log: true }), momentum: float(0, 1) }, [
      { name: "most", holds: ({ momentum }) => Number(momentum) <= most },
    ]);
    const { goal } = study.definition;
    const bandit = createBandit({ goal, space, interval, evolving: ["rate", "momentum"] });
    const [trial, parent] = [study.trials[golden.trial], study.trials[golden.parent]];
    if (trial === undefined || parent === undefined) throw new Error("there is no such trial");
    const { params, values } = bandit(trial, parent, study, createRandom(seed, 7, PURPOSE.population));
    const { params: wanted, ...told } = expected;
    expect(Number(params["rate"]) / wanted[0]).toBeCloseTo(1, 8);
    expect(params["momentum"]).toBeCloseTo(wanted[1], 8);
    expect(Object.keys(values ?? {})).toEqual(Object.keys(told));
    for (const [name, value] of Object.entries(told)) expect(values?.[name]).toBeCloseTo(Number(value), 7);
  });
});
