import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type LoggedEvent, letGo, readLog, untilLog } from "../../support/undisturbed.js";
import { count, expectFinished, nodeOf, startInTheMiddle, untilQueue } from "./slurm-study.js";
import { startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

let cluster: VirtualCluster;
beforeAll(async () => {
  cluster = await startVirtualCluster();
});
afterAll(() => cluster?.close());

function firstWorker(events: readonly LoggedEvent[]): LoggedEvent {
  const joined = events.find(({ type }) => type === "worker-joined");
  if (joined === undefined) throw new Error("nobody joined");
  return joined;
}

describe("a study on Slurm loses and doubles nothing", () => {
  it("when a node fails with all that runs on it", async () => {
    const { folder, run, events } = await startInTheMiddle(cluster);
    const joined = firstWorker(events);
    const node = nodeOf(joined);
    onTestFinished(() => cluster.startNode(node));
    await cluster.killNode(node, "all");
    await untilLog(folder, "its worker is lost", (all) => count(all, "worker-lost") >= 1);
    letGo(folder);
    await expectFinished(run, folder);
    const lost = (await readLog(folder)).filter(
      ({ type, reason }) => type === "worker-lost" && reason === "silent",
    );
    expect(lost.map(({ worker }) => worker)).toEqual([joined.worker]);
  });

  it("when only a node's daemon dies, what it started goes on, and it comes back", async () => {
    const { folder, run, events } = await startInTheMiddle(cluster);
    const joined = firstWorker(events);
    const node = nodeOf(joined);
    const before = cluster.processesOn(node, "curvewise.js worker");
    expect(before).toHaveLength(1);
    await cluster.killNode(node, "daemon");
    // Slurm takes the job for lost, and has it wait for a node, while its first worker trains on. By itself it would
    // see that after half a minute.
    await cluster.slurm("scontrol", "update", `NodeName=${node}`, "State=DOWN", "Reason=silent");
    await untilQueue(cluster, "the job is put back", (jobs) => jobs.some(({ state }) => state === "PENDING"));
    expect(cluster.processesOn(node, "curvewise.js worker")).toEqual(before);
    expect(count(await readLog(folder), "worker-lost")).toBe(0);
    await cluster.startNode(node);
    // The node ends what Slurm has given up, and starts the job anew.
    const restarted = await untilLog(folder, "the job runs again", (all) => count(all, "worker-joined") >= 5);
    const again = restarted.filter(({ type }) => type === "worker-joined")[4];
    expect(again && nodeOf(again)).toBe(node);
    letGo(folder);
    const stderr = await expectFinished(run, folder);
    expect(stderr).not.toContain("failed");
    expect(stderr).not.toContain("before the study");
  });
});
