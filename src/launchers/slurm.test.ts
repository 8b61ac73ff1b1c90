import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { runBatchTool } from "./batch-tool.js";
import { commandBatch, readJobLines } from "./command.js";
import { mpiArguments, mpiRank } from "./mpi.js";
import { parseSqueue, SLURM, slurmArguments } from "./slurm.js";
import {
  chosenClusters,
  clusterNames,
  idsByCluster,
  longestArray,
  outputPath,
  submittedNumber,
} from "./slurm-clusters.js";
import { workerScript } from "./worker-script.js";

it("reads what squeue prints of tasks that wait, run, end and are put back", () => {
  const printed = [
    "7_0|RUNNING|n1|None",
    "7_1|PENDING||Resources",
    "7_2|COMPLETING|n2|None",
    "7_3|CANCELLED||None",
    "7_4|REQUEUE_HOLD||launch failed requeued held",
    "",
  ].join("\n");
  expect(parseSqueue(printed)).toEqual([
    { id: "7_0", state: "running", host: "n1" },
    { id: "7_1", state: "pending", reason: "Resources" },
    { id: "7_2", state: "running", host: "n2" },
    { id: "7_3", state: "ended" },
    { id: "7_4", state: "pending", reason: "launch failed requeued held" },
  ]);
});

it("reads which jobs are on which cluster, named by a line or by whoever asked", () => {
  const printed = "CLUSTER: east\n7_0|RUNNING|n1|None\n\nCLUSTER: west\n7_0|PENDING||Resources\n";
  expect(parseSqueue(printed).map(({ id }) => id)).toEqual(["7_0@east", "7_0@west"]);
  expect(parseSqueue("7_0|RUNNING|n1|None\n", "east").map(({ id }) => id)).toEqual(["7_0@east"]);
  const groups = idsByCluster(["7_0@east", "8_1", "7_0@west", "9@east"]);
  expect([...groups]).toEqual([
    ["east", ["7_0", "9"]],
    [undefined, ["8_1"]],
    ["west", ["7_0"]],
  ]);
});

it("knows among which clusters sbatch chooses: by the last flag, or by its environment", () => {
  expect(chosenClusters([], {})).toBeUndefined();
  expect(chosenClusters(["--exclusive", "-Meast"], { SLURM_CLUSTERS: "west" })).toBe("east");
  expect(chosenClusters(["-M", "east", "--clusters=a,b"], {})).toBe("a,b");
  expect(chosenClusters(["--clusters", "all"], {})).toBe("all");
  expect(chosenClusters(["--mem=1"], { SLURM_CLUSTERS: "west", SBATCH_CLUSTERS: "east" })).toBe("east");
  expect([undefined, "all", "a", "a,b"].map((clusters) => clusterNames(clusters))).toEqual([
    [],
    [],
    ["a"],
    ["a", "b"],
  ]);
});

it("reads how long an array may be", () => {
  expect(longestArray("MailProg = /bin/mail\nMaxArraySize            = 401\nMaxJobCount = 10\n")).toBe(401);
  expect(longestArray("MaxArraySize = 0\n")).toBe(0);
  expect(longestArray("MaxJobCount = 10\n")).toBeUndefined();
});

it("writes a path so that Slurm sees no pattern in it", () => {
  expect(outputPath("/home/me/50%/%j")).toBe("/home/me/50%%/%%j");
  expect(() => outputPath("/home/me/a\\b")).toThrow("cannot write output below /home/me/a\\b");
});

it("keeps of Slurm's variables only those that say which cluster is meant, and who asks", async () => {
  const kept = { SLURM_CONF: "/c", SLURM_CLUSTERS: "east", SLURM_JWT: "t", SLURM_CONF_SERVER: "s" };
  const dropped = ["JOB_ID", "NTASKS", "CPUS_PER_TASK", "MEM_PER_NODE", "CONF_DIR", "CLUSTERS_X", "NODELIST"];
  for (const [name, value] of Object.entries(kept)) vi.stubEnv(name, value);
  for (const name of dropped) vi.stubEnv(`SLURM_${name}`, "1");
  vi.stubEnv("SLURMD_NODENAME", "n1");
  vi.stubEnv("SBATCH_ACCOUNT", "physics");
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const printed = await runBatchTool(["env"], SLURM);
  const seen = printed.split("\n").filter((line) => /^(SLURM|SBATCH)/.test(line));
  const expected = Object.entries(kept).map(([name, value]) => `${name}=${value}`);
  expect(seen.sort()).toEqual([...expected, "SBATCH_ACCOUNT=physics"].sort());
});

it("hands nothing of an allocation on to a job of the launcher for any batch system that uses sbatch", async () => {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-script-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
    vi.unstubAllEnvs();
  });
  const sbatch = join(folder, "sbatch");
  writeFileSync(sbatch, `#!/bin/sh\nenv > ${join(folder, "seen")}\necho 17\n`, { mode: 0o700 });
  vi.stubEnv("SLURM_MEM_PER_NODE", "100");
  vi.stubEnv("SLURM_CONF", "/c");
  const batch = commandBatch(
    { fleet: "f", folder, worker: ["true"] },
    {
      submit: [sbatch, "{script}"],
      id: "\\d+",
      list: ["true"],
      line: "(?<id>x)(?<state>y)",
      pending: [],
      running: [],
      cancel: ["true"],
      job: "$SLURM_JOB_ID",
      directives: [],
    },
  );
  expect(await batch.submit(1)).toEqual([{ id: "17", workers: 1 }]);
  const seen = readFileSync(join(folder, "seen"), "utf8").split("\n");
  expect(seen.filter((line) => line.startsWith("SLURM_"))).toEqual(["SLURM_CONF=/c"]);
});

it("reads a job's number with and without a cluster's name, and refuses anything else", () => {
  expect(submittedNumber("17\n")).toEqual({ number: "17", cluster: undefined });
  expect(submittedNumber("17;east\n")).toEqual({ number: "17", cluster: "east" });
  expect(() => submittedNumber("queued")).toThrow("printed no job id, but: queued");
});

it("hands what the user says to sbatch, the free words last", () => {
  expect(slurmArguments({ flags: ["--exclusive"], time: "10", gres: "gpu:1", cpus: 2 })).toEqual([
    "--gres=gpu:1",
    "--time=10",
    "--cpus-per-task=2",
    "--exclusive",
  ]);
});

it("knows its rank under Open MPI and MPICH, and elsewhere none", () => {
  expect(mpiRank({ OMPI_COMM_WORLD_RANK: "3", OMPI_COMM_WORLD_SIZE: "8" })).toEqual({ rank: 3, size: 8 });
  expect(mpiRank({ PMI_RANK: "0", PMI_SIZE: "4" })).toEqual({ rank: 0, size: 4 });
  expect(mpiRank({ PMI_RANK: "4", PMI_SIZE: "4" })).toBeUndefined();
  expect(mpiRank({ SLURM_PROCID: "1" })).toBeUndefined();
});

it("has one dead worker end no other with Open MPI and srun", () => {
  const openMpi = mpiArguments({ starter: "mpirun" }, "mpirun (Open MPI) 4.1.4", 4, true);
  expect(openMpi).toEqual(
    ["mpirun", "-np", "4", "--allow-run-as-root", "--enable-recovery"].concat([
      "--mca",
      "orte_abort_on_non_zero_status",
      "0",
    ]),
  );
  expect(mpiArguments({ starter: "/opt/bin/srun" }, "slurm-wlm 22.05.8", 4, true)).toEqual([
    "/opt/bin/srun",
    "--ntasks=4",
    "--kill-on-bad-exit=0",
    "--wait=0",
  ]);
  const mpich = mpiArguments({ starter: "mpirun", flags: ["-f", "hosts"] }, "HYDRA build details:", 4, true);
  expect(mpich).toEqual(["mpirun", "-np", "4", "-f", "hosts"]);
});

it("reads a table of jobs by a pattern", () => {
  const qstat = `Job id            Name             User              Time Use S Queue
----------------  ---------------- ----------------  -------- - -----
12.server         tune             me                00:00:01 R workq
13.server         tune             me                       0 Q workq
14.server         tune             me                00:10:00 F workq
`;
  const line = String.raw`^(?<id>\d+)\S*\s+\S+\s+\S+\s+\S+\s+(?<state>[A-Z])\s`;
  expect(readJobLines(qstat, { line, pending: ["Q"], running: ["R"] })).toEqual([
    { id: "12", state: "running" },
    { id: "13", state: "pending" },
    { id: "14", state: "ended" },
  ]);
});

it.each([
  { signal: "USR1", code: 138, requeued: true },
  { signal: "USR2", code: 138, requeued: false },
  { signal: "TERM", code: 138, requeued: false },
])("hands $signal on to its worker as USR1, and waits for it", ({ signal, code, requeued }) => {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-script-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // The worker signals the shell that started it, and takes a while to save when told to end.
  const worker = `process.on("SIGUSR1", () => setTimeout(() => process.exit(138), 300));
    process.kill(process.ppid, "SIG${signal}"); setInterval(() => {}, 1000);`;
  writeFileSync(join(folder, "worker.mjs"), worker);
  writeFileSync(
    join(folder, "job.sh"),
    workerScript({
      worker: [process.execPath, join(folder, "worker.mjs")],
      directives: ["#SBATCH --requeue"],
      job: '"$ARRAY_$TASK"',
      requeue: "echo requeued",
    }),
  );
  const run = `bash ${join(folder, "job.sh")}; echo "code $?"`;
  const printed = execFileSync("bash", ["-c", run], { encoding: "utf8" });
  expect(printed).toContain(`code ${code}`);
  expect(printed.includes("requeued")).toBe(requeued);
});
