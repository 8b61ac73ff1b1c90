import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placeOf } from "../../tests/support/place.js";
import type { StudyEvent } from "../core/events.js";
import { float } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { createSearchSpace } from "../core/search-space.js";
import type { Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { applyEvent } from "../core/study-fold.js";
import { encodeImage } from "../core/study-image.js";
import { studyRecord } from "../core/study-record.js";
import { random } from "../samplers/random.js";
import { none } from "../schedulers/none.js";
import { memoryStorage } from "../storage/memory.js";
import type { Work } from "./coordinator.js";
import { thisProcess } from "./process-identity.js";
import { runStudy } from "./run-study.js";
import { openSession, type Session, type SessionOptions } from "./session.js";

const space = createSearchSpace({ lr: float(0, 1) });
const definition: StudyDefinition = {
  name: "session",
  goal: { metric: "loss", direction: "minimize" },
  space: space.params,
  constraints: [],
  maxSteps: 4,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 4 },
  seed: 3,
  retries: 0,
};

let folder: string;
let storage: Storage;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-session-"));
  storage = memoryStorage();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const optionsOf = (options: Partial<SessionOptions> = {}): SessionOptions => ({
  storage,
  definition,
  space,
  sampler: random(),
  scheduler: none(),
  folder,
  ...options,
});
const open = (options?: Partial<SessionOptions>): Promise<Session> => openSession(optionsOf(options));

async function workOf(session: Session): Promise<Work> {
  const work = await session.coordinator.ask(placeOf("w"));
  if (work === undefined) throw new Error("there is no work");
  return work;
}

async function events(): Promise<StudyEvent[]> {
  const all: StudyEvent[] = [];
  for await (const { event } of storage.readEvents("session")) all.push(event);
  return all;
}
const types = async (): Promise<string[]> => (await events()).map(({ type }) => type);

const failed = { kind: "failed", error: { code: "EXIT", message: "exit code 1" }, output: [] } as const;

const abortOf = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });

/** Resolves when the study is free, or as its holder is told. */
const take = (isGone: boolean) =>
  storage.acquire("session", {
    holder: { host: "other.example", pid: 1, started: "then" },
    now: Date.now(),
    duration: 60_000,
    isGone: () => isGone,
  });

describe("opening a study", () => {
  it("begins it, says who has it, and shows every event", async () => {
    const seen: string[] = [];
    let opened = 0;
    const session = await open({
      onEvent: (event, study) => seen.push(`${event.type} ${study.events}`),
      onOpen: (study) => {
        opened = study.events;
      },
      now: () => 5000,
    });
    expect(opened).toBe(2);
    await workOf(session);
    const { host, pid } = thisProcess();
    expect((await events()).slice(0, 2)).toEqual([
      { type: "study-created", definition, time: 5000 },
      { type: "study-opened", host, pid, time: 5000 },
    ]);
    expect(seen).toEqual(["study-opened 2", "trial-asked 3", "attempt-started 4"]);
    await session.close();
  });

  it("restores the sampler and the scheduler first, and then shows them what happens, the scheduler first", async () => {
    const heard: string[] = [];
    const listener = (who: string) => ({
      restore: ({ events: count }: { readonly events: number }) => heard.push(`${who} restored at ${count}`),
      observe: ({ type }: StudyEvent) => heard.push(`${who} ${type}`),
    });
    const sampler: SamplerChoice = {
      ...random(),
      create: () => ({ ...listener("sampler"), ask: () => ({ lr: 0.5 }) }),
    };
    const scheduler: SchedulerChoice = {
      ...none(),
      create: () => ({ ...listener("scheduler"), decide: () => ({ action: "continue" }) }),
    };
    const session = await open({ sampler, scheduler });
    await session.record({ type: "note", code: "N", message: "n" });
    expect(heard).toEqual([
      "scheduler restored at 2",
      "sampler restored at 2",
      "scheduler note",
      "sampler note",
    ]);
    await session.close();
  });

  it("makes the trials to try first, once", async () => {
    const enqueue = [{ lr: 0.25 }, { lr: 0.75 }];
    const first = await open({ enqueue });
    expect((await types()).slice(1)).toEqual(["study-opened", "trial-asked", "trial-asked"]);
    expect(first.study.trials.map(({ params, sampler }) => [params["lr"], sampler])).toEqual([
      [0.25, "enqueue"],
      [0.75, "enqueue"],
    ]);
    await first.close();
    const second = await open({ enqueue });
    expect(second.study.trials).toHaveLength(2);
    await second.close();
  });

  it("goes on with a study that is there, and records what was agreed to change", async () => {
    await (await open()).close();
    const larger = { ...definition, budget: { trials: 5 } };
    const session = await open({ definition: larger, extend: true });
    expect(await types()).toEqual(["study-created", "study-opened", "study-opened", "study-changed"]);
    expect(session.study.definition.budget).toEqual({ trials: 5 });
    await session.close();
  });

  it("goes on with a study that another process began a moment before", async () => {
    await (await open()).close();
    storage = { ...storage, listStudies: async () => [] };
    const session = await open();
    expect(session.study.definition).toEqual(definition);
    await session.close();
    const failing = {
      ...storage,
      createStudy: async () => {
        throw new Error("the disk is full");
      },
    };
    await expect(open({ storage: failing })).rejects.toThrow("the disk is full");
  });

  it("makes no more trials than the scheduler's population has", async () => {
    const scheduler: SchedulerChoice = {
      ...none(),
      create: (setup) => ({ ...none().create(setup), population: 2 }),
    };
    const session = await open({ scheduler });
    for (let trial = 0; trial < 2; trial++) {
      const work = await workOf(session);
      await work.channel.report(4, { loss: 1 });
      await session.coordinator.end(work, { kind: "ended" });
    }
    expect(await session.coordinator.ask(placeOf("w"))).toBeUndefined();
    expect(session.study.trials).toHaveLength(2);
    await session.close();
  });

  it("gives the study back when it is refused", async () => {
    await (await open()).close();
    const other = { ...definition, seed: 4 };
    await expect(open({ definition: other })).rejects.toMatchObject({ code: "STUDY_CHANGED" });
    await (await open()).close();
  });

  it("leaves no study behind whose sampler or whose curves to transfer are refused", async () => {
    const refusing: SamplerChoice = {
      ...random(),
      create: () => {
        throw new Error("these options do not fit");
      },
    };
    await expect(open({ sampler: refusing })).rejects.toThrow("these options do not fit");
    const wishing: SamplerChoice = {
      ...random(),
      create: () => ({ transfer: { studies: ["earlier"] }, ask: () => undefined }),
    };
    await expect(open({ sampler: wishing })).rejects.toMatchObject({ code: "STUDY_NOT_FOUND" });
    expect(await storage.listStudies(0)).toEqual([]);
  });

  it("takes curves over when it begins, and never again", async () => {
    const earlier = await open();
    await (await workOf(earlier)).channel.report(1, { loss: 1 });
    await earlier.close();
    const wishing: SamplerChoice = {
      ...random(),
      create: () => ({ transfer: { studies: ["session"] }, ask: () => ({ lr: 0.5 }) }),
    };
    const options = { definition: { ...definition, name: "next" }, sampler: wishing };
    const first = await open(options);
    expect(first.study.transferred.map(({ name }) => name)).toEqual(["session"]);
    await workOf(first);
    await first.close();
    const second = await open(options);
    expect(second.study.transferred).toHaveLength(1);
    await second.close();
  });

  it("has trials that were running when their coordinator went wait again, and their programs ended", async () => {
    const first = await open();
    const works = [await workOf(first), await workOf(first), await workOf(first)];
    await works[1]?.channel.report(4, { loss: 1 });
    await first.coordinator.end(works[2] ?? (await workOf(first)), { kind: "ended" });
    await first.close();
    const reaped: string[] = [];
    const session = await open({ reap: async (of) => void reaped.push(of) });
    expect(reaped.toSorted()).toEqual([join(folder, "trial-0"), join(folder, "trial-1")]);
    expect((await events()).slice(-3)).toMatchObject([
      { type: "study-opened" },
      { type: "released", trial: 0, reason: "lost" },
      { type: "finished", trial: 1, state: "complete" },
    ]);
    expect(session.study.trials.map(({ state }) => state)).toEqual(["waiting", "complete", "failed"]);
    await session.close();
  });

  it("tries every failed trial once more when it is told to, and no other time", async () => {
    const first = await open();
    const [one, two] = [await workOf(first), await workOf(first)];
    await one.channel.report(1, { loss: 1 });
    for (const work of [one, two]) await first.coordinator.end(work, failed);
    await first.close();
    const second = await open({ retryFailed: false });
    expect(second.study.trials.map(({ state }) => state)).toEqual(["failed", "failed"]);
    await second.close();
    const third = await open({ retryFailed: true });
    expect(third.study.trials.map(({ state, failures }) => [state, failures])).toEqual([
      ["waiting", 0],
      ["waiting", 0],
    ]);
    await third.close();
  });
});

describe("snapshots that a killed coordinator left", () => {
  const files = ["trial-0/one", "trial-0/two", "trial-0/own", "trial-0/deep/three", "elsewhere"];

  /** Ends without closing, after trial 0 saved two snapshots of which the first can never be needed again. */
  async function leave(scheduler: SchedulerChoice, isOver = false): Promise<void> {
    const session = await open({ scheduler: none() });
    const work = await workOf(session);
    for (const file of files) {
      mkdirSync(join(folder, file, ".."), { recursive: true });
      writeFileSync(join(folder, file), file);
    }
    await work.channel.report(2, { loss: 1 });
    await work.channel.snapshot(1, "one");
    await work.channel.snapshot(2, "two");
    if (isOver) await session.coordinator.end(work, { kind: "released", reason: "lost" });
    await session.close();
    await (await open({ scheduler })).close();
  }
  const left = () => files.filter((file) => existsSync(join(folder, file)));
  const saving: SchedulerChoice = {
    ...none(),
    create: (setup) => ({ ...none().create(setup), snapshotEvery: 1 }),
  };

  it("are deleted where trainings save many, and nothing else is", async () => {
    await leave(saving);
    expect(left()).toEqual(["trial-0/two", "trial-0/own", "trial-0/deep/three", "elsewhere"]);
  });

  it("are left alone where they are few, or nothing was cut off", async () => {
    await leave(none());
    expect(left()).toEqual(files);
    storage = memoryStorage();
    await leave(saving, true);
    expect(left()).toEqual(files);
  });
});

describe("a session", () => {
  it("holds the study until it is closed", async () => {
    const session = await open();
    await expect(take(false)).rejects.toMatchObject({ code: "STUDY_OWNED" });
    expect(await session.close()).toEqual({
      study: session.study,
      ended: "finished",
      exhausted: false,
    });
    await take(false);
  });

  it("renews its lease, and breaks down when somebody else has taken the study", async () => {
    const session = await open({ leaseDuration: 30 });
    const work = await workOf(session);
    await take(true);
    await abortOf(session.killed);
    expect(work.channel.interrupted.aborted).toBe(true);
    expect(await session.coordinator.ask(placeOf("w"))).toBeUndefined();
    await expect(session.close()).rejects.toMatchObject({ code: "LEASE_LOST" });
  });

  it("renews its lease again and again, for its whole duration", async () => {
    const durations: number[] = [];
    const memory = memoryStorage();
    let isRenewed = (): void => {};
    const renewed = new Promise<void>((resolve) => {
      isRenewed = resolve;
    });
    storage = {
      ...memory,
      renew: async (lease, now, duration) => {
        await memory.renew(lease, now, duration);
        if (durations.push(duration) === 2) isRenewed();
      },
    };
    const session = await open({ leaseDuration: 90 });
    await renewed;
    expect(durations).toEqual([90, 90]);
    await session.close();
  });

  it("that was interrupted is so only while something kept it from going on", async () => {
    const interrupt = new AbortController();
    const session = await open({ interrupt: interrupt.signal });
    expect(session.ending()).toBe("finished");
    interrupt.abort();
    expect(session.ending()).toBe("interrupted");
    expect([session.interrupted.aborted, session.killed.aborted]).toEqual([true, false]);
    expect((await session.close()).ended).toBe("interrupted");
  });

  it("that is killed interrupts too, also when the signal came before it was open", async () => {
    const kill = new AbortController();
    const session = await open({ kill: kill.signal });
    kill.abort();
    expect([session.interrupted.aborted, session.killed.aborted]).toEqual([true, true]);
    await session.close();
    const late = await open({ kill: kill.signal });
    expect([late.interrupted.aborted, late.killed.aborted]).toEqual([true, true]);
    expect(await late.coordinator.ask(placeOf("w"))).toBeUndefined();
    await late.close();
  });

  it("that is given up ends its trainings and throws why, the first reason of several", async () => {
    const session = await open();
    session.breakDown(new Error("first"));
    session.breakDown(new Error("second"));
    expect([session.interrupted.aborted, session.killed.aborted]).toEqual([true, true]);
    await expect(session.close()).rejects.toThrow("first");
    await take(false);
  });

  it("throws if every trial failed", async () => {
    const session = await open();
    await session.coordinator.end(await workOf(session), failed);
    await expect(session.close()).rejects.toMatchObject({ code: "TRIALS_FAILING", kind: "failure" });
  });

  it("does not throw that all has failed when it was interrupted before the rest was tried", async () => {
    const interrupt = new AbortController();
    const session = await open({ interrupt: interrupt.signal });
    await session.coordinator.end(await workOf(session), failed);
    interrupt.abort();
    expect((await session.close()).ended).toBe("interrupted");
  });

  it("lets trainings go on to save when trials keep failing, and throws in the end", async () => {
    const session = await open();
    const works = [
      await workOf(session),
      await workOf(session),
      await workOf(session),
      await workOf(session),
    ];
    for (const work of works.slice(1)) await session.coordinator.end(work, failed);
    expect([session.interrupted.aborted, session.killed.aborted]).toEqual([true, false]);
    await expect(session.close()).rejects.toMatchObject({ code: "TRIALS_FAILING" });
  });

  it("ends at its budget of time, counted over all of its sessions", async () => {
    const timed = { ...definition, budget: { time: 60 } };
    let now = 0;
    const first = await open({ definition: timed, now: () => now });
    const work = await workOf(first);
    now = 59_990;
    expect(await work.channel.report(1, { loss: 1 })).toBe("continue");
    await first.close();
    now = 1e9;
    const second = await open({ definition: timed, now: () => now });
    await abortOf(second.interrupted);
    expect(second.killed.aborted).toBe(false);
    expect((await second.close()).ended).toBe("finished");
  });

  it("has as much time as its budget says, however much that is", async () => {
    const session = await open({ definition: { ...definition, budget: { time: 1e9 } } });
    await sleep(20);
    expect(session.interrupted.aborted).toBe(false);
    await session.close();
  });

  it("forgets complete trials where its sampler and its scheduler both let it, and then writes no image", async () => {
    const all = 10_001;
    const study = studyRecord(definition, 0);
    for (let trial = 0; trial < all; trial++) {
      const attempt = { trial, attempt: 1, time: 0 };
      applyEvent(study, { type: "trial-asked", trial, params: {}, seed: 1, sampler: "random", time: 0 });
      applyEvent(study, { type: "attempt-started", worker: "w", fromStep: 0, ...attempt });
      applyEvent(study, { type: "reported", step: 4, metrics: { loss: trial }, ...attempt });
      applyEvent(study, { type: "finished", state: "complete", ...attempt });
    }
    const image = { events: study.events, body: encodeImage(study) };
    for (const [forgets, forgetsToo, held] of [
      [true, true, 1],
      [true, false, all],
      [false, true, all],
    ] as const) {
      const memory = memoryStorage();
      const written: number[] = [];
      storage = {
        ...memory,
        wantsImages: true,
        readImage: async () => image,
        writeImage: async (_lease, { events: count }) => void written.push(count),
      };
      const session = await open({
        sampler: { ...random(), forgets },
        scheduler: { ...none(), forgets: forgetsToo },
      });
      expect([...session.study.trials]).toHaveLength(held);
      await session.close();
      expect(written).toEqual(held === 1 ? [] : [session.study.events]);
    }
  });

  it("writes no image for a storage that opens as quickly without", async () => {
    const session = await open();
    await session.close();
    expect(await storage.readImage("session")).toBeUndefined();
  });

  it("writes an image when it ends, unless it broke down", async () => {
    storage = { ...memoryStorage(), wantsImages: true };
    const broken = await open();
    broken.breakDown(new Error("broken"));
    await expect(broken.close()).rejects.toThrow("broken");
    expect(await storage.readImage("session")).toBeUndefined();
    const session = await open();
    await session.close();
    expect((await storage.readImage("session"))?.events).toBe(session.study.events);
  });

  it("keeps the time of its log from going back", async () => {
    const times = [9000, 9000, 9000, 4000, 4000, 4500];
    const session = await open({ now: () => times.shift() ?? 5000 });
    for (let count = 0; count < 3; count++) await session.record({ type: "note", code: "N", message: "n" });
    await session.close();
    const logged = (await events()).map(({ time }) => time);
    expect(logged).toEqual(logged.toSorted((a, b) => a - b));
    expect(logged[0]).toBe(9000);
  });
});

describe("a standby", () => {
  const launcher = {
    name: "test",
    slots: 1,
    run: async () => ({ kind: "ended" }) as const,
    close: async () => {},
  };

  it("is told who has the study, waits for it, and ends when it is interrupted or killed", async () => {
    const holder = await open();
    for (const by of ["interrupt", "kill"] as const) {
      const controller = new AbortController();
      const told: string[] = [];
      const { study, ended } = await runStudy({
        ...optionsOf({ standby: true, [by]: controller.signal }),
        launcher,
        onStandby: ({ code }) => {
          told.push(code);
          controller.abort();
        },
      });
      expect([told, ended]).toEqual([["STUDY_OWNED"], "interrupted"]);
      expect(study.events).toBe(holder.study.events);
    }
    await holder.close();
  });

  it("is refused at once what it would be refused in the end", async () => {
    const holder = await open();
    const other = { ...definition, seed: 4 };
    await expect(open({ standby: true, definition: other })).rejects.toMatchObject({ code: "STUDY_CHANGED" });
    await holder.close();
  });

  it("goes on where the holder ended", async () => {
    const holder = await open();
    const work = await workOf(holder);
    await work.channel.report(1, { loss: 1 });
    const standby = open({ standby: true, leaseDuration: 60, onStandby: () => void holder.close() });
    const session = await standby;
    expect(session.study.trials[0]).toMatchObject({ state: "waiting", curve: { steps: [1] } });
    await session.close();
  });
});
