import { describe, expect, it } from "vitest";
import type { Holder, Storage } from "../core/storage.js";
import { memoryStorage } from "../storage/memory.js";
import { definitionOf } from "../testing/storage-contract/example-events.js";
import { pauseBetweenTries, type TakeStudyOptions, takeStudy } from "./study-lease.js";

const OTHER: Holder = { host: "elsewhere.example", pid: 7, started: "then" };

async function held(): Promise<{ readonly storage: Storage; readonly release: () => Promise<void> }> {
  const storage = memoryStorage();
  await storage.createStudy(definitionOf("digits"), 0);
  const lease = await storage.acquire("digits", {
    holder: OTHER,
    now: 0,
    duration: 60,
    isGone: () => false,
  });
  return { storage, release: () => storage.release(lease) };
}

function take(storage: Storage, more: Partial<TakeStudyOptions> = {}) {
  return takeStudy({
    storage,
    study: "digits",
    leaseDuration: 60,
    standby: true,
    interrupted: new AbortController().signal,
    onStandby: async () => {},
    now: () => 1,
    ...more,
  });
}

describe("takeStudy", () => {
  it("gets a study that somebody had for a moment only", async () => {
    const { storage, release } = await held();
    let asked = 0;
    const now = () => {
      asked += 1;
      if (asked === 2) void release();
      return 1;
    };
    expect(await take(storage, { standby: false, now })).toMatchObject({ holder: { pid: process.pid } });
    expect(asked).toBe(2);
  });

  it("fails when somebody has the study and keeps it, unless it is a standby", async () => {
    const { storage } = await held();
    await expect(take(storage, { standby: false })).rejects.toMatchObject({ code: "STUDY_OWNED" });
  });

  it("waits until the holder gives the study back, and tells once whom it waits for", async () => {
    const { storage, release } = await held();
    const told: string[] = [];
    const taking = take(storage, {
      onStandby: async ({ message }) => {
        told.push(message);
        setTimeout(() => void release(), 50);
      },
    });
    expect(await taking).toMatchObject({ study: "digits", holder: { pid: process.pid } });
    expect(told).toEqual([expect.stringContaining("held by process 7 on elsewhere.example")]);
  });

  it("takes over when the lease lapsed, not before", async () => {
    const { storage } = await held();
    const moments = [1, 59, 60];
    const asked: number[] = [];
    const now = () => {
      const moment = moments.shift() ?? 60;
      asked.push(moment);
      return moment;
    };
    await take(storage, { now });
    expect(asked).toEqual([1, 59, 60]);
  });

  it("stops waiting when it is interrupted", async () => {
    const { storage } = await held();
    const controller = new AbortController();
    const taking = take(storage, {
      leaseDuration: 1e6,
      interrupted: controller.signal,
      onStandby: async () => {
        setTimeout(() => controller.abort(), 20);
      },
    });
    await expect(taking).rejects.toMatchObject({ code: "STANDBY_INTERRUPTED", kind: "failure" });
  });

  it("does not wait for what it could not go on with", async () => {
    const { storage } = await held();
    const onStandby = async () => {
      throw new Error("changed");
    };
    await expect(take(storage, { onStandby })).rejects.toThrow("changed");
    await expect(take(storage, { study: "letters" })).rejects.toMatchObject({ code: "STUDY_NOT_FOUND" });
  });
});

it("asks six times a lease, and at least every five seconds", () => {
  expect([600, 29_999, 30_000, 30_001, 1e9].map(pauseBetweenTries)).toEqual([
    100,
    29_999 / 6,
    5000,
    5000,
    5000,
  ]);
});
