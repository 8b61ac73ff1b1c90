import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placeOf } from "../../tests/support/place.js";
import type { Decision } from "../core/decision.js";
import type { StudyEvent } from "../core/events.js";
import { float } from "../core/param.js";
import type { Scheduler, SchedulerChoice } from "../core/scheduler.js";
import { createSearchSpace } from "../core/search-space.js";
import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { random } from "../samplers/random.js";
import { none } from "../schedulers/none.js";
import { memoryStorage } from "../storage/memory.js";
import type { Work } from "./coordinator.js";
import { openSession, type Session, type SessionOptions } from "./session.js";

const space = createSearchSpace({ lr: float(0, 1) });
const definition: StudyDefinition = {
  name: "talk",
  goal: { metric: "loss", direction: "minimize" },
  space: space.params,
  constraints: [],
  maxSteps: 9,
  sampler: { name: "random", options: {} },
  scheduler: { name: "none", options: {} },
  budget: { trials: 3 },
  seed: 3,
  retries: 0,
};

let folder: string;
let storage: Storage;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curvewise-channel-"));
  storage = memoryStorage();
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (options: Partial<SessionOptions> = {}): Promise<Session> =>
  openSession({ storage, definition, space, sampler: random(), scheduler: none(), folder, ...options });

async function workOf(session: Session): Promise<Work> {
  const work = await session.coordinator.ask(placeOf("w"));
  if (work === undefined) throw new Error("there is no work");
  return work;
}

async function log(...types: readonly StudyEvent["type"][]): Promise<StudyEvent[]> {
  const found: StudyEvent[] = [];
  for await (const { event } of storage.readEvents("talk")) {
    if (types.some((type) => type === event.type)) found.push(event);
  }
  return found;
}

const explanation = { rule: "test", reason: "as the test says", values: {} };

/** A scheduler that decides at `trial:step` as it is told, and otherwise lets trainings go on. */
function deciding(
  rules: Readonly<Record<string, (study: Study) => Decision>>,
  parts: Partial<Scheduler> = {},
): SchedulerChoice {
  return {
    name: "none",
    options: {},
    create: () => ({
      restore: () => {},
      observe: () => {},
      decide: (trial, step, study) => rules[`${trial.number}:${step}`]?.(study) ?? { action: "continue" },
      ...parts,
    }),
  };
}
const told = (action: "pause" | "stop") => (): Decision => ({ action, explanation });

/** Trial 1 is to go on with the newest model of trial 0. */
const copying =
  (waits?: boolean) =>
  ({ trials }: Study): Decision => {
    const snapshot = trials[0]?.snapshot;
    if (snapshot === undefined) throw new Error("trial 0 has saved nothing");
    const rest = waits === undefined ? {} : { waits };
    const exploit = { parent: 0, snapshot, value: 0.25, params: { lr: 0.125 }, ...rest };
    return { action: "exploit", explanation, exploit };
  };

function save({ assignment }: Work, name: string, text = name): string {
  mkdirSync(assignment.folder, { recursive: true });
  const file = join(assignment.folder, name);
  writeFileSync(file, text);
  return file;
}

describe("a report", () => {
  it("is answered as the scheduler decided, once the decision is in the log", async () => {
    const session = await open({ scheduler: deciding({ "0:1": told("pause"), "1:2": told("stop") }) });
    const [first, second] = [await workOf(session), await workOf(session)];
    expect(await first.channel.report(1, { loss: 1 })).toBe("pause");
    expect(await second.channel.report(1, { loss: 1 })).toBe("continue");
    expect(await second.channel.report(2, { loss: 1 })).toBe("stop");
    expect(await log("decided")).toMatchObject([
      { trial: 0, attempt: 1, step: 1, action: "pause", explanation },
      { trial: 1, attempt: 1, step: 2, action: "stop", explanation },
    ]);
    await session.close();
  });

  it("that gets a silent `continue` adds itself to the log, and nothing else", async () => {
    const session = await open();
    const { channel } = await workOf(session);
    const { events } = session.study;
    expect(await channel.report(1, { loss: 1 })).toBe("continue");
    expect(await channel.report(2, { loss: 1 })).toBe("continue");
    expect([session.study.events, (await log("reported")).length]).toEqual([events + 2, 2]);
    await session.close();
  });

  it("of a training that goes on all the same gets the same answer, and is not recorded", async () => {
    const session = await open({ scheduler: deciding({ "0:1": told("pause"), "1:1": told("stop") }) });
    const [first, second] = [await workOf(session), await workOf(session)];
    await first.channel.report(1, { loss: 1 });
    await second.channel.report(1, { loss: 1 });
    for (const step of [2, 3]) {
      expect(await first.channel.report(step, { loss: 0 })).toBe("pause");
      expect(await second.channel.report(step, { loss: 0 })).toBe("stop");
    }
    expect(await log("reported")).toHaveLength(2);
    await session.close();
  });

  it("is refused before anybody hears of it when it makes no sense, and the training goes on", async () => {
    const session = await open();
    const { channel } = await workOf(session);
    await expect(channel.report(0, { loss: 1 })).rejects.toMatchObject({ code: "REPORT_INVALID" });
    await channel.report(2, { loss: 1 });
    await expect(channel.report(2, { loss: 1 })).rejects.toMatchObject({ code: "STEP_NOT_INCREASING" });
    expect(await channel.report(3, { loss: 1 })).toBe("continue");
    expect(session.study.trials[0]?.curve.steps).toEqual([2, 3]);
    await session.close();
  });

  it("beyond the last step is told of once a study, unless that step was reported", async () => {
    const session = await open();
    const [first, second, third] = [await workOf(session), await workOf(session), await workOf(session)];
    await first.channel.report(9, { loss: 1 });
    await first.channel.report(10, { loss: 1 });
    expect(await log("note")).toEqual([]);
    for (const { channel } of [second, third]) expect(await channel.report(10, { loss: 1 })).toBe("stop");
    await session.coordinator.end(second, { kind: "ended" });
    expect(await log("note")).toMatchObject([{ trial: 1, code: "STEP_BEYOND" }]);
    await session.close();
  });

  it("beyond the last step is told to stop and not recorded, also when it comes again", async () => {
    const session = await open();
    const work = await workOf(session);
    expect(await work.channel.report(9, { loss: 1 })).toBe("continue");
    for (const step of [10, 11]) expect(await work.channel.report(step, { loss: 0 })).toBe("stop");
    await session.coordinator.end(work, { kind: "ended" });
    expect(session.study.trials[0]).toMatchObject({ state: "complete", curve: { steps: [9] } });
    await session.close();
  });

  it("of a step that an earlier attempt reported is not recorded again, and the scheduler is not asked", async () => {
    const asked: number[] = [];
    const note = (study: Study): Decision => {
      asked.push(study.totalSteps);
      return { action: "continue" };
    };
    const interrupt = new AbortController();
    const rules = { "0:1": note, "0:2": note, "0:3": note };
    const session = await open({ scheduler: deciding(rules), interrupt: interrupt.signal });
    const first = await workOf(session);
    for (const step of [1, 2]) await first.channel.report(step, { loss: 1 });
    await session.coordinator.end(first, { kind: "released", reason: "lost" });
    const { assignment, channel } = await workOf(session);
    expect(assignment).toMatchObject({ trial: 0, attempt: 2 });
    expect(await channel.report(1, { loss: 5 })).toBe("continue");
    interrupt.abort();
    expect(await channel.report(2, { loss: 5 })).toBe("pause");
    expect(asked).toEqual([1, 2]);
    expect(session.study.trials[0]?.curve.metrics.get("loss")).toEqual([1, 1]);
    await session.close();
  });

  it("of a step that was trained before a pause is told of once a study, if there is no snapshot", async () => {
    const resume: Scheduler["resume"] = ({ byState }) => {
      const trial = Math.min(...byState.paused);
      return Number.isFinite(trial) ? { trial, explanation } : undefined;
    };
    const session = await open({
      definition: { ...definition, budget: { trials: 3 } },
      scheduler: deciding({ "0:2": told("pause"), "1:2": told("pause"), "2:2": told("pause") }, { resume }),
    });
    const train = async (work: Work, steps: readonly number[], isSaved: boolean): Promise<void> => {
      for (const step of steps) await work.channel.report(step, { loss: 1 });
      if (isSaved) await work.channel.snapshot(2, save(work, "model"));
      await session.coordinator.end(work, { kind: "ended" });
    };
    const [first, second, third] = [await workOf(session), await workOf(session), await workOf(session)];
    await train(first, [1, 2], true);
    const ofFirst = await workOf(session);
    expect(ofFirst.assignment).toMatchObject({ trial: 0, attempt: 2, resume: { step: 2 } });
    await train(ofFirst, [3, 9], false);
    expect([await log("note"), session.study.pace.again]).toEqual([[], 0]);
    await train(second, [1, 2], false);
    await train(await workOf(session), [1, 2, 3, 9], false);
    await train(third, [1, 2], false);
    await train(await workOf(session), [1, 2, 3, 9], false);
    expect(await log("note")).toMatchObject([
      {
        trial: 1,
        code: "TRAINED_AGAIN",
        message: expect.stringMatching(/^began again at step 1 after its pause at step 2, since/),
      },
    ]);
    expect(session.study.pace.again).toBe(4);
    await session.close();
  });

  it("of a step that was trained before a pause is told of only if it was trained again", async () => {
    const resume: Scheduler["resume"] = ({ byState }) =>
      byState.paused.has(0) ? { trial: 0, explanation } : undefined;
    const session = await open({ scheduler: deciding({ "0:2": told("pause") }, { resume }) });
    const first = await workOf(session);
    for (const step of [1, 2]) await first.channel.report(step, { loss: 1 });
    await session.coordinator.end(first, { kind: "ended" });
    const again = await workOf(session);
    expect(again.assignment).toMatchObject({ trial: 0, attempt: 2 });
    for (const step of [3, 9]) await again.channel.report(step, { loss: 1 });
    expect(await log("note")).toEqual([]);
    await session.close();
  });

  it("is told to pause once the study is interrupted, but never at the last step", async () => {
    const interrupt = new AbortController();
    const session = await open({ interrupt: interrupt.signal });
    const [first, second] = [await workOf(session), await workOf(session)];
    await first.channel.report(1, { loss: 1 });
    interrupt.abort();
    expect(first.channel.interrupted.aborted).toBe(true);
    expect(await first.channel.report(2, { loss: 1 })).toBe("pause");
    expect(await second.channel.report(9, { loss: 1 })).toBe("continue");
    await session.coordinator.end(first, { kind: "ended" });
    await session.coordinator.end(second, { kind: "ended" });
    expect(session.study.trials.map(({ state }) => state)).toEqual(["waiting", "complete"]);
    expect(await log("released")).toMatchObject([{ trial: 0, reason: "interrupted" }]);
    expect((await session.close()).ended).toBe("interrupted");
  });

  it("that spends the budget of steps has every training pause, and the study is finished", async () => {
    const session = await open({ definition: { ...definition, budget: { totalSteps: 12 } } });
    const [first, second] = [await workOf(session), await workOf(session)];
    expect(await first.channel.report(8, { loss: 1 })).toBe("continue");
    expect(first.channel.interrupted.aborted).toBe(false);
    expect(await second.channel.report(4, { loss: 1 })).toBe("pause");
    expect(first.channel.interrupted.aborted).toBe(true);
    for (const work of [first, second]) await session.coordinator.end(work, { kind: "ended" });
    expect(await log("released")).toMatchObject([
      { trial: 0, reason: "budget" },
      { trial: 1, reason: "budget" },
    ]);
    expect(await session.coordinator.ask(placeOf("w"))).toBeUndefined();
    expect((await session.close()).ended).toBe("finished");
  });

  it("of an attempt that is over is kept as data, and told to stop", async () => {
    const session = await open();
    const work = await workOf(session);
    await session.coordinator.end(work, { kind: "released", reason: "lost" });
    expect(await work.channel.report(1, { loss: 1 })).toBe("stop");
    expect(await log("reported-late")).toMatchObject([
      { trial: 0, attempt: 1, step: 1, metrics: { loss: 1 } },
    ]);
    expect(session.study.trials[0]?.curve.steps).toEqual([]);
    await session.close();
  });
});

describe("a note", () => {
  it("is kept once an attempt for each code", async () => {
    const session = await open();
    const first = await workOf(session);
    first.channel.note({ code: "ODD", message: "odd", hint: "Look." });
    first.channel.note({ code: "ODD", message: "odd again" });
    first.channel.note({ code: "STRANGE", message: "strange" });
    await session.coordinator.end(first, { kind: "released", reason: "lost" });
    (await workOf(session)).channel.note({ code: "ODD", message: "odd once more" });
    await session.close();
    expect(await log("note")).toMatchObject([
      { trial: 0, code: "ODD", message: "odd", hint: "Look." },
      { trial: 0, code: "STRANGE" },
      { trial: 0, code: "ODD", message: "odd once more" },
    ]);
  });
});

describe("a snapshot", () => {
  it.each([0, -1, 1.5, 3, Number.NaN])(
    "of step %d is refused where step 2 was reported last",
    async (step) => {
      const session = await open();
      const work = await workOf(session);
      await work.channel.report(2, { loss: 1 });
      await expect(work.channel.snapshot(step, save(work, "model"))).rejects.toMatchObject({
        code: "SNAPSHOT_INVALID",
        kind: "user",
      });
      expect(await log("snapshot-saved")).toEqual([]);
      await session.close();
    },
  );

  it("is recorded with its path from the study's folder, its digest and its size", async () => {
    const session = await open();
    const work = await workOf(session);
    await work.channel.report(2, { loss: 1 });
    save(work, "model", "abc");
    await work.channel.snapshot(1, "model");
    await work.channel.snapshot(2, "model");
    // The SHA-256 of "abc": FIPS 180-2, appendix B.1.
    const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const place = { trial: 0, attempt: 1, path: "trial-0/model", digest, bytes: 3 };
    expect(await log("snapshot-saved")).toMatchObject([
      { ...place, step: 1 },
      { ...place, step: 2 },
    ]);
    await session.close();
  });

  it("takes the place of an older one, which is deleted where the scheduler wants many", async () => {
    for (const [snapshotEvery, left] of [
      [undefined, ["1", "2"]],
      [1, ["2"]],
    ] as const) {
      storage = memoryStorage();
      const parts = snapshotEvery === undefined ? {} : { snapshotEvery };
      const session = await open({ scheduler: deciding({}, parts) });
      const work = await workOf(session);
      expect(work.assignment.snapshotEvery).toBe(snapshotEvery);
      for (const step of [1, 2]) {
        await work.channel.report(step, { loss: 1 });
        await work.channel.snapshot(step, save(work, String(step)));
      }
      expect(readdirSync(work.assignment.folder)).toEqual(left);
      await session.close();
    }
  });

  it("of an attempt that is over is not recorded", async () => {
    const session = await open();
    const work = await workOf(session);
    await work.channel.report(1, { loss: 1 });
    await session.coordinator.end(work, { kind: "released", reason: "lost" });
    await work.channel.snapshot(1, save(work, "model"));
    expect(await log("snapshot-saved")).toEqual([]);
    expect(session.study.trials[0]?.snapshot).toBeUndefined();
    await session.close();
  });

  it("has whoever waits for it asked again", async () => {
    const resume: Scheduler["resume"] = ({ trials, byState }) =>
      trials[1]?.snapshot !== undefined && byState.paused.has(0) ? { trial: 0, explanation } : undefined;
    const rules = { "0:1": told("pause") };
    const session = await open({
      definition: { ...definition, budget: { trials: 2 } },
      scheduler: deciding(rules, { snapshotEvery: 1, resume }),
    });
    const [first, second] = [await workOf(session), await workOf(session)];
    await first.channel.report(1, { loss: 1 });
    await session.coordinator.end(first, { kind: "ended" });
    const waiting = session.coordinator.ask(placeOf("w"));
    await second.channel.report(1, { loss: 1 });
    await second.channel.snapshot(1, save(second, "model"));
    expect((await waiting)?.assignment).toMatchObject({ trial: 0, attempt: 2 });
    await session.close();
  });
});

describe("a trial that is to go on with another one's model", () => {
  /** Trial 0 has saved its step 3, and trial 1 its step 1. */
  async function pair(
    rules: Readonly<Record<string, (study: Study) => Decision>>,
    snapshotEvery?: number,
    model = "model.bin",
  ) {
    const parts = snapshotEvery === undefined ? {} : { snapshotEvery };
    const session = await open({ scheduler: deciding(rules, parts) });
    const [parent, child] = [await workOf(session), await workOf(session)];
    await parent.channel.report(3, { loss: 0.25 });
    await parent.channel.snapshot(3, save(parent, model, "good"));
    await child.channel.report(1, { loss: 7 });
    await child.channel.snapshot(1, save(child, "own.bin", "bad"));
    return { session, parent, child };
  }

  it.each([
    ["step-3.folder.tar", "inherited-1.folder.tar"],
    ["model", "inherited-1"],
    [".model", "inherited-1"],
  ])("gets a copy of %s as %s, with all endings", async (model, copy) => {
    const { session, child } = await pair({ "1:2": copying() }, 1, model);
    const answer = await child.channel.report(2, { loss: 8 }, true);
    expect(answer).toMatchObject({ resume: { path: join(folder, "trial-1", copy) } });
    await session.close();
  });

  it("gets a true copy of it in its own folder, and counts on from its step", async () => {
    const { session, child } = await pair({ "1:2": copying() }, 1);
    const answer = await child.channel.report(2, { loss: 8 }, true);
    const path = join(folder, "trial-1/inherited-1.bin");
    expect(answer).toEqual({ action: "exploit", params: { lr: 0.125 }, resume: { step: 3, path } });
    expect(readFileSync(path, "utf8")).toBe("good");
    expect(readdirSync(child.assignment.folder)).toEqual(["inherited-1.bin"]);
    expect(existsSync(join(folder, "trial-0/model.bin"))).toBe(true);
    await expect(child.channel.report(3, { loss: 1 })).rejects.toMatchObject({ code: "STEP_NOT_INCREASING" });
    expect(await child.channel.report(4, { loss: 0.2 })).toBe("continue");
    expect(session.study.trials[1]).toMatchObject({
      params: { lr: 0.125 },
      snapshot: { step: 3, path: "trial-1/inherited-1.bin" },
      inheritances: [{ at: 2, reached: 8, parent: 0, step: 3, value: 0.25 }],
    });
    await session.close();
  });

  it("has the files of its own newest and best models deleted, where the best report counts", async () => {
    const best: StudyDefinition = { ...definition, goal: { ...definition.goal, of: "best" } };
    const scheduler = deciding({ "1:6": copying() }, { snapshotEvery: 1 });
    const session = await open({ definition: best, scheduler });
    const [parent, child] = [await workOf(session), await workOf(session)];
    await parent.channel.report(3, { loss: 0.25 });
    await parent.channel.snapshot(3, save(parent, "model.bin", "good"));
    for (const [step, loss] of [
      [4, 1],
      [5, 7],
    ] as const) {
      await child.channel.report(step, { loss });
      await child.channel.snapshot(step, save(child, `own-${step}.bin`));
    }
    expect(readdirSync(child.assignment.folder).toSorted()).toEqual(["own-4.bin", "own-5.bin"]);
    await child.channel.report(6, { loss: 8 }, true);
    expect(readdirSync(child.assignment.folder)).toEqual(["inherited-1.bin"]);
    await session.close();
  });

  it("is stopped where it cannot change models in place, and begins again from the copy", async () => {
    const resume: Scheduler["resume"] = ({ byState }) => {
      const [trial] = byState.paused;
      return trial === undefined ? undefined : { trial, explanation };
    };
    const rules = { "1:2": copying() };
    const session = await open({ scheduler: deciding(rules, { resume }) });
    const [parent, child] = [await workOf(session), await workOf(session)];
    await parent.channel.report(3, { loss: 0.25 });
    await parent.channel.snapshot(3, save(parent, "model.bin", "good"));
    await child.channel.report(1, { loss: 7 });
    expect(await child.channel.report(2, { loss: 8 })).toBe("stop");
    expect(await child.channel.report(3, { loss: 8 })).toBe("stop");
    await session.coordinator.end(child, { kind: "ended" });
    const { assignment } = await workOf(session);
    expect(assignment).toMatchObject({
      trial: 1,
      attempt: 2,
      params: { lr: 0.125 },
      resume: { step: 3, path: join(folder, "trial-1/inherited-1.bin") },
    });
    await session.close();
  });

  it("is stopped when it is to wait for its turn", async () => {
    const { session, child } = await pair({ "1:2": copying(true) });
    expect(await child.channel.report(2, { loss: 8 }, true)).toBe("stop");
    expect(session.study.trials[1]?.inheritances).toHaveLength(1);
    await session.close();
  });

  it("is stopped when the study was interrupted", async () => {
    const interrupt = new AbortController();
    const session = await open({ scheduler: deciding({ "1:2": copying() }), interrupt: interrupt.signal });
    const [parent, child] = [await workOf(session), await workOf(session)];
    await parent.channel.report(3, { loss: 0.25 });
    await parent.channel.snapshot(3, save(parent, "model.bin", "good"));
    interrupt.abort();
    expect(await child.channel.report(2, { loss: 8 }, true)).toBe("stop");
    await session.close();
  });

  it.each<[string, (file: string) => void]>([
    ["changed", (file) => writeFileSync(file, "other")],
    ["deleted", (file) => rmSync(file)],
  ])("keeps its own where the other one was %s", async (_how, spoil) => {
    const { session, child } = await pair({ "1:2": copying() }, 1);
    spoil(join(folder, "trial-0/model.bin"));
    expect(await child.channel.report(2, { loss: 8 }, true)).toBe("continue");
    expect(await log("exploit-failed")).toMatchObject([{ trial: 1, parent: 0, path: "trial-0/model.bin" }]);
    expect(readdirSync(child.assignment.folder)).toEqual(["own.bin"]);
    expect(await child.channel.report(3, { loss: 6 })).toBe("continue");
    expect(session.study.trials[0]?.snapshot).toBeUndefined();
    expect(session.study.trials[1]).toMatchObject({ inheritances: [], snapshot: { step: 1 } });
    await session.close();
  });

  it("keeps its own where the copy could not be written, and the other one loses nothing", async () => {
    const { session, child } = await pair({ "1:2": copying() }, 1);
    mkdirSync(join(child.assignment.folder, "inherited-1.bin"));
    expect(await child.channel.report(2, { loss: 8 }, true)).toBe("continue");
    expect(await log("exploit-failed")).toMatchObject([{ trial: 1, parent: 0, sourceIntact: true }]);
    expect(readdirSync(child.assignment.folder).toSorted()).toEqual(["inherited-1.bin", "own.bin"]);
    expect(session.study.trials[0]?.snapshot).toMatchObject({ path: "trial-0/model.bin" });
    await session.close();
  });

  it("has what it saved of its old model thrown away, whether it tells of it before or after", async () => {
    const { session, child } = await pair({ "1:2": copying() });
    await child.channel.report(2, { loss: 8 }, true);
    for (const step of [2, 3]) await child.channel.snapshot(step, save(child, "late.bin")).catch(() => {});
    expect(readdirSync(child.assignment.folder)).not.toContain("late.bin");
    await child.channel.report(4, { loss: 0.2 });
    await child.channel.snapshot(4, save(child, "new.bin"));
    const saved = (await log("snapshot-saved")).filter((event) => "trial" in event && event.trial === 1);
    expect(saved).toMatchObject([{ step: 1 }, { step: 4, path: "trial-1/new.bin" }]);
    await session.close();
  });

  it("has what it saves thrown away after it was told to stop for it, whatever its step", async () => {
    const { session, child } = await pair({ "1:2": copying() });
    await child.channel.report(2, { loss: 8 });
    await child.channel.snapshot(7, save(child, "late.bin"));
    expect(readdirSync(child.assignment.folder)).not.toContain("late.bin");
    expect(session.study.trials[1]?.snapshot?.path).toBe("trial-1/inherited-1.bin");
    await session.close();
  });

  it("keeps a snapshot that another trial is about to copy until it was copied", async () => {
    const { session, parent, child } = await pair({ "1:2": copying() }, 1);
    const exploiting = child.channel.report(2, { loss: 8 }, true);
    await parent.channel.report(4, { loss: 0.2 });
    await parent.channel.snapshot(4, save(parent, "next.bin", "better"));
    expect(await exploiting).toMatchObject({ action: "exploit", resume: { step: 3 } });
    expect(readdirSync(parent.assignment.folder)).toEqual(["next.bin"]);
    expect(readFileSync(join(folder, "trial-1/inherited-1.bin"), "utf8")).toBe("good");
    await session.close();
  });
});

describe("a trial whose model is gone", () => {
  it("begins again, with a note that says so", async () => {
    const session = await open();
    const work = await workOf(session);
    await work.channel.report(2, { loss: 1 });
    await work.channel.snapshot(2, save(work, "model"));
    rmSync(join(folder, "trial-0/model"));
    await session.coordinator.end(work, { kind: "released", reason: "lost" });
    const again = await workOf(session);
    expect(again.assignment).toMatchObject({ trial: 0, attempt: 2 });
    expect(again.assignment.resume).toBeUndefined();
    expect(await log("note")).toMatchObject([
      { trial: 0, code: "SNAPSHOT_LOST", message: expect.stringContaining("trial 0 starts over") },
    ]);
    expect((await log("attempt-started")).at(-1)).toMatchObject({ fromStep: 0 });
    await session.close();
  });

  it("fails for good when the model came from another trial, and the worker gets the next trial", async () => {
    const session = await open({ scheduler: deciding({ "1:2": copying() }) });
    const [parent, child] = [await workOf(session), await workOf(session)];
    await parent.channel.report(3, { loss: 0.25 });
    await parent.channel.snapshot(3, save(parent, "model.bin", "good"));
    await child.channel.report(2, { loss: 8 }, true);
    writeFileSync(join(folder, "trial-1/inherited-1.bin"), "changed");
    await session.coordinator.end(child, { kind: "released", reason: "lost" });
    const next = await workOf(session);
    expect(next.assignment.trial).toBe(2);
    expect(session.study.trials[1]).toMatchObject({ state: "failed", failure: { code: "MODEL_LOST" } });
    expect(await log("note")).toMatchObject([
      { trial: 1, message: expect.stringContaining("trial 1 fails") },
    ]);
    expect(await log("failed")).toMatchObject([{ trial: 1, attempt: 2, retry: false }]);
    await session.close();
  });
});
