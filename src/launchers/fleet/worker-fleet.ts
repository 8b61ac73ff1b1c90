import { randomBytes } from "node:crypto";
import { CurvewiseError, messageOf } from "../../core/errors.js";
import type { BatchSystem } from "../batch-system.js";
import { askedWorkers, forgetAskedWorkers, readFleet, removeFleet, writeFleet } from "./fleet-file.js";
import { type FleetEnds, type FleetSignals, fleetSignals } from "./fleet-signals.js";
import type { FleetEvent, FleetState, Notice } from "./fleet-state.js";
import { openedFleet, stepOf } from "./fleet-table.js";
import { LOOK } from "./keeping.js";
import { lastWordsIn } from "./last-words.js";
import { ROUNDS } from "./pace.js";

/** What {@link createWorkerFleet} needs. */
export interface WorkerFleetOptions {
  /** For the record: `slurm`. Jobs of another launcher are not taken over. */
  readonly launcher: string;
  /** The study's folder. */
  readonly folder: string;
  /** How many workers there should be. */
  readonly workers: number;
  /** Creates the batch system for jobs of this name. */
  readonly batchFor: (fleet: string) => BatchSystem;
  /** Told what a person may want to know. */
  readonly log: (message: string) => void;
}

/** Keeps a study's number of workers. */
export interface WorkerFleet {
  /**
   * Hands in jobs, takes over those of an earlier coordinator, and replaces those that end, until `settled` fires; then
   * cancels what is left and waits until it is gone.
   *
   * @param ends `settled`: nothing is left to do, `hasMore` tells whether the study was only interrupted; `killed`:
   *   everything is to end at once
   * @throws CurvewiseError `WORKERS_FAILING` when workers end right after their start again and again, `BATCH_REFUSED`
   *   and `BATCH_NOT_FOUND` at the first submission, `FLEET_FAILED`, `FLEET_INVALID`
   */
  run(ends: FleetEnds): Promise<void>;
  /** Looks at the jobs now: a worker came or went. */
  wake(): void;
}

async function workersFailing(batch: BatchSystem, job: string): Promise<CurvewiseError> {
  const file = batch.logOf(job);
  const lines = await lastWordsIn(file);
  const output =
    lines.length === 0 ? "" : `; the last one wrote:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  return new CurvewiseError(
    "WORKERS_FAILING",
    `workers end within seconds of their start, and did so ${ROUNDS + 1} times in a row${output}`,
    {
      kind: "failure",
      hint:
        file === undefined
          ? `See what ${batch.name} says of job ${job}.`
          : `The output of job ${job} is in ${file}.`,
    },
  );
}

async function textOf({ text, lastWords }: Notice, batch: BatchSystem): Promise<string> {
  if (lastWords === undefined) return text;
  const lines = await lastWordsIn(batch.logOf(lastWords));
  return lines.length === 0 ? text : `${text}: ${lines.slice(-3).join(" ")}`;
}

/** Makes the fleet of a study's workers; nothing happens before {@link WorkerFleet.run}. */
export function createWorkerFleet(options: WorkerFleetOptions): WorkerFleet {
  const alarm = { isDue: false };
  return {
    run: async (ends) => runFleet(options, fleetSignals(ends), alarm),
    wake: () => {
      alarm.isDue = true;
    },
  };
}

/** What the table says is done here: each state's one thing, whose outcome is the next event. */
async function runFleet(
  options: WorkerFleetOptions,
  signals: FleetSignals,
  alarm: { isDue: boolean },
): Promise<void> {
  const { launcher, folder, workers, batchFor, log } = options;
  await forgetAskedWorkers(folder);
  const known = await readFleet(folder);
  const isOurs = known?.launcher === launcher;
  if (known !== undefined && !isOurs && known.jobs.length > 0) {
    log(`jobs that ${known.launcher} began for this study are left as they are: ${known.fleet}`);
  }
  const name = isOurs ? known.fleet : `curvewise-${randomBytes(5).toString("hex")}`;
  const batch = batchFor(name);
  let state: FleetState = openedFleet(batch, workers, isOurs ? known.jobs : []);
  let written = "";
  let isTold = false;

  const record = async (): Promise<void> => {
    const { wanted, jobs } = state.fleet;
    const now = { fleet: name, launcher, wanted, jobs };
    const text = JSON.stringify(now);
    if (text === written) return;
    await writeFleet(folder, now);
    written = text;
    isTold = false;
  };

  const step = async (event: FleetEvent): Promise<void> => {
    const moment = { now: Date.now(), clock: performance.now() };
    const { state: next, notices } = stepOf(state, event, moment);
    state = next;
    for (const notice of notices) log(await textOf(notice, batch));
  };

  const take = async (event: FleetEvent): Promise<void> => {
    await step(event);
    try {
      await record();
    } catch (error) {
      // The jobs work on, and the file is written with the next event: a full disk must not end a study.
      if (!isTold && !isEnding(state)) log(`${messageOf(error)}; the study goes on, and it is tried again`);
      isTold = true;
    }
  };

  const pause = async (time: number): Promise<FleetEvent> => {
    const until = performance.now() + time;
    while (!signals.isAny() && !alarm.isDue && performance.now() < until) {
      await signals.rest(LOOK);
      const asked = signals.isAny() ? undefined : await askedWorkers(folder);
      if (asked !== undefined && asked !== state.fleet.wanted) return { type: "scaled", workers: asked };
    }
    alarm.isDue = false;
    return { type: "woken" };
  };

  const outcomeOf = async (waiting: Exclude<FleetState, { readonly is: "over" }>): Promise<FleetEvent> => {
    const cancel = async (
      jobs: readonly { readonly id: string }[],
      how: "gently" | "at once",
    ): Promise<FleetEvent> => {
      await batch.cancel(
        jobs.map(({ id }) => id),
        how,
      );
      return { type: "cancelled" };
    };
    switch (waiting.is) {
      case "taking over":
      case "looking":
      case "closing":
        return { type: "listed", jobs: await batch.list(waiting.fleet.jobs.map(({ id }) => id)) };
      case "shrinking":
        return cancel(waiting.surplus, "gently");
      case "insisting":
        return cancel(waiting.stubborn, "at once");
      case "cancelling":
        return cancel(waiting.jobs, "at once");
      case "submitting":
        return { type: "submitted", jobs: await batch.submit(waiting.count) };
      case "giving up":
        throw await workersFailing(batch, waiting.job);
      case "pausing":
        return pause(waiting.pause);
      case "leaving":
        await signals.rest(waiting.pause);
        return { type: "woken" };
    }
  };

  // The name must be recorded before the first job has it, or a kill between the two would lose that job.
  await record();
  while (state.is !== "over") {
    const outcome = await outcomeOf(state).catch((error: unknown) => ({ type: "failed" as const, error }));
    for (const signal of signals.fresh()) await take(signal);
    await take(outcome);
  }
  if (state.isGone) {
    await removeFleet(folder).catch((error: unknown) => {
      log(`the workers' jobs could not be cancelled: ${messageOf(error)}`);
    });
  }
  if (state.failure !== undefined) throw state.failure.error;
}

const isEnding = ({ is }: FleetState): boolean =>
  is === "closing" || is === "cancelling" || is === "leaving" || is === "over";
