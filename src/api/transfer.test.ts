import { describe, expect, it } from "vitest";
import { verifyStudy } from "../analysis/verify-study.js";
import type { StudyEvent } from "../core/events.js";
import type { Storage } from "../core/storage.js";
import {
  createStudy,
  curve,
  float,
  type GoalInput,
  lcm,
  memoryStorage,
  type StudySettings,
} from "./index.js";

const MAX_STEPS = 8;
const space = { level: float(0, 1) };
type Options = Partial<StudySettings<typeof space>> & { readonly goal?: GoalInput };

const studyOf = (name: string, storage: Storage, options: Options = {}) =>
  createStudy({
    name,
    storage,
    goal: { minimize: "loss" },
    space,
    maxSteps: MAX_STEPS,
    seed: 5,
    ...options,
  });

/** Trains a study's trials; the loss of each falls from 1 above its level towards the level, plus a shift. */
const run = (study: ReturnType<typeof studyOf>, trials: number, shift = 0) =>
  study.run(
    async (trial) => {
      for (let step = (trial.resume?.step ?? 0) + 1; step <= MAX_STEPS; step++) {
        if ((await trial.report(step, { loss: trial.params.level + 1 / step + shift })) !== "continue")
          return;
      }
    },
    { trials },
  );

async function eventsOf(storage: Storage, study: string): Promise<StudyEvent[]> {
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents(study)) events.push(event);
  return events;
}
/** What happened, without when and where. */
const happenings = (events: readonly StudyEvent[]) =>
  events.filter(({ type }) => type !== "study-opened").map(({ time: _time, ...event }) => event);

const never = { now: Date.now(), isGone: () => false };

describe("transfer", () => {
  it("copies the curves of an earlier study into a new one, and depends on the copy alone", async () => {
    const storage = memoryStorage();
    await run(studyOf("old", storage), 12);
    const scheduler = lcm({ mode: "poster", accumulate: 3, checkpoints: [2, 4], transfer: ["old"] });
    const next = studyOf("next", storage, { scheduler });
    await run(next, 10);
    const [, , transferred] = await eventsOf(storage, "next");
    expect(transferred).toMatchObject({ type: "curves-transferred", study: "old" });
    const { trials } = await next.read();
    const first = (await eventsOf(storage, "next")).find((event) => event.type === "decided");
    expect(first?.explanation.neighbours?.[0]).toMatchObject({ study: "old" });
    expect(trials.filter(({ state }) => state === "stopped").length).toBeGreaterThan(0);

    // An equal study that took over the same curves ends the same, although it continued without the earlier
    // study.
    const other = memoryStorage();
    await run(studyOf("old", other), 12);
    const twin = studyOf("next", other, { scheduler });
    await run(twin, 4);
    await run(studyOf("old", other), 14);
    await other.deleteStudy("old", never);
    await run(twin, 10);
    expect((await twin.read()).trials.map(({ curve: own }) => own)).toEqual(
      trials.map(({ curve: own }) => own),
    );
    expect(verifyStudy(await eventsOf(other, "next"), scheduler).differences).toEqual([]);
  });

  it("spares the sampler its random beginning", async () => {
    const storage = memoryStorage();
    await run(studyOf("old", storage), 30);
    const sampler = curve({ transfer: ["old"], random: 0 });
    // All losses are higher by 3 here, which says nothing about the params.
    const next = studyOf("next", storage, { sampler, scheduler: lcm({ transfer: ["old"] }) });
    await run(next, 8, 3);
    const { trials } = await next.read();
    for (const { params } of trials) expect(params["level"]).toBeLessThan(0.4);
    const unlearned = studyOf("alone", storage, { sampler: curve({ random: 0 }), scheduler: lcm() });
    await run(unlearned, 8, 3);
    const levels = (await unlearned.read()).trials.map(({ params }) => Number(params["level"]));
    expect(Math.max(...levels)).toBeGreaterThan(0.5);
  });

  it("takes studies over for the sampler and the scheduler, each once, in the order of their names", async () => {
    const storage = memoryStorage();
    for (const name of ["a", "b", "c"]) await run(studyOf(name, storage), 3);
    const next = studyOf("next", storage, {
      sampler: curve({ transfer: ["c", "a"] }),
      scheduler: lcm({ transfer: ["b", "a"] }),
    });
    await run(next, 3);
    expect((await next.read()).transferred.map(({ name }) => name)).toEqual(["b", "a", "c"]);
  });

  it("goes on as if nothing had happened after a coordinator that was killed before its first words", async () => {
    const storage = memoryStorage();
    await run(studyOf("old", storage), 6);
    const next = studyOf("next", storage, { scheduler: lcm({ transfer: ["old"] }) });
    await run(next, 5);
    const [created] = await eventsOf(storage, "next");
    if (created?.type !== "study-created") throw new Error("the log begins otherwise");
    const other = memoryStorage();
    await run(studyOf("old", other), 6);
    await other.createStudy(created.definition, created.time);
    await run(studyOf("next", other, { scheduler: lcm({ transfer: ["old"] }) }), 5);
    expect(happenings(await eventsOf(other, "next"))).toEqual(happenings(await eventsOf(storage, "next")));
  });

  describe("refuses, and records nothing,", () => {
    it.each<readonly [string, Options, { readonly code: string; readonly hint?: string }]>([
      [
        "a study that is not there, with the name that may have been meant",
        { scheduler: lcm({ transfer: ["oldr"] }) },
        { code: "STUDY_NOT_FOUND", hint: 'Did you mean "older"?' },
      ],
      [
        "another metric",
        { goal: { minimize: "error" }, scheduler: lcm({ transfer: ["older"] }) },
        { code: "TRANSFER_MISFIT", hint: "Transfer from studies with the same metric and direction." },
      ],
      [
        "another direction",
        { goal: { maximize: "loss" }, scheduler: lcm({ transfer: ["older"] }) },
        { code: "TRANSFER_MISFIT" },
      ],
      [
        "a study that is only to be made",
        { scheduler: lcm({ transfer: ["next"] }) },
        { code: "STUDY_NOT_FOUND" },
      ],
    ])("%s", async (_what, options, error) => {
      const storage = memoryStorage();
      await run(studyOf("older", storage), 3);
      await expect(run(studyOf("next", storage, options), 3)).rejects.toMatchObject(error);
      expect((await storage.listStudies(Date.now())).map(({ name }) => name)).toEqual(["older"]);
    });

    it("a study without curves", async () => {
      const storage = memoryStorage();
      const old = studyOf("old", storage);
      const session = await old.open();
      await session.close();
      const next = studyOf("next", storage, { scheduler: lcm({ transfer: ["old"] }) });
      await expect(run(next, 3)).rejects.toMatchObject({ code: "TRANSFER_EMPTY" });
    });

    it("params that the sampler cannot learn from, whereas the scheduler does not mind", async () => {
      const storage = memoryStorage();
      await run(studyOf("old", storage), 3);
      const wider = (options: object) =>
        createStudy({
          name: "next",
          storage,
          goal: { minimize: "loss" },
          space: { ...space, width: float(0, 1) },
          maxSteps: MAX_STEPS,
          ...options,
        }).run(
          async (trial) => {
            await trial.report(MAX_STEPS, { loss: trial.params.width });
          },
          { trials: 2 },
        );
      await expect(wider({ sampler: curve({ transfer: ["old"] }) })).rejects.toMatchObject({
        code: "TRANSFER_MISFIT",
        message: expect.stringContaining("width"),
      });
      await expect(wider({ scheduler: lcm({ transfer: ["old"] }) })).resolves.toMatchObject({});
    });
  });

  it("is settled when a study begins: another list later is refused", async () => {
    const storage = memoryStorage();
    await run(studyOf("old", storage), 3);
    await run(studyOf("next", storage, { scheduler: lcm() }), 3);
    const changed = studyOf("next", storage, { scheduler: lcm({ transfer: ["old"] }) });
    await expect(run(changed, 6)).rejects.toMatchObject({ code: "STUDY_CHANGED" });
  });
});
