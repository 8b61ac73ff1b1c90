import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CURVEWISE, temporaryFolder } from "../../support/command-line.js";
import { letGo, untilLog } from "../../support/undisturbed.js";
import {
  BY_SLURM,
  count,
  expectFinished,
  queue,
  rememberedJobs,
  startCommandOn,
  startInTheMiddle,
  startRun,
} from "./slurm-study.js";
import { startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

let cluster: VirtualCluster;
beforeAll(async () => {
  cluster = await startVirtualCluster();
});
afterAll(() => cluster?.close());

describe("a study on Slurm loses and doubles nothing", () => {
  it.each(["here", "elsewhere"])(
    "when the coordinator is killed and another one started %s: it takes the jobs over",
    async (where) => {
      const { folder, run } = await startInTheMiddle(cluster);
      const before = rememberedJobs(folder);
      run.child.kill("SIGKILL");
      await run.result;
      const again = where === "here" ? startRun(cluster, folder) : startElsewhere(folder);
      await untilLog(folder, "it goes on", (events) => count(events, "study-opened") >= 2);
      const jobs = await queue(cluster);
      expect(jobs.map(({ id }) => id).sort()).toEqual(before.jobs.map(({ id }) => id).sort());
      letGo(folder);
      const stderr = await expectFinished(again, folder);
      expect(stderr).toContain("4 workers of an earlier run in Slurm are taken over");
      expect(stderr).not.toContain("to Slurm as job");
    },
  );
});

/** The same command on a host of another name, in another folder. */
function startElsewhere(folder: string) {
  const command = [process.execPath, CURVEWISE, "run", join(folder, "study.yaml"), ...BY_SLURM];
  const places = ["--storage", join(folder, "curvewise.db"), "--advertise", "127.0.0.1", "--standby"];
  return startCommandOn(
    cluster,
    temporaryFolder(),
    "unshare",
    "--uts",
    "sh",
    "-c",
    'hostname elsewhere && exec "$@"',
    "sh",
    ...command,
    ...places,
  );
}
