import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise, temporaryFolder } from "../../support/command-line.js";
import { expectAsUndisturbed, untilLog, writeSpreadStudy } from "../../support/undisturbed.js";
import { type QueuedJob, queue, rememberedJobs, startRun, untilQueue, untilTold } from "./slurm-study.js";
import { startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

let cluster: VirtualCluster;
beforeAll(async () => {
  cluster = await startVirtualCluster();
});
afterAll(() => cluster?.close());

describe("the workers of a study on Slurm", () => {
  it("keeps more and fewer workers when it is told to, and says why jobs wait", async () => {
    const folder = temporaryFolder();
    // Nobody comes to an end, so that each of them has something to give back.
    writeSpreadStudy(folder, { trials: 1000, steps: 1000, stepTime: 200 });
    const run = startRun(cluster, folder, "--workers", "2");
    const running = (count: number) => (jobs: readonly QueuedJob[]) =>
      jobs.filter(({ state }) => state === "RUNNING").length === count;
    await untilQueue(cluster, "two run", running(2));
    const more = await curvewise(folder, "workers", "--scale", "6");
    expect(more.code, more.stderr).toBe(0);
    await untilQueue(cluster, "four run, two wait", (jobs) => jobs.length === 6 && running(4)(jobs));
    await expect
      .poll(() => rememberedJobs(folder).jobs.map(({ reason }) => reason), { timeout: 60_000 })
      .toContain("Resources");
    const shown = await curvewise(folder, "workers", "--json");
    const { jobs } = z
      .object({ jobs: z.array(z.object({ reason: z.string().nullable() })) })
      .parse(JSON.parse(shown.stdout));
    expect(jobs.map(({ reason }) => reason)).toContain("Resources");
    await untilLog(
      folder,
      "four joined",
      (events) => events.filter(({ type }) => type === "worker-joined").length >= 4,
    );
    await untilTold(run, "2 workers wait in Slurm: Resources");
    await curvewise(folder, "workers", "--scale", "1");
    await untilQueue(cluster, "one is left", (left) => left.length === 1);
    const events = await untilLog(
      folder,
      "three ended",
      (all) => all.filter(({ type }) => type === "worker-lost").length === 3,
    );
    const released = events.filter(({ type }) => type === "released");
    expect(released.map(({ reason }) => reason)).toEqual(["interrupted", "interrupted", "interrupted"]);
    run.child.kill("SIGINT");
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(130);
    expect(await queue(cluster)).toEqual([]);
  });

  it("cancels its jobs at Ctrl-C, and goes on with new ones", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 16, stepTime: 100 });
    const first = startRun(cluster, folder);
    await untilLog(folder, "trials run", (events) => events.some(({ type }) => type === "reported"));
    first.child.kill("SIGINT");
    expect((await first.result).code).toBe(130);
    expect(await queue(cluster)).toEqual([]);
    const { code, stderr } = await startRun(cluster, folder).result;
    expect(code, stderr).toBe(0);
    await expectAsUndisturbed(folder, 16);
  });

  it("tells once what is wrong when no worker stays, with what the last one wrote", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 4 });
    const { result } = startRun(
      cluster,
      folder,
      "--workers",
      "2",
      "--sbatch-flag=--chdir=/",
      "--sbatch-flag=--export=NODE_OPTIONS=--nonsense",
    );
    const { code, stderr } = await result;
    expect(code).toBe(1);
    expect(stderr).toContain("WORKERS_FAILING");
    expect(stderr).toContain("--nonsense is not allowed in NODE_OPTIONS");
    expect(await queue(cluster)).toEqual([]);
  });

  it("refuses what Slurm refuses, in its words", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 4 });
    const { code, stderr } = await startRun(cluster, folder, "--partition", "nowhere").result;
    expect(code, stderr).toBe(2);
    expect(stderr).toContain("Invalid partition name specified");
  });
});
