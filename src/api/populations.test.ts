import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Study } from "../core/study.js";
import { lastStep, type Trial } from "../core/trial.js";
import type { RunningTrial } from "../launchers/running-trial.js";
import { createStudy, float, memoryStorage, none, pbt } from "./index.js";

/** The toy of the paper's section 4.2.1: Q is to be climbed, but gradients are those of surrogates. */
const quality = ([a, b]: readonly number[]): number => 1.2 - ((a ?? 0) ** 2 + (b ?? 0) ** 2);

const MAX_STEPS = 100;
const RATE = 0.05;

interface Toy {
  readonly h0: number;
  readonly h1: number;
}

/**
 * Keeps trainings at one pace, as on equal machines: none gets far ahead of the others that run at the same
 * time.
 */
function pacemaker(together: number) {
  const steps = new Map<number, number>();
  const seen = new Set<number>();
  return {
    next: async (trial: number, step: number): Promise<void> => {
      steps.set(trial, step);
      seen.add(trial);
      while (seen.size < together || [...steps.values()].some((other) => other < step - 2)) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    },
    leave: (trial: number): void => {
      steps.delete(trial);
    },
  };
}

/** Climbs the surrogate 1.2 - (h0 x0^2 + h1 x1^2) from (0.9, 0.9), saving its place at every interval. */
function climb({ canExploit, workers }: { readonly canExploit: boolean; readonly workers: number }) {
  const pace = pacemaker(workers);
  const train = climbAt(canExploit, pace.next);
  return async (trial: RunningTrial<Toy>): Promise<void> => {
    try {
      await train(trial);
    } finally {
      pace.leave(trial.number);
    }
  };
}

function climbAt(canExploit: boolean, pace: (trial: number, step: number) => Promise<void>) {
  return async (trial: RunningTrial<Toy>): Promise<void> => {
    const load = async (): Promise<{ step: number; place: number[] }> =>
      trial.resume === undefined
        ? { step: 0, place: [0.9, 0.9] }
        : JSON.parse(await readFile(trial.resume.path, "utf8"));
    let { step, place } = await load();
    while (step < MAX_STEPS) {
      const { h0, h1 } = trial.params;
      place = [(place[0] ?? 0) * (1 - 2 * RATE * h0), (place[1] ?? 0) * (1 - 2 * RATE * h1)];
      step += 1;
      await pace(trial.number, step);
      const action = await trial.report(step, { q: quality(place) }, { exploit: canExploit });
      if (action === "stop") return;
      if (action === "exploit") {
        ({ step, place } = await load());
        continue;
      }
      if (action === "pause" || step % (trial.snapshotEvery ?? MAX_STEPS) === 0) {
        const file = `s${step}.json`;
        await writeFile(join(trial.folder, file), JSON.stringify({ step, place }));
        await trial.snapshot(step, file);
      }
      if (action === "pause") return;
    }
  };
}

/** The params of a trial at each stage of its life, in order. */
const stages = (trial: Trial) => [...trial.inheritances.map(({ before }) => before), trial.params];

/** What is wrong with the lineage: a parent that did not exist by then, or steps that the parent cannot have had. */
function lineageFlaws({ trials }: Study): string[] {
  return trials.flatMap((trial) =>
    trial.inheritances.flatMap(({ parent, parentInheritances, step }) => {
      const source = trials[parent];
      const flaws: string[] = [];
      if (source === undefined || parent === trial.number) flaws.push(`${trial.number}: no parent ${parent}`);
      if (parentInheritances > (source?.inheritances.length ?? 0))
        flaws.push(`${trial.number}: too late a parent`);
      const before = source?.inheritances[parentInheritances - 1]?.step ?? 0;
      if (step < before)
        flaws.push(`${trial.number}: step ${step} of parent ${parent} is before its own model's`);
      return flaws;
    }),
  );
}

describe("population based training, in a study that runs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "population-test-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const toyOptions = (scheduler: ReturnType<typeof pbt>, enqueue: readonly Toy[], seed: number) => ({
    name: "toy",
    goal: { maximize: "q" },
    space: { h0: float(0, 1), h1: float(0, 1) },
    maxSteps: MAX_STEPS,
    scheduler,
    seed,
    folder,
    enqueue,
  });
  const toyStudy = (...args: Parameters<typeof toyOptions>) => createStudy(toyOptions(...args));
  const corners = [
    { h0: 1, h1: 0 },
    { h0: 0, h1: 1 },
  ];

  it.each([
    ["in place", true, 2],
    ["by starting again", false, 2],
    ["with one worker for two members", true, 1],
  ])("reaches what neither fixed setting can, exploiting %s", async (_how, canExploit, workers) => {
    const fixed = await toyStudy(none(), corners, 0).run(climb({ canExploit: false, workers }), {
      trials: 2,
      workers,
    });
    // Either surrogate climbs one axis only: 1.2 - 0.81.
    expect(fixed.value).toBeCloseTo(0.39, 3);
    const study = toyStudy(pbt({ population: 2, interval: 4 }), corners, 1);
    const best = await study.run(climb({ canExploit, workers }), { workers });
    expect(best.value).toBeGreaterThan(1.1);
    const after = await study.read();
    expect(after.trials).toHaveLength(2);
    expect(lineageFlaws(after)).toEqual([]);
    expect(after.trials.flatMap(stages).length).toBeGreaterThan(2);
    // Restarted only where that cannot be avoided.
    const attempts = Math.max(...after.trials.map(({ attempt }) => attempt));
    expect(attempts > 1).toBe(!canExploit || workers === 1);
    // One snapshot per member is left: all others were superseded, and nothing can need them.
    for (const { number, snapshot } of after.trials) {
      const files = (await readdir(join(folder, `trial-${number}`))).filter((name) =>
        /^(s\d|inherited)/.test(name),
      );
      expect(files.map((name) => `trial-${number}/${name}`)).toEqual([snapshot?.path]);
    }
  });

  it.each([1, 3, 8])(
    "lets 8 members take turns on %d workers, none far ahead of the others",
    async (workers) => {
      const study = toyStudy(pbt({ population: 8, interval: 10 }), [], 2);
      let spread = 0;
      const train = climb({ canExploit: false, workers: 1 });
      await study.run(
        async (trial) => {
          await train(trial);
          const { trials } = await study.read();
          const steps = trials.map(lastStep);
          if (trials.length === 8) spread = Math.max(spread, Math.max(...steps) - Math.min(...steps));
        },
        { workers },
      );
      const { byState, trials } = await study.read();
      expect(byState.complete.size).toBe(8);
      expect(trials.some(({ inheritances }) => inheritances.length > 0)).toBe(true);
      expect(spread).toBeLessThanOrEqual(30);
    },
  );

  it.each([1, 4])("keeps step in synchronous mode, on %d workers", async (workers) => {
    const study = toyStudy(pbt({ population: 8, interval: 10, mode: "synchronous" }), [], 3);
    await study.run(climb({ canExploit: true, workers }), { workers });
    const { byState, trials } = await study.read();
    expect(byState.complete.size).toBe(8);
    const inherited = trials.flatMap(({ inheritances }) => inheritances);
    expect(inherited.length).toBeGreaterThan(4);
    expect(inherited.every(({ at, step }) => at === step && step % 10 === 0)).toBe(true);
    // The quartile of 8 is 2: that many are replaced in each of the 9 rounds.
    expect(inherited).toHaveLength(2 * 9);
  });

  it("replaces members that fail or diverge, but not for ever", async () => {
    const study = toyStudy(pbt({ population: 8, interval: 5 }), [{ h0: 0.9, h1: 0.91 }], 4);
    const train = climb({ canExploit: false, workers: 1 });
    let failures = 0;
    await study.run(
      async (trial) => {
        if (trial.number === 1 && failures < 2) {
          await trial.report(lastReached(trial) + 1, { q: 0 });
          failures += 1;
          throw new Error("boom");
        }
        if (trial.number === 2 && trial.resume === undefined) {
          for (let step = 1; step <= MAX_STEPS; step++) {
            if ((await trial.report(step, { q: Number.NaN })) !== "continue") return;
          }
          return;
        }
        if (trial.number === 3) throw new Error("always");
        await train(trial);
      },
      { workers: 4 },
    );
    const { trials } = await study.read();
    expect(trials[1]?.state).toBe("complete");
    expect(trials[1]?.inheritances.length).toBeGreaterThanOrEqual(2);
    expect(trials[2]?.inheritances.length).toBeGreaterThanOrEqual(1);
    // It failed, was replaced once, failed again without a report, and is given up.
    expect(trials[3]?.state).toBe("failed");
    expect(trials[3]?.inheritances).toHaveLength(1);
  });

  it("keeps a member's own model when the snapshot of the parent is not what was recorded", async () => {
    const storage = memoryStorage();
    const study = createStudy({ ...toyOptions(pbt({ population: 4, interval: 10 }), [], 5), storage });
    const train = climb({ canExploit: false, workers: 4 });
    await study.run(
      (trial) =>
        train({
          ...trial,
          snapshot: async (step, path) => {
            await trial.snapshot(step, path);
            if (step <= 60 && existsSync(join(trial.folder, path))) {
              await writeFile(join(trial.folder, path), "spoilt");
            }
          },
        }),
      { workers: 4 },
    );
    const failed = [];
    for await (const { event } of storage.readEvents("toy"))
      if (event.type === "exploit-failed") failed.push(event);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every(({ reason }) => reason === "it was changed after it was saved")).toBe(true);
    // A spoilt model cannot be loaded: a member that had been given one would have failed.
    const { trials } = await study.read();
    expect(trials.map(({ state, failure }) => ({ state, failure }))).toEqual(
      trials.map(() => ({ state: "complete", failure: undefined })),
    );
  });

  it("replaces a member whose model, copied from another one's, was lost: it never trains from step 0 as if it were that", async () => {
    const storage = memoryStorage();
    const study = createStudy({ ...toyOptions(pbt({ population: 4, interval: 10 }), [], 6), storage });
    const train = climb({ canExploit: false, workers: 1 });
    let lost: number | undefined;
    await study.run(
      async (trial) => {
        await train(trial);
        const { trials } = await study.read();
        const { inheritances, snapshot, curve } = trials[trial.number] ?? {};
        const inherited = inheritances?.at(-1)?.step ?? Number.POSITIVE_INFINITY;
        if (lost !== undefined || snapshot === undefined || (curve?.steps.at(-1) ?? 0) <= inherited) return;
        if (snapshot.step === MAX_STEPS) return;
        lost = trial.number;
        await rm(join(folder, snapshot.path));
      },
      { workers: 1 },
    );
    const { trials, notes } = await study.read();
    expect(notes.map(({ code, trial }) => ({ code, trial }))).toEqual([
      { code: "SNAPSHOT_LOST", trial: lost },
    ]);
    expect(trials.map(({ state }) => state)).toEqual(trials.map(() => "complete"));
    const events = [];
    for await (const { event } of storage.readEvents("toy")) {
      if ("trial" in event && event.trial === lost) events.push(event);
    }
    const failed = events.findIndex((event) => event.type === "failed" && event.error.code === "MODEL_LOST");
    expect(failed).toBeGreaterThan(0);
    expect(events.slice(failed + 1).find(({ type }) => type === "exploited")).toBeDefined();
    const fromSteps = events
      .slice(failed + 1)
      .flatMap((event) => (event.type === "attempt-started" ? [event.fromStep] : []));
    expect(fromSteps.length).toBeGreaterThan(0);
    expect(fromSteps).not.toContain(0);
  });
});

function lastReached({ resume }: Pick<RunningTrial, "resume">): number {
  return resume?.step ?? 0;
}
