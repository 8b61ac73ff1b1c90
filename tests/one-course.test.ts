import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CurveTable, TableCurve } from "../src/analysis/curve-table.js";
import { replayTable } from "../src/analysis/replay-table.js";
import { verifyStudy } from "../src/analysis/verify-study.js";
import { untilExhausted } from "../src/core/course/course.js";
import type { EventBody, Metrics, StudyEvent } from "../src/core/events.js";
import { float } from "../src/core/param.js";
import type { Scheduler, SchedulerChoice } from "../src/core/scheduler.js";
import { createSearchSpace } from "../src/core/search-space.js";
import type { StudyDefinition } from "../src/core/study-definition.js";
import { studyRecord } from "../src/core/study-record.js";
import { createShadowStudy } from "../src/engine/shadow-study.js";
import { curve, random, regularizedEvolution } from "../src/samplers/index.js";
import { asha, discard, hyperband, lcm, median, none, pbt } from "../src/schedulers/index.js";
import {
  SIMULATED_SPACE,
  type SimulationSettings,
  simulatedGoal,
  simulateStudy,
  simulationSettings,
} from "../src/testing/simulated-study.js";
import { createStage, type Move } from "../src/testing/stage.js";
import { playOnEngine } from "./support/engine-player.js";

/*
 * Five callers conduct studies by the rules of core/course: the engine, replays of curve tables, the verification of a
 * log, shadows, and the stage of the contract suites. Here the same script runs through all of them. There are two
 * kinds of scripts: from curve tables, which a replay can play, and from simulations, in which more happens than a
 * replay can do (failures with retries, lost workers, late reports, snapshots, exploits, Ctrl-C, forgetting).
 */

const SCRIPTS = 200;

/**
 * An event without what is specific to the caller: times, the digests of real files, the operating system's messages.
 * `fromStep` is 0 if nothing was saved, whereas a replay resumes where it was.
 */
function bare(event: EventBody, dropped: readonly string[] = []): unknown {
  const isCallersOwn = (key: string): boolean =>
    ["time", "digest", "bytes", "reason", ...dropped].includes(key) &&
    !(key === "reason" && event.type === "released");
  return Object.fromEntries(
    Object.entries(event).flatMap(([key, value]): [string, unknown][] =>
      isCallersOwn(key) ? [] : [[key, key === "exploit" ? withoutDigest(value) : value]],
    ),
  );
}

function withoutDigest(exploit: unknown): unknown {
  return JSON.parse(JSON.stringify(exploit, (key, value: unknown) => (key === "digest" ? undefined : value)));
}

function course(events: readonly StudyEvent[], dropped?: readonly string[]): unknown[] {
  return events.map((event) => bare(event, dropped));
}

const created = (definition: StudyDefinition): StudyEvent => ({ type: "study-created", definition, time: 0 });

/** The scheduler, and the events that it was shown. */
function overheard(choice: SchedulerChoice): { choice: SchedulerChoice; events: StudyEvent[] } {
  const events: StudyEvent[] = [];
  const create: SchedulerChoice["create"] = (setup) => {
    const scheduler = choice.create(setup);
    const heard: Scheduler = {
      ...scheduler,
      observe: (event, study) => {
        events.push(event);
        scheduler.observe(event, study);
      },
    };
    return heard;
  };
  return { choice: { ...choice, create }, events };
}

function shadowOf(definition: StudyDefinition, events: readonly StudyEvent[], choice: SchedulerChoice) {
  const heard = overheard(choice);
  const shadow = createShadowStudy(heard.choice);
  for (const event of [created(definition), ...events]) shadow.observe(event);
  const followed = shadow.conclude();
  expect(followed?.failure?.error).toBeUndefined();
  expect(followed?.differences).toEqual([]);
  return heard.events;
}

const isStudyStopped = (event: StudyEvent): boolean =>
  event.type === "requested" && event.action === "stop" && event.trial === undefined;
const isCompletion = (event: StudyEvent): boolean => event.type === "finished" && event.state === "complete";

/** How often each kind of event occurred in all scripts, to make sure that all of them do occur. */
function count(counts: Map<string, number>, events: readonly StudyEvent[]): void {
  for (const event of events) {
    const kind = event.type === "decided" ? `decided ${event.action}` : event.type;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
}

const space = createSearchSpace({ rate: float(0, 1) });

/** A training of a table; some fail, some reports lack the goal metric, some trainings never report it. */
function tableCurves(maxSteps: number): fc.Arbitrary<TableCurve> {
  const report: fc.Arbitrary<Metrics> = fc.oneof(
    { weight: 12, arbitrary: fc.record({ loss: fc.integer({ min: 0, max: 30 }).map((loss) => loss / 10) }) },
    { weight: 1, arbitrary: fc.constant({ loss: Number.NaN }) },
    { weight: 1, arbitrary: fc.constant({ accuracy: 0.5 }) },
  );
  return fc
    .record({
      stride: fc.constantFrom(1, 1, 2),
      length: fc.oneof(
        { weight: 4, arbitrary: fc.constant(maxSteps) },
        fc.integer({ min: 1, max: maxSteps }),
      ),
      reports: fc.array(report, { minLength: maxSteps, maxLength: maxSteps }),
      seconds: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: maxSteps, maxLength: maxSteps }),
      fails: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
      silent: fc.integer({ min: 0, max: 19 }).map((roll) => roll === 0),
    })
    .map(({ stride, length, reports, seconds, fails, silent }) => {
      const steps = [];
      for (let step = stride; step < length; step += stride) steps.push(step);
      steps.push(length);
      return {
        steps,
        reports: steps.map((_, index) => (silent ? { accuracy: 0.1 } : (reports[index] ?? {}))),
        seconds: steps.map((_, index) => seconds[index] ?? 1),
        end: fails ? "failed" : "complete",
      };
    });
}

function curveTables(): fc.Arbitrary<CurveTable> {
  return fc.constantFrom(1, 4, 9, 16).chain((maxSteps) =>
    fc.array(tableCurves(maxSteps), { minLength: 1, maxLength: 40 }).map((curves) => ({
      task: "table",
      goal: { metric: "loss", direction: "minimize" } as const,
      maxSteps,
      space,
      candidates: curves.map((_, index) => ({ rate: index / curves.length })),
      curves,
      best: 0,
      medianFinal: 1,
    })),
  );
}

/** What happened from outside in a replay, read from its events. */
function movesOf(events: readonly StudyEvent[]): Move[] {
  return events.flatMap((event): Move[] => {
    switch (event.type) {
      case "attempt-started":
        return [{ kind: "ask", worker: event.worker }];
      case "reported": {
        const { trial, step, metrics } = event;
        return [{ kind: "report", trial, step, metrics, inPlace: false }];
      }
      case "paused":
      case "finished":
        return [{ kind: "end", trial: event.trial, end: { kind: "ended" } }];
      case "failed": {
        const { trial, error, output } = event;
        const end =
          error.code === "PROGRAM_FAILED" ? ({ kind: "failed", error, output } as const) : undefined;
        return [{ kind: "end", trial, end: end ?? { kind: "ended" } }];
      }
      default:
        return [];
    }
  });
}

const choosers: readonly SchedulerChoice[] = [
  none(),
  median({ startup: 2 }),
  asha(),
  asha({ type: "stopping" }),
  hyperband(),
  discard(),
  lcm(),
  lcm({ mode: "stop" }),
];

describe("a script runs the same way, event for event", () => {
  it("from a table of curves, through all five callers", async () => {
    const counts = new Map<string, number>();
    const workers = fc.constantFrom(1, 2, 5, 16);
    const samplers = fc.constantFrom(random(), curve());
    await fc.assert(
      fc.asyncProperty(
        curveTables(),
        fc.constantFrom(...choosers),
        samplers,
        workers,
        fc.nat(),
        async (table, scheduler, sampler, slots, seed) => {
          const replayed: StudyEvent[] = [];
          const { study } = replayTable({
            table,
            scheduler,
            sampler,
            seed,
            workers: slots,
            onEvent: (event) => replayed.push(event),
          });
          const { definition } = study;
          const { goal, maxSteps, candidates } = table;
          const setup = { space, goal, maxSteps, seed };
          const moves = movesOf(replayed);
          const expected = course(replayed, ["fromStep"]);
          count(counts, replayed);

          const engine = await playOnEngine({
            definition,
            sampler: sampler.create({ ...setup, candidates }),
            scheduler: scheduler.create(setup),
            moves,
          });
          expect(course(engine, ["fromStep"])).toEqual(expected);

          const stage = createStage({
            study: studyRecord(definition, 0),
            sampler: untilExhausted(sampler.create({ ...setup, candidates })),
            scheduler: scheduler.create(setup),
          });
          for (const move of moves) stage.play(move);
          expect(course(stage.events, ["fromStep"])).toEqual(expected);

          const { compared, differences } = verifyStudy([created(definition), ...replayed], scheduler);
          expect(differences).toEqual([]);
          expect(compared).toBeGreaterThan(0);

          expect(course(shadowOf(definition, replayed, scheduler), ["fromStep"])).toEqual(expected);
        },
      ),
      { numRuns: SCRIPTS },
    );
    for (const kind of ["paused", "resumed", "finished", "failed", "decided pause", "decided stop"]) {
      expect([kind, (counts.get(kind) ?? 0) > 10]).toEqual([kind, true]);
    }
  });

  it("from a simulation, through all that can play it", async () => {
    const counts = new Map<string, number>();
    const pairs = pbt({ population: 6, interval: 2 });
    const populations = [pairs, pbt({ population: 5, interval: 3, mode: "synchronous" })];
    /** In which a trial that somebody has stopped is to go on with another's model. */
    const stoppedHeir: SimulationSettings = {
      seed: 385280076,
      inFlight: 16,
      trials: 20,
      maxSteps: 20,
      stride: 1,
      direction: "minimize",
      trouble: 0,
    };
    const schedulers = fc.oneof(fc.constantFrom(...choosers), fc.constantFrom(...populations));
    const samplers = fc.constantFrom(random(), regularizedEvolution({ population: 5, sample: 2 }));
    let forgotten = 0;
    await fc.assert(
      fc.asyncProperty(
        simulationSettings(),
        schedulers,
        samplers,
        fc.constantFrom(0, 0.003),
        fc.constantFrom(undefined, 0.1),
        async (drawn: SimulationSettings, scheduler, sampler, interrupted, requests) => {
          const settings = {
            ...drawn,
            trials: Math.min(drawn.trials, 12),
            maxSteps: Math.max(drawn.maxSteps, 4),
          };
          const { seed, maxSteps } = settings;
          const setup = {
            space: SIMULATED_SPACE,
            goal: simulatedGoal(settings),
            maxSteps,
            seed,
          } as const;
          const make = () => ({ sampler: sampler.create(setup), scheduler: scheduler.create(setup) });
          const { definition, events, moves } = simulateStudy(settings, {
            ...make(),
            interrupted,
            prompt: true,
            lost: 0.5,
            ...(requests === undefined ? {} : { requests }),
          });
          count(counts, events);
          const expected = course(events);

          const times = events.map(({ time }) => time);
          const engine = await playOnEngine({ definition, ...make(), moves, times });
          expect(course(engine)).toEqual(expected);

          const forgets = sampler.forgets === true && scheduler.forgets === true;
          const forgetful = forgets
            ? await playOnEngine({ definition, ...make(), moves, times, forgets })
            : engine;
          expect(course(forgetful)).toEqual(expected);
          if (forgets) forgotten += events.filter(isCompletion).length;

          const log = [created(definition), ...events];
          const { differences } = verifyStudy(log, scheduler);
          expect(differences).toEqual([]);

          // Exploits cannot be shadowed, and a log does not show that its study was interrupted between trials.
          const hasShadow =
            scheduler.name !== "pbt" &&
            !moves.some(({ kind }) => kind === "interrupt") &&
            !events.some(isStudyStopped);
          const shadowed = hasShadow ? course(shadowOf(definition, events, scheduler)) : expected;
          expect(shadowed).toEqual(expected);
        },
      ),
      { numRuns: SCRIPTS, examples: [[stoppedHeir, pairs, random(), 0, 0.1]] },
    );
    expect(forgotten).toBeGreaterThan(0);
    const expectedKinds = [
      "paused",
      "resumed",
      "failed",
      "retried",
      "released",
      "reported-late",
      "snapshot-saved",
      "exploited",
      "exploit-failed",
      "decided exploit",
      "finished",
      "requested",
      "tagged",
    ];
    for (const kind of expectedKinds) expect([kind, (counts.get(kind) ?? 0) > 0]).toEqual([kind, true]);
  });
});
