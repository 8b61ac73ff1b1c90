import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../support/command-line.js";
import {
  expectAsUndisturbed,
  type LoggedEvent,
  readLog,
  untilLog,
  writeSpreadStudy,
} from "../../support/undisturbed.js";
import { queue, rememberedJobs, startRun, untilQueue } from "./slurm-study.js";
import { type NodeName, startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

let cluster: VirtualCluster;
beforeAll(async () => {
  cluster = await startVirtualCluster();
});
afterAll(() => cluster?.close());

const TRIALS = 24;
const count = (events: readonly LoggedEvent[], type: string): number =>
  events.filter((event) => event.type === type).length;
const areAtWork = (events: readonly LoggedEvent[]): boolean =>
  count(events, "worker-joined") >= 4 && count(events, "reported") >= 8;

/** A study that four workers are in the middle of. */
async function startInTheMiddle(study: { readonly steps?: number; readonly stepTime?: number } = {}) {
  const folder = temporaryFolder();
  writeSpreadStudy(folder, { trials: TRIALS, stepTime: 200, ...study });
  const run = startRun(cluster, folder, "--workers-at-least", "4");
  await untilLog(folder, "four workers train", areAtWork);
  return { folder, run };
}

async function nodeOfAWorker(folder: string): Promise<NodeName> {
  const joined = (await readLog(folder)).find(({ type }) => type === "worker-joined");
  const name = joined?.labels?.["SLURMD_NODENAME"];
  const node = (["n1", "n2", "n3", "n4"] as const).find((each) => each === name);
  if (node === undefined) throw new Error(`no node is named ${name}`);
  return node;
}

async function expectFinished(run: ReturnType<typeof startRun>, folder: string): Promise<string> {
  const { code, stderr } = await run.result;
  expect(code, stderr).toBe(0);
  await expectAsUndisturbed(folder, TRIALS);
  return stderr;
}

describe("a study on Slurm loses and doubles nothing", () => {
  it("when a node fails with all that runs on it", async () => {
    const { folder, run } = await startInTheMiddle();
    const node = await nodeOfAWorker(folder);
    onTestFinished(() => cluster.startNode(node));
    await cluster.killNode(node, "all");
    await expectFinished(run, folder);
    const lost = (await readLog(folder)).filter(
      ({ type, reason }) => type === "worker-lost" && reason === "silent",
    );
    expect(lost).toHaveLength(1);
  });

  it("when only a node's daemon dies, and what it started goes on", async () => {
    const { folder, run } = await startInTheMiddle({ steps: 12 });
    const node = await nodeOfAWorker(folder);
    onTestFinished(() => cluster.startNode(node));
    await cluster.killNode(node, "daemon");
    // Slurm gives the job to another node, or has it wait for one, while its first worker trains on.
    await untilQueue(cluster, "the job is put back", (jobs) => jobs.some(({ state }) => state !== "RUNNING"));
    const stderr = await expectFinished(run, folder);
    expect(stderr).not.toContain("failed");
  });

  it("when Slurm's controller dies and comes back", async () => {
    const { folder, run } = await startInTheMiddle({ steps: 10 });
    await cluster.killController();
    const before = count(await readLog(folder), "finished");
    await untilLog(folder, "trials go on without it", (events) => count(events, "finished") >= before + 4);
    await cluster.startController();
    const stderr = await expectFinished(run, folder);
    expect(stderr).toContain("Slurm");
  });

  it("when one of its tasks is cancelled, and then all of them", async () => {
    const { folder, run } = await startInTheMiddle({ steps: 12 });
    const [job] = await queue(cluster);
    await cluster.slurm("scancel", job?.id ?? "none");
    await untilLog(folder, "another worker comes", (events) => count(events, "worker-joined") >= 5);
    await cluster.slurm("scancel", `--name=${rememberedJobs(folder).fleet}`);
    await untilLog(folder, "four others come", (events) => count(events, "worker-joined") >= 9);
    await expectFinished(run, folder);
    // A worker between two trials has nothing to give back, but each of them went.
    expect(count(await readLog(folder), "worker-lost")).toBeGreaterThanOrEqual(5);
  });

  it("when the coordinator is killed and another one is started: it takes the jobs over", async () => {
    const { folder, run } = await startInTheMiddle({ steps: 10 });
    const before = rememberedJobs(folder);
    run.child.kill("SIGKILL");
    await run.result;
    const again = startRun(cluster, folder);
    await untilLog(folder, "it goes on", (events) => count(events, "study-opened") >= 2);
    const jobs = await queue(cluster);
    expect(jobs.map(({ id }) => id).sort()).toEqual(before.jobs.map(({ id }) => id).sort());
    const stderr = await expectFinished(again, folder);
    expect(stderr).toContain("4 workers of an earlier run in Slurm are taken over");
    expect(stderr).not.toContain("handed to Slurm");
  });

  it("when the time limit comes in the middle of a training, which goes on at the step it had reached", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 2, steps: 100, stepTime: 700 });
    const run = startRun(cluster, folder, "--workers", "2", "--time", "1");
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    const events = await readLog(folder);
    const resumed = events.filter(({ type, attempt }) => type === "attempt-started" && attempt === 2);
    expect(resumed).toHaveLength(2);
    for (const { trial, fromStep } of resumed) {
      const reached = events
        .filter((event) => event.type === "reported" && event.trial === trial && event.attempt === 1)
        .map(({ step = 0 }) => step);
      expect(fromStep).toBe(Math.max(...reached));
    }
    expect(events.filter(({ type }) => type === "released").map(({ reason }) => reason)).toEqual([
      "interrupted",
      "interrupted",
    ]);
    await expectAsUndisturbed(folder, 2);
  });

  it("when the disk for snapshots is full", async () => {
    const disk = temporaryFolder();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=640k", "tmpfs", disk]);
    onTestFinished(() => {
      execFileSync("umount", ["-l", disk]);
    });
    const folder = temporaryFolder();
    mkdirSync(join(folder, "files"));
    writeSpreadStudy(folder, { trials: 4, more: "retries: 50\n" });
    const run = startRun(cluster, folder, "--files", disk, "--workers", "2");
    await untilLog(folder, "trials run", (events) => count(events, "reported") >= 2);
    execFileSync("sh", ["-c", `dd if=/dev/zero of=${disk}/ballast bs=1k count=640 2>/dev/null || true`]);
    await untilLog(folder, "saving fails", (events) => count(events, "failed") >= 2);
    execFileSync("rm", [`${disk}/ballast`]);
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    await expectAsUndisturbed(folder, 4, "with failures");
  });
});
