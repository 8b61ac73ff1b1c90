import { describe, expect, it } from "vitest";
import type { FleetJob } from "./fleet-file.js";
import { asked, fateOf, longWaits, lookAt, missingOf, stubbornOf, surplusOf } from "./fleet-jobs.js";

const T = 1_000_000;
const waiting: FleetJob = { id: "w", workers: 1, state: "pending", submittedAt: T, reason: "Priority" };
const running: FleetJob = {
  id: "r",
  workers: 1,
  state: "running",
  submittedAt: T,
  runningSince: T + 1000,
  host: "n1",
};

describe("what becomes of a job", () => {
  const now = T + 60_000;
  const KEPT = { settling: 0, now };
  it.each([
    ["waits", waiting, "pending", { ...waiting, reason: "Resources" }],
    ["begins", waiting, "running", { ...running, id: "w", runningSince: now, host: "n2" }],
    ["is put back", running, "pending", { ...waiting, id: "r", reason: "Resources" }],
    ["goes on", running, "running", { ...running, host: "n2" }],
  ] as const)("that %s", (_name, job, state, kept) => {
    const told = state === "pending" ? { state, reason: "Resources" } : { state, host: "n2" };
    expect(fateOf(job, { id: job.id, ...told }, KEPT)).toEqual({ is: "kept", job: kept });
    const ending = { ...job, cancelledAt: T + 5 };
    expect(fateOf(ending, { id: job.id, ...told }, KEPT)).toEqual({
      is: "kept",
      job: { ...kept, cancelledAt: T + 5 },
    });
  });

  it.each([
    ["waited", waiting, T + 14_999, "at once"],
    ["waited for long", waiting, T + 15_000, "early"],
    ["ran", running, T + 15_999, "at once"],
    ["ran for long", running, T + 16_000, "early"],
  ] as const)("that %s and ended", (_name, job, when, how) => {
    for (const told of [undefined, { id: job.id, state: "ended" as const }]) {
      expect(fateOf(job, told, { settling: 0, now: when })).toEqual({ is: "gone", how });
      expect(fateOf({ ...job, cancelledAt: T }, told, { settling: 0, now: when })).toEqual({
        is: "gone",
        how: "as asked",
      });
    }
  });

  it("that is too new to be listed, but not one of which it is told that it ended", () => {
    expect(fateOf(waiting, undefined, { settling: 5, now: T + 4999 })).toEqual({ is: "kept", job: waiting });
    expect(fateOf(waiting, undefined, { settling: 5, now: T + 5000 }).is).toBe("gone");
    expect(fateOf(waiting, { id: "w", state: "ended" }, { settling: 5, now: T + 1 }).is).toBe("gone");
  });

  it("that nobody knew of", () => {
    const seen = lookAt(
      [running],
      [
        { id: "x", state: "running", host: "n3" },
        { id: "y", state: "pending", reason: "Priority" },
        { id: "z", state: "ended" },
      ],
      { now, settling: 0 },
    );
    expect(seen).toEqual({
      jobs: [
        { id: "x", workers: 1, state: "running", submittedAt: now, host: "n3" },
        { id: "y", workers: 1, state: "pending", submittedAt: now },
      ],
      ended: [{ id: "r", how: "early" }],
    });
  });
});

describe("which jobs are too many", () => {
  const jobs: FleetJob[] = [
    { ...running, id: "r1" },
    { ...waiting, id: "w1" },
    { ...running, id: "r2" },
    { ...waiting, id: "w2" },
    { ...running, id: "gone soon", cancelledAt: T },
    { ...waiting, id: "gone sooner", cancelledAt: T },
  ];
  const idsOf = (chosen: readonly FleetJob[]): string[] => chosen.map(({ id }) => id);

  it.each([
    [5, []],
    [4, []],
    [3, ["w2"]],
    [2, ["w2", "w1"]],
    [1, ["w2", "w1", "r2"]],
    [0, ["w2", "w1", "r2", "r1"]],
  ] as const)("where %i workers are wanted: those that wait, then those that came last", (wanted, ids) => {
    expect(idsOf(surplusOf(jobs, wanted))).toEqual(ids);
    expect(missingOf(jobs, wanted)).toBe(wanted - 4);
  });

  it("splits no job", () => {
    const big = [
      { ...running, id: "a", workers: 4 },
      { ...running, id: "b", workers: 2 },
    ];
    expect(idsOf(surplusOf(big, 5))).toEqual([]);
    expect(idsOf(surplusOf(big, 3))).toEqual(["b"]);
    expect(idsOf(surplusOf(big, 2))).toEqual(["b"]);
    expect(idsOf(surplusOf(big, 0))).toEqual(["b", "a"]);
  });

  it("notes the first time that a job was asked to end, after which it is insisted", () => {
    const once = asked(jobs, ["r1", "gone soon"], T + 50);
    expect(once.map(({ cancelledAt }) => cancelledAt)).toEqual([
      T + 50,
      undefined,
      undefined,
      undefined,
      T,
      T,
    ]);
    expect(idsOf(stubbornOf(once, T + 120_000))).toEqual([]);
    expect(idsOf(stubbornOf(once, T + 120_001))).toEqual(["gone soon", "gone sooner"]);
  });
});

it("tells why jobs wait that have waited for long, and for how many workers", () => {
  const jobs: FleetJob[] = [
    { ...waiting, id: "a" },
    { ...waiting, id: "b", workers: 3 },
    { ...waiting, id: "c", reason: "Resources" },
    { ...waiting, id: "d", submittedAt: T + 1 },
    { ...running, id: "e", reason: "Priority" },
  ];
  expect([...longWaits(jobs, T + 8001)]).toEqual([
    ["Priority", 4],
    ["Resources", 1],
  ]);
  expect([...longWaits(jobs, T + 8000)]).toEqual([]);
});
