import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { LauncherPlan } from "../config/launcher-section.js";
import { mpiSection, slurmSection } from "../config/launcher-section.js";
import { CurvewiseError, messageOf } from "../core/errors.js";
import type { Session } from "../engine/session.js";
import {
  type BatchSystem,
  commandBatch,
  createWorkerFleet,
  mpiBatch,
  slurmBatch,
  type WorkerFleet,
  type WorkerFleetJob,
} from "../launchers/index.js";
import type { StudyServer } from "../server/index.js";
import type { LauncherOptions } from "./launcher-options.js";

/** Refuses options of launchers other than the chosen one. */
function checkFits(kind: LauncherPlan["kind"], options: LauncherOptions): void {
  const { partition, account, gres, time, cpus, sbatchFlag, mpi, mpiFlag, workerSlots } = options;
  const given: readonly (readonly [flag: string, value: unknown, fits: boolean])[] = [
    ["--partition", partition, kind === "slurm"],
    ["--account", account, kind === "slurm"],
    ["--gres", gres, kind === "slurm"],
    ["--time", time, kind === "slurm"],
    ["--cpus", cpus, kind === "slurm"],
    ["--sbatch-flag", sbatchFlag, kind === "slurm"],
    ["--mpi", mpi, kind === "mpi"],
    ["--mpi-flag", mpiFlag, kind === "mpi"],
    ["--worker-slots", workerSlots, kind !== "local"],
  ];
  const odd = given.find(([, value, fits]) => value !== undefined && !fits);
  if (odd === undefined) return;
  throw new CurvewiseError("LAUNCHER_OPTION", `${odd[0]} does not apply to the launcher ${kind}`, {
    hint: "Choose the launcher that it is for with --launcher, or leave it out.",
  });
}

/**
 * The launcher that the file and the command line choose; the command line takes precedence.
 *
 * @throws CurvewiseError `LAUNCHER_OPTION` for options of another one, `LAUNCHER_INCOMPLETE`
 */
export function chosenLauncher(plan: LauncherPlan, options: LauncherOptions): LauncherPlan {
  const kind = options.launcher ?? plan.kind;
  checkFits(kind, options);
  const slots = options.workerSlots === undefined ? {} : { slots: options.workerSlots };
  switch (kind) {
    case "local":
      return { kind };
    case "slurm": {
      const base = plan.kind === "slurm" ? plan : { kind, ...slurmSection.parse({}) };
      const { partition, account, gres, time, cpus, sbatchFlag = [] } = options;
      return {
        ...base,
        ...slots,
        ...(partition === undefined ? {} : { partition }),
        ...(account === undefined ? {} : { account }),
        ...(gres === undefined ? {} : { gres }),
        ...(time === undefined ? {} : { time }),
        ...(cpus === undefined ? {} : { cpus }),
        flags: [...base.flags, ...sbatchFlag],
      };
    }
    case "mpi": {
      const base = plan.kind === "mpi" ? plan : { kind, ...mpiSection.parse({}) };
      const { mpi = base.starter, mpiFlag = [] } = options;
      return { ...base, ...slots, starter: mpi, flags: [...base.flags, ...mpiFlag] };
    }
    case "command":
      if (plan.kind === "command") return { ...plan, ...slots };
      throw new CurvewiseError("LAUNCHER_INCOMPLETE", "the launcher command needs its commands", {
        hint: "Write them in the study file's section `launcher`.",
      });
  }
}

/** The command line of this installation, with absolute paths. */
export const ownCommand = (): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL("../../bin/curvewise.js", import.meta.url)),
];

function batchOf(plan: Exclude<LauncherPlan, { readonly kind: "local" }>, job: WorkerFleetJob): BatchSystem {
  switch (plan.kind) {
    case "slurm":
      return slurmBatch(job, plan);
    case "mpi":
      return mpiBatch(job, plan);
    case "command":
      return commandBatch(job, plan);
  }
}

/** The workers that a launcher keeps for a study; undefined if it keeps none. */
export function openFleet(
  plan: LauncherPlan,
  setup: { readonly folder: string; readonly workers: number; readonly log: (message: string) => void },
): WorkerFleet | undefined {
  if (plan.kind === "local") return undefined;
  const { folder, workers, log } = setup;
  return createWorkerFleet({
    launcher: plan.kind,
    folder,
    workers,
    log,
    batchFor: (fleet) =>
      batchOf(plan, {
        fleet,
        folder,
        worker: [
          ...ownCommand(),
          "worker",
          "--rendezvous",
          folder,
          "--slots",
          String(plan.slots),
          "--label",
          `fleet=${fleet}`,
        ],
      }),
  });
}

/** Waits until workers would find this coordinator, not an earlier one's note that the study is finished. */
async function waitUntilFound(door: StudyServer, settled: AbortSignal): Promise<void> {
  const { readRendezvous } = await import("../server/rendezvous.js");
  while (!settled.aborted) {
    const found = await readRendezvous(door.rendezvous).catch(() => undefined);
    if (found !== undefined && found.url === door.url && found.finished !== true) return;
    await sleep(20);
  }
}

/** Serves a session, and keeps its workers as long as something is left to do. */
export function serveWithFleet(
  door: StudyServer,
  fleet: WorkerFleet,
  log: (message: string) => void,
): (session: Session) => Promise<void> {
  return async (session) => {
    const settled = new AbortController();
    const settle = (): void => settled.abort();
    session.coordinator.settled().then(settle, settle);
    session.killed.addEventListener("abort", settle, { once: true });
    const keepWorkers = async (): Promise<void> => {
      try {
        await waitUntilFound(door, settled.signal);
        if (settled.signal.aborted) log("nothing is left to do: no workers are started");
        await fleet.run({
          settled: settled.signal,
          hasMore: () => session.ending() === "interrupted",
          killed: session.killed,
        });
      } catch (error) {
        log(messageOf(error));
        session.breakDown(error);
      }
    };
    await Promise.all([door.serve(session).finally(settle), keepWorkers()]);
  };
}
