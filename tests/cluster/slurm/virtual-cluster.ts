import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const execute = promisify(execFile);
const NODES = ["n1", "n2", "n3", "n4"] as const;
/** A node of the virtual cluster. */
export type NodeName = (typeof NODES)[number];

/** A Slurm of four nodes, all of them on this machine, without systemd; it must run as root. */
export interface VirtualCluster {
  /** What programs need in their environment to use it. */
  readonly environment: { readonly SLURM_CONF: string };
  /** Runs one of Slurm's commands; gives what it printed. */
  slurm(program: string, ...words: readonly string[]): Promise<string>;
  /** Kills a node's daemon; with its jobs' processes too, as a power failure does. */
  killNode(node: NodeName, what: "daemon" | "all"): Promise<void>;
  startNode(node: NodeName): Promise<void>;
  killController(): Promise<void>;
  startController(): Promise<void>;
  /** The processes of jobs on a node, by what is in their command lines. */
  processesOn(node: NodeName, text: string): readonly number[];
  /** The last that the controller wrote. */
  controllerLog(): string;
  close(): Promise<void>;
}

/** How a cluster differs from the usual one. */
export interface VirtualClusterOptions {
  readonly name?: string;
  /** The socket of a munge that it shares with others; it has its own otherwise. */
  readonly munge?: string;
  /** Lines of its configuration. */
  readonly more?: readonly string[];
}

const ownMunge = (folder: string): string => `${folder}/munge.socket`;

/** Writes a key for munge into a folder; gives the command that serves it at {@link ownMunge}. */
export function mungeCommand(folder: string): [string, ...string[]] {
  writeFileSync(join(folder, "munge.key"), randomBytes(1024), { mode: 0o400 });
  return [
    "munged",
    "--foreground",
    "--force",
    `--key-file=${folder}/munge.key`,
    `--socket=${ownMunge(folder)}`,
    `--pid-file=${folder}/munged.pid`,
    `--log-file=${folder}/munged.log`,
    `--seed-file=${folder}/munge.seed`,
  ];
}

/** Ports below those that the system gives to whoever asks for any, or they would be taken while a node is down. */
const PORTS = { first: 12_000, last: 30_000 };

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** Ports that nothing listens at. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(PORTS.first, PORTS.last);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** Jobs that are put back wait for as long as credentials live, which cannot be less than 5 s. */
function configuration(
  folder: string,
  controller: number,
  ports: readonly number[],
  { name = "virtual", munge = ownMunge(folder), more = [] }: VirtualClusterOptions,
): string {
  const host = hostname().split(".")[0] ?? "localhost";
  return `ClusterName=${name}
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${munge},cred_expire=5
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
ReturnToService=2
SlurmdTimeout=4
SlurmctldTimeout=10
InactiveLimit=0
KillWait=5
JobAcctGatherType=jobacct_gather/none
JobRequeue=1
SlurmdParameters=config_overrides
${NODES.map(
  (node, index) =>
    `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[index]} CPUs=1 RealMemory=1000 State=UNKNOWN`,
).join("\n")}
PartitionName=main Nodes=${NODES.join(",")} Default=YES MaxTime=INFINITE State=UP
${more.join("\n")}
`;
}

const read = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/** Starts the cluster, and waits until its nodes take jobs. */
export async function startVirtualCluster(options: VirtualClusterOptions = {}): Promise<VirtualCluster> {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-slurm-"));
  // munge refuses folders that others may write to.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "state"));
  const [controllerPort = 0, ...ports] = await freePorts(1 + NODES.length);
  const SLURM_CONF = join(folder, "slurm.conf");
  writeFileSync(SLURM_CONF, configuration(folder, controllerPort, ports, options));
  const environment = { SLURM_CONF };
  const env = { ...process.env, ...environment };
  const daemons = new Map<string, ChildProcess>();

  // In the foreground, each daemon is a child that can be ended by its own process id.
  const start = (name: string, program: string, ...words: readonly string[]): void => {
    const child = spawn(program, words, { env, stdio: "ignore" });
    child.on("error", () => {});
    daemons.set(name, child);
  };
  const kill = async (name: string): Promise<void> => {
    const child = daemons.get(name);
    daemons.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  const slurm = async (program: string, ...words: readonly string[]): Promise<string> =>
    (await execute(program, [...words], { env })).stdout;
  const controllerLog = (): string => read(join(folder, "slurmctld.log")).slice(-3000);
  const untilSlurm = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (let look = 0; look < 300; look++) {
      if (await holds().catch(() => false)) return;
      await sleep(100);
    }
    throw new Error(`Slurm never came to this: ${what}\n${controllerLog()}`);
  };
  const jobProcesses = (node: string | undefined): readonly number[] =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        const variables = read(`/proc/${pid}/environ`).split("\0");
        return (
          variables.includes(`SLURM_CONF=${SLURM_CONF}`) &&
          variables.some(
            (each) =>
              each.startsWith("SLURMD_NODENAME=") && (node === undefined || each.endsWith(`=${node}`)),
          )
        );
      })
      .map(Number);
  const parentOf = (pid: number): number =>
    Number(/^PPid:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  const killAll = (pids: Iterable<number>): void => {
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
  };
  const keepers = (pids: readonly number[]): ReadonlySet<number> =>
    new Set(pids.map(parentOf).filter((pid) => read(`/proc/${pid}/comm`).startsWith("slurmstepd")));

  const startController = async (): Promise<void> => {
    start("slurmctld", "slurmctld", "-D", "-f", SLURM_CONF);
    await untilSlurm("the controller answers", async () => (await slurm("scontrol", "ping")).includes("UP"));
  };
  const startNode = async (node: NodeName): Promise<void> => {
    mkdirSync(join(folder, `spool-${node}`), { recursive: true });
    start(node, "slurmd", "-D", "-f", SLURM_CONF, "-N", node);
    await untilSlurm(`node ${node} takes jobs`, async () =>
      /^(idle|mixed|allocated)$/.test((await slurm("sinfo", "-h", "-n", node, "-o", "%T")).trim()),
    );
  };

  if (options.munge === undefined) {
    const command = mungeCommand(folder);
    start("munged", ...command);
  }
  await startController();
  await Promise.all(NODES.map(startNode));

  return {
    environment,
    slurm,
    killNode: async (node, what) => {
      await kill(node);
      if (what === "daemon") return;
      const pids = jobProcesses(node);
      killAll(keepers(pids));
      killAll(pids);
    },
    startNode,
    killController: () => kill("slurmctld"),
    startController,
    processesOn: (node, text) =>
      jobProcesses(node).filter((pid) => read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").includes(text)),
    controllerLog,
    close: async () => {
      for (const name of ["slurmctld", ...NODES]) await kill(name);
      const pids = jobProcesses(undefined);
      killAll(keepers(pids));
      killAll(pids);
      await kill("munged");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
