import { beforeEach, describe, expect, it } from "vitest";
import type { EventBody } from "../core/events.js";
import { choice, fixed, float, int } from "../core/param.js";
import type { Storage } from "../core/storage.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { decodeTransferred, type TransferWish } from "../core/transferred-study.js";
import { memoryStorage } from "../storage/memory.js";
import { ALICE, definitionOf, NOW, request } from "../testing/storage-contract/example-events.js";
import { readTransfers } from "./transfer.js";

const definition: StudyDefinition = { ...definitionOf("new"), space: { lr: float(0, 1) } };
let storage: Storage;
beforeEach(() => {
  storage = memoryStorage();
});

/** A study in the storage with a trial for each curve of losses; every report has an accuracy too. */
async function earlier(
  name: string,
  curves: readonly (readonly number[])[] = [[3, 2]],
  more: Partial<StudyDefinition> = {},
): Promise<void> {
  await storage.createStudy({ ...definition, ...more, name }, NOW);
  const lease = await storage.acquire(name, request(ALICE));
  const bodies = curves.flatMap((losses, trial): EventBody[] => [
    { type: "trial-asked", trial, params: { lr: 0.5 }, seed: 1, sampler: "random" },
    { type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 },
    ...losses.map(
      (loss, index): EventBody => ({
        type: "reported",
        trial,
        attempt: 1,
        step: index + 1,
        metrics: { loss, accuracy: 1 - loss },
      }),
    ),
  ]);
  await storage.append(
    lease,
    bodies.map((body) => ({ ...body, time: NOW })),
  );
}

const transfers = (scheduler?: TransferWish, sampler?: TransferWish, now = definition) =>
  readTransfers(storage, now, {
    scheduler: scheduler === undefined ? {} : { transfer: scheduler },
    ...(sampler === undefined ? {} : { sampler: { transfer: sampler } }),
  });
const wish = (...studies: readonly string[]): TransferWish => ({ studies });

describe("curves of earlier studies", () => {
  it("are those that the scheduler and the sampler ask for, each study once, the scheduler's first", async () => {
    for (const [place, name] of ["a", "b", "c"].entries()) await earlier(name, [[place, 1]]);
    const read = (await transfers(wish("c", "a"), wish("a", "b"))).map(decodeTransferred);
    expect(read.map(({ name }) => name)).toEqual(["c", "a", "b"]);
    expect(read.map(({ trials }) => trials[0]?.curve.metrics.get("loss"))).toEqual([
      [2, 1],
      [0, 1],
      [1, 1],
    ]);
  });

  it("have the goal metric, and others only where they are asked for", async () => {
    await earlier("a");
    const metricsOf = async (asked: TransferWish) =>
      (await transfers(asked))
        .map(decodeTransferred)
        .map(({ trials }) => [...(trials[0]?.curve.metrics.keys() ?? [])]);
    expect(await metricsOf(wish("a"))).toEqual([["loss"]]);
    expect(await metricsOf({ ...wish("a"), metrics: ["accuracy"] })).toEqual([["loss", "accuracy"]]);
  });

  it("are not read where nobody asks, or the study has them already", async () => {
    expect(await transfers()).toEqual([]);
    await earlier("a");
    await earlier("b");
    const present = { transferred: [{ name: "a", trials: [] }] };
    const algorithms = { scheduler: { transfer: wish("a", "b") } };
    const read = await readTransfers(storage, definition, algorithms, present);
    expect(read.map(({ study }) => study)).toEqual(["b"]);
    const gone = { scheduler: { transfer: wish("a") } };
    expect(await readTransfers(memoryStorage(), definition, gone, present)).toEqual([]);
  });

  it("are refused where there are no studies, with what to do", async () => {
    await expect(transfers(wish("digits"))).rejects.toMatchObject({
      code: "STUDY_NOT_FOUND",
      hint: expect.stringMatching(/^The database has no studies yet: run the earlier study there first/),
    });
  });

  it("are refused for an unknown study, with the nearest name", async () => {
    await earlier("digits");
    await expect(transfers(wish("digits", "digit"))).rejects.toMatchObject({
      code: "STUDY_NOT_FOUND",
      kind: "user",
      message: 'there is no study "digit" in memory whose curves could be transferred',
      hint: 'Did you mean "digits"?',
    });
  });

  it("are refused for the study itself", async () => {
    await earlier("new");
    await expect(transfers(wish("new"))).rejects.toMatchObject({ code: "TRANSFER_MISFIT", kind: "user" });
  });

  it.each([
    ["metric", { metric: "accuracy", direction: "minimize" }, "minimize accuracy"],
    ["direction", { metric: "loss", direction: "maximize" }, "maximize loss"],
  ] as const)(
    "are refused for a study with another %s, which the message names",
    async (_what, goal, text) => {
      await earlier("a", [[1]], { goal });
      await expect(transfers(wish("a"))).rejects.toMatchObject({
        code: "TRANSFER_MISFIT",
        message: `the curves of study "a" (${text}) do not have the goal of study "new" (minimize loss)`,
      });
    },
  );

  it("are refused for a study without the goal metric", async () => {
    await earlier("a", []);
    await earlier("b", [[], [Number.NaN]]);
    for (const name of ["a", "b"]) {
      await expect(transfers(wish(name))).rejects.toMatchObject({
        code: "TRANSFER_EMPTY",
        kind: "user",
        message: `study "${name}" has no learning curve of loss to take over`,
      });
    }
  });
});

describe("a sampler that learns from an earlier study", () => {
  const wider: StudyDefinition = {
    ...definition,
    space: { lr: float(0, 9), depth: int(1, 3), kind: choice(["x", "y"]), seed: fixed(1) },
  };

  it("needs each of its params there, of the same kind, while a scheduler needs none", async () => {
    await earlier("a", [[1]], { space: { lr: float(0, 1), kind: float(0, 1) } });
    expect(await transfers(wish("a"), undefined, wider)).toHaveLength(1);
    await expect(transfers(undefined, wish("a"), wider)).rejects.toMatchObject({
      code: "TRANSFER_MISFIT",
      message:
        'the search space of study "a" lacks params of study "new": depth, kind (float there, choice here)',
    });
  });

  it("does with params that were the same in all trials, or are now, and with other ranges", async () => {
    const space = { lr: float(0, 1), depth: fixed(2), kind: choice(["z"]), more: float(0, 1) };
    await earlier("a", [[1]], { space });
    expect(await transfers(undefined, wish("a"), wider)).toHaveLength(1);
  });

  it("is the only one who looks at the space: studies that the scheduler alone wants need not fit", async () => {
    await earlier("a", [[1]], { space: wider.space });
    await earlier("b", [[1]], { space: {} });
    expect(await transfers(wish("b"), wish("a"), wider)).toHaveLength(2);
  });
});
