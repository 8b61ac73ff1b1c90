import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../support/command-line.js";
import { expectTwoLanguages, writeTwoLanguages } from "../../support/two-languages.js";
import { expectAsUndisturbed, readLog, writeSpreadStudy } from "../../support/undisturbed.js";
import { queue, startOn, startRun, untilQueue } from "./slurm-study.js";
import { startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

let cluster: VirtualCluster;
beforeAll(async () => {
  cluster = await startVirtualCluster();
});
afterAll(() => cluster?.close());

describe("a study on four nodes of Slurm", () => {
  it.each(["random", "{grid: {levels: 4}}"])(
    "has the trials and the best of a run on one machine: %s",
    async (sampler) => {
      const folder = temporaryFolder();
      writeSpreadStudy(folder, { trials: 12, sampler });
      const { code, stderr } = await startRun(cluster, folder, "--workers-at-least", "4").result;
      expect(code, stderr).toBe(0);
      const nodes = new Set<string>();
      for (const event of await readLog(folder)) {
        if (event.type === "worker-joined") nodes.add(event.labels?.["SLURMD_NODENAME"] ?? "");
      }
      expect([...nodes].sort()).toEqual(["n1", "n2", "n3", "n4"]);
      expect(await queue(cluster)).toEqual([]);
      await expectAsUndisturbed(folder, 12);
    },
  );

  it("trains with a C++ and a Python program, which pause and go on", async () => {
    const folder = temporaryFolder();
    writeTwoLanguages(folder);
    const { code, stderr } = await startRun(cluster, folder, "--workers-at-least", "4").result;
    expect(code, stderr).toBe(0);
    await expectTwoLanguages(folder);
  });

  it("runs as one job, coordinator and workers", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 8 });
    const submitted = await startOn(cluster, folder, "submit", "study.yaml", "--workers", "4", "--json")
      .result;
    expect(submitted.code, submitted.stderr).toBe(0);
    const { output } = z.object({ output: z.string() }).parse(JSON.parse(submitted.stdout));
    await untilQueue(cluster, "the job is over", (jobs) => jobs.length === 0);
    expect(readFileSync(output, "utf8")).toContain("8: 8 complete");
    await expectAsUndisturbed(folder, 8);
  });
});
