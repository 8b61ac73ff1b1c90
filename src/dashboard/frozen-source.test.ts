import { expect, it } from "vitest";
import { generateStudy } from "../../tests/page/generated-study.js";
import { memoryStorage } from "../storage/memory.js";
import { frozenSource } from "./frozen-source.js";
import type { StudySource } from "./study-source.js";

it("shows nothing of what is appended later, neither of a study nor of a trial, and no later study", async () => {
  const storage = memoryStorage();
  const { study, events } = generateStudy({ trials: 3, failShare: 0, stopping: false });
  const { definition } = study;
  const cut = events.findLastIndex(({ type }) => type === "reported");
  await storage.createStudy(definition, events[0]?.time ?? 0);
  const holder = { host: "node-1", pid: 4711, started: "" };
  const lease = await storage.acquire(definition.name, { holder, now: 1, duration: 1e9, isGone: () => true });
  await storage.append(lease, events.slice(1, cut));
  const frozen = await frozenSource(storage, 2);
  await storage.append(lease, events.slice(cut));
  await storage.createStudy({ ...definition, name: "later" }, 3);
  const count = async (source: StudySource, trial?: number): Promise<number> => {
    let read = 0;
    for await (const _ of source.readEvents(definition.name, trial === undefined ? {} : { trial })) read += 1;
    return read;
  };
  expect([await count(storage), await count(frozen)]).toEqual([events.length, cut]);
  expect(await count(storage, 2)).toBe((await count(frozen, 2)) + events.length - cut);
  expect((await frozen.listStudies(4)).map(({ name }) => name)).toEqual([definition.name]);
});
