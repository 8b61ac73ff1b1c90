import { setMaxListeners } from "node:events";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";
import type { EveryField } from "../core/fields.js";
import type { Assignment, AttemptEnd, Launcher, StopSignal } from "../core/launcher.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import type { AttemptPlace } from "../engine/late-reports.js";
import { makeFolder } from "../engine/run-study.js";
import type { CoordinatorAddress } from "./coordinator-address.js";
import {
  type CoordinatorConnection,
  type Greeting,
  openConnection,
  type Welcome,
} from "./coordinator-connection.js";
import type { Order, WireAssignment } from "./messages.js";
import { createRemoteChannel } from "./remote-channel.js";
import { RENDEZVOUS_FILE, readRendezvous } from "./rendezvous.js";
import { unlessAborted } from "./unless-aborted.js";
import { assignmentFromWire } from "./wire.js";

/**
 * A shared file system may show a new file late: seconds for which to look for it, and milliseconds between
 * looks.
 */
const FOLDER_PATIENCE = 5;
const FOLDER_PAUSE = 1000;
/** Milliseconds for which a worker that is to end waits for its coordinator to acknowledge that. */
const LEAVE_PATIENCE = 10_000;
/** The same for one that is to end at once. */
const KILL_PATIENCE = 1000;

/** What {@link runWorker} needs. */
export interface WorkerOptions {
  /** Unique among the study's workers. */
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly slots: number;
  readonly gpus: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Where the coordinator is; called before every attempt to connect. */
  readonly locate: () => Promise<CoordinatorAddress>;
  /** Creates the launcher of the study's program, with this many slots; throws if this host cannot run it. */
  readonly makeLauncher: (program: ProgramDefinition, slots: number) => Launcher;
  /** The study's folder on this host, if its path differs from that on the coordinator's host. */
  readonly folder?: string | undefined;
  /** Seconds that a shared file system may take to show the study's folder in its current state. */
  readonly folderPatience?: number;
  /** Once it fires, no more trials begin; trainings save and end, and are given back. */
  readonly interrupt: StopSignal;
  /** Once it fires, trainings are ended at once. */
  readonly kill: StopSignal;
  /** Seconds without a coordinator after which the worker gives up. */
  readonly reconnectFor: number;
  /** Receives messages for people. */
  readonly log: (message: string) => void;
}

/** How a worker ended. `finished`: nothing is left to do in the study. */
export interface WorkerResult {
  readonly ended: "finished" | "interrupted";
  /** How many attempts it ran. */
  readonly attempts: number;
}

interface Running {
  readonly place: AttemptPlace;
  readonly interrupt: AbortController;
  readonly kill: AbortController;
  /** Whether nothing of it runs any more, though the coordinator has not confirmed its end. */
  ended: boolean;
}

interface Bench {
  readonly study: string;
  readonly folder: string;
  readonly launcher: Launcher;
}

const keyOf = ({ trial, attempt }: AttemptPlace): string => `${trial}/${attempt}`;

/** Checks that the folder is the coordinator's, not one with the same name on this host's own disk. */
async function checkFolder(folder: string, study: string, patience: number): Promise<void> {
  for (let left = patience; ; left -= FOLDER_PAUSE / 1000) {
    try {
      if ((await readRendezvous(join(folder, RENDEZVOUS_FILE))).study === study) return;
    } catch {
      // It does not exist, or not yet.
    }
    if (left <= 0) break;
    await sleep(FOLDER_PAUSE);
  }
  throw new CurvewiseError(
    "FOLDER_NOT_SHARED",
    `the folder ${folder} of study "${study}" is not the one that the coordinator sees`,
    {
      hint: "Keep the database on a file system that all hosts share; give --folder if its path is different on this host.",
    },
  );
}

function programOf(welcome: Welcome): ProgramDefinition {
  if (welcome.program !== undefined) return welcome.program;
  throw new CurvewiseError(
    "PROGRAM_MISSING",
    `study "${welcome.study}" has no program that a worker can run`,
    {
      hint: "Its trials are trained by functions in the process that runs it.",
    },
  );
}

/**
 * A process on a compute node: takes trials from a coordinator and trains them, until there are no more.
 *
 * @throws CurvewiseError `COORDINATOR_UNREACHABLE`, `TOKEN_REFUSED`, `FOLDER_NOT_SHARED`, `STUDY_CHANGED` and
 * others
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerResult> {
  const { name, host, pid, slots, gpus, labels, locate, makeLauncher, interrupt, kill, reconnectFor, log } =
    options;
  const running = new Map<string, Running>();
  const launchers = new Map<string, Launcher>();
  const leaving = new AbortController();
  // Every slot listens, so many listeners are not a sign of a leak.
  setMaxListeners(0, leaving.signal);
  let bench: Bench | undefined;
  let requests = 0;
  let attempts = 0;
  let finished = false;
  let hasNobody = false;

  const onWelcome = async (welcome: Welcome, url: string): Promise<void> => {
    const { study } = welcome;
    if (bench !== undefined && bench.study !== study) {
      throw new CurvewiseError("STUDY_CHANGED", `the coordinator at ${url} now has study "${study}"`, {
        hint: `This worker belongs to study "${bench.study}".`,
      });
    }
    const folder = resolve(options.folder ?? welcome.folder);
    await checkFolder(folder, study, options.folderPatience ?? FOLDER_PATIENCE);
    const program = programOf(welcome);
    const key = JSON.stringify(program);
    const launcher = launchers.get(key) ?? makeLauncher(program, slots);
    launchers.set(key, launcher);
    // The program was changed: what waits is the old one.
    if (bench !== undefined && bench.launcher !== launcher) void bench.launcher.unpark?.(study);
    bench = { study, folder, launcher };
    hasNobody = false;
    log(`joined study "${study}" at ${url}`);
    for (const place of welcome.over) stop(place);
  };

  const stop = (place: AttemptPlace): void => {
    const attempt = running.get(keyOf(place));
    if (attempt === undefined) void bench?.launcher.unpark?.(bench.study, place);
    if (attempt === undefined || attempt.ended || attempt.kill.signal.aborted) return;
    log(`trial ${place.trial}, attempt ${place.attempt}: ended, this worker no longer owns it`);
    attempt.kill.abort();
  };

  const onOrder = (order: Order): void => {
    if (order.type === "stop") stop(order);
    else running.get(keyOf(order))?.interrupt.abort();
  };

  const connection = openConnection({
    locate,
    greeting: (): EveryField<Greeting> => ({
      worker: name,
      host,
      pid,
      slots,
      gpus,
      labels,
      attempts: [...running.values()].map(({ place }) => place),
    }),
    onWelcome,
    onOrder,
    reconnectFor,
    log,
  });

  const onInterrupt = (): void => {
    leaving.abort();
    void unparkAll();
    for (const attempt of running.values()) attempt.interrupt.abort();
  };
  const onKill = (): void => {
    onInterrupt();
    for (const attempt of running.values()) attempt.kill.abort();
  };
  interrupt.addEventListener("abort", onInterrupt, { once: true });
  kill.addEventListener("abort", onKill, { once: true });
  if (interrupt.aborted) onInterrupt();
  if (kill.aborted) onKill();

  const train = async (
    wire: WireAssignment,
    slot: number,
    { study, folder, launcher }: Bench,
  ): Promise<void> => {
    const assignment = assignmentFromWire(wire, study, folder);
    const { trial, attempt } = assignment;
    const own: Running = {
      place: { trial, attempt },
      interrupt: new AbortController(),
      kill: new AbortController(),
      ended: false,
    };
    running.set(keyOf(own.place), own);
    if (leaving.signal.aborted) own.interrupt.abort();
    if (kill.aborted) own.kill.abort();
    const channel = createRemoteChannel({
      connection,
      assignment,
      folder,
      interrupted: own.interrupt.signal,
      killed: own.kill.signal,
    });
    attempts += 1;
    log(`trial ${trial}, attempt ${attempt}: begins${startText(assignment)}`);
    const end = await launch(launcher, assignment, () =>
      launcher.run(assignment, channel, slot, own.kill.signal),
    );
    const isGivenBack = leaving.signal.aborted && end.kind === "ended";
    // Until this is answered, the attempt counts as this worker's, even for a new coordinator.
    own.ended = true;
    await waitUntilHeard(channel.end(isGivenBack ? { kind: "released", reason: "interrupted" } : end));
    running.delete(keyOf(own.place));
    log(`trial ${trial}, attempt ${attempt}: ${endText(end, isGivenBack)}`);
  };

  const work = async (slot: number): Promise<void> => {
    while (!leaving.signal.aborted && !finished) {
      requests += 1;
      const asked = connection.request({ type: "ask", request: `${requests}`, ...parkedHere() });
      const reply = await unlessAborted(asked, leaving.signal, undefined);
      if (reply === undefined) return;
      if (reply.type === "none" && reply.reason === "finished") finished = true;
      else if (reply.type === "none") await betweenCoordinators();
      else if (reply.type === "assignment" && bench !== undefined) await train(reply.assignment, slot, bench);
      else if (reply.type === "error") throw new CurvewiseError(reply.error.code, reply.error.message);
    }
  };

  /** The attempts whose programs wait here. */
  const parkedHere = (): { parked?: AttemptPlace[] } => {
    const parked = bench?.launcher.parked?.(bench.study) ?? [];
    return parked.length === 0 ? {} : { parked: parked.map(({ trial, attempt }) => ({ trial, attempt })) };
  };

  const unparkAll = async (): Promise<void> => {
    const study = bench?.study;
    if (study === undefined) return;
    await Promise.all(
      [...launchers.values()].map(async (launcher) => launcher.unpark?.(study, undefined, kill.aborted)),
    );
  };

  /** A worker that is to end does not wait forever for a coordinator that cannot be reached. */
  const waitUntilHeard = async (heard: Promise<void>): Promise<void> => {
    const isHeard = await unlessAborted(
      heard.then(() => true),
      leaving.signal,
      false,
    );
    if (isHeard) return;
    await unlessAborted(heard, AbortSignal.timeout(kill.aborted ? KILL_PATIENCE : LEAVE_PATIENCE), undefined);
  };

  /** The coordinator ended before the study did: this worker waits for the next coordinator. */
  const betweenCoordinators = async (): Promise<void> => {
    if (running.size === 0) connection.drop();
    hasNobody = running.size === 0;
    await unlessAborted(connection.interrupted(), leaving.signal, undefined);
  };

  try {
    await Promise.race([
      Promise.all(Array.from({ length: slots }, (_, slot) => work(slot))),
      connection.failure,
    ]);
    if (!hasNobody)
      await sayFarewell(connection, finished ? "the study is finished" : "it was asked to end", kill);
    return { ended: finished ? "finished" : "interrupted", attempts };
  } catch (error) {
    if (!isCurvewiseError(error) || error.code !== "STUDY_FINISHED") throw error;
    return { ended: "finished", attempts };
  } finally {
    interrupt.removeEventListener("abort", onInterrupt);
    kill.removeEventListener("abort", onKill);
    await unparkAll();
    for (const launcher of launchers.values()) await launcher.close();
    connection.close();
  }
}

async function launch(
  launcher: Launcher,
  assignment: Assignment,
  run: () => Promise<AttemptEnd>,
): Promise<AttemptEnd> {
  try {
    const trouble = await makeFolder(assignment.folder);
    if (trouble !== undefined) return trouble;
    // What waits there is to go on.
    if (assignment.parked !== true) await launcher.reap?.(assignment.folder);
    return await run();
  } catch (error) {
    return { kind: "failed", error: { code: "LAUNCH_FAILED", message: messageOf(error) }, output: [] };
  }
}

/** Tells the coordinator that this worker leaves, if it can be reached soon. */
async function sayFarewell(
  connection: CoordinatorConnection,
  reason: string,
  kill: StopSignal,
): Promise<void> {
  const heard = connection.request({ type: "leave", reason }).catch(() => {});
  const isHeard = unlessAborted(heard, AbortSignal.timeout(LEAVE_PATIENCE), undefined);
  await unlessAborted(isHeard, kill, undefined);
  if (kill.aborted) await unlessAborted(heard, AbortSignal.timeout(KILL_PATIENCE), undefined);
}

function startText({ resume }: Assignment): string {
  return resume === undefined ? "" : ` from the snapshot of step ${resume.step}`;
}

function endText(end: AttemptEnd, isGivenBack: boolean): string {
  if (isGivenBack) return "given back";
  if (end.kind === "not-started") return `not started: ${end.error.message}`;
  return end.kind === "failed" ? `failed: ${end.error.code}: ${end.error.message}` : "ended";
}
