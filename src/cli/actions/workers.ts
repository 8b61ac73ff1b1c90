import { CurvewiseError } from "../../core/errors.js";
import type { Json } from "../../core/json.js";
import type { Holder } from "../../core/storage.js";
import type { FormerWorker, Study, Worker } from "../../core/study.js";
import { askForWorkers, type FleetJob, readFleet } from "../../launchers/index.js";
import { studyFolder, withStudy } from "../database.js";
import type { ReadOptions } from "../options.js";
import { print, printJson, styled, tell } from "../output.js";
import { tableText } from "../table.js";
import { counted, momentText } from "../wording.js";

/** Options of `curvewise workers`. */
export interface WorkersOptions extends ReadOptions {
  readonly all?: boolean;
  readonly files?: string;
  readonly scale?: number;
}

/** How many workers that have gone are shown without `--all`. */
const SHOWN_GONE = 20;

interface Row {
  readonly worker: Omit<Worker, "joinedAt"> & { readonly joinedAt: number | undefined };
  readonly gone: Pick<FormerWorker, "reason" | "message" | "goneAt"> | undefined;
  readonly trials: readonly number[];
}

function trialsByWorker(study: Study): Map<string, number[]> {
  const trials = new Map<string, number[]>();
  for (const number of study.byState.running) {
    const name = study.trials[number]?.worker;
    if (name === undefined) continue;
    const own = trials.get(name);
    if (own === undefined) trials.set(name, [number]);
    else own.push(number);
  }
  return trials;
}

/** Slots of the coordinator's own process. They never join, so only busy ones are known. */
function localRows(study: Study, trials: ReadonlyMap<string, readonly number[]>, holder: Holder): Row[] {
  return [...trials]
    .filter(([name]) => !study.workers.has(name))
    .map(([name, own]) => {
      const { host, pid } = holder;
      const worker = { name, host, pid, slots: 1, gpus: [], labels: {}, joinedAt: undefined };
      return { worker, gone: undefined, trials: own };
    });
}

function rowsOf(study: Study, holder: Holder | undefined): Row[] {
  const trials = trialsByWorker(study);
  // Without a coordinator there are no workers, but the log does not say that the last one ended.
  const ended = {
    reason: "coordinator-ended" as const,
    message: "its coordinator ended",
    goneAt: study.updatedAt,
  };
  const gone = holder === undefined ? ended : undefined;
  return [
    ...(holder === undefined ? [] : localRows(study, trials, holder)),
    ...[...study.workers.values()].map((worker) => ({
      worker,
      gone,
      trials: gone === undefined ? (trials.get(worker.name) ?? []) : [],
    })),
    ...[...study.formerWorkers.values()].reverse().map((worker) => ({ worker, gone: worker, trials: [] })),
  ];
}

function stateText({ gone, trials }: Row): string {
  if (gone === undefined) return trials.length === 0 ? "idle" : styled("green", "training");
  if (gone.reason === "silent") return styled("red", "lost");
  return gone.reason === "left" ? "left" : "gone";
}

const labelsText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .filter(([name]) => name !== "job")
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");

/** Jobs from which no worker has joined. */
function waitingJobs(jobs: readonly FleetJob[], study: Study): readonly FleetJob[] {
  const joined = new Set([...study.workers.values()].map(({ labels }) => labels["job"]));
  return jobs.filter(({ id }) => !joined.has(id));
}

function jobsText(jobs: readonly FleetJob[]): string {
  return tableText(
    [{ title: "job" }, { title: "state" }, { title: "since" }, { title: "host" }, { title: "reason" }],
    jobs.map(({ id, state, submittedAt, runningSince, host, reason }) => [
      id,
      state === "running" ? "starting" : state,
      momentText(runningSince ?? submittedAt),
      host ?? "-",
      reason ?? "",
    ]),
  );
}

const jobJson = ({ id, state, workers, reason, host, submittedAt }: FleetJob): Json => ({
  id,
  state,
  workers,
  reason: reason ?? null,
  host: host ?? null,
  submittedAt,
});

/** Asks the running coordinator for another number of workers. @throws CurvewiseError `SCALE_USELESS` */
async function scale(folder: string, study: string, workers: number, isRunning: boolean): Promise<void> {
  const fleet = await readFleet(folder);
  if (!isRunning || fleet === undefined) {
    throw new CurvewiseError(
      "SCALE_USELESS",
      isRunning
        ? `the workers of study "${study}" were not started by a launcher`
        : `study "${study}" is not running`,
      {
        hint: "Start it with --launcher and --workers; if its folder is not in the usual place, give --files.",
      },
    );
  }
  await askForWorkers(folder, workers);
  tell(`asked for ${counted(workers, "worker")}; it was ${fleet.wanted} before`);
}

function rowsText(rows: readonly Row[]): string {
  return tableText(
    [
      { title: "worker" },
      { title: "host" },
      { title: "job" },
      { title: "slots", align: "right" },
      { title: "state" },
      { title: "trials" },
      { title: "since" },
      { title: "gone" },
      { title: "why" },
      { title: "labels" },
    ],
    rows.map((row) => {
      const { worker, gone, trials } = row;
      return [
        worker.name,
        worker.host,
        worker.labels["job"] ?? "-",
        String(worker.slots),
        stateText(row),
        trials.length === 0 ? "-" : trials.join(" "),
        worker.joinedAt === undefined ? "-" : momentText(worker.joinedAt),
        gone === undefined ? "-" : momentText(gone.goneAt),
        gone?.message ?? "",
        labelsText(worker.labels),
      ];
    }),
  );
}

function rowJson({ worker, gone, trials }: Row): Json {
  const { name, host, pid, slots, gpus, labels, joinedAt } = worker;
  return {
    name,
    state: gone?.reason ?? "present",
    host,
    pid,
    slots,
    gpus: [...gpus],
    job: labels["job"] ?? null,
    labels: { ...labels },
    trials: [...trials],
    joinedAt: joinedAt ?? null,
    goneAt: gone?.goneAt ?? null,
    message: gone?.message ?? null,
  };
}

/** Shows the workers of a study, or asks for another number of them. */
export async function showWorkers(name: string | undefined, options: WorkersOptions): Promise<void> {
  await withStudy(options.storage, name, async ({ storage, study, summary }) => {
    const folder = studyFolder(storage, summary.name, options.files);
    if (options.scale !== undefined) {
      await scale(folder, summary.name, options.scale, summary.holder !== undefined);
      return;
    }
    const waiting = waitingJobs((await readFleet(folder))?.jobs ?? [], study);
    const rows = rowsOf(study, summary.holder);
    if (options.json === true) {
      printJson({
        study: summary.name,
        workers: rows.map(rowJson),
        jobs: waiting.map(jobJson),
      });
      return;
    }
    if (waiting.length > 0) print(jobsText(waiting));
    if (rows.length === 0 && waiting.length > 0) return;
    if (rows.length === 0) {
      print(`No worker has joined study "${summary.name}".`);
      return;
    }
    const present = rows.filter(({ gone }) => gone === undefined);
    const gone = rows.filter((row) => row.gone !== undefined);
    const shown = options.all === true ? gone : gone.slice(0, SHOWN_GONE);
    print(rowsText([...present, ...shown]));
    if (shown.length < gone.length) {
      tell(`${counted(gone.length - shown.length, "more worker")} left earlier; --all shows them`);
    }
  });
}
