import { describe, expect, it } from "vitest";
import type { Holder } from "../core/storage.js";
import { memoryStorage } from "../storage/memory.js";
import { definitionOf } from "../testing/storage-contract/example-events.js";
import { createStudyList } from "./study-list.js";
import type { StudySource } from "./study-source.js";
import { createStudyWatch } from "./watched-study.js";

const HOLDER: Holder = { host: "elsewhere.example", pid: 7, started: "then" };

async function listed(...names: readonly string[]) {
  const storage = memoryStorage();
  for (const name of names) await storage.createStudy(definitionOf(name), 0);
  const readings: string[] = [];
  const source: StudySource = {
    name: storage.name,
    location: storage.location,
    listStudies: (now) => storage.listStudies(now),
    readEvents: (study, range) => {
      readings.push(`${study} after ${range?.after ?? 0}`);
      return storage.readEvents(study, range);
    },
  };
  const watch = createStudyWatch(source, () => 1);
  const rows = createStudyList(watch);
  const states = async () => (await rows()).map((row) => JSON.parse(row));
  return { storage, watch, readings, states };
}

const hold = { holder: HOLDER, now: 1, duration: 1000, isGone: () => false };
const note = { type: "note", code: "NOTE", message: "hello", time: 2 } as const;

describe("a list of studies", () => {
  it("reads each study once for each of its states", async () => {
    const { storage, readings, states } = await listed("one", "two");
    expect(await states()).toMatchObject([{ name: "one", state: "idle" }, { name: "two" }]);
    await states();
    expect(readings.splice(0)).toEqual(["one after 0", "two after 0"]);
    const lease = await storage.acquire("one", hold);
    await storage.append(lease, [{ type: "tagged", by: "ana", added: ["good"], removed: [], time: 2 }]);
    expect(await states()).toMatchObject([{ name: "one", state: "running", tags: ["good"] }, {}]);
    await storage.append(lease, [note]);
    await states();
    // One that runs is followed, so that only what is new is read.
    expect(readings.splice(0)).toEqual(["one after 0", "one after 2"]);
    await storage.release(lease);
    expect(await states()).toMatchObject([{ name: "one", state: "idle" }, {}]);
    expect(readings).toEqual([]);
  });

  it("uses what pages have read already, and knows a new study from a deleted one with its name", async () => {
    const { storage, watch, readings, states } = await listed("one");
    await watch.look("one");
    await states();
    expect(readings.splice(0)).toEqual(["one after 0"]);
    await storage.deleteStudy("one", { now: 1, isGone: () => true });
    expect(await states()).toEqual([]);
    await storage.createStudy(definitionOf("one"), 5);
    expect(await states()).toMatchObject([{ name: "one", updatedAt: 5 }]);
  });
});
