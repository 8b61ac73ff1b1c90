import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { definition } from "../../tests/support/network-study.js";
import type { EventBody } from "../core/events.js";
import { studyRecord } from "../core/study-record.js";
import { createWorkerHub, type WorkerHub } from "./worker-hub.js";

const introduction = (worker: string) => ({ worker, host: "h", pid: 1, slots: 1, gpus: [], labels: {} });

/** A hub whose clock can be moved forward, over a session in which nothing is to be done. */
function hubOf(
  lease: number,
  atLeast = 0,
): { hub: WorkerHub; recorded: EventBody[]; skip: (seconds: number) => void } {
  const recorded: EventBody[] = [];
  let skipped = 0;
  const hub = createWorkerHub({
    session: {
      study: studyRecord(definition, 0),
      coordinator: { ask: () => new Promise(() => {}), end: async () => {}, settled: async () => {} },
      interrupted: new AbortController().signal,
      killed: new AbortController().signal,
      reportLate: async () => {},
      record: async (...events) => {
        recorded.push(...events);
      },
      ending: () => "finished",
      breakDown: () => {},
    },
    folder: "/s",
    lease,
    atLeast,
    clock: () => performance.now() + skipped,
  });
  onTestFinished(() => hub.close());
  return {
    hub,
    recorded,
    skip: (seconds) => {
      skipped += seconds * 1000;
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(10);
}

describe("the watch over leases", () => {
  it("loses who is silent, and nobody else; a lost worker may join again", async () => {
    const { hub, recorded } = hubOf(0.3);
    const silent = await hub.join(introduction("silent"));
    const heard = await hub.join(introduction("heard"));
    await hub.join(introduction("patient"), 600);
    const beating = setInterval(() => hub.touch(heard), 20);
    onTestFinished(() => clearInterval(beating));
    await until(() => recorded.some(({ type }) => type === "worker-lost"));
    expect(recorded.slice(3)).toEqual([
      {
        type: "worker-lost",
        worker: "silent",
        reason: "silent",
        message: "nothing was heard from it for 0.3 s",
      },
    ]);
    expect(hub.find("silent")).toBeUndefined();
    expect(hub.find("heard")).toBe(heard);
    await expect(silent.handle({ type: "ask", request: "1" })).rejects.toMatchObject({ code: "WORKER_LOST" });
    hub.touch(silent);
    expect(hub.find("silent")).toBeUndefined();
    const again = await hub.join(introduction("silent"));
    expect(again).not.toBe(silent);
    expect(await hub.join(introduction("silent"))).toBe(again);
    expect(recorded.filter(({ type }) => type === "worker-joined")).toHaveLength(4);
  });

  it("does not take its own standing still for the workers' silence", async () => {
    const { hub, recorded, skip } = hubOf(5);
    await hub.join(introduction("w"));
    await sleep(20);
    skip(3600);
    await sleep(1200);
    expect(recorded.map(({ type }) => type)).toEqual(["worker-joined"]);
    expect(hub.find("w")).toBeDefined();
  });

  it("begins once so many workers are there together", async () => {
    const { hub } = hubOf(30, 2);
    const first = await hub.join(introduction("a"));
    await hub.dismiss(first, "bye");
    await hub.join(introduction("b"));
    const begun = (): Promise<string> => Promise.race([hub.begun.then(() => "begun"), sleep(20, "waits")]);
    expect(await begun()).toBe("waits");
    await hub.join(introduction("c"));
    expect(await begun()).toBe("begun");
  });
});
