import { setTimeout as sleep } from "node:timers/promises";
import { CurvewiseError } from "../core/errors.js";
import type { WorkerJoined } from "../core/events.js";
import { createRemoteWorker, type RemoteWorker, type ServedSession } from "./remote-worker.js";

/** How long to wait for killed trainings before they are given up, in milliseconds. */
const KILL_PATIENCE = 5000;
/** How long to wait for workers to leave once nothing is left to do, in milliseconds. */
const FAREWELL_PATIENCE = 3000;
/** Milliseconds between two checks whether they have left. */
const LOOK = 20;

/** What a {@link createWorkerHub} needs. */
export interface WorkerHubOptions {
  readonly session: ServedSession;
  /** The study's folder, absolute. */
  readonly folder: string;
  /** Seconds of silence after which a worker is lost, unless it asked for its own lease. */
  readonly lease: number;
  /** Trials are handed out once this many workers were present at the same time. */
  readonly atLeast: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock?: () => number;
}

/** What a worker says about itself when it joins. */
export type WorkerIntroduction = Omit<WorkerJoined, "type">;

/** The workers of a study, and the watch over their leases. */
export interface WorkerHub {
  readonly session: ServedSession;
  /** Resolves when enough workers have joined. */
  readonly begun: Promise<void>;
  /**
   * The worker of this name: a known one continues as before; a new one joins, which is durable once this
   * resolves.
   *
   * @param lease seconds, if not the usual lease
   */
  join(introduction: WorkerIntroduction, lease?: number): Promise<RemoteWorker>;
  /** The worker of this name, if it is present. */
  find(name: string): RemoteWorker | undefined;
  /** Renews the lease of a worker, which was heard from. */
  touch(worker: RemoteWorker): void;
  /** Lets a worker leave: its trials are given back. */
  dismiss(worker: RemoteWorker, message: string): Promise<void>;
  /** Resolves when the study is settled and the connected workers have left, or had time to. */
  serve(): Promise<void>;
  /** Stops watching leases. */
  close(): void;
}

interface Member {
  readonly worker: RemoteWorker;
  readonly lease: number;
  readonly joined: Promise<void>;
  deadline: number;
}

/** Resolves when a condition holds, or after some milliseconds. */
async function waitUntil(holds: () => boolean, patience: number): Promise<void> {
  const until = performance.now() + patience;
  while (!holds() && performance.now() < until) await sleep(LOOK);
}

/** Creates the hub of an open session. */
export function createWorkerHub(options: WorkerHubOptions): WorkerHub {
  const { session, folder, atLeast, clock = () => performance.now() } = options;
  const members = new Map<string, Member>();
  let begin = (): void => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  if (atLeast <= 0) begin();
  const isAnyLinked = (): boolean => {
    for (const { worker } of members.values()) if (worker.linked) return true;
    return false;
  };

  const leave = async (member: Member, reason: "left" | "silent", message: string): Promise<void> => {
    const { worker } = member;
    if (members.get(worker.name) !== member) return;
    members.delete(worker.name);
    const recorded = session.record({ type: "worker-lost", worker: worker.name, reason, message });
    await Promise.all([recorded, worker.fence(reason === "silent" ? "lost" : "interrupted")]);
  };

  const join = async (introduction: WorkerIntroduction, lease = options.lease): Promise<RemoteWorker> => {
    const { worker: name, host, slots } = introduction;
    const known = members.get(name);
    if (known !== undefined) {
      await known.joined;
      known.deadline = clock() + known.lease * 1000;
      return known.worker;
    }
    const worker = createRemoteWorker({ name, host, slots, session, folder, begun });
    const joined = session.record({ type: "worker-joined", ...introduction });
    members.set(name, { worker, lease, joined, deadline: clock() + lease * 1000 });
    if (members.size >= atLeast) begin();
    await joined;
    return worker;
  };

  const tick = Math.max(10, Math.min(1000, options.lease * 100));
  let looked = clock();
  const watch = setInterval(() => {
    const now = clock();
    // If this process itself stood still, the workers' messages are still unread: they were not silent.
    const stall = now - looked - tick;
    looked = now;
    for (const member of members.values()) {
      if (stall > tick) member.deadline += stall;
      if (member.deadline > now) continue;
      const message = `nothing was heard from it for ${member.lease} s`;
      // If the storage fails, the recorder tells the session.
      leave(member, "silent", message).catch(() => {});
    }
  }, tick);

  const killAll = async (): Promise<void> => {
    for (const { worker } of members.values()) worker.stop();
    await waitUntil(() => !isAnyLinked(), KILL_PATIENCE);
    // Those that are still connected had their time; if the storage fails, the recorder tells the session.
    await Promise.allSettled([...members.values()].map((member) => leave(member, "left", "it was killed")));
  };
  // One listener for all trainings: the more listeners a signal has, the longer adding one takes.
  const onInterrupt = (): void => {
    for (const { worker } of members.values()) worker.interrupt();
  };
  session.interrupted.addEventListener("abort", onInterrupt, { once: true });
  const onKill = (): void => {
    void killAll();
  };
  if (session.killed.aborted) onKill();
  else session.killed.addEventListener("abort", onKill, { once: true });

  return {
    session,
    begun,
    join,
    find: (name) => members.get(name)?.worker,
    touch: (worker) => {
      const member = members.get(worker.name);
      if (member?.worker === worker) member.deadline = clock() + member.lease * 1000;
    },
    dismiss: async (worker, message) => {
      const member = members.get(worker.name);
      if (member?.worker !== worker) {
        throw new CurvewiseError("WORKER_LOST", `worker ${worker.name} was given up`, { kind: "failure" });
      }
      await leave(member, "left", message);
    },
    serve: async () => {
      await session.coordinator.settled();
      await waitUntil(() => !isAnyLinked(), FAREWELL_PATIENCE);
    },
    close: () => {
      clearInterval(watch);
      session.interrupted.removeEventListener("abort", onInterrupt);
      session.killed.removeEventListener("abort", onKill);
    },
  };
}
