import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { letGo, readLog, untilLog } from "../../support/undisturbed.js";
import {
  count,
  expectFinished,
  jobsOfGone,
  queue,
  rememberedJobs,
  startInTheMiddle,
  TRIALS,
  untilQueue,
  untilTold,
} from "./slurm-study.js";
import { startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

let cluster: VirtualCluster;
beforeAll(async () => {
  cluster = await startVirtualCluster();
});
afterAll(() => cluster?.close());

describe("a study on Slurm loses and doubles nothing", () => {
  it("when Slurm's controller dies and comes back", async () => {
    const { folder, run } = await startInTheMiddle(cluster);
    await cluster.killController();
    await untilTold(run, "workers that run go on, and Slurm is asked again");
    const begun = count(await readLog(folder), "finished");
    expect(begun).toBeLessThan(TRIALS - 3);
    letGo(folder);
    await untilLog(folder, "trials go on without it", (events) => count(events, "finished") > begun);
    await cluster.startController();
    expect(await expectFinished(run, folder)).toContain("Slurm answers again");
    expect(await queue(cluster)).toEqual([]);
  });

  it("when one of its tasks is cancelled, and then all of them", async () => {
    const { folder, run } = await startInTheMiddle(cluster);
    const [one] = await queue(cluster);
    const first = one?.id ?? "none";
    await cluster.slurm("scancel", first);
    await untilLog(folder, "another worker comes", (events) => count(events, "worker-joined") >= 5);
    const all = (await queue(cluster)).filter(({ state }) => state === "RUNNING").map(({ id }) => id);
    expect(all).toHaveLength(4);
    expect(all).not.toContain(first);
    await cluster.slurm("scancel", `--name=${rememberedJobs(folder).fleet}`);
    await untilLog(folder, "four others come", (events) => count(events, "worker-joined") >= 9);
    letGo(folder);
    const others = (await queue(cluster)).filter(({ state }) => state === "RUNNING").map(({ id }) => id);
    await expectFinished(run, folder);
    // Each of them went by itself, with what it had given back.
    expect(await jobsOfGone(folder, "it was asked to end")).toEqual([first, ...all].sort());
    expect(await jobsOfGone(folder, "the study is finished")).toEqual([...others].sort());
    const events = await readLog(folder);
    expect(count(events, "worker-joined")).toBe(9);
    expect(count(events, "worker-lost")).toBe(9);
    const released = events.filter(({ type }) => type === "released");
    expect(new Set(released.map(({ reason }) => reason))).toEqual(new Set(["interrupted"]));
  });

  it("when Slurm refuses jobs for a while", async () => {
    const { folder, run } = await startInTheMiddle(cluster);
    const [one] = await queue(cluster);
    await cluster.slurm("scontrol", "update", "PartitionName=main", "State=INACTIVE");
    await cluster.slurm("scancel", one?.id ?? "none");
    await untilLog(folder, "a worker goes", (events) => count(events, "worker-lost") >= 1);
    await untilQueue(cluster, "three are left", (jobs) => jobs.length === 3);
    await untilTold(run, "Required partition not available");
    await cluster.slurm("scontrol", "update", "PartitionName=main", "State=UP");
    await untilLog(folder, "another worker comes", (events) => count(events, "worker-joined") >= 5);
    letGo(folder);
    const stderr = await expectFinished(run, folder);
    expect(stderr.match(/Required partition not available/g)).toHaveLength(1);
  });
});
