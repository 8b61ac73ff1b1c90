import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../support/command-line.js";
import {
  expectAsUndisturbed,
  letGo,
  readLog,
  untilLog,
  writeSpreadStudy,
} from "../../support/undisturbed.js";
import { queue, rememberedJobs, startOn, untilQueue } from "./slurm-study.js";
import { startVirtualCluster, type VirtualCluster } from "./virtual-cluster.js";

let cluster: VirtualCluster;
beforeAll(async () => {
  cluster = await startVirtualCluster();
});
afterAll(() => cluster?.close());

/** Slurm as a batch system that Curvewise knows nothing of but its commands. */
const LAUNCHER = String.raw`workers: 4
launcher:
  command:
    directives: ["#SBATCH --time=1:00:00"]
    submit: [sbatch, --parsable, -J, "{fleet}", -o, "{folder}/workers/%j.log", "{script}"]
    id: '^\d+'
    list: [squeue, -h, -o, "%i|%T|%N|%r"]
    line: '^(?<id>\d+)\|(?<state>[A-Z_]+)\|(?<host>[^|]*)\|(?<reason>.*)$'
    pending: [PENDING, CONFIGURING]
    running: [RUNNING, COMPLETING]
    cancel: [scancel, "{id}"]
    job: "$SLURM_JOB_ID"
`;

describe("workers by the commands of a batch system", () => {
  it("train a study to its end, and others come for those that are cancelled", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, {
      trials: 16,
      stepTime: 150,
      slow: { trial: 12, step: 1, time: 15_000 },
      more: LAUNCHER,
    });
    const run = startOn(
      cluster,
      folder,
      "run",
      "study.yaml",
      "--worker-lease",
      "8",
      "--workers-at-least",
      "4",
    );
    await untilLog(
      folder,
      "four train",
      (events) => events.filter(({ type }) => type === "worker-joined").length === 4,
    );
    const jobs = await queue(cluster);
    expect(jobs.map(({ id }) => id).sort()).toEqual(
      rememberedJobs(folder)
        .jobs.map(({ id }) => id)
        .sort(),
    );
    await cluster.slurm("scancel", jobs[0]?.id ?? "none");
    await untilLog(
      folder,
      "a fifth joins",
      (events) => events.filter(({ type }) => type === "worker-joined").length === 5,
    );
    letGo(folder);
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(0);
    await untilQueue(cluster, "nothing is left", (left) => left.length === 0);
    const nodes = (await readLog(folder)).flatMap(({ labels }) => labels?.["SLURMD_NODENAME"] ?? []);
    expect([...new Set(nodes)].sort()).toEqual(["n1", "n2", "n3", "n4"]);
    await expectAsUndisturbed(folder, 16);
  });

  it("are cancelled at Ctrl-C", async () => {
    const folder = temporaryFolder();
    writeSpreadStudy(folder, { trials: 1000, stepTime: 100, more: LAUNCHER });
    const run = startOn(cluster, folder, "run", "study.yaml");
    await untilLog(folder, "trials run", (events) => events.some(({ type }) => type === "reported"));
    run.child.kill("SIGINT");
    const { code, stderr } = await run.result;
    expect(code, stderr).toBe(130);
    await untilQueue(cluster, "nothing is left", (left) => left.length === 0);
  });

  it("cannot be had where the command refuses, which is told in its words", async () => {
    const folder = temporaryFolder();
    const more = LAUNCHER.replace("--parsable,", "--parsable, --partition=nowhere,");
    writeSpreadStudy(folder, { trials: 4, more });
    const { code, stderr } = await startOn(cluster, folder, "run", "study.yaml").result;
    expect(code, stderr).toBe(2);
    expect(stderr).toContain("invalid partition specified: nowhere");
  });
});
