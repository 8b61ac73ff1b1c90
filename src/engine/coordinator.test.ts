import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { placeOf } from "../../tests/support/place.js";
import type { StudyEvent } from "../core/events.js";
import { float } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { createSearchSpace } from "../core/search-space.js";
import type { Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { random } from "../samplers/random.js";
import { none } from "../schedulers/none.js";
import { memoryStorage } from "../storage/memory.js";
import type { Work } from "./coordinator.js";
import { openSession, type Session, type SessionOptions } from "./session.js";

const space = createSearchSpace({ lr: float(0, 1) });
const definition: StudyDefinition = {
  name: "asked",
  goal: { metric: "loss", direction: "minimize" },
  space: space.params,
  constraints: [],
  maxSteps: 3,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 2 },
  seed: 3,
  retries: 0,
};

let folder: string;
let storage: Storage;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-coordinator-"));
  storage = memoryStorage();
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (options: Partial<SessionOptions> = {}): Promise<Session> =>
  openSession({ storage, definition, space, sampler: random(), scheduler: none(), folder, ...options });

async function workOf(session: Session, worker = "w"): Promise<Work> {
  const work = await session.coordinator.ask(placeOf(worker));
  if (work === undefined) throw new Error("there is no work");
  return work;
}

async function events(): Promise<StudyEvent[]> {
  const all: StudyEvent[] = [];
  for await (const { event } of storage.readEvents("asked")) all.push(event);
  return all;
}

const isOpen = async (promise: Promise<unknown>): Promise<boolean> =>
  (await Promise.race([promise.then(() => "settled"), setImmediate("open")])) === "open";

describe("asking", () => {
  it("serves those who wait in the order in which they came", async () => {
    const session = await open();
    const [first, second] = [await workOf(session), await workOf(session)];
    const waiting = ["a", "b", "c"].map((name) => session.coordinator.ask(placeOf(name)));
    expect(await isOpen(Promise.race(waiting))).toBe(true);
    await session.coordinator.end(first, { kind: "released", reason: "lost" });
    await session.coordinator.end(second, { kind: "released", reason: "interrupted" });
    expect((await waiting[0])?.assignment).toMatchObject({ trial: 0, attempt: 2 });
    expect((await waiting[1])?.assignment).toMatchObject({ trial: 1, attempt: 2 });
    expect(session.study.trials.map(({ worker }) => worker)).toEqual(["a", "b"]);
    expect(await isOpen(waiting[2] ?? Promise.resolve())).toBe(true);
    session.breakDown(new Error("enough"));
    expect(await waiting[2]).toBeUndefined();
    await expect(session.close()).rejects.toThrow("enough");
  });

  it("passes over who is gone", async () => {
    const session = await open();
    const works = [await workOf(session), await workOf(session)];
    const gone = new AbortController();
    const left = session.coordinator.ask(placeOf("left"), gone.signal);
    const stays = session.coordinator.ask(placeOf("stays"));
    gone.abort();
    expect(await left).toBeUndefined();
    for (const work of works) await session.coordinator.end(work, { kind: "released", reason: "lost" });
    expect((await stays)?.assignment.trial).toBe(0);
    expect(session.study.trials[1]?.state).toBe("waiting");
    expect(await session.coordinator.ask(placeOf("late"), AbortSignal.abort())).toBeUndefined();
    await session.close();
  });

  it("gives what was being started to someone who stopped waiting meanwhile", async () => {
    const session = await open();
    const gone = new AbortController();
    const asked = session.coordinator.ask(placeOf("left"), gone.signal);
    gone.abort();
    expect((await asked)?.assignment).toMatchObject({ trial: 0, attempt: 1 });
    expect(session.study.trials.map(({ state }) => state)).toEqual(["running"]);
    await session.close();
  });
});

describe("a training that fails at once", () => {
  const failed = {
    kind: "failed" as const,
    error: { code: "PROGRAM_FAILED", message: "the program ended with exit code 1" },
    output: [],
  };
  /** How attempts of trial 0 ended. */
  const outcomes = async (): Promise<string[]> =>
    (await events())
      .filter((event) => (event.type === "released" || event.type === "failed") && event.trial === 0)
      .map(({ type }) => type);

  /** Trial 0 has failed on worker `bad`, just after worker `good` ended trial 1. Time stands still. */
  const failedBesideOther = async (): Promise<Session> => {
    vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const session = await open();
    const [bad, good] = [await workOf(session, "bad"), await workOf(session, "good")];
    await session.coordinator.end(good, { kind: "ended" });
    await session.coordinator.end(bad, failed);
    return session;
  };

  it("is left to a worker that has ended a trial and not asked again yet", async () => {
    const session = await failedBesideOther();
    expect(await outcomes()).toEqual(["released"]);
    const again = session.coordinator.ask(placeOf("bad"));
    expect(await isOpen(again)).toBe(true);
    const other = await workOf(session, "good");
    expect(other.assignment).toMatchObject({ trial: 0, attempt: 2 });
    await session.coordinator.end(other, { kind: "ended" });
    expect(await again).toBeUndefined();
    await expect(session.close()).rejects.toMatchObject({ code: "TRIALS_FAILING" });
  });

  it("is tried again where it failed once the other worker does not come back", async () => {
    const session = await failedBesideOther();
    const again = session.coordinator.ask(placeOf("bad"));
    expect(await isOpen(again)).toBe(true);
    vi.advanceTimersByTime(20_000);
    const work = await again;
    if (work === undefined) throw new Error("there is no work");
    expect(work.assignment).toMatchObject({ trial: 0, attempt: 2 });
    await session.coordinator.end(work, failed);
    expect(await outcomes()).toEqual(["released", "failed"]);
    await expect(session.close()).rejects.toMatchObject({ code: "TRIALS_FAILING" });
  });

  it("is tried again after its worker's rest, even if a timer is ahead of the clock", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    });
    let clock = 0;
    vi.spyOn(performance, "now").mockImplementation(() => clock);
    const session = await open();
    const work = await workOf(session, "full");
    await session.coordinator.end(work, { ...failed, kind: "not-started" });
    const again = session.coordinator.ask(placeOf("full"));
    clock = 990;
    vi.advanceTimersByTime(1000);
    expect(await isOpen(again)).toBe(true);
    clock = 1000;
    vi.advanceTimersByTime(10);
    expect((await again)?.assignment).toMatchObject({ trial: 0, attempt: 2 });
    await session.close();
  });

  it("is left to a worker whose trial is being started", async () => {
    const session = await open();
    const bad = await workOf(session, "bad");
    const started = session.coordinator.ask(placeOf("good"));
    const ended = session.coordinator.end(bad, failed);
    await started;
    await ended;
    expect(await outcomes()).toEqual(["released"]);
    await session.close();
  });
});

describe("one change that makes several trials free", () => {
  const explanation = { rule: "test", reason: "as the test says", values: {} };
  /** Pauses the trials 0 and 1 at their first step, and lets both go on once trial 2 is complete. */
  const holding: SchedulerChoice = {
    ...none(),
    create: () => ({
      restore: () => {},
      observe: () => {},
      decide: ({ number }) =>
        number < 2 ? { action: "pause", explanation } : { action: "continue", explanation },
      resume: ({ byState }) => {
        const [trial] = byState.paused;
        return trial === undefined || byState.complete.size === 0 ? undefined : { trial, explanation };
      },
    }),
  };
  const three = { ...definition, budget: { trials: 3 } };

  it("serves as many who wait, and dismisses the others only when nothing is at work any more", async () => {
    const session = await open({ definition: three, scheduler: holding });
    const works = [await workOf(session), await workOf(session), await workOf(session)];
    for (const { channel } of works) await channel.report(1, { loss: 1 });
    const waiting = ["a", "b", "c"].map((name) => session.coordinator.ask(placeOf(name)));
    const settled = session.coordinator.settled();
    for (const work of works) {
      expect(await isOpen(Promise.race([...waiting, settled]))).toBe(true);
      await session.coordinator.end(work, { kind: "ended" });
    }
    const [first, second] = [await waiting[0], await waiting[1]];
    expect([first?.assignment.trial, second?.assignment.trial]).toEqual([0, 1]);
    expect(await isOpen(Promise.race([waiting[2] ?? settled, settled]))).toBe(true);
    for (const work of [first, second]) {
      if (work === undefined) throw new Error("there is no work");
      await session.coordinator.end(work, { kind: "ended" });
    }
    expect(await waiting[2]).toBeUndefined();
    await settled;
    expect(await session.coordinator.ask(placeOf("late"))).toBeUndefined();
    await session.close();
  });
});

describe("the end of an attempt", () => {
  it("is told once, and of no attempt but the one at work", async () => {
    const session = await open();
    const work = await workOf(session);
    await session.coordinator.end(work, { kind: "released", reason: "lost" });
    await session.coordinator.end(work, { kind: "ended" });
    const again = await workOf(session);
    expect(again.assignment).toMatchObject({ trial: 0, attempt: 2 });
    await session.coordinator.end(work, { kind: "ended" });
    expect(session.study.trials[0]?.state).toBe("running");
    await session.close();
  });

  it("is not waited for where its trial cannot be recorded, and whoever asked is told", async () => {
    const session = await open();
    const work = await workOf(session);
    const waiting = [session.coordinator.ask(placeOf("a")), session.coordinator.ask(placeOf("b"))];
    await waiting[0];
    const held = (await storage.listStudies(0))[0]?.holder;
    expect(held).toBeDefined();
    await storage.acquire("asked", {
      holder: { host: "other.example", pid: 1, started: "then" },
      now: 0,
      duration: 1000,
      isGone: () => true,
    });
    await expect(work.channel.report(1, { loss: 1 })).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await waiting[1]).toBeUndefined();
    await expect(session.coordinator.end(work, { kind: "ended" })).rejects.toMatchObject({
      code: "LEASE_LOST",
    });
    await expect(session.close()).rejects.toMatchObject({ code: "LEASE_LOST" });
  });
});

describe("a sampler that fails", () => {
  it("is not asked again: waiting workers get nothing, and the session throws when it closes", async () => {
    let asks = 0;
    const sampler: SamplerChoice = {
      ...random(),
      create: () => ({
        ask: () => {
          asks += 1;
          throw new Error("no idea");
        },
      }),
    };
    const session = await open({ sampler });
    const waiting = [
      session.coordinator.ask(placeOf("a")),
      session.coordinator.ask(placeOf("b")),
      session.coordinator.settled(),
    ];
    expect(await Promise.all(waiting)).toEqual([undefined, undefined, undefined]);
    expect([session.killed.aborted, asks]).toEqual([true, 1]);
    await expect(session.close()).rejects.toThrow("no idea");
    const other = await open({ sampler });
    await other.coordinator.settled();
    expect([other.killed.aborted, asks]).toEqual([true, 2]);
    await expect(other.close()).rejects.toThrow("no idea");
  });
});

describe("whether a study is settled", () => {
  it("is known without anybody asking, once the last attempt ended", async () => {
    const session = await open();
    const settled = session.coordinator.settled();
    for (let trial = 0; trial < 2; trial++) {
      const work = await workOf(session);
      expect(work.assignment.trial).toBe(trial);
      await work.channel.report(3, { loss: 1 });
      expect(await isOpen(settled)).toBe(true);
      await session.coordinator.end(work, { kind: "ended" });
    }
    await settled;
    expect(session.ending()).toBe("finished");
    await session.close();
    const again = await open();
    await again.coordinator.settled();
    await again.close();
  });

  it("makes no trial that nobody asked for, and gives the one that it found to who asks", async () => {
    const session = await open();
    expect(await isOpen(session.coordinator.settled())).toBe(true);
    expect(await isOpen(session.coordinator.settled())).toBe(true);
    expect(session.study.trials).toEqual([]);
    const work = await session.coordinator.ask(placeOf("first"));
    expect(work?.assignment.trial).toBe(0);
    expect(session.study.trials.map(({ state }) => state)).toEqual(["running"]);
    if (work !== undefined) await session.coordinator.end(work, { kind: "released", reason: "interrupted" });
    await session.close();
  });

  it("waits for those at work when it is interrupted", async () => {
    const interrupt = new AbortController();
    const session = await open({ interrupt: interrupt.signal });
    const work = await workOf(session);
    const settled = session.coordinator.settled();
    interrupt.abort();
    expect(await isOpen(settled)).toBe(true);
    await session.coordinator.end(work, { kind: "ended" });
    await settled;
    expect(session.ending()).toBe("interrupted");
    await session.close();
  });
});

describe("an attempt that is given back", () => {
  it("has its trial wait, unless its last step was reached", async () => {
    const session = await open();
    const [first, second] = [await workOf(session), await workOf(session)];
    await first.channel.report(1, { loss: 1 });
    await second.channel.report(3, { loss: 1 });
    await session.coordinator.end(first, { kind: "released", reason: "lost" });
    await session.coordinator.end(second, { kind: "released", reason: "lost" });
    expect(session.study.trials.map(({ state, failures }) => [state, failures])).toEqual([
      ["waiting", 0],
      ["complete", 0],
    ]);
    expect((await events()).slice(-2)).toMatchObject([
      { type: "released", trial: 0, attempt: 1, reason: "lost" },
      { type: "finished", trial: 1, attempt: 1, state: "complete" },
    ]);
    await session.close();
  });
});

describe("late reports", () => {
  it("are kept once, whoever recorded them first", async () => {
    const first = await open();
    const work = await workOf(first);
    await work.channel.report(1, { loss: 1 });
    await first.coordinator.end(work, { kind: "released", reason: "lost" });
    await first.close();
    const session = await open();
    const place = { trial: 0, attempt: 1 };
    await session.reportLate(place, 1, { loss: 1 });
    await session.reportLate(place, 2, { loss: 0.5 });
    await Promise.all([
      session.reportLate(place, 2, { loss: 0.5 }),
      session.reportLate(place, 3, { loss: 0.4 }),
    ]);
    const kept = (await events()).filter(({ type }) => type === "reported" || type === "reported-late");
    expect(kept).toMatchObject([
      { type: "reported", step: 1 },
      { type: "reported-late", step: 2, metrics: { loss: 0.5 } },
      { type: "reported-late", step: 3 },
    ]);
    expect(session.study.trials[0]?.curve.steps).toEqual([1]);
    await session.close();
  });

  it("are refused for what is no attempt, or runs", async () => {
    const session = await open();
    const work = await workOf(session);
    const { trial, attempt } = work.assignment;
    for (const place of [
      { trial, attempt },
      { trial, attempt: 0 },
      { trial, attempt: 2 },
      { trial: 9, attempt: 1 },
      { trial: -1, attempt: 1 },
    ]) {
      await expect(session.reportLate(place, 1, { loss: 1 })).rejects.toMatchObject({
        code: "ATTEMPT_UNKNOWN",
      });
    }
    await session.coordinator.end(work, { kind: "released", reason: "lost" });
    await expect(session.reportLate({ trial, attempt }, 0, { loss: 1 })).rejects.toMatchObject({
      code: "REPORT_INVALID",
    });
    await session.close();
  });
});
