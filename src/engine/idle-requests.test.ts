import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placeOf } from "../../tests/support/place.js";
import { verifyStudy } from "../analysis/verify-study.js";
import type { StudyEvent } from "../core/events.js";
import { float } from "../core/param.js";
import type { StudyAction } from "../core/request.js";
import { createSearchSpace } from "../core/search-space.js";
import type { Holder, Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { random } from "../samplers/random.js";
import { none } from "../schedulers/none.js";
import { memoryStorage } from "../storage/memory.js";
import { readStudy } from "./read-study.js";
import { openSession, type Session } from "./session.js";
import { type SubmittedRequests, submitRequests } from "./submit-request.js";

const space = createSearchSpace({ lr: float(0, 1) });
const definition: StudyDefinition = {
  name: "idle",
  goal: { metric: "loss", direction: "minimize" },
  space: space.params,
  constraints: [],
  maxSteps: 1,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 2, time: 1000 },
  seed: 3,
  retries: 0,
};
const HOUR = 3_600_000;

let folder: string;
let storage: Storage;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-idle-"));
  storage = memoryStorage();
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens the study as a run would. The clock is two hours behind, so that much time passes until somebody asks. */
const open = (): Promise<Session> =>
  openSession({
    storage,
    definition,
    space,
    sampler: random(),
    scheduler: none(),
    folder,
    now: () => Date.now() - 2 * HOUR,
  });

/** Runs so many trials. */
async function train(trials: number): Promise<void> {
  const session = await open();
  for (let trial = 0; trial < trials; trial++) {
    const work = await session.coordinator.ask(placeOf("w"));
    if (work === undefined) throw new Error("there is no work");
    await work.channel.report(1, { loss: trial });
    await session.coordinator.end(work, { kind: "ended" });
  }
  await session.close();
}

const ask = (...actions: readonly StudyAction[]): Promise<SubmittedRequests> =>
  submitRequests(storage, "idle", "ana@alice", actions);

async function events(): Promise<StudyEvent[]> {
  const all: StudyEvent[] = [];
  for await (const { event } of storage.readEvents("idle")) all.push(event);
  return all;
}

const pending = async () => (await storage.listRequests("idle")).map(({ request }) => request.action);

describe("a study that nobody runs", () => {
  it("takes notes and tags at once, also after its end, and that does not count as time of a run", async () => {
    await train(2);
    const before = await readStudy(storage, "idle");
    const asked = await ask(
      { kind: "note", text: "a good one" },
      { kind: "note", trial: 1, text: "odd" },
      { kind: "tags", trial: 1, add: ["look"], remove: [] },
    );
    expect(asked).toEqual({ numbers: [], fate: "done", coordinator: undefined });
    const study = await readStudy(storage, "idle");
    expect(study.notes).toMatchObject([
      { message: "a good one", by: "ana@alice" },
      { trial: 1, message: "odd" },
    ]);
    expect([...study.trialTags]).toEqual([[1, ["look"]]]);
    expect(study.elapsed).toBe(before.elapsed);
    expect(study.updatedAt - before.updatedAt).toBeGreaterThan(HOUR);
    expect((await storage.listStudies(Date.now()))[0]?.holder).toBeUndefined();
    expect(verifyStudy(await events(), none()).differences).toEqual([]);
    const again = await open();
    expect(again.study.elapsed).toBe(before.elapsed);
    expect((await again.close()).ended).toBe("finished");
  });

  it("is stopped and resumed at once, and its trials too", async () => {
    await train(1);
    expect((await ask({ kind: "stop" })).fate).toBe("done");
    expect((await readStudy(storage, "idle")).halt).toMatchObject({ action: "stop", by: "ana@alice" });
    const stopped = await open();
    expect(await stopped.coordinator.ask(placeOf("w"))).toBeUndefined();
    await stopped.close();
    await expect(ask({ kind: "pause" })).rejects.toMatchObject({
      code: "REQUEST_REFUSED",
      message: expect.stringContaining("ana@alice has already stopped it"),
    });
    expect((await ask({ kind: "resume" })).fate).toBe("done");
    const resumed = await open();
    expect((await resumed.coordinator.ask(placeOf("w")))?.assignment.trial).toBe(1);
    await resumed.close();
    expect(verifyStudy(await events(), none()).differences).toEqual([]);
  });

  it("says at once what it cannot do, and then does nothing of what was asked with it", async () => {
    await train(2);
    const before = await events();
    const refused: readonly (readonly [StudyAction, string, RegExp])[] = [
      [{ kind: "stop" }, "STUDY_FINISHED", /has finished: there is nothing to stop/],
      [{ kind: "pause" }, "STUDY_FINISHED", /nothing to pause/],
      [{ kind: "resume" }, "REQUEST_REFUSED", /neither paused nor stopped/],
      [{ kind: "stop", trial: 0 }, "REQUEST_REFUSED", /trial 0 is already complete/],
      [{ kind: "note", trial: 7, text: "lost" }, "REQUEST_REFUSED", /there is no trial 7/],
    ];
    for (const [action, code, message] of refused)
      await expect(ask({ kind: "note", text: "first" }, action)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
        hint: expect.stringContaining("curvewise "),
      });
    expect(await events()).toEqual(before);
    expect(await pending()).toEqual([]);
  });

  it("keeps for the next run what changes what is trained, and the order of what depends on it", async () => {
    await train(1);
    const enqueue = { kind: "enqueue", params: { lr: 0.5 } } as const;
    expect(await ask(enqueue)).toMatchObject({ numbers: [1], fate: "next-run" });
    expect((await ask({ kind: "budget", trials: 3 })).fate).toBe("next-run");
    expect((await ask({ kind: "note", text: "not held up" })).fate).toBe("done");
    expect((await ask({ kind: "stop" })).fate).toBe("next-run");
    expect(await pending()).toEqual([enqueue, { kind: "budget", trials: 3 }, { kind: "stop" }]);
    expect((await events()).at(-1)).toMatchObject({ type: "note", message: "not held up" });
    const next = await open();
    expect(next.study.trials[1]).toMatchObject({ params: { lr: 0.5 }, state: "waiting" });
    expect(next.study.definition.budget.trials).toBe(3);
    expect(next.study.halt?.action).toBe("stop");
    await next.close();
  });

  it("first takes what an earlier coordinator left in its inbox", async () => {
    await train(1);
    const tags = (add: string, remove: string): StudyAction => ({
      kind: "tags",
      add: [add],
      remove: [remove],
    });
    for (const action of [tags("a", "b"), { kind: "pause", trial: 7 } as const])
      await storage.addRequest("idle", { by: "bo", action }, 0);
    expect((await ask(tags("b", "a"))).fate).toBe("done");
    const study = await readStudy(storage, "idle");
    expect(study.tags).toEqual(["b"]);
    expect(study.notes).toMatchObject([{ code: "REQUEST_REFUSED", by: "bo" }]);
    expect(await pending()).toEqual([]);
  });

  it("records everything once, whoever asks at the same moment", async () => {
    await train(1);
    const texts = Array.from({ length: 30 }, (_, place) => `note ${place}`);
    await Promise.all(texts.map((text) => ask({ kind: "note", text })));
    const notes = (await events()).flatMap((event) => (event.type === "note" ? [event.message] : []));
    expect(notes.toSorted()).toEqual(texts.toSorted());
    expect(await pending()).toEqual([]);
  });
});

describe("a study whose coordinator", () => {
  it("is silent is not taken from it", async () => {
    await train(1);
    const holder: Holder = { host: "elsewhere.example", pid: 7, started: "then" };
    const lease = await storage.acquire("idle", { holder, now: 0, duration: 1, isGone: () => false });
    expect((await ask({ kind: "note", text: "are you there?" })).fate).toBe("next-run");
    await storage.append(lease, [{ type: "note", code: "NOTE", message: "yes", time: 0 }]);
    expect(await pending()).toHaveLength(1);
  });

  it("was killed over a training waits for the next one, which ends that first", async () => {
    await train(1);
    const killed = await open();
    await killed.coordinator.ask(placeOf("w"));
    const image = await events();
    await killed.close();
    expect(image.at(-1)?.type).toBe("attempt-started");
    expect((await ask({ kind: "stop", trial: 1 })).fate).toBe("next-run");
    const next = await open();
    expect(next.study.trials[1]?.state).toBe("stopped");
    await next.close();
  });
});
