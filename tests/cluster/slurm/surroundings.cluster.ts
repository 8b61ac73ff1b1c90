import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { CURVEWISE, temporaryFolder } from "../../support/command-line.js";
import { expectAsUndisturbed, readLog, writeSpreadStudy } from "../../support/undisturbed.js";
import { startCommandOn, startRun, untilQueue } from "./slurm-study.js";
import { startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

const LONGEST_ARRAY = 3;
let cluster: VirtualCluster;
beforeAll(async () => {
  cluster = await startVirtualCluster({ more: [`MaxArraySize=${LONGEST_ARRAY}`] });
});
afterAll(() => cluster?.close());

const submission = z.object({ job: z.string(), output: z.string() });

/** A folder whose path looks like one of Slurm's patterns. */
function strangeFolder(): string {
  const folder = join(temporaryFolder(), "50%", "%j of %A");
  mkdirSync(folder, { recursive: true });
  return folder;
}

describe("a study on Slurm", () => {
  it("has as many arrays as the cluster's limit makes necessary, and its workers' output in a folder with %", async () => {
    const folder = strangeFolder();
    writeSpreadStudy(folder, { trials: 8 });
    const { code, stderr } = await startRun(cluster, folder, "--workers-at-least", "4").result;
    expect(code, stderr).toBe(0);
    const joined = (await readLog(folder)).filter(({ type }) => type === "worker-joined");
    const jobs = joined.map(({ labels }) => labels?.["job"] ?? "none");
    const arrays = [...new Set(jobs.map((job) => job.split("_")[0]))];
    const lengths = arrays.map((array) => jobs.filter((job) => job.startsWith(`${array}_`)).length);
    expect(lengths.toSorted((a, b) => a - b)).toEqual([1, LONGEST_ARRAY]);
    for (const job of jobs) {
      expect(existsSync(join(folder, "curvewise-files/spread/workers", `${job}.log`)), job).toBe(true);
    }
    await expectAsUndisturbed(folder, 8);
  });

  it("runs as one job that takes nothing over from the allocation in which it was submitted", async () => {
    const folder = strangeFolder();
    writeSpreadStudy(folder, { trials: 6 });
    // Of the two ways to ask for memory, srun takes one, and finds the other one in the environment of the allocation.
    const command = [process.execPath, CURVEWISE, "submit", "study.yaml", "--workers", "3", "--json"];
    const inside = ["salloc", "--ntasks=1", "--mem=100", ...command, "--sbatch-flag=--mem-per-cpu=50"];
    const submitted = await startCommandOn(cluster, folder, ...inside).result;
    expect(submitted.code, submitted.stderr).toBe(0);
    const { output } = submission.parse(JSON.parse(submitted.stdout));
    await untilQueue(cluster, "the job is over", (jobs) => jobs.length === 0);
    expect(readFileSync(output, "utf8")).toContain("6: 6 complete");
    await expectAsUndisturbed(folder, 6);
  });
});

describe("where arrays are switched off", () => {
  let plain: VirtualCluster;
  beforeAll(async () => {
    plain = await startVirtualCluster({ more: ["MaxArraySize=0"] });
  });
  afterAll(() => plain?.close());

  it("every worker is a job of its own", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 6 });
    const { code, stderr } = await startRun(plain, folder, "--workers-at-least", "4").result;
    expect(code, stderr).toBe(0);
    const joined = (await readLog(folder)).filter(({ type }) => type === "worker-joined");
    const jobs = new Set(joined.map(({ labels }) => labels?.["job"] ?? "none"));
    expect([...jobs].filter((job) => /^\d+$/.test(job))).toHaveLength(4);
    await expectAsUndisturbed(folder, 6);
  });
});
