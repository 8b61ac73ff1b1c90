import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../support/command-line.js";
import { expectAsUndisturbed, readLog, untilLog, writeSpreadStudy } from "../../support/undisturbed.js";
import { type Accounting, startAccounting } from "./accounting.js";
import { count, queue, rememberedJobs, startOn, startRun, untilQueue } from "./slurm-study.js";
import { startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

let accounting: Accounting;
/** The cluster where the commands are given. */
let east: VirtualCluster;
let west: VirtualCluster;
beforeAll(async () => {
  accounting = await startAccounting();
  east = await startVirtualCluster(await accounting.cluster("east"));
  west = await startVirtualCluster(await accounting.cluster("west"));
  // Each knows of the other once that has told the accounting its address.
  for (let look = 0; look < 600; look++) {
    const printed = await east.slurm("squeue", "--clusters=east,west").catch(() => "");
    if (printed.includes("CLUSTER: west")) return;
    await sleep(100);
  }
  throw new Error("east never knew of west");
});
afterAll(async () => {
  await east?.close();
  await west?.close();
  await accounting?.close();
});

const submission = z.object({ job: z.string(), cluster: z.string(), output: z.string() });

describe("a study on another cluster of Slurm", () => {
  it("has its workers there, whose jobs it sees", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 8 });
    const more = ["--workers-at-least", "4", "--sbatch-flag=--clusters=west"];
    const { code, stderr } = await startRun(east, folder, ...more).result;
    expect(code, stderr).toBe(0);
    const joined = (await readLog(folder)).filter(({ type }) => type === "worker-joined");
    const jobs = joined.map(({ labels }) => labels?.["job"] ?? "none");
    expect(jobs).toHaveLength(4);
    for (const job of jobs) {
      expect(job).toMatch(/^\d+_\d@west$/);
      const log = join(folder, "curvewise-files/spread/workers", `${job.replace("@west", "")}.log`);
      expect(existsSync(log), log).toBe(true);
    }
    expect(await queue(west)).toEqual([]);
    await expectAsUndisturbed(folder, 8);
  });

  it("cancels them there at Ctrl-C", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 1000, stepTime: 100 });
    const run = startRun(east, folder, "--sbatch-flag=-Mwest");
    await untilLog(folder, "trials run", (events) => count(events, "reported") > 0);
    expect(rememberedJobs(folder).jobs.map(({ id }) => id.replace(/^\d+_\d/, ""))).toEqual(
      Array.from({ length: 4 }, () => "@west"),
    );
    expect((await queue(west)).length).toBeGreaterThan(0);
    run.child.kill("SIGINT");
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(130);
    await untilQueue(west, "nothing is left", (left) => left.length === 0);
  });

  it("runs there as one job", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 6 });
    const words = ["submit", "study.yaml", "--workers", "3", "--sbatch-flag=--clusters=west", "--json"];
    const submitted = await startOn(east, folder, ...words).result;
    expect(submitted.code, submitted.stderr).toBe(0);
    const { cluster, output } = submission.parse(JSON.parse(submitted.stdout));
    expect(cluster).toBe("west");
    await untilQueue(west, "the job is over", (jobs) => jobs.length === 0);
    expect(readFileSync(output, "utf8")).toContain("6: 6 complete");
    await expectAsUndisturbed(folder, 6);
  });
});
