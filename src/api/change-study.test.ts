import { describe, expect, it } from "vitest";
import { type ByDefinition, verifyStudy } from "../analysis/verify-study.js";
import type { StudyEvent } from "../core/events.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { Storage } from "../core/storage.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import { decodeImage, encodeImage } from "../core/study-image.js";
import { lastStep } from "../core/trial.js";
import {
  asha,
  choice,
  createStudy,
  curve,
  float,
  grid,
  lcm,
  memoryStorage,
  none,
  pbt,
  tpe,
} from "./index.js";

const NARROW = { level: float(0.2, 0.4), kind: choice(["a", "b"]) };
const WIDE = { level: float(0, 1), kind: choice(["a", "c"]), shift: float(0, 1, { default: 0 }) };

interface Algorithms {
  readonly sampler?: SamplerChoice;
  readonly scheduler?: SchedulerChoice;
}

const base = (storage: Storage) =>
  ({ name: "changed", storage, goal: { minimize: "loss" }, seed: 5 }) as const;

/** Some trials in a narrow space, to step 4. */
const before = (storage: Storage, algorithms: Algorithms, trials: number) =>
  createStudy({ ...base(storage), ...algorithms, space: NARROW, maxSteps: 4 }).run(
    async ({ params, resume, report }) => {
      for (let step = (resume?.step ?? 0) + 1; step <= 4; step++)
        if ((await report(step, { loss: params.level + 1 / step })) !== "continue") return;
    },
    { trials },
  );

/** The study in a wider space with a further param, to step 8. */
const changed = (storage: Storage, algorithms: Algorithms) =>
  createStudy({ ...base(storage), ...algorithms, space: WIDE, maxSteps: 8 });

const after = (storage: Storage, algorithms: Algorithms, trials: number, change = true) =>
  changed(storage, algorithms).run(
    async ({ params, resume, report }) => {
      for (let step = (resume?.step ?? 0) + 1; step <= 8; step++)
        if ((await report(step, { loss: params.level + params.shift + 1 / step })) !== "continue") return;
    },
    { trials, change },
  );

async function logOf(storage: Storage): Promise<StudyEvent[]> {
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents("changed")) events.push(event);
  return events;
}

function fold([first, ...rest]: readonly StudyEvent[]) {
  if (first === undefined) throw new Error("the log is empty");
  const study = beginStudy(first);
  for (const event of rest) applyEvent(study, event);
  return study;
}

type Case = readonly [what: string, before: Algorithms, after: Algorithms];
const POPULATION: Case = [
  "pbt",
  { scheduler: pbt({ population: 12, interval: 1 }) },
  { scheduler: pbt({ population: 12, interval: 2 }) },
];
const OTHERS: readonly Case[] = [
  ["tpe", { sampler: tpe({ startup: 4 }), scheduler: asha() }, { sampler: tpe(), scheduler: asha() }],
  ["curve", { sampler: curve(), scheduler: lcm() }, { sampler: curve(), scheduler: lcm() }],
  ["lcm after asha", { scheduler: asha({ eta: 2 }) }, { scheduler: lcm() }],
  ["asha after none", {}, { sampler: tpe(), scheduler: asha({ eta: 2 }) }],
  ["none after asha", { scheduler: asha({ eta: 2 }) }, { scheduler: none() }],
];
const CASES = [...OTHERS, POPULATION];

describe("a study whose definition was changed", () => {
  it.each(CASES)("has decisions that can be made again, and the same image: %s", async (_, first, second) => {
    const storage = memoryStorage();
    await before(storage, first, 12);
    await after(storage, second, 24);
    const events = await logOf(storage);
    const scheduler: ByDefinition<SchedulerChoice> = ({ maxSteps }) =>
      (maxSteps === 4 ? first.scheduler : second.scheduler) ?? none();
    const { compared, differences } = verifyStudy(events, scheduler);
    expect(compared).toBeGreaterThan(10);
    expect(differences).toEqual([]);
    for (let length = 1; length <= events.length; length += 7) {
      const study = fold(events.slice(0, length));
      expect(decodeImage(encodeImage(study))).toEqual(study);
    }
    const { trials, outside, renewedAt } = fold(events);
    expect(renewedAt).toBe(12);
    expect(trials.some((trial) => lastStep(trial) === 8)).toBe(true);
    const misfits = trials.filter(({ params }) => params["kind"] === "b").map(({ number }) => number);
    expect([...outside].sort((a, b) => a - b)).toEqual(misfits);
    // Trials with params that are no longer of the space go on like all others.
    expect(trials.filter(({ state }) => state === "failed")).toEqual([]);
    expect(trials.every(({ params }) => params["shift"] !== undefined)).toBe(true);
  });

  it.each(OTHERS)("can be shadowed: %s", async (_, first, second) => {
    const storage = memoryStorage();
    await before(storage, first, 12);
    await after(storage, second, 24);
    const shadows = await changed(storage, second).shadows(asha(), asha({ eta: 2 }), lcm(), none());
    expect(shadows.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined, undefined]);
    expect(shadows.every(({ compared }) => compared > 0)).toBe(true);
  });

  it("is refused without the user's agreement", async () => {
    const storage = memoryStorage();
    await before(storage, {}, 2);
    await expect(after(storage, {}, 4, false)).rejects.toMatchObject({
      code: "STUDY_CHANGED",
      hint: expect.stringContaining("agree to it with { change: true } in the options of the run"),
    });
    expect((await logOf(storage)).filter(({ type }) => type === "study-changed")).toEqual([]);
  });

  it("tries the combinations of a larger grid that were not tried yet, each once", async () => {
    const storage = memoryStorage();
    const small = { a: choice([1, 2]), b: choice([1, 2]) };
    const large = { a: choice([0, 1, 2]), b: choice([1, 2, 3]) };
    const train = () => 1;
    const gridOf = <S extends typeof small | typeof large>(space: S) =>
      createStudy({ ...base(storage), space, sampler: grid() });
    await gridOf(small).run(train, { trials: 4 });
    await gridOf(large).run(train, { trials: 100, change: true });
    const { trials } = await gridOf(large).read();
    expect(new Set(trials.map(({ params }) => JSON.stringify(params))).size).toBe(9);
    expect(trials.length).toBe(9);
  });
});
