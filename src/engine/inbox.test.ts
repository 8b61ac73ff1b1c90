import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placeOf } from "../../tests/support/place.js";
import { verifyStudy } from "../analysis/verify-study.js";
import type { StudyEvent } from "../core/events.js";
import { float } from "../core/param.js";
import type { StudyAction } from "../core/request.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { createSearchSpace } from "../core/search-space.js";
import type { Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { decodeImage, encodeImage } from "../core/study-image.js";
import { random } from "../samplers/random.js";
import { asha } from "../schedulers/index.js";
import { none } from "../schedulers/none.js";
import { memoryStorage } from "../storage/memory.js";
import type { Work } from "./coordinator.js";
import { readStudy } from "./read-study.js";
import { openSession, type Session, type SessionOptions } from "./session.js";
import { createShadowStudy } from "./shadow-study.js";

const space = createSearchSpace({ lr: float(0, 1) });
const definition: StudyDefinition = {
  name: "asked",
  goal: { metric: "loss", direction: "minimize" },
  space: space.params,
  constraints: [],
  maxSteps: 9,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 5 },
  seed: 3,
  retries: 0,
};

let folder: string;
let storage: Storage;
let session: Session | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-inbox-"));
  storage = memoryStorage();
});
afterEach(async () => {
  session = undefined;
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(options: Partial<SessionOptions> = {}): Promise<Session> {
  session = await openSession({
    storage,
    definition,
    space,
    sampler: random(),
    scheduler: none(),
    folder,
    ...options,
  });
  return session;
}

async function ask(action: StudyAction): Promise<void> {
  await storage.addRequest("asked", { by: "ana@alice", action }, Date.now());
}

async function untilTaken(): Promise<void> {
  while ((await storage.listRequests("asked")).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Asks, and has the session carry it out. */
async function askNow(action: StudyAction): Promise<void> {
  await ask(action);
  await session?.takeRequests();
}

async function workOf({ coordinator }: Session): Promise<Work> {
  const work = await coordinator.ask(placeOf("w"));
  if (work === undefined) throw new Error("there is no work");
  return work;
}

async function events(): Promise<StudyEvent[]> {
  const all: StudyEvent[] = [];
  for await (const { event } of storage.readEvents("asked")) all.push(event);
  return all;
}
const lastTypes = async (count: number): Promise<string[]> =>
  (await events()).slice(-count).map(({ type }) => type);

const ended = { kind: "ended" } as const;

/** Whatever is recorded, an image and a verification understand it, and the scheduler as its own shadow. */
async function checkLog(scheduler: SchedulerChoice): Promise<void> {
  const log = await events();
  expect(verifyStudy(log, scheduler).differences).toEqual([]);
  const study = await readStudy(storage, "asked");
  expect(decodeImage(encodeImage(study))).toEqual(study);
  const shadow = createShadowStudy(scheduler);
  for (const event of log) shadow.observe(event);
  const followed = shadow.conclude();
  expect(followed?.failure?.error).toBeUndefined();
  expect(followed?.differences).toEqual([]);
}

describe("a study", () => {
  it("that is paused has its trainings save and wait, begins none, and goes on when it is resumed", async () => {
    const running = await open();
    const { assignment, channel } = await workOf(running);
    expect(await channel.report(1, { loss: 1 })).toBe("continue");
    await askNow({ kind: "pause" });
    expect(channel.interrupted.aborted).toBe(false);
    expect(await channel.report(2, { loss: 0.9 })).toBe("pause");
    await running.coordinator.end({ assignment, channel }, ended);
    expect((await events()).at(-1)).toMatchObject({ type: "released", trial: 0, reason: "request" });
    const next = running.coordinator.ask(placeOf("w"));
    let isServed = false;
    let isSettled = false;
    void next.finally(() => {
      isServed = true;
    });
    void running.coordinator.settled().finally(() => {
      isSettled = true;
    });
    await ask({ kind: "note", text: "still here" });
    await untilTaken();
    expect([isServed, isSettled]).toEqual([false, false]);
    await askNow({ kind: "resume" });
    const again = await next;
    expect(again?.assignment).toMatchObject({ trial: 0, attempt: 2 });
    expect(await again?.channel.report(3, { loss: 0.8 })).toBe("continue");
    await checkLog(none());
    await running.close();
  });

  it("that is paused stays so when it is opened again, and its time stands still", async () => {
    let now = 1000;
    const first = await open({ now: () => now });
    await askNow({ kind: "pause" });
    await first.close();
    now += 5000;
    const second = await open({ now: () => now });
    expect(second.study.halt).toMatchObject({ action: "pause", by: "ana@alice" });
    now += 100_000;
    await askNow({ kind: "resume" });
    expect(second.study.halt).toBeUndefined();
    expect(second.study.elapsed).toBe(0);
    expect((await workOf(second)).assignment.trial).toBe(0);
    await second.close();
  });

  it("that is stopped stops its trainings, begins none, and is finished until it is resumed", async () => {
    const running = await open();
    const work = await workOf(running);
    await work.channel.report(1, { loss: 1 });
    await askNow({ kind: "stop" });
    expect(work.channel.interrupted.aborted).toBe(true);
    expect(running.interrupted.aborted).toBe(true);
    expect(await work.channel.report(2, { loss: 0.5 })).toBe("stop");
    await running.coordinator.end(work, ended);
    await running.coordinator.settled();
    expect(await running.coordinator.ask(placeOf("w"))).toBeUndefined();
    expect(running.study.trials[0]).toMatchObject({
      state: "stopped",
      decision: { step: 2, action: "stop", rule: "request", reason: "ana@alice asked to stop the study" },
    });
    expect((await running.close()).ended).toBe("finished");
    await checkLog(none());

    const stopped = await open();
    expect(await stopped.coordinator.ask(placeOf("w"))).toBeUndefined();
    expect((await stopped.close()).ended).toBe("finished");
    await ask({ kind: "resume" });
    const resumed = await open();
    expect((await workOf(resumed)).assignment.trial).toBe(1);
    await resumed.close();
  });

  it("takes what was asked for while nobody had it, before anything begins", async () => {
    await (await open()).close();
    await ask({ kind: "enqueue", params: { lr: 0.125 } });
    await ask({ kind: "tags", add: ["night", "a"], remove: [] });
    await ask({ kind: "tags", add: [], remove: ["a"] });
    const again = await open();
    expect(again.study.tags).toEqual(["night"]);
    expect((await workOf(again)).assignment.params).toEqual({ lr: 0.125 });
    await checkLog(none());
    await again.close();
  });
});

describe("a trial", () => {
  it("that is stopped is told so at once, and ends as stopped by whoever asked", async () => {
    const running = await open();
    const [first, second] = [await workOf(running), await workOf(running)];
    await first.channel.report(1, { loss: 1 });
    await askNow({ kind: "stop", trial: 0 });
    expect([first, second].map(({ channel }) => channel.interrupted.aborted)).toEqual([true, false]);
    await running.coordinator.end(first, ended);
    expect(running.study.trials[0]).toMatchObject({
      state: "stopped",
      decision: { step: 1, action: "stop", rule: "request", reason: "ana@alice asked to stop it" },
    });
    expect(running.study.held.size).toBe(0);
    expect(await second.channel.report(1, { loss: 2 })).toBe("continue");
    await checkLog(none());
    await running.close();
  });

  it("that had come to its end by then is complete", async () => {
    const running = await open({ definition: { ...definition, maxSteps: 1 } });
    const work = await workOf(running);
    await work.channel.report(1, { loss: 1 });
    await askNow({ kind: "stop", trial: 0 });
    await running.coordinator.end(work, ended);
    expect(running.study.trials[0]?.state).toBe("complete");
    expect(running.study.held.size).toBe(0);
    await running.close();
  });

  it("that waits is stopped by the request alone", async () => {
    const running = await open({ enqueue: [{ lr: 0.5 }, { lr: 0.25 }] });
    await askNow({ kind: "stop", trial: 0 });
    expect(running.study.trials[0]).toMatchObject({ state: "stopped", attempt: 0 });
    expect((await workOf(running)).assignment.trial).toBe(1);
    await checkLog(none());
    await running.close();
  });

  it("is held while it is paused, and goes on when it is resumed", async () => {
    const running = await open();
    const first = await workOf(running);
    await first.channel.report(1, { loss: 1 });
    await askNow({ kind: "pause", trial: 0 });
    expect(await first.channel.report(2, { loss: 1 })).toBe("pause");
    await running.coordinator.end(first, ended);
    const second = await workOf(running);
    expect(second.assignment.trial).toBe(1);
    await askNow({ kind: "resume", trial: 0 });
    expect((await workOf(running)).assignment).toMatchObject({ trial: 0, attempt: 2 });
    await checkLog(none());
    await running.close();
  });

  it("that its coordinator was killed over ends as was asked", async () => {
    const killed = await open({ leaseDuration: 1 });
    const [first, second] = [await workOf(killed), await workOf(killed)];
    await first.channel.report(1, { loss: 1 });
    await second.channel.report(1, { loss: 1 });
    await askNow({ kind: "stop", trial: 0 });
    await askNow({ kind: "pause", trial: 1 });
    // Nothing of the first session is closed, and another one takes over.
    const copy = await readStudy(storage, "asked");
    expect(copy.byState.running.size).toBe(2);
    await killed.close();
    const next = await open();
    expect(next.study.trials.map(({ state }) => state)).toEqual(["stopped", "waiting"]);
    expect((await workOf(next)).assignment.trial).toBe(2);
    await next.close();
  });

  it("that its scheduler paused is resumed or stopped on request, and the scheduler goes on", async () => {
    const scheduler = asha({ eta: 3 });
    const running = await open({
      scheduler,
      definition: { ...definition, scheduler: { name: "asha", options: scheduler.options } },
    });
    const told: unknown[] = [];
    for (let trial = 0; trial < 2; trial++) {
      const work = await workOf(running);
      told.push(await work.channel.report(1, { loss: trial }));
      await running.coordinator.end(work, ended);
    }
    expect(told).toEqual(["pause", "pause"]);
    await askNow({ kind: "stop", trial: 0 });
    await askNow({ kind: "resume", trial: 1 });
    expect(running.study.trials.map(({ state }) => state)).toEqual(["stopped", "waiting"]);
    const work = await workOf(running);
    expect(work.assignment.trial).toBe(1);
    for (const loss of [3, 4]) {
      const other = await workOf(running);
      await other.channel.report(1, { loss });
      await running.coordinator.end(other, ended);
    }
    await checkLog(scheduler);
    await running.close();
  });
});

describe("requests", () => {
  it("to try params make the next trial, which says who asked; without leaving the sampler's order", async () => {
    const running = await open();
    const first = await workOf(running);
    await askNow({ kind: "enqueue", params: { lr: 0.75 } });
    const next = await workOf(running);
    expect(next.assignment).toMatchObject({ trial: 1, params: { lr: 0.75 } });
    expect((await events()).find((event) => event.type === "trial-asked" && event.trial === 1)).toMatchObject(
      {
        sampler: "enqueue",
        by: "ana@alice",
      },
    );
    const third = await workOf(running);
    storage = memoryStorage();
    const plain = await open();
    const expected = [await workOf(plain), await workOf(plain), await workOf(plain)];
    expect(first.assignment.params).toEqual(expected[0]?.assignment.params);
    expect(third.assignment.params).toEqual(expected[2]?.assignment.params);
    await plain.close();
    await running.close();
  });

  it("raise the budget, which a run with the old one keeps, and a run with another replaces", async () => {
    const running = await open();
    await askNow({ kind: "budget", trials: 6 });
    expect(running.study.definition.budget).toEqual({ trials: 6 });
    await running.close();
    const same = await open();
    expect(same.study.definition.budget).toEqual({ trials: 6 });
    await same.close();
    const smaller = open({ definition: { ...definition, budget: { trials: 4 } } });
    await expect(smaller).rejects.toMatchObject({ code: "STUDY_CHANGED" });
    const larger = await open({ definition: { ...definition, budget: { trials: 9 } }, extend: true });
    expect(larger.study.definition.budget).toEqual({ trials: 9 });
    await larger.close();
    await expect(open()).rejects.toMatchObject({ code: "STUDY_CHANGED" });
  });

  it("that cannot be carried out become notes that say why", async () => {
    const running = await open({ definition: { ...definition, maxSteps: 1 } });
    const work = await workOf(running);
    await work.channel.report(1, { loss: 1 });
    await running.coordinator.end(work, ended);
    const refused: readonly (readonly [StudyAction, RegExp])[] = [
      [{ kind: "stop", trial: 0 }, /trial 0 is already complete/],
      [{ kind: "pause", trial: 7 }, /there is no trial 7/],
      [{ kind: "resume" }, /neither paused nor stopped/],
      [{ kind: "enqueue", params: { lr: 2 } }, /"lr" cannot be 2/],
      [{ kind: "enqueue", params: { rate: 0.5 } }, /"rate" is not in the search space/],
      [{ kind: "budget", trials: 4 }, /trials is 5 and can only be raised/],
      [{ kind: "budget", time: 4 }, /no limit of time/],
      [{ kind: "workers", workers: 2 }, /trains nothing itself/],
      [{ kind: "note", trial: 3, text: "lost?" }, /there is no trial 3 to note "lost\?" on/],
    ];
    for (const [action, reason] of refused) {
      await askNow(action);
      expect((await events()).at(-1)).toMatchObject({
        type: "note",
        code: "REQUEST_REFUSED",
        by: "ana@alice",
        message: expect.stringMatching(reason),
      });
    }
    await running.close();
  });

  it("add notes and tags, to the study or a trial", async () => {
    const running = await open();
    await workOf(running);
    await askNow({ kind: "note", text: "the new data" });
    await askNow({ kind: "note", trial: 0, text: "odd" });
    await askNow({ kind: "tags", trial: 0, add: ["good", "look"], remove: [] });
    await askNow({ kind: "tags", trial: 0, add: [], remove: ["look"] });
    expect(running.study.notes).toMatchObject([
      { trial: undefined, code: "NOTE", message: "the new data", by: "ana@alice" },
      { trial: 0, code: "NOTE", message: "odd", by: "ana@alice" },
    ]);
    expect([...running.study.trialTags]).toEqual([[0, ["good"]]]);
    expect(await lastTypes(4)).toEqual(["note", "note", "tagged", "tagged"]);
    await checkLog(none());
    await running.close();
  });
});
