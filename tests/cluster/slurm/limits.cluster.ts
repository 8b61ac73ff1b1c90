import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/command-line.js";
import {
  expectAsUndisturbed,
  letGo,
  readLog,
  untilLog,
  writeSpreadStudy,
} from "../../support/undisturbed.js";
import { count, startRun } from "./slurm-study.js";
import { startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

let cluster: VirtualCluster;
beforeAll(async () => {
  cluster = await startVirtualCluster();
});
afterAll(() => cluster?.close());

describe("a study on Slurm loses and doubles nothing", () => {
  it("when time limits come in the middle of trainings, which go on at the step that they had reached", async () => {
    const folder = temporaryFolder();
    // They last for longer than Slurm, which looks for limits that come near every 30 s, takes to see them.
    writeSpreadStudy(folder, {
      trials: 2,
      steps: 40,
      stepTime: 100,
      slow: { trial: 0, step: 6, time: 2000 },
    });
    const run = startRun(cluster, folder, "--workers", "2", "--time", "1");
    await untilLog(folder, "both are given back", (events) => count(events, "released") >= 2);
    letGo(folder);
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    const events = await readLog(folder);
    const released = events.filter(({ type }) => type === "released");
    expect(new Set(released.map(({ trial }) => trial))).toEqual(new Set([0, 1]));
    expect(new Set(released.map(({ reason }) => reason))).toEqual(new Set(["interrupted"]));
    for (const trial of [0, 1]) {
      const own = events.filter((event) => event.trial === trial);
      const begun = own.filter(({ type }) => type === "attempt-started");
      const reached = begun.map((event) => count(own.slice(0, own.indexOf(event)), "reported"));
      expect(begun.map(({ fromStep }) => fromStep)).toEqual(reached);
    }
    // The very jobs go on: none was replaced.
    const jobs = events.filter(({ type }) => type === "worker-joined").map(({ labels }) => labels?.["job"]);
    expect(jobs.length).toBeGreaterThan(2);
    expect(new Set(jobs).size).toBe(2);
    await expectAsUndisturbed(folder, 2);
  });

  it("when the disk for snapshots is full", async () => {
    const disk = temporaryFolder();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=640k", "tmpfs", disk]);
    onTestFinished(() => {
      execFileSync("umount", ["-l", disk]);
    });
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 4, more: "retries: 50\n" });
    const run = startRun(cluster, folder, "--files", disk, "--workers", "2");
    await untilLog(folder, "trials run", (events) => count(events, "reported") >= 2);
    execFileSync("sh", ["-c", `dd if=/dev/zero of=${disk}/ballast bs=1k count=640 2>/dev/null || true`]);
    // A worker that is between two trainings cannot start the next one, and gives it back.
    await untilLog(
      folder,
      "saving or starting fails",
      (events) => count(events, "failed") + count(events, "released") >= 2,
    );
    execFileSync("rm", [`${disk}/ballast`]);
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    await expectAsUndisturbed(folder, 4, "with failures");
  });
});
