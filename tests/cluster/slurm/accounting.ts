import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePorts, mungeCommand, type VirtualClusterOptions } from "./virtual-cluster.js";

const execute = promisify(execFile);

/** Slurm's accounting, through which clusters know each other. */
export interface Accounting {
  /** What a cluster with this name needs to be one of them. */
  cluster(name: string): Promise<VirtualClusterOptions>;
  close(): Promise<void>;
}

/** Starts a database and slurmdbd, and waits until it answers. It must run as root. */
export async function startAccounting(): Promise<Accounting> {
  const folder = mkdtempSync(join(tmpdir(), "curvewise-slurmdbd-"));
  chmodSync(folder, 0o755);
  const [databasePort = 0, port = 0] = await freePorts(2);
  const munge = `${folder}/munge.socket`;
  const daemons: ChildProcess[] = [];
  const env = { ...process.env, SLURM_CONF: join(folder, "slurm.conf") };
  const start = ([program, ...words]: readonly [string, ...string[]]): void => {
    const child = spawn(program, words, { env, stdio: "ignore" });
    child.on("error", () => {});
    daemons.push(child);
  };
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 100_000; Date.now() < end; await sleep(100)) {
      if (await holds().catch(() => false)) return;
    }
    const log = join(folder, "slurmdbd.log");
    throw new Error(`never came to this: ${what}\n${existsSync(log) ? readFileSync(log, "utf8") : ""}`);
  };

  start(mungeCommand(folder));
  const data = join(folder, "data");
  await execute("mariadb-install-db", ["--no-defaults", `--datadir=${data}`, "--user=root"]);
  start([
    "mariadbd",
    "--no-defaults",
    `--datadir=${data}`,
    "--user=root",
    "--bind-address=127.0.0.1",
    `--port=${databasePort}`,
    `--socket=${folder}/database.socket`,
    "--skip-grant-tables",
  ]);
  const ping = ["--no-defaults", `--socket=${folder}/database.socket`, "ping"];
  await until("the database answers", async () => {
    await execute("mariadb-admin", ping);
    return existsSync(munge);
  });
  writeFileSync(
    join(folder, "slurm.conf"),
    `ClusterName=none
SlurmctldHost=localhost
AuthType=auth/munge
AuthInfo=socket=${munge}
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=${port}
AccountingStoragePass=${munge}
`,
  );
  writeFileSync(
    join(folder, "slurmdbd.conf"),
    `AuthType=auth/munge
AuthInfo=socket=${munge}
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=${port}
SlurmUser=root
LogFile=${folder}/slurmdbd.log
PidFile=${folder}/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=${databasePort}
StorageUser=root
StorageLoc=slurm
`,
    { mode: 0o600 },
  );
  start(["slurmdbd", "-D"]);
  await until("slurmdbd answers", async () => {
    await execute("sacctmgr", ["--noheader", "show", "clusters"], { env });
    return true;
  });

  return {
    cluster: async (name) => {
      await execute("sacctmgr", ["--immediate", "add", "cluster", name], { env });
      const more = [
        "AccountingStorageType=accounting_storage/slurmdbd",
        "AccountingStorageHost=127.0.0.1",
        `AccountingStoragePort=${port}`,
        // For the accounting, Slurm looks here for the socket of munge.
        `AccountingStoragePass=${munge}`,
      ];
      return { name, munge, more };
    },
    close: async () => {
      for (const child of daemons.reverse()) {
        const isOver = child.exitCode !== null || child.signalCode !== null;
        const gone = isOver ? undefined : once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
